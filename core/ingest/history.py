"""What an export file tells of a conversation that nobody has told us yet. Pure.

An export file holds changes of status: OPEN ("assigned to an agent") and CLOSED (Gladly's OpenAPI
document, conversation_items.jsonl). They become the facts that the webhook would have told, as far
as the documents allow it. What cannot be told apart from something known is left alone: an event
that is missing can be seen, one that is doubled cannot be taken back.

Not in any document, and therefore not relied upon: that a change has the very time of the event;
so what others told within a minute of it is the same. Nor who the agent of an OPEN is: the one who
did it if an agent did, else the one whom Gladly names on the conversation today.
"""

from __future__ import annotations

from bisect import insort
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from core.gladly.exports import AGENT, STATUS_CHANGE, StatusChange
from core.gladly.timestamps import format_ns
from core.model import Fact

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence


NS_PER_S = 1_000_000_000
#: changes and events so near to each other are the same
SAME_NS = 60 * NS_PER_S
#: so many changes and facts has no real conversation; reading them takes the square of it
MOST = 400
STARTS = frozenset({Fact.CREATED, Fact.REOPENED})
BOUNDARIES = STARTS | {Fact.CLOSED}


class Unclear(StrEnum):
    """Why a change of status was left alone."""

    #: the conversation began before the time that the files hold
    BEGUN_BEFORE = "begun-before"
    #: the conversation is not known to Gladly any more
    GONE = "gone"
    #: what is known contradicts it
    CONTRADICTED = "contradicted"
    #: the conversation has more changes than any real one
    TOO_MANY = "too-many"
    #: Gladly names no agent for it
    NO_AGENT = "no-agent"


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A fact of a conversation; `filed` if a file told it, so that its time is the file's."""

    at_ns: int
    kind: Fact
    agent_id: str | None = None
    filed: bool = False


class Beginning(msgspec.Struct, frozen=True, kw_only=True):
    """What a look-up says of a conversation: when it began and who is on it; None if it is gone."""

    created_ns: int | None
    agent_id: str | None = None


class News(msgspec.Struct, frozen=True, kw_only=True):
    """A fact that nobody had told, and the change of status that tells it."""

    told: Told
    change: StatusChange


class Left(NamedTuple):
    """A change of status that was left alone, and why."""

    change: StatusChange
    why: Unclear


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What the changes of one conversation come to.

    `known` are changes that tell nothing new. With `asks`, a look-up of the conversation would
    say more: ask, and read again.
    """

    news: tuple[News, ...]
    known: tuple[StatusChange, ...]
    unclear: tuple[Left, ...]
    asks: bool = False


class _Reader:
    """Walks the changes of one conversation along what is known of it."""

    def __init__(
        self,
        known: Iterable[Told],
        opens: Sequence[int],
        held_since_ns: int,
        beginning: Beginning | None,
    ) -> None:
        self._opens = opens
        self._facts = sorted(known, key=_time)
        self._held_since_ns = held_since_ns
        self._beginning = beginning
        self.news: list[News] = []
        self.known: list[StatusChange] = []
        self.unclear: list[Left] = []
        self.asks = False

    def take(self, change: StatusChange) -> None:
        """Judge one change."""
        if change.status == "OPEN":
            self._open(change)
        elif self._same(change, {Fact.CLOSED}) or self._is_repeated(change):
            self.known.append(change)
        else:
            self._add(change, Fact.CLOSED, change.at_ns, change.agent_id)

    def _open(self, change: StatusChange) -> None:
        if self._is_told_taken(change):
            self.known.append(change)
            return
        before = self._same(change, STARTS) or self._last_until(change.at_ns)
        if before is not None and before.kind in STARTS:
            self._assign(change, before)
            return
        after = self._first_after(change.at_ns)
        if after is not None and after.kind in STARTS:
            self._leave(change, Unclear.CONTRADICTED)  # opened before it is said to have been
        elif before is None:
            self._begin(change)
        elif not before.filed and change.at_ns - before.at_ns <= SAME_NS:
            self._leave(change, Unclear.CONTRADICTED)  # of this period or of the next: who knows
        else:
            start = self._add(change, Fact.REOPENED, change.at_ns, None)
            self._assign(change, start)

    def _leave(self, change: StatusChange, why: Unclear) -> None:
        self.unclear.append(Left(change, why))

    def _begin(self, change: StatusChange) -> None:
        """The first that is known of the conversation."""
        if self._beginning is None:
            self.asks = True
            return
        created_ns = self._beginning.created_ns
        if created_ns is None:
            self._leave(change, Unclear.GONE)
        elif created_ns < self._held_since_ns:
            self._leave(change, Unclear.BEGUN_BEFORE)
        elif created_ns > change.at_ns + SAME_NS:
            self._leave(change, Unclear.CONTRADICTED)
        else:
            start = self._add(change, Fact.CREATED, created_ns, None)
            self._assign(change, start)

    def _assign(self, change: StatusChange, start: Told) -> None:
        """Somebody is on the conversation, in the period that began with `start`."""
        if self._has_agent(start):
            self.known.append(change)
            return
        agent_id = change.agent_id
        if agent_id is None:
            if self._beginning is None:
                self.asks = True
                return
            agent_id = self._beginning.agent_id
        if agent_id is None:
            self._leave(change, Unclear.NO_AGENT)
        else:
            self._add(change, Fact.ASSIGNED, max(change.at_ns, start.at_ns), agent_id)

    def _has_agent(self, start: Told) -> bool:
        """Whether anybody is known to have been on it in the period."""
        end = self._first_after(start.at_ns)
        return any(
            fact.agent_id is not None
            for fact in self._facts
            if fact.kind is not Fact.CLOSED
            and start.at_ns <= fact.at_ns
            and (end is None or fact.at_ns < end.at_ns)
        )

    def _is_repeated(self, change: StatusChange) -> bool:
        """Whether another file told of this close, a little apart, and nothing was in between."""
        near = [
            fact.at_ns
            for fact in self._facts
            if fact.kind is Fact.CLOSED and abs(fact.at_ns - change.at_ns) <= SAME_NS
        ]
        between = [*(one.at_ns for one in self._facts if one.kind in STARTS), *self._opens]
        return any(
            not any(min(at, change.at_ns) <= one <= max(at, change.at_ns) for one in between)
            for at in near
        )

    def _same(self, change: StatusChange, kinds: Collection[Fact]) -> Told | None:
        """The last known fact that may be this change."""
        for fact in reversed(self._facts):
            apart = abs(fact.at_ns - change.at_ns)
            if fact.kind in kinds and apart <= (0 if fact.filed else SAME_NS):
                return fact
        return None

    def _is_told_taken(self, change: StatusChange) -> bool:
        """Whether others told of an agent at that time, in a period whose start is known."""
        return any(
            fact.kind is Fact.ASSIGNED
            and fact.agent_id is not None
            and not fact.filed
            and abs(fact.at_ns - change.at_ns) <= SAME_NS
            and (start := self._last_until(fact.at_ns)) is not None
            and start.kind in STARTS
            for fact in self._facts
        )

    def _last_until(self, at_ns: int) -> Told | None:
        """The last start until then or end before that."""
        boundaries = (one for one in reversed(self._facts) if one.kind in BOUNDARIES)
        until = (one for one in boundaries if one.at_ns <= at_ns - (one.kind is Fact.CLOSED))
        return next(until, None)

    def _first_after(self, at_ns: int) -> Told | None:
        """The first start or end after that."""
        later = (one for one in self._facts if one.at_ns > at_ns)
        return next((one for one in later if one.kind in BOUNDARIES), None)

    def _add(self, change: StatusChange, kind: Fact, at_ns: int, agent_id: str | None) -> Told:
        told = Told(at_ns=at_ns, kind=kind, agent_id=agent_id, filed=True)
        insort(self._facts, told, key=_time)
        self.news.append(News(told=told, change=change))
        return told


def _time(told: Told) -> int:
    return told.at_ns


def read(
    changes: Sequence[StatusChange],
    known: Iterable[Told],
    *,
    held_since_ns: int,
    beginning: Beginning | None = None,
) -> Reading:
    """What the changes of one conversation tell beyond what is known of it.

    Args:
        changes: Its changes of status.
        known: What was told of it before, by whatever channel.
        held_since_ns: The files hold everything from then on (epoch nanoseconds).
        beginning: What a look-up said, None before it was asked.
    """
    known = list(known)
    if len(changes) + len(known) > MOST:
        left = tuple(Left(one, Unclear.TOO_MANY) for one in changes)
        return Reading(news=(), known=(), unclear=left)
    opens = [one.at_ns for one in changes if one.status == "OPEN"]
    reader = _Reader(known, opens, held_since_ns, beginning)
    # What closed it first: that stands for itself, and says which period an opening belongs to.
    for change in sorted(changes, key=lambda one: (one.status == "OPEN", one.at_ns)):
        reader.take(change)
    return Reading(
        news=tuple(reader.news),
        known=tuple(reader.known),
        unclear=tuple(reader.unclear),
        asks=reader.asks,
    )


def body_of(news: News) -> bytes:
    """The webhook that would have told it, and the item that did."""
    told, change = news.told, news.change
    assignee = {"agentId": told.agent_id} if told.agent_id else {}
    content: dict[str, object] = {
        "conversationId": change.conversation_id,
        "customerId": change.customer_id,
    }
    if assignee and told.kind is Fact.ASSIGNED:
        content["assignee"] = assignee
    elif assignee:
        content["context"] = {"assignee": assignee}
    body: dict[str, object] = {
        "id": f"export:{change.item_id}:{change.conversation_id}:{told.kind.name.lower()}",
        "type": str(told.kind),
        "timestamp": format_ns(told.at_ns),
        "content": content,
        "exportItem": {
            "id": change.item_id,
            "timestamp": format_ns(change.at_ns),
            "content": {"type": STATUS_CHANGE, "status": change.status},
        },
    }
    if change.initiator_id and change.initiator_type == AGENT:
        body["initiator"] = {"id": change.initiator_id, "type": AGENT}
    return msgspec.json.encode(body)
