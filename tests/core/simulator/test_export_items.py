"""Conversation items tell the same story as the events, in Gladly's other words."""

from __future__ import annotations

import json
import random

import pytest

from core.simulator.events import Conversation, EventMaker
from core.simulator.export_items import STATUS_CHANGE, customer_line, items
from core.simulator.people import make_world
from core.simulator.timestamps import timestamp_ms, timestamp_ns
from core.simulator.traffic import CLOSED, make_history, truth

MS = 1_000_000


def lived(*steps: str, agent: str | None = None):
    """Events 1 ms, 2 ms, ... after 1970; `agent` is on the conversation from the start."""
    maker = EventMaker(random.Random(1), (9,))
    conversation = Conversation(id="c", customer_id="u", inbox_id="i", agent_id=agent)
    events = []
    for ms, step in enumerate(steps, start=1):
        if step in {"assigned", "given back"}:
            agent_id = "amy" if step == "assigned" else None
            events.append(maker.assigned(conversation, ms * MS, agent_id))
        else:
            events.append(getattr(maker, step)(conversation, ms * MS))
    return events


def changes(events, **how):
    found = [
        (timestamp_ms(item["timestamp"]), item["content"]["status"])
        for item in items(events, **how)
        if item["content"]["type"] == STATUS_CHANGE
    ]
    return sorted(found)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        (lived("created"), []),
        (lived("created", agent="amy"), [(1, "OPEN")]),
        (lived("created", "assigned", "assigned"), [(2, "OPEN")]),
        (lived("created", "given back"), []),
        (lived("created", "closed"), [(2, "CLOSED")]),
        (lived("created", "closed", "assigned"), [(2, "CLOSED")]),
        (lived("assigned", "closed"), [(2, "CLOSED")]),
        (
            lived("created", "assigned", "closed", "given back", "reopened", "assigned", "closed"),
            [(2, "OPEN"), (3, "CLOSED"), (5, "OPEN"), (7, "CLOSED")],
        ),
    ],
)
def test_open_once_per_period_with_an_agent_or_reopened_and_closed_once_per_close(events, expected):
    assert changes(events) == expected


def test_the_closings_are_the_true_ones_to_the_millisecond():
    history = make_history(make_world(3), ends_at=1_776_175_391.0, seed=3, days=10)

    found = {
        (CLOSED, item["conversationId"], timestamp_ms(item["timestamp"]))
        for item in items(history)
        if item["content"].get("status") == "CLOSED"
    }

    assert found == {one for one in truth(history) if one[0] == CLOSED}


def test_items_have_ids_of_their_own_and_always_the_same():
    history = make_history(make_world(3), ends_at=1_776_175_391.0, seed=3)
    found = items(history)

    ids = [item["id"] for item in found]
    assert len(set(ids)) == len(ids)
    assert not set(ids) & {event["id"] for event in history}
    assert found == items(reversed(history))


def test_an_item_has_the_time_and_initiator_of_its_event_and_a_skew_if_wanted():
    [event] = lived("closed", agent="amy")
    event["timestamp"] = "2026-04-14T14:03:11.9996Z"

    [same] = [item for item in items([event]) if item["content"]["type"] == STATUS_CHANGE]
    [later] = [i for i in items([event], skew_ms=7) if i["content"]["type"] == STATUS_CHANGE]

    assert same == {
        "id": same["id"],
        "conversationId": "c",
        "customerId": "u",
        "timestamp": "2026-04-14T14:03:11.999Z",
        "initiator": {"id": "amy", "type": "AGENT"},
        "content": {"type": "CONVERSATION_STATUS_CHANGE", "status": "CLOSED"},
    }
    assert later == {**same, "timestamp": "2026-04-14T14:03:12.006Z"}


def test_other_items_are_in_between_also_long_ones_that_only_look_like_a_status():
    history = make_history(make_world(3), ends_at=1_776_175_391.0, seed=3)
    removed = {**lived("created")[0], "type": "CONVERSATION/TOPIC_REMOVED"}
    removed["content"]["topicId"] = "t"

    found = items([*history, removed])

    assert {item["content"]["type"] for item in found} == {
        "CHAT_MESSAGE", "CONVERSATION_NOTE", "CONVERSATION_STATUS_CHANGE", "EMAIL", "TOPIC_CHANGE",
    }  # fmt: skip
    assert {"type": "TOPIC_CHANGE", "removedTopicIds": ["t"]} in [i["content"] for i in found]
    mail = next(item for item in found if item["content"]["type"] == "EMAIL")
    assert len(json.dumps(mail)) > 5000
    assert STATUS_CHANGE in mail["content"]["content"]
    times = [timestamp_ns(item["timestamp"]) for item in found]
    assert times != sorted(times)


def test_a_customer_is_written_as_in_the_document():
    profile = {
        "id": "u",
        "name": "Zoë",
        "createdAt": "2024-02-21T07:15:18Z",
        "emails": [{"original": "Zoe@example.com", "normalized": "zoe@example.com"}],
        "phones": [{"original": "202 555 0100", "normalized": "+12025550100"}],
        "externalCustomerId": "CRM-1",
    }

    assert customer_line(profile) == {
        "id": "u",
        "name": "Zoë",
        "emailAddresses": ["Zoe@example.com"],
        "phoneNumbers": ["+12025550100"],
        "externalCustomerId": "CRM-1",
    }
    assert customer_line({"id": "v"}) == {"id": "v", "emailAddresses": [], "phoneNumbers": []}
