"""Webhook bodies as Gladly would send them, from the samples that ship with the program."""

from __future__ import annotations

import copy
import json
import secrets
import time
from enum import StrEnum
from importlib import resources
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from core.mapping.transform import NS_PER_S, from_ns

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Body: TypeAlias = dict[str, Any]

TEST_AGENT = "test-agent"
TEST_INBOX = "test-inbox"
MARK_BYTES = 8
#: between the events of one scenario
APART_NS = 60 * NS_PER_S


class Scenario(StrEnum):
    """What happens to the conversation of a test."""

    OPENED = "opened"
    CLOSED = "closed"
    OPENED_AND_CLOSED = "opened-and-closed"
    REOPENED = "reopened"
    ASSIGNED_LATER = "assigned-later"


#: the samples each scenario is made of, in the order in which they happen
STEPS = {
    Scenario.OPENED: ("created",),
    Scenario.CLOSED: ("closed",),
    Scenario.OPENED_AND_CLOSED: ("created", "closed"),
    Scenario.REOPENED: ("reopened",),
    Scenario.ASSIGNED_LATER: ("created", "assigned"),
}


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """Whom and which conversation a test is about; what is None is made up, "" is left out."""

    customer_id: str | None = None
    conversation_id: str | None = None
    agent_id: str | None = None


class BodyMaker:
    """Makes bodies; reads the samples when it is built.

    Args:
        clock: Epoch nanoseconds.
        mark: A text that never came before, for ids.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], int] = time.time_ns,
        mark: Callable[[], str] = lambda: secrets.token_urlsafe(MARK_BYTES),
    ) -> None:
        self._clock = clock
        self._mark = mark
        names = sorted({name for steps in STEPS.values() for name in steps})
        folder = resources.files("resources").joinpath("samples")
        self._samples: dict[str, Body] = {
            name: json.loads(folder.joinpath(f"{name}.json").read_text("utf-8")) for name in names
        }

    def make(self, scenario: Scenario, subject: Subject | None = None) -> list[Body]:
        """The bodies of one scenario, the last one dated now."""
        subject = self._complete(subject or Subject())
        names = STEPS[scenario]
        later = scenario is Scenario.ASSIGNED_LATER
        bodies = [
            self._body(name, subject, nobody_yet=later and name == "created") for name in names
        ]
        self.date(bodies)
        return bodies

    def date(self, bodies: Sequence[Body]) -> None:
        """Give bodies new ids, and times that end now."""
        now = self._clock()
        for before, body in enumerate(reversed(bodies)):
            body["id"] = f"test-{self._mark()}"
            body["timestamp"] = _timestamp(now - before * APART_NS)

    def conversation_id(self) -> str:
        """A conversation that never was."""
        return f"test-{self._mark()}"

    def repeat(self, bodies: Sequence[Body], number: int, *, new_conversation: bool) -> list[Body]:
        """The `number`th copy of bodies: the same again, of another conversation.

        Its id is new, or ends with the number. Members that are not as they should be stay so.
        """
        copies = copy.deepcopy(list(bodies))
        if number == 0:
            return copies
        names: dict[str, str] = {}
        for body in copies:
            if isinstance(body.get("id"), str):
                body["id"] = f"test-{self._mark()}"
            content = body.get("content")
            if isinstance(content, dict) and isinstance(content.get("conversationId"), str):
                old = content["conversationId"]
                fresh = self.conversation_id() if new_conversation else f"{old}-{number + 1}"
                content["conversationId"] = names.setdefault(old, fresh)
        return copies

    def _complete(self, subject: Subject) -> Subject:
        mark = self._mark()
        given = msgspec.structs.asdict(subject)
        made_up = {
            "customer_id": f"test-customer-{mark}",
            "conversation_id": f"test-{mark}",
            "agent_id": TEST_AGENT,
        }
        return Subject(
            **{name: made_up[name] if one is None else one for name, one in given.items()}
        )

    def _body(self, name: str, subject: Subject, *, nobody_yet: bool) -> Body:
        body = copy.deepcopy(self._samples[name])
        content = body["content"]
        content["customerId"] = subject.customer_id
        content["conversationId"] = subject.conversation_id
        nobody_before = nobody_yet or name == "assigned"
        content["context"] = {"assignee": _assignee(None if nobody_before else subject.agent_id)}
        if name == "assigned":
            content["assignee"] = _assignee(subject.agent_id)
        by_agent = body["initiator"]["type"] == "AGENT" and subject.agent_id
        body["initiator"] = (
            {"id": subject.agent_id, "type": "AGENT"}
            if by_agent
            else {"id": subject.customer_id, "type": "CUSTOMER"}
        )
        return body


def subject_of(bodies: Sequence[Body]) -> Subject:
    """Whom bodies are about, as far as they say; the first that names it counts."""
    found: dict[str, str] = {}
    for body in bodies:
        content = _object(body, "content")
        places = {
            "customer_id": content.get("customerId"),
            "conversation_id": content.get("conversationId"),
            "agent_id": _assignee_of(content).get("agentId"),
        }
        for name, value in places.items():
            if isinstance(value, str) and value:
                found.setdefault(name, value)
    return Subject(**{name: found.get(name, "") for name in Subject.__struct_fields__})


def with_subject(bodies: Sequence[Body], subject: Subject) -> list[Body]:
    """Copies of bodies that are about another subject; all else stays as it was written."""
    old, changed = subject_of(bodies), copy.deepcopy(list(bodies))
    assigned = any("assignee" in _object(body, "content") for body in changed)
    for body in changed:
        content = _object(body, "content")
        if not content:
            continue
        content["customerId"] = subject.customer_id or ""
        content["conversationId"] = subject.conversation_id or ""
        assignee = _assignee_of(content)
        # Without an agent so far, an assignment is where the new one comes in.
        its_place = old.agent_id or not assigned or "assignee" in content
        if its_place and assignee.get("agentId", "") == old.agent_id:
            _set(assignee, "agentId", subject.agent_id)
        initiator = _object(body, "initiator")
        known = {old.customer_id: subject.customer_id, old.agent_id: subject.agent_id}
        before = initiator.get("id")
        if isinstance(before, str) and before and known.get(before):
            initiator["id"] = known[before]
    return changed


def _assignee_of(content: Body) -> Body:
    """Where the agent stands: for an assignment in the new assignee, else in the context."""
    if isinstance(content.get("assignee"), dict):
        return _object(content, "assignee")
    return _object(_object(content, "context"), "assignee")


def _assignee(agent_id: str | None) -> Body:
    assignee: Body = {"inboxId": TEST_INBOX}
    return {**assignee, "agentId": agent_id} if agent_id else assignee


def _set(members: Body, name: str, value: str | None) -> None:
    if value:
        members[name] = value
    else:
        members.pop(name, None)


def _object(parent: object, name: str) -> Body:
    value = parent.get(name) if isinstance(parent, dict) else None
    return value if isinstance(value, dict) else {}


def _timestamp(ns: int) -> str:
    return from_ns(ns).isoformat(timespec="milliseconds").replace("+00:00", "Z")
