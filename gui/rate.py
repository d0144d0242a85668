"""How many events arrive a minute, from totals that are looked at now and then. Pure."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

WINDOW_SECONDS = 60.0
BUCKET_SECONDS = 5.0
BUCKETS = 60


class Rate:
    """Growth of a total over the last minute, and over the last five in steps of five seconds.

    A total that shrinks (old rows are removed) counts as no growth.
    """

    def __init__(self) -> None:
        self._total: int | None = None
        self._grown: deque[tuple[float, int]] = deque()

    def note(self, total: int, now: float) -> None:
        """The total at this moment (any monotonic seconds)."""
        growth = 0 if self._total is None else max(0, total - self._total)
        self._total = total
        if growth:
            self._grown.append((now, growth))
        self._drop_old(now)

    def remember(self, earlier: Iterable[tuple[float, int]], now: float) -> None:
        """Put growth before what was noted: what somebody else counted, at which moments."""
        first = self._grown[0][0] if self._grown else now
        before = [(at, growth) for at, growth in earlier if growth and at < first]
        self._grown.extendleft(reversed(before))
        self._drop_old(now)

    def per_minute(self, now: float) -> int:
        """How many in the last minute."""
        return sum(count for at, count in self._grown if at > now - WINDOW_SECONDS)

    def history(self, now: float) -> list[float]:
        """How many in each step, oldest first."""
        values = [0.0] * BUCKETS
        for at, count in self._grown:
            back = int((now - at) / BUCKET_SECONDS)
            if 0 <= back < BUCKETS:
                values[BUCKETS - 1 - back] += count
        return values

    def _drop_old(self, now: float) -> None:
        while self._grown and self._grown[0][0] <= now - BUCKETS * BUCKET_SECONDS:
            self._grown.popleft()
