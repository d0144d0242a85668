"""Believable traffic of an organisation in customer service: days, weekends, bursts, holidays."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

BERLIN = ZoneInfo("Europe/Berlin")
#: share of the busiest hour by the hour of a working day, a late lunch included
WORKDAY = (0, 0, 0, 0, 0, 0, 0.05, 0.2, 0.6, 0.9, 1, 0.95, 0.6, 0.7, 0.9, 0.85, 0.7, 0.4, 0.15,
           0.05, 0.02, 0, 0, 0)  # fmt: skip
HOLIDAYS = frozenset({(1, 1), (5, 1), (10, 3), (12, 25), (12, 26)})


class Traffic(msgspec.Struct, frozen=True, kw_only=True):
    """How busy an organisation is.

    Args:
        peak: Events in the busiest hour.
        weekend: Share of a working day on Saturdays and Sundays.
        swing: Standard deviation of the logarithm of a day's level.
        burst: Chance that an event brings another one along, again and again.
        night: Share of the busiest hour that comes at any hour.
        holidays: Whether nothing comes on holidays, and a third from Christmas to New Year.
    """

    peak: float
    weekend: float = 0.1
    swing: float = 0.2
    burst: float = 0.3
    night: float = 0.0
    holidays: bool = True
    zone: ZoneInfo = BERLIN

    def times(self, start: date, days: int, seed: int) -> list[float]:
        """When events happen (epoch seconds), in order."""
        dice = random.Random(seed)
        found = [
            at for number in range(days) for at in self._day(start + timedelta(days=number), dice)
        ]
        return sorted(found)

    def _day(self, day: date, dice: random.Random) -> Iterator[float]:
        level = dice.lognormvariate(-(self.swing**2) / 2, self.swing)
        level *= self.weekend if day.weekday() >= 5 else 1.0
        if self.holidays and (day.month, day.day) in HOLIDAYS:
            level = 0.0
        elif self.holidays and day.month == 12 and day.day > 23:
            level *= 1 / 3
        for hour, share in enumerate(WORKDAY):
            rate = self.peak * max(self.night, share * level) * (1 - self.burst)
            midnight = datetime(day.year, day.month, day.day, hour, tzinfo=self.zone)
            base, at = midnight.timestamp(), 0.0
            while rate > 0 and (at := at + dice.expovariate(rate)) < 1:
                moment = base + 3600 * at
                yield moment
                while dice.random() < self.burst:
                    moment += dice.expovariate(1 / 60)
                    yield moment


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> float:
    """Epoch seconds."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp()
