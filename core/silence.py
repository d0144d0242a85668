"""Whether it is unusual that no event of a kind came for a while, and how to say so. Pure.

The rule. `expected` is how many usually come at this time of the week while it was silent
(`core.volumes`). Were they independent, nothing at all would come by chance with the probability
exp(-expected). They are not: agents close in bursts, and some days are busier. So counts scatter
by a factor `spread` more than by chance, and the probability is taken from the negative binomial
distribution with that variance, exp(-expected * ln(spread) / (spread - 1)), which is the former
where spread is 1. A silence is unusual when that is below 1 in 10,000 (`LIMIT`), and

- it lasts 20 minutes, and falls into a time that is busy: at least 4 an hour are usual. So
  nothing is said at night or in organisations where a silence says nothing.
- Only the busy hours up to now count, not the evening before. A silence that has begun before
  them (nobody opened this morning: it may be a holiday) has to last two busy hours and be
  improbable twice over.
- If fewer than usual came before the last event, fewer are expected since: `_level`, over the last
  40 events that should have come. So a quiet season is no row of alarms.

How often that is wrong is measured in tests/core/test_silence.py.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import msgspec

from core.model import Fact
from core.volumes import BUSY, HOUR, LEAST_WEEKS, WEEK_HOURS, WEEK_SECONDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.volumes import Volumes

MINUTE: Final = 60
LIMIT: Final = math.log(10_000)
LEAST_SECONDS: Final = 20.0 * MINUTE
LATE_SECONDS: Final = 2.0 * HOUR
#: what the present level is taken from: so many that should have come, over so many hours
LEVEL_EVENTS, LEVEL_HOURS = 40.0, 3
#: as many events are assumed to have come as usual, so that few say little
LEVEL_PRIOR: Final = 5.0
OPENS, CLOSES = "opens", "closes"
#: what people call them
EVENTS: Final[Mapping[str, str]] = {
    Fact.CREATED: OPENS,
    Fact.REOPENED: OPENS,
    Fact.CLOSED: CLOSES,
}
NAMES: Final = (OPENS, CLOSES)
DAYS: Final = (
    "Mondays",
    "Tuesdays",
    "Wednesdays",
    "Thursdays",
    "Fridays",
    "Saturdays",
    "Sundays",
)


class Silence(msgspec.Struct, frozen=True, kw_only=True):
    """An unusual silence.

    Args:
        event: What does not come.
        since: From when on nothing came (epoch seconds).
        at: When it became unusual (epoch seconds).
        day: The day of the week then, in the plural.
        hour: The hour of the day then.
        usual: How many usually come in that hour.
    """

    event: str
    since: float
    at: float
    day: str
    hour: int
    usual: float


class Judge:
    """Decides which silence is unusual; remembers how much counts scatter.

    Args:
        volumes: What is usual.
    """

    def __init__(self, volumes: Volumes) -> None:
        self._volumes = volumes
        self._spread: dict[str, float] = {}

    def refresh(self, now: float) -> None:
        """Work out anew what is usual; wanted about once an hour."""
        self._volumes.refresh()
        self._spread = {event: self._volumes.spread(event, now) for event in NAMES}

    def unusual(self, event: str, since: float, now: float) -> Silence | None:
        """The silence from `since` until `now`, if it is unusual."""
        volumes, hour = self._volumes, self._volumes.hour_of(now)
        if now - since < LEAST_SECONDS or not self._is_busy(event, hour):
            return None
        busy = hour
        while busy > max(since, now - WEEK_SECONDS) and self._is_busy(event, busy - HOUR):
            busy -= HOUR
        late, start = busy > since, max(busy, since)
        expected = volumes.usual(event, start, now)
        if expected is None or (late and now - start < LATE_SECONDS):
            return None
        evidence = expected * _share(self._spread.get(event, 1.0))
        limit = 2 * LIMIT if late else LIMIT
        last = min(since, volumes.last(event) or since)
        if evidence < limit or evidence * self._level(event, last) < limit:
            return None
        wall = volumes.local(now)
        return Silence(
            event=event,
            since=since,
            at=now,
            day=DAYS[wall.weekday()],
            hour=wall.hour,
            usual=volumes.usual_at(event, hour) or 0.0,
        )

    def usual_now(self, now: float) -> dict[str, float]:
        """How many of each event usually come in this hour, where that is known."""
        hour = self._volumes.hour_of(now)
        found = {event: self._volumes.usual_at(event, hour) for event in NAMES}
        return {event: count for event, count in found.items() if count is not None}

    def is_any_busy(self, now: float) -> bool:
        """Whether any hour of the week is busy enough to tell a silence from chance."""
        top = self._volumes.hour_of(now)
        hours = [top - number * HOUR for number in range(WEEK_HOURS)]
        return any(self._is_busy(event, hour) for event in NAMES for hour in hours)

    def _is_busy(self, event: str, hour: float) -> bool:
        return (self._volumes.usual_at(event, hour) or 0.0) >= BUSY

    def _level(self, event: str, until: float) -> float:
        """Which part of what is usual came before; at most all of it."""
        came = usual = 0.0
        for number in range(WEEK_HOURS):
            if usual >= LEVEL_EVENTS and number >= LEVEL_HOURS:
                break
            end = until - number * HOUR
            if not self._volumes.is_missed(end - HOUR, end):
                usual += self._volumes.usual(event, end - HOUR, end) or 0.0
                came += self._volumes.count(event, end - HOUR, end)
        return min(1.0, (came + LEVEL_PRIOR) / (usual + LEVEL_PRIOR))


def said_of(silences: Sequence[Silence], now: float) -> str:
    """What does not come, for how long, and what is usual: a sentence for each."""
    return " ".join(
        f"No {one.event} for {_length(now - one.since)}; {one.day} at {one.hour} you usually have "
        f"{one.usual:.0f}."
        for one in silences
    )


HINT: Final = (
    "Unless it is a holiday: run `gladly-source check`, and see in Gladly whether its webhook, "
    "if you use one, is switched on and calls this address."
)


def learning(volumes: Volumes, now: float, kept_days: float) -> str:
    """Why nothing can be said yet; empty when two weeks are known.

    Args:
        volumes: What is known.
        now: Epoch seconds.
        kept_days: How long rows are kept.
    """
    needed = LEAST_WEEKS * WEEK_SECONDS
    if kept_days * 24 * HOUR < needed + 24 * HOUR:
        return (
            f"Not used: two weeks of data are needed, and retention.metadata_days = {kept_days:g} "
            "keeps fewer. Set it to 15 or more."
        )
    if volumes.begin is None:
        return "Learns how many events are usual: two weeks of data are needed, and none came yet."
    if now < volumes.begin + needed:
        day = volumes.local(volumes.begin + needed).strftime("%Y-%m-%d")
        return f"Learns how many events are usual until {day}: two weeks of data are needed."
    return ""


FEW: Final = (
    f"Not used: no hour of the week usually has {BUSY:.0f} opens or {BUSY:.0f} closes, so that a "
    "silence says nothing."
)


def usually(volumes: Volumes, counts: Mapping[str, float], now: float) -> str:
    """That all is as usual, and what that is now."""
    if not counts:
        return "No unusual silence. What is usual at this hour is not known."
    wall = volumes.local(now)
    both = " and ".join(f"{count:.0f} {event}" for event, count in counts.items())
    return f"No unusual silence. {DAYS[wall.weekday()]} at {wall.hour} you usually have {both}."


def _share(spread: float) -> float:
    """ln(x) / (x - 1), which is 1 at 1."""
    near = 1.001
    return 1.0 if spread < near else math.log(spread) / (spread - 1)


def _length(seconds: float) -> str:
    minutes = int(seconds // MINUTE)
    if minutes < 120:  # noqa: PLR2004 - two hours
        return f"{minutes} minutes"
    hours = minutes // 60
    return f"{hours} hours" if hours < 48 else f"{hours // 24} days"  # noqa: PLR2004 - two days
