"""The test event that is being written, as form and as JSON at once; no widgets here."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING

import msgspec

from core.sender.bodies import Scenario, Subject, subject_of, with_subject
from core.sender.people import MADE_UP
from core.sender.problems import check_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.sender.bodies import Body, BodyMaker
    from core.sender.people import People
    from core.sender.problems import Problem

INDENT = 2


class Draft:
    """Bodies with the choices they were made from; form and JSON are two views of it.

    What the maker made up (ids of events, times, and the conversation while `new_conversation`)
    is made anew for each sending; what a person wrote stays as it was written.

    Args:
        maker: Makes bodies.
        clock: Epoch seconds.
        people: Whom it may be about.

    Attributes:
        scenario: What happens to the conversation.
        topics: Names or ids, as a person wrote them.
        new_conversation: Whether each sending is about another conversation.
        bodies: What would be sent; the last readable ones while the text is broken.
        problems: What is wrong with the text.
    """

    def __init__(
        self, maker: BodyMaker, *, clock: Callable[[], float], people: People = MADE_UP
    ) -> None:
        self._maker = maker
        self._clock = clock
        self.people = people
        self.scenario = Scenario.OPENED
        self.topics: tuple[str, ...] = ()
        self.new_conversation = True
        self.bodies: tuple[Body, ...] = ()
        self.problems: tuple[Problem, ...] = ()
        self.text = ""
        self._made: set[str] = set()
        first = people.customers[0].id if people.customers else None
        agent = people.agents[0].id if people.agents else None
        self._make(Subject(customer_id=first, agent_id=agent))

    @property
    def subject(self) -> Subject:
        """Whom and which conversation it is about; "" where nothing is said."""
        return subject_of(self.bodies)

    @property
    def blocked(self) -> bool:
        """Whether there is nothing that could be sent."""
        return any(one.blocks for one in self.problems)

    def choose(self, scenario: Scenario) -> None:
        """Begin anew with another scenario, about the same people."""
        self.scenario = scenario
        before = self.subject
        conversation = None if self.new_conversation else before.conversation_id
        customer = before.customer_id or None
        self._make(
            msgspec.structs.replace(before, customer_id=customer, conversation_id=conversation)
        )

    def set_subject(
        self,
        *,
        customer_id: str | None = None,
        conversation_id: str | None = None,
        agent_id: str | None = None,
    ) -> None:
        """Be about somebody else; None leaves a part as it is."""
        given = {
            "customer_id": customer_id,
            "conversation_id": conversation_id,
            "agent_id": agent_id,
        }
        changes = {name: one.strip() for name, one in given.items() if one is not None}
        self._show(with_subject(self.bodies, msgspec.structs.replace(self.subject, **changes)))

    def set_text(self, text: str) -> None:
        """Take over what somebody wrote; bodies that cannot be read leave the old ones."""
        checked = check_text(text, self._clock())
        self.text, self.problems = text, checked.problems
        if checked.bodies:
            before = self.subject.conversation_id
            self.bodies = checked.bodies
            if self.subject.conversation_id != before:
                self.new_conversation = False

    def refresh(self) -> None:
        """Make anew what was made up: what is sent is what is shown, and never sent before."""
        fresh = copy.deepcopy(list(self.bodies))
        self._maker.date(fresh)
        for body, dated in zip(self.bodies, fresh, strict=True):
            for name in ("id", "timestamp"):
                if name in body and not self._was_made_up(body[name]):
                    dated[name] = body[name]
                elif name not in body:
                    del dated[name]
        self._remember(fresh)
        if self.new_conversation:
            conversation = self._maker.conversation_id()
            subject = msgspec.structs.replace(subject_of(fresh), conversation_id=conversation)
            fresh = with_subject(fresh, subject)
        self._show(fresh)

    def copies(self, count: int) -> list[Body]:
        """What is sent, so many times."""
        return [
            body
            for number in range(count)
            for body in self._maker.repeat(
                self.bodies, number, new_conversation=self.new_conversation
            )
        ]

    def snapshot(self) -> Draft:
        """A copy for another thread."""
        return copy.copy(self)

    def _was_made_up(self, value: object) -> bool:
        return isinstance(value, str) and value in self._made

    def _make(self, subject: Subject) -> None:
        bodies = self._maker.make(self.scenario, subject)
        self._made = set()
        self._remember(bodies)
        self._show(bodies)

    def _remember(self, bodies: Sequence[Body]) -> None:
        for body in bodies:
            self._made.update(str(body[name]) for name in ("id", "timestamp") if name in body)

    def _show(self, bodies: Sequence[Body]) -> None:
        """Write the text to these bodies."""
        shown = bodies[0] if len(bodies) == 1 else list(bodies)
        self.bodies = tuple(bodies)
        self.text = readable(shown)
        self.problems = check_text(self.text, self._clock()).problems


def readable(value: object) -> str:
    """JSON with one entry a line; names in their own scripts wherever that is possible."""
    text = json.dumps(value, indent=INDENT, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, indent=INDENT)
    return text
