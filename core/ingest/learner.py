"""Learns from the store how many events come when, a little at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.coverage import DAY_SECONDS, Fate, Interval, unbroken
from core.ingest.keeper import longest_pause
from core.silence import EVENTS, Judge
from core.volumes import HOUR, MOST_WEEKS, WEEK_SECONDS, Volumes

if TYPE_CHECKING:
    from datetime import tzinfo

    from core.settings import Settings
    from core.store.view import StoreView

#: inbox rows read at a time: some 20 ms
SLICE: Final = 20_000
#: a silence may have begun a week ago, and what came in the week before it says how busy it is
KEPT_SECONDS: Final = (MOST_WEEKS + 2) * WEEK_SECONDS
#: of more gaps the oldest ones are no longer looked at
MOST_GAPS: Final = 2000


class Learner:
    """Reads the inbox backwards once, then only what is new in it.

    Along the ids, so that no index is needed and nobody has to wait: 1.3 million rows took 2.5 s
    in 66 slices of about 20 ms on a reader's thread; the loop stood still for 5 ms at most. The
    hourly `settle` took it 20 ms (SQLite, two virtual cores).

    Args:
        store: The inbox and the ledger.
        settings: How often Gladly's events are read.
        zone: Whose week; None is this computer's.

    Attributes:
        volumes: What is known.
        judge: Says what is unusual.
    """

    def __init__(self, store: StoreView, settings: Settings, zone: tzinfo | None = None) -> None:
        self._store = store
        self._within = longest_pause(
            settings.gladly.poll_seconds if settings.gladly.polls else None
        )
        self._zone = zone
        self._now = 0.0
        self._forget()

    def _forget(self) -> None:
        """Know nothing yet."""
        self.volumes = Volumes(self._zone)
        self.judge = Judge(self.volumes)
        #: between these ids everything is read; rows below `_bottom` are yet to be read
        self._top: int | None = None
        self._bottom = self._first = 0
        self._next_refresh = 0.0

    async def more(self, now: float) -> bool:
        """Read a slice; whether there is more to read.

        Raises:
            StoreError: The store cannot be read; nothing is counted twice later.
        """
        if now < self._now - HOUR:
            self._forget()  # the clock had been ahead: what was concluded then is void
        self._now = now
        first, _ = await self._store.webhook_ids()
        last = await self._store.settled_webhooks()
        if self._top is None:
            self._top = self._bottom = last
            self._first = first
        if self._bottom >= self._first > 0:
            oldest = await self._read(self._bottom - SLICE, self._bottom)
            self._bottom -= SLICE
            if oldest is not None and oldest < now - KEPT_SECONDS:
                self._bottom = 0
            return True
        if last > self._top:
            until = min(last, self._top + SLICE)
            await self._read(self._top, until)
            self._top = until
            return until < last
        return False

    async def settle(self, now: float) -> None:
        """Take gaps into account, and once an hour what was learned; when nothing more is to read.

        Raises:
            StoreError: The store cannot be read.
        """
        gaps = await self._store.ledger.gaps(now - KEPT_SECONDS, MOST_GAPS)
        lost = [gap for gap in gaps if gap.fate is not Fate.HEALED]
        self.volumes.miss(Interval(gap.start, gap.end) for gap in lost)
        if now < self._next_refresh:
            return
        self._next_refresh = self.volumes.hour_of(now) + HOUR
        pruned_before = await self._store.pruned_before()
        if self.volumes.begin is not None:
            self.volumes.begin = max(self.volumes.begin, pruned_before)
        self.volumes.forget(now - KEPT_SECONDS)
        self.judge.refresh(now)

    async def watched(self, now: float) -> Interval | None:
        """The time without a gap that goes on until now; None when nobody covers the present.

        Raises:
            StoreError: The store cannot be read.
        """
        spans = await self._store.ledger.spans(now - 2 * DAY_SECONDS)
        return unbroken(spans, now, self._within)

    async def _read(self, after: int, until: int) -> float | None:
        """Count these rows; when the oldest of them was received."""
        rows = await self._store.arrivals(after, until)
        for one in rows:
            if one.last > self._now + HOUR:
                continue  # received while the clock was ahead
            self.volumes.add(EVENTS[one.kind], one.quarter, one.count, one.last)
        if not rows:
            return None
        oldest = min(one.received_at for one in rows)
        begin = self.volumes.begin
        self.volumes.begin = oldest if begin is None else min(begin, oldest)
        return oldest
