"""The lines of Gladly's export files, made from what happened (pure).

Source of every shape: Gladly's OpenAPI document, `GET /api/v1/export/jobs/{jobId}/files/{filename}`
and the items it refers to. Not in any document, so unproven: when exactly Gladly writes OPEN.
Here once per open period: when the first agent is on the conversation ("OPEN means conversation is
assigned to an agent"), or at once when it is reopened ("setting the status back to OPEN").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from core.model import Fact
from core.simulator.events import TOPIC_ADDED, TOPIC_REMOVED
from core.simulator.people import derived_id
from core.simulator.timestamps import NS_PER_MS, format_timestamp, timestamp_ns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from core.simulator.events import Event
    from core.simulator.people import Profile

Item: TypeAlias = dict[str, Any]

STATUS_CHANGE = "CONVERSATION_STATUS_CHANGE"
#: the examples of the document all have three fraction digits
_DIGITS = 3
#: what a reader must not stumble over: words that look like a status, and U+2028, which some
#: libraries take for the end of a line
_PARAGRAPH = (
    'The parcel came "OPEN"; your page says {"type": "CONVERSATION_STATUS_CHANGE",'
    ' "status": "CLOSED"}.\n\u2028Größe 42, bitte. '
)
_PARAGRAPHS = 60


def items(events: Iterable[Event], *, skew_ms: int = 0) -> list[Item]:
    """Every conversation item of what happened, in no useful order: none is documented.

    An item has an id of its own and the time of its event, to the millisecond as in the
    document's examples, `skew_ms` later.
    """
    made: list[Item] = []
    waiting: set[str] = set()
    for event in sorted(events, key=lambda event: timestamp_ns(event["timestamp"])):
        if "conversationId" in event["content"]:
            contents = [*_status(event, waiting), *_others(event)]
            made.extend(_item(event, content, skew_ms) for content in contents)
    return sorted(made, key=lambda item: str(item["id"]))


def customer_line(profile: Profile) -> Item:
    """A line of customers.jsonl: addresses as they were typed, numbers in E.164."""
    line: Item = {
        "id": profile["id"],
        "emailAddresses": [email["original"] for email in profile.get("emails", ())],
        "phoneNumbers": [
            phone.get("normalized", phone["original"]) for phone in profile.get("phones", ())
        ],
    }
    optional = ("name", "address", "externalCustomerId", "externalCustomerIds")
    return {**line, **{name: profile[name] for name in optional if name in profile}}


def _item(event: Event, content: Item, skew_ms: int) -> Item:
    about = event["content"]
    at_ns = timestamp_ns(event["timestamp"]) + skew_ms * NS_PER_MS
    item: Item = {
        "id": derived_id(f"{content['type']} {event['id']}"),
        "conversationId": about["conversationId"],
        "customerId": about.get("customerId", ""),
        "timestamp": _millis(at_ns),
    }
    if "initiator" in event:
        item["initiator"] = event["initiator"]
    return {**item, "content": content}


def _status(event: Event, waiting: set[str]) -> Iterator[Item]:
    """OPEN or CLOSED if the event brings it; `waiting` are those without an agent so far."""
    key, kind = event["content"]["conversationId"], event["type"]
    if kind == Fact.CREATED:
        waiting.add(key)
    if kind == Fact.CLOSED:
        waiting.discard(key)
        yield {"type": STATUS_CHANGE, "status": "CLOSED"}
    elif kind == Fact.REOPENED or (key in waiting and _has_agent(event)):
        waiting.discard(key)
        yield {"type": STATUS_CHANGE, "status": "OPEN"}


def _has_agent(event: Event) -> bool:
    """Whether an agent is on the conversation when the event has happened."""
    content = event["content"]
    now = content if event["type"] == Fact.ASSIGNED else content.get("context", {})
    return "agentId" in now.get("assignee", {})


def _others(event: Event) -> Iterator[Item]:
    """What customers and agents did beside: items that say nothing about the status."""
    content = event["content"]
    match event["type"]:
        case Fact.CREATED | Fact.REOPENED:
            yield {
                "type": "CHAT_MESSAGE",
                "messageType": "TEXT",
                "sessionId": derived_id(f"session {event['id']}"),
                "content": "Hi! I know it's after hours but can someone help?",
            }
        case Fact.ASSIGNED:
            yield {
                "type": "EMAIL",
                "from": "support@example.com",
                "to": ["customer@example.com"],
                "subject": "Your order",
                "content": _PARAGRAPH * _PARAGRAPHS,
            }
        case Fact.CLOSED:
            yield {"type": "CONVERSATION_NOTE", "body": "Solved; nothing left to do."}
        case kind if kind == TOPIC_ADDED:
            yield {"type": "TOPIC_CHANGE", "addedTopicIds": [content["topicId"]]}
        case kind if kind == TOPIC_REMOVED:
            yield {"type": "TOPIC_CHANGE", "removedTopicIds": [content["topicId"]]}


def _millis(at_ns: int) -> str:
    whole, _, fraction = format_timestamp(at_ns, _DIGITS)[:-1].partition(".")
    return f"{whole}.{fraction.ljust(_DIGITS, '0')}Z"
