"""Worker: notes who covers which time, finds the gaps, and settles them when they are healed."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from core.coverage import DAY_SECONDS, Covered, Gap, Interval, settled, without
from core.errors import StoreError
from core.ingest.poller import BEHIND_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.health import Health
    from core.ingest.poller import CatchUp, Polled
    from core.settings import Settings
    from core.store.sql_store import SqlStore

log = logging.getLogger(__name__)

BEAT_SECONDS = 30.0
#: without a beat for longer nobody was there
MISSED_SECONDS = 120.0
#: so many readings in a row that failed are a gap
MISSED_READINGS = 3
#: Gladly tries its webhook again after 30 s, 5 min, 30 min and 1 h
RETRIED_SECONDS = 95 * 60.0
KEPT_SECONDS = 8 * DAY_SECONDS
#: the store remembers under this name when this program was last there
BEAT = "coverage_beat"
READ = "coverage_read"
STOPPED = "Gladly Source was not running."
ASLEEP = "The computer was asleep."
UNREAD = "Gladly could not be read."
SWITCHED_OFF = "The webhook in Gladly was switched off."
#: the store remembers under this name since when it is
OFF = "coverage_off"
#: words of the webhook in Gladly that say so
UNCALLED = frozenset({"off", "disabled", "switched-off"})


class Keeper:
    """Keeps the ledger of covered times.

    Args:
        store: Where the ledger lies.
        settings: How often Gladly's events are read, and how long settled gaps are kept.
        health: Where open gaps are told.
        listens: Whether the webhook's listener runs.
        polls: Whether Gladly's events are read.
        is_heard: Whether that listener, be it another engine's, runs at this moment.
        clock: Epoch seconds.
    """

    def __init__(
        self,
        store: SqlStore,
        settings: Settings,
        *,
        health: Health,
        listens: bool,
        polls: bool,
        is_heard: Callable[[], bool] = lambda: True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._ledger = store.ledger
        self._health = health
        self._listens = listens
        self._is_heard = is_heard
        self._reads_every = settings.gladly.poll_seconds if polls else None
        self._metadata_seconds = settings.retention.metadata_days * DAY_SECONDS
        self._clock = clock
        self._stopping = False
        self._news = asyncio.Event()
        self._readings: list[tuple[CatchUp, tuple[float, ...]]] = []
        self._found: list[float] = []
        self._here = False

    def stop(self) -> None:
        """Note nothing more."""
        self._stopping = True
        self._news.set()

    def note_found(self, event: Polled) -> None:
        """Polling brought an event that nobody had told of."""
        self._found.append(event.occurred_at)

    def note_read(self, done: CatchUp) -> None:
        """Everything in a time was read from Gladly."""
        self._readings.append((done, tuple(self._found)))
        self._found.clear()
        self._news.set()

    async def run(self) -> None:
        """Beat until `stop()`."""
        while not self._stopping:
            self._news.clear()
            with suppress(StoreError):  # the janitor says so; a later beat finds the gap
                await self.beat()
            try:
                await asyncio.wait_for(self._news.wait(), BEAT_SECONDS)
            except TimeoutError:
                continue

    async def beat(self) -> None:
        """Note that this program is here, and what was read since the last time."""
        now = self._clock()
        last = await self._moment(BEAT)
        if last is not None and now - last > MISSED_SECONDS:
            await self._add(Gap(start=last, end=now, reason=ASLEEP if self._here else STOPPED))
        elif last is not None and last < now and self._would_hear():
            await self._cover("webhook", last, now)
        if self._reads_every is None:
            await self._note_uncalled(last or now, now)
        await self._store.set_meta(BEAT, repr(now))
        if not self._here:
            await self._ledger.prune(now - KEPT_SECONDS, now - self._metadata_seconds)
        self._here = True
        while self._readings:
            await self._note(*self._readings[0])
            del self._readings[0]
        await self._look(now)

    def _would_hear(self) -> bool:
        """Whether the webhook would have brought what happened."""
        return self._is_listened_to() and not self._is_uncalled()

    def _is_listened_to(self) -> bool:
        return self._listens and self._is_heard()

    def _is_uncalled(self) -> bool:
        """Whether the webhook in Gladly is known to be switched off."""
        state = self._health.get("gladly-webhook")
        return state is not None and state.word in UNCALLED

    async def _note_uncalled(self, last: float, now: float) -> None:
        """Where nobody polls, the time in which the webhook is switched off is a gap."""
        since = await self._moment(OFF)
        if self._is_uncalled():
            if since is None:
                await self._store.set_meta(OFF, repr(last))
        elif since is not None:
            known = [Interval(gap.start, gap.end) for gap in await self._ledger.open_gaps()]
            for part in without(Interval(since, now), known):
                await self._add(Gap(start=part.start, end=part.end, reason=SWITCHED_OFF))
            await self._store.set_meta(OFF, "")

    async def _note(self, done: CatchUp, found: tuple[float, ...]) -> None:
        """Gladly told of everything in a time, and of these events for the first time."""
        last = await self._moment(READ)
        longest = longest_pause(self._reads_every)
        if not self._is_listened_to() and last is not None and done.until - last > longest:
            known = await self._ledger.open_gaps()
            if not any(gap.start <= last + longest for gap in known):
                await self._add(Gap(start=last, end=done.until, reason=UNREAD))
        for gap in await self._ledger.open_gaps():
            if events := sum(gap.start <= at < gap.end for at in found):
                more = msgspec.structs.replace(gap, events=gap.events + events)
                await self._ledger.settle(gap, [more])
        await self._cover("poll", done.since, done.until - BEHIND_SECONDS)
        await self._store.set_meta(READ, repr(done.until))

    async def _look(self, now: float) -> None:
        """Settle what was read or is forgotten; say what is still open."""
        waiting = []
        for gap in await self._ledger.open_gaps():
            spans = await self._ledger.spans(gap.start)
            read = [Interval(one.start, one.end) for one in spans if one.channel == "poll"]
            parts = settled(gap, read, now)
            if parts == [gap]:
                waiting.append(gap)
                continue
            await self._ledger.settle(gap, parts)
            for part in parts:
                log.info("a gap is settled", extra={"fate": str(part.fate)})
        worth = [gap for gap in waiting if self._is_worth_saying(gap, now)]
        if not worth:
            self._health.set("coverage", "ok", "No time is without cover.")
            return
        first = worth[0]
        self._health.set(
            "coverage",
            "gap",
            f"Nobody listened from {_time(first.start)} to {_time(first.end)}: {first.reason} "
            + self._advice(first),
        )

    def _is_worth_saying(self, gap: Gap, now: float) -> bool:
        """Not while it is being read; nor a short one that Gladly closes by trying again."""
        if self._reads_every is None:
            return gap.end - gap.start > RETRIED_SECONDS
        return now - gap.end > longest_pause(self._reads_every)

    def _advice(self, gap: Gap) -> str:
        if self._reads_every is None:
            return "Set gladly.url, so that such times can be read from Gladly afterwards."
        return f"Gladly tells of it until {_time(gap.told_until)}."

    async def _add(self, gap: Gap) -> None:
        await self._ledger.add(gap)
        log.info("a gap is noted", extra={"seconds": round(gap.end - gap.start)})

    async def _cover(self, channel: str, start: float, end: float) -> None:
        if start < end:
            span = Covered(channel=channel, start=start, end=end)
            await self._ledger.cover([span], tolerance=1.0)

    async def _moment(self, name: str) -> float | None:
        text = await self._store.get_meta(name)
        return float(text) if text else None


def longest_pause(reads_every: float | None) -> float:
    """Seconds after which nobody is there who has not said so; None where nothing is polled."""
    return max(MISSED_SECONDS, MISSED_READINGS * (reads_every or 0.0))


def _time(at: float) -> str:
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M")
