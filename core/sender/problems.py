"""What is wrong with webhook bodies that Gladly would never send, with place and sentence. Pure."""

from __future__ import annotations

import difflib
import json
import math
from typing import TYPE_CHECKING, Any, Final

import msgspec

from core.gladly.payloads import MAX_TEXT
from core.gladly.timestamps import NANOSECONDS, parse_timestamp
from core.model import CustomerEvent, Fact
from core.sender import positions
from core.sender.positions import ROOT, item, member

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from core.sender.bodies import Body

#: seconds that the clocks of two machines may differ
CLOCK_SECONDS: Final = 300
MAX_BODIES: Final = 20
#: of a whole number that is kept exactly
MAX_DIGITS: Final = 300
PING: Final = "PING"
FACTS: Final = frozenset(str(kind) for kind in Fact)
#: what comes of the kinds that are about a customer, not about a conversation
CUSTOMER_SENTENCES: Final[Mapping[str, str]] = {
    CustomerEvent.MERGED: "A merge leads to an alias call where mapping.merges is set.",
    CustomerEvent.DELETED: "A deletion erases the customer's data here; as a test it erases none.",
}
MEMBERS: Final = frozenset({"id", "type", "timestamp", "initiator", "content"})
#: Gladly's types: entity -> actions, as its OpenAPI document lists them
_ACTIONS: Final[Mapping[str, str]] = {
    "AGENT_AVAILABILITY": "FOCUS_ENTERED FOCUS_EXITED UPDATED",
    "AGENT_STATUS": "CHANGED_ACTIVE_REASON LOGGED_IN LOGGED_OUT RETURNED_FROM_AWAY WENT_AWAY",
    "AUTOMATION": "MESSAGE_RECEIVED MESSAGE_SENT",
    "CONTACT": "ENDED FULFILLED HOLD_ENDED HOLD_STARTED JOINED MESSAGE_RECEIVED MESSAGE_SENT"
    " OFFER_ACCEPTED OFFERED OFFER_REJECTED STARTED TRANSFERRED",
    "CONVERSATION": "CLOSED CREATED CUSTOM_ATTRIBUTE_ADDED CUSTOM_ATTRIBUTE_REMOVED NOTE_CREATED"
    " REOPENED TOPIC_ADDED TOPIC_REMOVED",
    "CONVERSATION_ASSIGNEE": "UPDATED",
    "CONVERSATION_STATUS": "UPDATED",
    "CUSTOM_CHANNEL": "MESSAGE_SENT",
    "CUSTOMER": "MERGED",
    "CUSTOMER_PROFILE": "CREATED DELETED MERGED UPDATED",
    "EXPORT_JOB": "COMPLETED FAILED",
    "PAYMENT_REQUEST": "CREATED STATUS_CHANGED VIEWED",
    "TASK": "ASSIGNEE_UPDATED CLOSED COMMENT_ADDED CONTENT_UPDATED CREATED DUE_DATE_UPDATED"
    " FOLLOWER_ADDED FOLLOWER_REMOVED REOPENED",
}
KINDS: Final = frozenset(
    f"{entity}/{action}" for entity, actions in _ACTIONS.items() for action in actions.split()
)


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong, and where.

    `path` is like `$.content.customerId`; `line` counts from 1, None where only a value was
    checked. A problem that `blocks` leaves nothing that could be sent.
    """

    path: str
    sentence: str
    line: int | None = None
    blocks: bool = False


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """What a text holds: the bodies in it, and every problem in the order of the lines."""

    bodies: tuple[dict[str, Any], ...]
    problems: tuple[Problem, ...]


def check_text(text: str, now: float) -> Checked:
    """Read one body, or an array of bodies, and look it through."""
    try:
        value = json.loads(
            text, parse_constant=_refuse, parse_int=_whole_number, parse_float=_number
        )
    except json.JSONDecodeError as exc:
        return _unreadable(_explained(text, exc), exc.lineno)
    except RecursionError:
        return _unreadable("It is nested too deeply to be read.", None)
    except ValueError as exc:
        return _unreadable(str(exc), None)
    lines = positions.lines_of(text)
    found = sorted(
        (msgspec.structs.replace(one, line=_line(lines, one.path)) for one in check(value, now)),
        key=lambda one: one.line or 0,
    )
    blocked = any(one.blocks for one in found)
    bodies = () if blocked else tuple(value if isinstance(value, list) else [value])
    return Checked(bodies=bodies, problems=tuple(found))


def check(value: object, now: float) -> list[Problem]:
    """Every problem of one body, or of an array of bodies."""
    if not isinstance(value, list):
        return list(_body(value, ROOT, now))
    if not 1 <= len(value) <= MAX_BODIES:
        sentence = f"An array holds 1 to {MAX_BODIES} events here; this one has {len(value)}."
        return [Problem(path=ROOT, sentence=sentence, blocks=True)]
    found = [one for n, body in enumerate(value) for one in _body(body, item(ROOT, n), now)]
    return [*found, *_repeated(value)]


def _body(body: object, path: str, now: float) -> Iterator[Problem]:
    if not isinstance(body, dict):
        yield Problem(path=path, sentence="An event of Gladly's is a JSON object.", blocks=True)
        return
    yield from _id(body, path, "id", "Without an id a repetition cannot be told from a new event.")
    yield from _kind(body, path)
    yield from _timestamp(body, path, now)
    if _is_meant_as_fact(body):
        yield from _initiator(body, path)
        yield from _content(body, path)
    for name in body.keys() - MEMBERS:
        yield Problem(
            path=member(path, str(name)),
            sentence=f"Gladly is not known to send a member {_shown(name)}."
            + _meant(str(name), MEMBERS),
        )


def _is_fact(body: Body) -> bool:
    """Whether its type is one of the four that the tracking plan knows."""
    kind = body.get("type")
    return isinstance(kind, str) and kind in FACTS


def _is_meant_as_fact(body: Body) -> bool:
    """Whether its type is one of the four, or none at all: then it is taken for a slip."""
    kind = body.get("type")
    others = (KINDS - FACTS) | {PING}
    return not isinstance(kind, str) or kind not in others


def _kind(body: Body, path: str) -> Iterator[Problem]:
    kind, place = body.get("type"), member(path, "type")
    if not isinstance(kind, str) or not kind:
        yield Problem(path=_here(body, path, "type"), sentence="The type is missing.")
    elif kind == PING:
        yield Problem(path=place, sentence="PING only asks whether the listener answers.")
    elif kind not in KINDS:
        sentence = f"Gladly is not known to send the type {_shown(kind)}.{_meant(kind, KINDS)}"
        yield Problem(path=place, sentence=sentence)
    elif kind in CUSTOMER_SENTENCES:
        yield Problem(path=place, sentence=CUSTOMER_SENTENCES[kind])
    elif not _is_fact(body):
        sentence = f"{kind} is not part of the tracking plan: nothing goes to Segment."
        yield Problem(path=place, sentence=sentence)


def _timestamp(body: Body, path: str, now: float) -> Iterator[Problem]:
    text, place = body.get("timestamp"), _here(body, path, "timestamp")
    if not isinstance(text, str):
        yield Problem(path=place, sentence="The timestamp is missing, or is no text.")
        return
    try:
        at = parse_timestamp(text)
    except ValueError:
        sentence = "The timestamp cannot be read. Write it like 2026-04-14T14:03:11.070Z."
        yield Problem(path=place, sentence=sentence)
        return
    if not text.endswith("Z"):
        yield Problem(path=place, sentence="Gladly's timestamps end with Z, for UTC.")
    if at < 0:
        yield Problem(path=place, sentence="No conversation is older than 1970.")
    elif at > (now + CLOCK_SECONDS) * NANOSECONDS:
        yield Problem(path=place, sentence="The timestamp lies in the future.")


def _initiator(body: Body, path: str) -> Iterator[Problem]:
    place = _here(body, path, "initiator")
    initiator = body.get("initiator")
    if not isinstance(initiator, dict):
        yield Problem(path=place, sentence="Gladly says in initiator who caused the event.")
        return
    if not isinstance(initiator.get("type"), str) or not initiator["type"]:
        sentence = "The initiator has a type, such as AGENT, CUSTOMER or SYSTEM."
        yield Problem(path=_here(initiator, place, "type"), sentence=sentence)
    yield from _id(initiator, place, "id", "The initiator has no id.")


def _content(body: Body, path: str) -> Iterator[Problem]:
    place = _here(body, path, "content")
    content = body.get("content")
    if not isinstance(content, dict):
        yield Problem(path=place, sentence="The content is missing, or is no object.")
        return
    yield from _id(
        content, place, "conversationId", "Without a conversation nothing can go to Segment."
    )
    yield from _id(
        content, place, "customerId", "Without a customer the event is about nobody known."
    )
    yield from _assignee(content, place, "context", needs_agent=False)
    if body.get("type") == Fact.ASSIGNED:
        yield from _assignee(content, place, "assignee", needs_agent=True)


def _assignee(content: Body, path: str, name: str, *, needs_agent: bool) -> Iterator[Problem]:
    place = _here(content, path, name)
    assignee = content.get(name)
    if name == "context":
        assignee = assignee.get("assignee") if isinstance(assignee, dict) else None
        place = member(place, "assignee") if name in content else place
    if not isinstance(assignee, dict):
        said = "context.assignee" if name == "context" else name
        sentence = f"Gladly says in {said} which inbox and agent have the conversation."
        yield Problem(path=place, sentence=sentence)
        return
    if "agentId" in assignee or needs_agent:
        yield from _id(assignee, place, "agentId", "Without an agent nobody took it.")


def _id(members: Body, path: str, name: str, without: str) -> Iterator[Problem]:
    """What is wrong with an id."""
    value, place = members.get(name), _here(members, path, name)
    if value is None or value == "":
        yield Problem(path=place, sentence=f"{name} is missing. {without}")
    elif not isinstance(value, str):
        yield Problem(path=place, sentence=f"{name} is no text. {without}")
    elif len(value) > MAX_TEXT:
        sentence = f"{name} has {len(value):,} characters; an id has at most {MAX_TEXT}. {without}"
        yield Problem(path=place, sentence=sentence)
    elif not _storable(value):
        yield Problem(path=place, sentence=f"{name} has characters that no database takes.")
    elif value != value.strip():
        yield Problem(path=place, sentence=f"{name} begins or ends with a space.")


def _repeated(bodies: list[Any]) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, body in enumerate(bodies):
        one = body.get("id") if isinstance(body, dict) else None
        if not isinstance(one, str):
            continue
        if one in seen:
            sentence = "This id came before: the listener keeps one event of each id."
            yield Problem(path=member(item(ROOT, number), "id"), sentence=sentence)
        seen.add(one)


def _storable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def _here(members: Body, path: str, name: str) -> str:
    """The place of a member; of one that is missing, the place it is missing from."""
    return member(path, name) if name in members else path


def _meant(text: str, known: frozenset[str]) -> str:
    near = difflib.get_close_matches(text, sorted(known), n=1)
    return f" Did you mean {near[0]}?" if near else ""


def _shown(text: object) -> str:
    """A text from outside, short enough for a sentence."""
    return msgspec.json.encode(str(text)[:60].encode("utf-8", "replace").decode()).decode()


def _line(lines: Mapping[str, int], path: str) -> int | None:
    """The line of a path, or of the nearest place around it."""
    while path not in lines and len(path) > len(ROOT):
        path = path[: max(path.rfind("."), path.rfind("["))] if "." in path or "[" in path else ROOT
    return lines.get(path)


def _unreadable(sentence: str, line: int | None) -> Checked:
    problem = Problem(path=ROOT, sentence=sentence, line=line, blocks=True)
    return Checked(bodies=(), problems=(problem,))


def _explained(text: str, exc: json.JSONDecodeError) -> str:
    if not text.strip():
        return "There is nothing here. Choose an event, or paste a webhook body of Gladly's."
    said = exc.msg[0].lower() + exc.msg[1:]
    return f"This is no JSON: line {exc.lineno}, column {exc.colno}: {said}."


def _refuse(name: str) -> object:
    raise ValueError(f"{name} is no JSON.")


def _whole_number(digits: str) -> object:
    return int(digits) if len(digits) <= MAX_DIGITS else _number(digits)


def _number(text: str) -> object:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"The number {text[:20]}… is too large.")
    return number
