"""What Segment would get for a sample conversation, and the warehouse columns that makes."""

from __future__ import annotations

import re
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from core.errors import GladlySourceError
from core.gladly.payloads import parse_webhook
from core.mapping import transform
from core.mapping.periods import judge
from core.mapping.plan import load_profile, make_plan
from core.model import Context, ConversationFact, Fact
from core.segment.message import MessageBuilder

if TYPE_CHECKING:
    from core.mapping.plan import Plan, Profile
    from core.settings import Settings

PROFILES = ("segment-catalog", "gladly-toolkit", "live-chat")
KINDS = ("opened", "closed", "identify")
SAMPLES = ("created", "closed")
#: what Gladly would say of the sample conversation
NAMED = Context(
    customer_id="R53tejmuZK6Ndgx3PowpDw",
    customer_name="María José Núñez",
    email="maria.nunez@example.com",
    phone="+15005550006",
    external_customer_id="crm-20418",
    custom_attributes={"loyaltyTier": "gold"},
    agent_name="Grace O'Neill",
    topic_ids=("d2N0CkqUQrWdnHG5fZ3ixA", "a9rYvT5XR3eJmW6oLw1bZg"),
    topic_names=("Returns", "Damaged on arrival"),
)
#: as people read an event; the order means nothing to Segment
ORDER = ("type", "event", "userId", "anonymousId", "timestamp", "messageId", "properties", "traits")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")


class Column(NamedTuple):
    """One column of a warehouse table, with the type and the value it has in the sample."""

    name: str
    type: str
    example: str


class Sample(NamedTuple):
    """One call as Segment would get it; `kind` is opened, closed or identify."""

    kind: str
    message: dict[str, Any]
    table: str
    columns: tuple[Column, ...]


class Preview(NamedTuple):
    """Everything the sample conversation makes; `problem` says why it makes nothing."""

    samples: tuple[Sample, ...] = ()
    problem: str = ""


def show(settings: Settings) -> Preview:
    """What these settings make of the sample conversation; reads small files."""
    try:
        plan = make_plan(settings.mapping, settings.segment.alias)
        samples = _samples(plan, named=settings.gladly.url is not None)
    except GladlySourceError as exc:
        return Preview(problem=str(exc))
    return Preview(tuple(samples))


def profiles() -> dict[str, Profile]:
    """Every naming profile by its name; reads small files."""
    return {name: load_profile(name) for name in PROFILES}


def column_name(text: str) -> str:
    """The name that Segment's warehouses make of a property or of an event."""
    return "_".join(word.lower() for word in _WORD.findall(text))


def _samples(plan: Plan, *, named: bool) -> list[Sample]:
    conversation, facts = _facts()
    context = NAMED if named else Context(customer_id=NAMED.customer_id)
    samples: list[Sample] = []
    for wanted in judge(facts, plan.opened_when).wanted:
        calls = [transform.track(wanted, conversation, context, plan, test=False)]
        extra = transform.identify_call(wanted, conversation, context, plan, test=False)
        if plan.identify and extra is not None and wanted.rule == "opened":
            calls.append(extra)
        samples.extend(_sample(call, wanted.rule) for call in calls)
    return sorted(samples, key=lambda one: KINDS.index(one.kind))


def _sample(call: transform.Call, rule: str) -> Sample:
    built = msgspec.json.decode(MessageBuilder().build(call))
    message = {name: built[name] for name in (*ORDER, *built) if name in built}
    if call.type == "identify":
        return Sample(call.type, message, "identifies", _columns(message, "traits"))
    return Sample(rule, message, column_name(call.event), _columns(message, "properties"))


def _columns(message: dict[str, Any], member: str) -> tuple[Column, ...]:
    who = "userId" if message.get("userId") else "anonymousId"
    columns = [Column(column_name(who), "text", str(message[who]))]
    for name, value in _flat(message[member]):
        columns.append(Column(column_name(name), _type(value), _text(value)))
    return tuple(columns)


def _flat(values: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """Nested members become columns of their own."""
    flat: list[tuple[str, Any]] = []
    for name, value in values.items():
        if isinstance(value, dict):
            flat.extend(_flat(value, f"{prefix}{name} "))
        else:
            flat.append((prefix + name, value))
    return flat


def _type(value: object) -> str:
    if isinstance(value, bool):
        return "true or false"
    return "number" if isinstance(value, int | float) else "text"


def _text(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _facts() -> tuple[str, list[ConversationFact]]:
    conversation, facts = "", []
    for number, name in enumerate(SAMPLES):
        body = resources.files("resources").joinpath(f"samples/{name}.json").read_bytes()
        view = parse_webhook(body)
        conversation = view.conversation_id or ""
        facts.append(
            ConversationFact(
                kind=Fact(view.type),
                occurred_ns=view.occurred_ns or 0,
                customer_id=view.customer_id,
                agent_id=view.agent_id,
                webhook_id=number,
                received_at=0.0,
            )
        )
    return conversation, facts
