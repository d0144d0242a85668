"""How many events usually come at a time of the week, from counts of the last weeks. Pure.

Counts are kept by the quarter of an hour, of which the hours of every zone are made. "The same
time a week ago" is what a clock on the wall showed then: where summer time begins or ends, that is
not 168 hours. What is usual is the middle of what the last weeks had (the lower of two), so that
one odd week changes nothing. Weeks from before the first event, and times in which nobody listened,
count for nothing.

Times are epoch seconds.
"""

from __future__ import annotations

import statistics
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from core.coverage import Interval, merged

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import tzinfo

QUARTER: Final = 900
HOUR: Final = 3600
WEEK_SECONDS: Final = 7 * 86_400
#: so many weeks have to be known, and so many are looked at
LEAST_WEEKS: Final = 2
MOST_WEEKS: Final = 8
WEEK_HOURS: Final = 168
#: events in an hour that is busy
BUSY: Final = 4.0


class Volumes:
    """Counts of events by their name, and what is usual.

    Args:
        zone: Whose week; None is this computer's.

    Attributes:
        begin: Since when every event is known; None when nothing ever came.
    """

    def __init__(self, zone: tzinfo | None = None) -> None:
        self._zone = zone
        self._counts: dict[str, dict[int, int]] = {}
        self._last: dict[str, float] = {}
        self._missed: list[Interval] = []
        self._hours: dict[tuple[str, float], float | None] = {}
        self._same: dict[float, tuple[float, ...]] = {}
        self.begin: float | None = None

    def add(self, event: str, quarter: int, count: int, last: float) -> None:
        """So many happened in the quarter of an hour of this number, the last of them then."""
        counts = self._counts.setdefault(event, {})
        counts[quarter] = counts.get(quarter, 0) + count
        self._last[event] = max(last, self._last.get(event, last))

    def miss(self, times: Iterable[Interval]) -> None:
        """All times of which nobody knows what happened."""
        found = merged(times)
        if found != self._missed:
            self._missed = found
            self.refresh()

    def refresh(self) -> None:
        """Work out anew what is usual at each hour; wanted about once an hour."""
        self._hours.clear()
        self._same.clear()

    def forget(self, before: float) -> None:
        """Drop what is older."""
        for event, counts in self._counts.items():
            self._counts[event] = {
                quarter: count
                for quarter, count in counts.items()
                if (quarter + 1) * QUARTER > before
            }

    def last(self, event: str) -> float | None:
        """When the last one happened."""
        return self._last.get(event)

    def count(self, event: str, start: float, end: float) -> float:
        """How many there were; of a quarter that is cut, its share."""
        counts = self._counts.get(event)
        if not counts or end <= start:
            return 0.0
        first, last = int(start // QUARTER), int(end // QUARTER)
        total = 0.0
        for one in range(first, last + 1):
            total += counts.get(one, 0)
        total -= counts.get(first, 0) * (start - first * QUARTER) / QUARTER
        return total - counts.get(last, 0) * ((last + 1) * QUARTER - end) / QUARTER

    def usual(self, event: str, start: float, end: float) -> float | None:
        """How many there usually are at this time of the week; None where too little is known."""
        counts = [
            self.count(event, *one)
            for weeks in range(1, MOST_WEEKS + 1)
            if (one := self._known(start, end, weeks)) is not None
        ]
        return statistics.median_low(counts) if len(counts) >= LEAST_WEEKS else None

    def usual_at(self, event: str, hour: float) -> float | None:
        """How many there usually are in the hour that begins then."""
        key = (event, hour)
        if key not in self._hours:
            counts = [*self._by_week(event, hour).values()][1:]
            known = [count for count in counts if count is not None]
            self._hours[key] = statistics.median_low(known) if len(known) >= LEAST_WEEKS else None
        return self._hours[key]

    def local(self, at: float) -> datetime:
        """What the clock on the wall shows."""
        return datetime.fromtimestamp(at, self._zone)

    def hour_of(self, at: float) -> float:
        """When the hour on the wall began."""
        return self.local(at).replace(minute=0, second=0, microsecond=0).timestamp()

    def is_missed(self, start: float, end: float) -> bool:
        """Whether of a part of this time it is not known what happened."""
        return any(one.start < end and one.end > start for one in self._missed)

    def spread(self, event: str, now: float) -> float:
        """How much more the counts of an hour scatter than by chance alone; 1 is chance.

        The variance over the mean of all busy hours, in the middle one of the weeks.
        """
        scatter = [0.0] * (MOST_WEEKS + 1)
        means = [0.0] * (MOST_WEEKS + 1)
        top = self.hour_of(now)
        for number in range(1, WEEK_HOURS + 1):
            by_week = self._by_week(event, top - number * HOUR)
            counts = {weeks: count for weeks, count in by_week.items() if count is not None}
            if len(counts) < LEAST_WEEKS:
                continue
            middle = statistics.median(counts.values())
            if middle < BUSY:
                continue
            for weeks, count in counts.items():
                # The middle was made of these counts: they lie nearer to it than new ones would.
                scatter[weeks] += (count - middle) ** 2 * len(counts) / (len(counts) - 1)
                means[weeks] += middle
        ratios = [one / mean for one, mean in zip(scatter, means, strict=True) if mean]
        return max(1.0, statistics.median(ratios)) if ratios else 1.0

    def _by_week(self, event: str, hour: float) -> dict[int, float | None]:
        """How many there were in this hour and in the same one of the last weeks, by weeks ago."""
        if hour not in self._same:
            weeks = range(MOST_WEEKS + 1)
            self._same[hour] = tuple(self._ago(hour, one) for one in weeks)
        return {
            weeks: self.count(event, start, start + HOUR) if self._is_known(start, HOUR) else None
            for weeks, start in enumerate(self._same[hour])
        }

    def _is_known(self, start: float, seconds: float) -> bool:
        return (
            self.begin is not None
            and start >= self.begin
            and not self.is_missed(start, start + seconds)
        )

    def _known(self, start: float, end: float, weeks: int) -> Interval | None:
        """The same time so many weeks ago; None where it is not known what happened."""
        past = Interval(self._ago(start, weeks), self._ago(end, weeks))
        return past if self._is_known(past.start, past.end - past.start) else None

    def _ago(self, at: float, weeks: int) -> float:
        return (self.local(at) - timedelta(weeks=weeks)).timestamp() if weeks else at
