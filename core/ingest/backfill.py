"""Imports history from Gladly's export files, into the same inbox as everything else.

A fact is stored in the shape of the webhook that would have told it, with the item of the file
beside it, under an id made from the item's: importing twice is importing once. What Gladly's
events of the last 24 hours tell is left to polling, which knows it exactly.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter, defaultdict
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from core.coverage import FILED_SECONDS, TOLD_SECONDS, Fate, Interval, imported, merged
from core.errors import GladlyNotFound, GladlyRateLimited, GladlyUnavailable, OperationError
from core.gladly.budget import Priority
from core.gladly.exports import ITEMS, ExportJob, StatusChange, status_change
from core.gladly.timestamps import parse_timestamp
from core.ingest.account import Account, Cut
from core.ingest.history import Beginning, News, Told, body_of, read
from core.mapping import periods
from core.model import Channel, ConversationFact

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Iterable, Sequence

    from core.gladly.payloads import Conversation
    from core.ingest.intake import Intake
    from core.mapping.periods import OpenedWhen
    from core.store.sql_store import SqlStore

T = TypeVar("T")
log = logging.getLogger(__name__)

#: conversations looked at and stored together
PAGE = 5
#: so many of what was stored may wait while more is read: live events wait behind few look-ups
MOST_WAITING = 5
#: changes that are sorted without letting others have a turn
TURN = 2000
PACE_SECONDS = 0.2
#: waits after failures in a row, before giving up
WAITS = (5.0, 30.0, 120.0)
#: jobs that follow one another so closely hold all in between
JOIN_SECONDS = 1.0
MOST_GAPS = 1000
FILE_SECONDS = 1800.0
MOST_CHANGES = 300_000
NS_PER_S = 1_000_000_000


class ExportSource(Protocol):
    """What a backfill needs of Gladly."""

    skew_seconds: float | None

    async def export_jobs(self) -> Sequence[ExportJob]:
        """The jobs of the last 14 days."""

    def export_file(self, job_id: str, name: str) -> AsyncGenerator[bytes]:
        """The lines of a file."""

    async def conversation(self, conversation_id: str, priority: Priority) -> Conversation:
        """One conversation; GladlyNotFound."""


class _Notes:
    """What is known within one import: facts told by conversation, and when what happened."""

    def __init__(self) -> None:
        self.before: dict[str, list[Told]] = {}
        self.stored: list[float] = []
        self.left: list[float] = []


class _Found(NamedTuple):
    """What is known of a conversation, and what is news."""

    known: list[Told]
    news: list[News]


class Backfill:
    """Reads export files and stores what nobody has told.

    Args:
        source: Gladly.
        intake: Where facts go: the inbox of the webhook.
        store: Says what is known; keeps the ledger of gaps.
        opened_when: The plan's, to count events.
        resolves: Whether somebody works on the inbox meanwhile: then he is not left behind.
        clock: Epoch seconds.
        sleep: Waits so many seconds.
    """

    def __init__(
        self,
        source: ExportSource,
        intake: Intake,
        store: SqlStore,
        *,
        opened_when: OpenedWhen,
        resolves: bool,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._source = source
        self._intake = intake
        self._store = store
        self._opened_when = opened_when
        self._resolves = resolves
        self._clock = clock
        self._sleep = sleep

    def begin(self, since: float | None, *, dry_run: bool) -> Account:
        """The account of an import that has not begun; `since` at most 14 days ago."""
        now = self._clock()
        oldest = now - FILED_SECONDS
        cut = Cut.FILES if since is not None and since < oldest - JOIN_SECONDS else Cut.NOT
        return Account(
            dry_run=dry_run,
            since=max(since or 0.0, oldest),
            until=now - TOLD_SECONDS,
            begun_at=now,
            cut=cut,
        )

    async def run(self, account: Account) -> None:
        """Import what the account asks for, and keep account of it.

        Raises:
            GladlyError: Gladly cannot be read; what was stored before is kept.
            StoreError: It cannot be kept.
            OperationError: There is something to be done first.
        """
        jobs = await self._jobs(account)
        await self._know_all(account)
        account.jobs = len(jobs)
        notes = _Notes()
        held = Interval(0.0, 0.0)
        windows = []
        for job, window in jobs:
            try:
                changes = await self._patiently(partial(self._changes, job, account))
            except GladlyNotFound:  # gone meanwhile: what comes next holds less of the past
                account.jobs -= 1
                account.not_ready += 1
                continue
            joins = window.start <= held.end + JOIN_SECONDS
            held = Interval(held.start if joins else window.start, max(held.end, window.end))
            await self._import(changes, held.start, notes, account)
            windows.append(Interval(max(window.start, account.since), window.end))
            account.jobs_read += 1
        account.gaps = await self._settle_gaps(windows, notes, account)

    async def _know_all(self, account: Account) -> None:
        """See that all is known that could be sent twice: what was not looked at, or forgotten."""
        forgotten = await self._store.pruned_before()
        if forgotten > account.since:
            account.since, account.cut = forgotten, Cut.RETENTION
        _, newest = await self._store.webhook_ids()
        while await self._store.has_unread(newest):
            if not self._resolves:
                raise OperationError(
                    "Notifications that arrived were not looked at yet, so nobody knows what is "
                    "missing.",
                    "Start `gladly-source serve`, and run this again.",
                )
            await self._sleep(PACE_SECONDS)

    async def _jobs(self, account: Account) -> list[tuple[ExportJob, Interval]]:
        """The jobs that hold anything of the time, oldest first."""
        found: list[tuple[ExportJob, Interval]] = []
        try:
            jobs = await self._source.export_jobs()  # away at the beginning is said at once
        except GladlyNotFound as exc:
            raise OperationError(
                "Gladly has no export files for this API user.",
                "Ask Gladly Support whether your organisation has data exports.",
            ) from exc
        # Gladly's answer told its time: polling goes by that, too.
        ahead = self._source.skew_seconds or 0.0
        account.until = self._clock() + ahead - TOLD_SECONDS
        for job in jobs:
            window = job.window
            if window is None or window[1] <= account.since or window[0] >= account.until:
                continue
            if job.readable:
                found.append((job, Interval(*window)))
            else:
                account.not_ready += 1
        return sorted(found, key=lambda one: one[1])

    async def _changes(self, job: ExportJob, account: Account) -> list[StatusChange]:
        found: list[StatusChange] = []
        try:
            async with asyncio.timeout(FILE_SECONDS):
                unreadable = await self._read_file(job, found)
        except TimeoutError as exc:
            raise OperationError(
                "An export file could not be read within half an hour.", "Try again later."
            ) from exc
        account.unreadable += unreadable
        return found

    async def _read_file(self, job: ExportJob, found: list[StatusChange]) -> int:
        """Gather the changes; how many lines could not be understood."""
        unreadable = 0
        async with aclosing(self._source.export_file(job.id, ITEMS)) as lines:
            async for line in lines:
                try:
                    change = status_change(line)
                except ValueError:
                    unreadable += 1
                else:
                    if change is not None:
                        found.append(change)
                if len(found) > MOST_CHANGES:
                    raise OperationError(
                        f"An export file holds more than {MOST_CHANGES:,} changes of status.",
                        "That is more than one import can hold; please report it.",
                    )
        return unreadable

    async def _import(
        self,
        changes: Iterable[StatusChange],
        held_since: float,
        notes: _Notes,
        account: Account,
    ) -> None:
        """Import the changes of one file, conversations in the order in which they first appear."""
        by_conversation: dict[str, list[StatusChange]] = defaultdict(list)
        for number, change in enumerate(changes):
            if number % TURN == TURN - 1:
                await asyncio.sleep(0)  # Gladly waits for answers
            if change.at_ns < account.until * NS_PER_S:
                by_conversation[change.conversation_id].append(change)
            else:
                account.young += 1
        ids = list(by_conversation)
        for start in range(0, len(ids), PAGE):
            page = ids[start : start + PAGE]
            known = await self._store.knowledge(page)
            found = [
                await self._read_one(
                    by_conversation[one], known[one].facts, held_since, notes, account
                )
                for one in page
            ]
            fresh = await self._keep(found, account)
            notes.stored += [one.told.at_ns / NS_PER_S for one in fresh]
            for one in found:
                self._count(account, one, fresh)

    async def _read_one(
        self,
        changes: Sequence[StatusChange],
        facts: Sequence[ConversationFact],
        held_since: float,
        notes: _Notes,
        account: Account,
    ) -> _Found:
        """What is news of one conversation; noted for the files to come."""
        conversation_id = changes[0].conversation_id
        known = [*map(_told, facts), *notes.before.get(conversation_id, ())]
        held_since_ns = int(held_since * NS_PER_S)
        reading = read(changes, known, held_since_ns=held_since_ns)
        if reading.asks:
            beginning = await self._patiently(partial(self._beginning, conversation_id))
            reading = read(changes, known, held_since_ns=held_since_ns, beginning=beginning)
        if reading.news:
            notes.before.setdefault(conversation_id, []).extend(one.told for one in reading.news)
        since_ns = account.since * NS_PER_S
        unclear = [one for one in reading.unclear if one.change.at_ns >= since_ns]
        notes.left += [one.change.at_ns / NS_PER_S for one in unclear]
        account.unclear = dict(Counter(account.unclear) + Counter(str(one.why) for one in unclear))
        account.changes += sum(change.at_ns >= since_ns for change in changes)
        account.known += sum(change.at_ns >= since_ns for change in reading.known)
        return _Found(known, [one for one in reading.news if one.change.at_ns >= since_ns])

    def _count(self, account: Account, found: _Found, fresh: Collection[News]) -> None:
        """Count the events that follow from what is fresh of a conversation."""
        new = [one.told for one in found.news if one in fresh]
        if not new:
            return
        old = [*found.known, *(one.told for one in found.news if one not in fresh)]
        follows = self._events([*old, *new]) - self._events(old)
        account.facts += len(new)
        account.opened += sum(rule == "opened" for rule, _ in follows)
        account.closed += sum(rule == "closed" for rule, _ in follows)

    def _events(self, told: Iterable[Told]) -> set[tuple[str, int]]:
        """The events that ought to exist when all this is known."""
        facts = [
            ConversationFact(
                kind=one.kind,
                occurred_ns=one.at_ns,
                customer_id=None,
                agent_id=one.agent_id,
                webhook_id=number,
                received_at=0.0,
            )
            for number, one in enumerate(told)
        ]
        wanted = periods.judge(facts, self._opened_when).wanted
        return {(one.rule, one.occurred_ns) for one in wanted}

    async def _beginning(self, conversation_id: str) -> Beginning:
        try:
            found = await self._source.conversation(conversation_id, Priority.POLL)
            created_ns = parse_timestamp(found.created_at or "")
        except (GladlyNotFound, ValueError):
            return Beginning(created_ns=None)
        return Beginning(created_ns=created_ns, agent_id=found.agent_id or None)

    async def _keep(self, found: Iterable[_Found], account: Account) -> list[News]:
        """Store what is news, unless it is a dry run; what of it was."""
        news = [one for some in found for one in some.news]
        if account.dry_run or not news:
            return news
        page = [self._intake.read(body_of(one), Channel.BACKFILL) for one in news]
        added = await self._intake.take_many([new for new in page if new is not None])
        await self._pace()
        return [one for one, done in zip(news, added, strict=True) if not done.duplicate]

    async def _pace(self) -> None:
        """Wait until most of what was imported is resolved."""
        while self._resolves:
            waiting = await self._store.unresolved(Channel.BACKFILL, MOST_WAITING + 1)
            if waiting <= MOST_WAITING:
                return
            await self._sleep(PACE_SECONDS)

    async def _settle_gaps(
        self, windows: Iterable[Interval], notes: _Notes, account: Account
    ) -> int:
        """Note in the ledger which lost times were imported; how many are, or would be."""
        held = merged(Interval(one.start, min(one.end, account.until)) for one in windows)
        if not held:
            return 0
        settled = 0
        for gap in await self._store.ledger.gaps(held[0].start, MOST_GAPS):
            parts = imported(gap, held, self._clock(), found=notes.stored, left=notes.left)
            if parts == [gap]:
                continue
            if account.dry_run or await self._store.ledger.settle(gap, parts):
                settled += sum(part.fate is Fate.IMPORTED for part in parts)
        return settled

    async def _patiently(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask, and after a failure that may pass ask again later."""
        for wait in WAITS:
            try:
                return await ask()
            except (GladlyUnavailable, GladlyRateLimited) as exc:
                log.info("a backfill waits for Gladly", extra={"code": exc.code})
            await self._sleep(wait)
        return await ask()


def _told(fact: ConversationFact) -> Told:
    return Told(
        at_ns=fact.occurred_ns,
        kind=fact.kind,
        agent_id=fact.agent_id,
        filed=fact.channel is Channel.BACKFILL,
    )
