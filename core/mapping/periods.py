"""The open periods of one conversation, from all that is known of it, in any order. Pure.

A period starts with CREATED or REOPENED and ends with CLOSED. Nothing is decided on arrival:
whenever something new is known, everything known is judged again, so order, repetition and
channel drop out. The rules stand in README, What is sent.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Literal

import msgspec

from core.model import ConversationFact, Fact, WebhookStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

OpenedWhen = Literal["assigned", "created"]
Rule = Literal["opened", "closed"]

NOBODY_YET = "Nobody has taken it yet: Opened goes out with the first assignment to an agent."
NEVER_TAKEN = "Closed before anybody took it: there is no Opened event."
NEVER_TAKEN_AGAIN = "Opened again before anybody took it: there is no Opened event."
INBOX_ONLY = "Assigned to an inbox, not to an agent."
START_UNSEEN = "The start of this period was never seen: an assignment alone sends nothing."
NOT_OPEN = "The conversation was closed at that time."
COMPLETES = "Completed the Opened event of this period."
LATER_AGENT = "This period had its agent already."
OPENS_AT_START = "Opened goes out at the start of a period, agent or not."
STARTS = (Fact.CREATED, Fact.REOPENED)


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """One track event that ought to exist.

    `told_at` is when we learned enough to know (epoch seconds); `started_ns` is the start of the
    period, where it was seen. `tentative` events rest on an assignment: a close that has not
    reached us yet could still show that it belongs to a later period.
    """

    rule: Rule
    occurred_ns: int
    agent_id: str | None
    fact: ConversationFact
    told_at: float
    started_ns: int | None = None
    tentative: bool = False


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What one fact means for its webhook row."""

    webhook_id: int
    status: WebhookStatus
    reason: str


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that follows from the facts of one conversation."""

    wanted: tuple[Wanted, ...]
    verdicts: tuple[Verdict, ...]


class _Period:
    """An open period while the facts are walked."""

    def __init__(self, start: ConversationFact) -> None:
        self.start = start
        self.agent = start.agent_id


class _Walk:
    """Walks the facts in the order in which they happened."""

    def __init__(self, opened_when: OpenedWhen) -> None:
        self._opened_when = opened_when
        self._period: _Period | None = None
        self._started = False
        self.wanted: list[Wanted] = []
        self.verdicts: dict[int, Verdict] = {}

    def take(self, same_time: Sequence[ConversationFact]) -> None:
        """Facts of one instant, in the only order that makes sense for the state before."""
        opens = any(fact.kind in STARTS for fact in same_time)
        closes_first = self._period is not None and opens
        order = (
            (Fact.CLOSED, *STARTS, Fact.ASSIGNED)
            if closes_first
            else (*STARTS, Fact.ASSIGNED, Fact.CLOSED)
        )
        for fact in sorted(same_time, key=lambda one: order.index(one.kind)):
            if fact.kind is Fact.CLOSED:
                self._close(fact)
            elif fact.kind is Fact.ASSIGNED:
                self._assign(fact)
            else:
                self._start(fact)

    def _start(self, fact: ConversationFact) -> None:
        self._leave(NEVER_TAKEN_AGAIN)
        self._period = _Period(fact)
        self._started = True
        if self._opened_when == "created" or fact.agent_id:
            self._want_opened(fact.agent_id, fact.received_at, tentative=False)
        else:
            self._say(fact, WebhookStatus.SKIPPED, NOBODY_YET)

    def _assign(self, fact: ConversationFact) -> None:
        reason = self._why_not(fact)
        if reason is None and self._period is not None:
            reason = COMPLETES
            self._period.agent = fact.agent_id
            told_at = max(self._period.start.received_at, fact.received_at)
            self._want_opened(fact.agent_id, told_at, tentative=True)
        self._say(fact, WebhookStatus.SKIPPED, reason or COMPLETES)

    def _why_not(self, fact: ConversationFact) -> str | None:
        """Why an assignment does not complete an Opened event."""
        if self._opened_when == "created":
            return OPENS_AT_START
        if not fact.agent_id:
            return INBOX_ONLY
        if self._period is None:
            return NOT_OPEN if self._started else START_UNSEEN
        return LATER_AGENT if self._period.agent else None

    def _close(self, fact: ConversationFact) -> None:
        started_ns = self._period.start.occurred_ns if self._period else None
        self._leave(NEVER_TAKEN)
        self.wanted.append(
            Wanted(
                rule="closed",
                occurred_ns=fact.occurred_ns,
                agent_id=fact.agent_id,
                fact=fact,
                told_at=fact.received_at,
                started_ns=started_ns,
            )
        )
        self._say(fact, WebhookStatus.RESOLVED, "")

    def _leave(self, never_taken: str) -> None:
        if self._period is not None and self._pending(self._period):
            self._say(self._period.start, WebhookStatus.SKIPPED, never_taken)
        self._period = None

    def _pending(self, period: _Period) -> bool:
        return self._opened_when == "assigned" and not period.agent

    def _want_opened(self, agent_id: str | None, told_at: float, *, tentative: bool) -> None:
        assert self._period is not None  # noqa: S101 - callers have just looked
        start = self._period.start
        self.wanted.append(
            Wanted(
                rule="opened",
                occurred_ns=start.occurred_ns,
                agent_id=agent_id,
                fact=start,
                told_at=told_at,
                started_ns=start.occurred_ns,
                tentative=tentative,
            )
        )
        self._say(start, WebhookStatus.RESOLVED, "")

    def _say(self, fact: ConversationFact, status: WebhookStatus, reason: str) -> None:
        self.verdicts[fact.webhook_id] = Verdict(
            webhook_id=fact.webhook_id, status=status, reason=reason
        )


def judge(facts: Iterable[ConversationFact], opened_when: OpenedWhen) -> Judgement:
    """The track events that ought to exist, and what each fact's webhook row should say.

    The same set of facts gives the same judgement, in whatever order and however often they
    are given.
    """
    walk = _Walk(opened_when)
    latest_row_first = sorted(facts, key=lambda fact: fact.webhook_id, reverse=True)
    once = {(fact.occurred_ns, fact.kind): fact for fact in latest_row_first}
    ordered = sorted(once.values(), key=lambda fact: fact.occurred_ns)
    for _, same_time in groupby(ordered, key=lambda fact: fact.occurred_ns):
        walk.take(list(same_time))
    return Judgement(wanted=tuple(walk.wanted), verdicts=tuple(walk.verdicts.values()))
