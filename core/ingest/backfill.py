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
from typing import TYPE_CHECKING, Protocol, TypeVar

from core.coverage import FILED_SECONDS, TOLD_SECONDS, Fate, Interval, imported, merged
from core.errors import GladlyNotFound, GladlyRateLimited, GladlyUnavailable
from core.gladly.budget import Priority
from core.gladly.exports import ITEMS, ExportJob, StatusChange, status_change
from core.gladly.timestamps import parse_timestamp
from core.ingest.account import Imported
from core.ingest.history import Beginning, News, Reading, Told, body_of, read
from core.mapping import periods
from core.model import Channel, ConversationFact

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence

    from core.gladly.payloads import Conversation
    from core.ingest.intake import Intake
    from core.mapping.periods import OpenedWhen
    from core.model import NewWebhook
    from core.store.sql_store import SqlStore

T = TypeVar("T")
log = logging.getLogger(__name__)

#: conversations looked at and stored together
PAGE = 50
#: so many of what was stored may wait while more is read: live events need not queue behind
MOST_WAITING = 50
PACE_SECONDS = 0.2
#: waits after failures in a row, before giving up
WAITS = (5.0, 30.0, 120.0)
#: jobs that follow one another so closely hold all in between
JOIN_SECONDS = 1.0
MOST_GAPS = 1000
NS_PER_S = 1_000_000_000


class ExportSource(Protocol):
    """What a backfill needs of Gladly."""

    async def export_jobs(self) -> Sequence[ExportJob]:
        """The jobs of the last 14 days."""

    def export_file(self, job_id: str, name: str) -> AsyncGenerator[bytes]:
        """The lines of a file."""

    async def conversation(self, conversation_id: str, priority: Priority) -> Conversation:
        """One conversation; GladlyNotFound."""


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

    def begin(self, since: float | None, *, dry_run: bool) -> Imported:
        """The account of an import that has not begun; `since` at most 14 days ago."""
        now = self._clock()
        oldest = now - FILED_SECONDS
        return Imported(
            dry_run=dry_run,
            since=oldest if since is None else max(since, oldest),
            until=now - TOLD_SECONDS,
        )

    async def run(self, account: Imported) -> None:
        """Import what the account asks for, and keep account of it.

        Raises:
            GladlyError: Gladly cannot be read; what was stored before is kept.
            StoreError: It cannot be kept.
        """
        jobs = await self._jobs(account)
        account.jobs = len(jobs)
        before: dict[str, list[Told]] = defaultdict(list)
        stored: list[float] = []
        held = Interval(0.0, 0.0)
        windows = []
        for job, window in jobs:
            joins = window.start <= held.end + JOIN_SECONDS
            held = Interval(held.start if joins else window.start, max(held.end, window.end))
            changes = await self._patiently(partial(self._changes, job, account))
            await self._import(changes, held.start, before, account, stored)
            windows.append(window)
            account.jobs_read += 1
        account.gaps = await self._settle_gaps(windows, account, stored)

    async def _jobs(self, account: Imported) -> list[tuple[ExportJob, Interval]]:
        """The jobs that hold anything of the time, oldest first."""
        found: list[tuple[ExportJob, Interval]] = []
        for job in await self._patiently(self._source.export_jobs):
            window = job.window
            if window is None or window[1] <= account.since or window[0] >= account.until:
                continue
            if job.readable:
                found.append((job, Interval(*window)))
            else:
                account.not_ready += 1
        return sorted(found, key=lambda one: one[1])

    async def _changes(self, job: ExportJob, account: Imported) -> list[StatusChange]:
        found: list[StatusChange] = []
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
        account.unreadable += unreadable
        return found

    async def _import(
        self,
        changes: Iterable[StatusChange],
        held_since: float,
        before: dict[str, list[Told]],
        account: Imported,
        stored: list[float],
    ) -> None:
        """Import the changes of one file, conversations in the order in which they first appear."""
        by_conversation: dict[str, list[StatusChange]] = defaultdict(list)
        for change in changes:
            if change.at_ns < account.until * NS_PER_S:
                by_conversation[change.conversation_id].append(change)
            else:
                account.young += 1
        ids = list(by_conversation)
        for start in range(0, len(ids), PAGE):
            page = ids[start : start + PAGE]
            known = await self._store.knowledge(page)
            news: list[News] = []
            for one in page:
                news += await self._read_one(
                    by_conversation[one], known[one].facts, held_since, before[one], account
                )
            if not account.dry_run:
                stored += await self._keep(news)

    async def _read_one(
        self,
        changes: Sequence[StatusChange],
        facts: Sequence[ConversationFact],
        held_since: float,
        before: list[Told],
        account: Imported,
    ) -> list[News]:
        """What is news of one conversation; noted in `before` for the files to come."""
        known = [*map(_told, facts), *before]
        held_since_ns = int(held_since * NS_PER_S)
        reading = read(changes, known, held_since_ns=held_since_ns)
        if reading.asks:
            beginning = await self._patiently(partial(self._beginning, changes[0].conversation_id))
            reading = read(changes, known, held_since_ns=held_since_ns, beginning=beginning)
        before += [news.told for news in reading.news]
        since_ns = account.since * NS_PER_S
        news = [one for one in reading.news if one.change.at_ns >= since_ns]
        account.changes += sum(change.at_ns >= since_ns for change in changes)
        self._count(account, reading, news, known)
        return news

    def _count(
        self, account: Imported, reading: Reading, news: Sequence[News], known: Sequence[Told]
    ) -> None:
        account.facts += len(news)
        account.known += reading.known
        account.unclear = dict(Counter(account.unclear) + Counter(map(str, reading.unclear)))
        if news:
            follows = self._events([*known, *(one.told for one in news)]) - self._events(known)
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

    async def _keep(self, news: Sequence[News]) -> list[float]:
        """Store what is news; when those happened that were."""
        page: list[NewWebhook] = []
        for one in news:
            new = self._intake.read(body_of(one), Channel.BACKFILL)
            if new is not None:
                page.append(new)
        if not page:
            return []
        added = await self._intake.take_many(page)
        await self._pace()
        return [
            (new.occurred_ns or 0) / NS_PER_S
            for new, one in zip(page, added, strict=True)
            if not one.duplicate
        ]

    async def _pace(self) -> None:
        """Wait until most of what was imported is resolved."""
        while self._resolves:
            waiting = await self._store.unresolved(Channel.BACKFILL, MOST_WAITING + 1)
            if waiting <= MOST_WAITING:
                return
            await self._sleep(PACE_SECONDS)

    async def _settle_gaps(
        self, windows: Iterable[Interval], account: Imported, stored: Sequence[float]
    ) -> int:
        """Note in the ledger which lost times were imported; how many are, or would be."""
        since, until = account.since, account.until
        held = merged(Interval(max(one.start, since), min(one.end, until)) for one in windows)
        if not held:
            return 0
        settled = 0
        for gap in await self._store.ledger.gaps(held[0].start, MOST_GAPS):
            parts = imported(gap, held, self._clock(), stored)
            if parts != [gap]:
                if not account.dry_run:
                    await self._store.ledger.settle(gap, parts)
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
