"""Compares what Segment accepted from here with what it counted, by event and hour. Pure.

Two clocks: an event accepted in the last moments of an hour may be counted to the next one. So
many as lie near an hour's edge are allowed to have moved, and no more.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.segment.public_api import Counted
    from core.store.base import Accepted

HOUR = 3600


class Hour(msgspec.Struct, frozen=True, kw_only=True):
    """One hour in which the figures differ."""

    start: int
    ours: int
    theirs: int


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    """One event over the whole time.

    `missing` were accepted and not counted, `surplus` were counted and not sent from here; both
    are 0 where the figures agree as far as two clocks can.
    """

    event: str
    ours: int
    theirs: int
    missing: int = 0
    surplus: int = 0
    hours: tuple[Hour, ...] = ()


def reconcile(
    ours: Sequence[Accepted], theirs: Sequence[Counted], since: int, until: int
) -> list[Balance]:
    """Each event's balance, by name.

    Args:
        ours: What was accepted, from an hour before `since` until an hour after `until`.
        theirs: What Segment counted.
        since: Where a full hour begins.
        until: Where a full hour ends.
    """
    counted: Counter[tuple[str, int]] = Counter()
    for one in theirs:
        counted[one.event, one.hour // HOUR * HOUR] += one.count
    accepted = {(one.event, one.hour): one for one in ours}
    hours = range(since, until, HOUR)
    names = {event for event, hour in (*accepted, *counted) if hour in hours}
    return [_balance(event, accepted, counted, hours) for event in sorted(names)]


def _balance(
    event: str,
    accepted: dict[tuple[str, int], Accepted],
    counted: Counter[tuple[str, int]],
    hours: range,
) -> Balance:
    def count(hour: int) -> int:
        one = accepted.get((event, hour))
        return one.count if one else 0

    def near(first: int, last: int) -> tuple[int, int]:
        """How many may have moved out of these hours, and how many into them."""
        inside = _early(accepted, event, first) + _late(accepted, event, last)
        outside = _late(accepted, event, first - HOUR) + _early(accepted, event, last + HOUR)
        return inside, outside

    def differs(hour: int) -> bool:
        out, into = near(hour, hour)
        return not -into <= count(hour) - counted[event, hour] <= out

    ours = sum(count(hour) for hour in hours)
    theirs = sum(counted[event, hour] for hour in hours)
    out, into = near(hours[0], hours[-1])
    return Balance(
        event=event,
        ours=ours,
        theirs=theirs,
        missing=ours - theirs if ours - theirs > out else 0,
        surplus=theirs - ours if theirs - ours > into else 0,
        hours=tuple(
            Hour(start=hour, ours=count(hour), theirs=counted[event, hour])
            for hour in hours
            if differs(hour)
        ),
    )


def _early(accepted: dict[tuple[str, int], Accepted], event: str, hour: int) -> int:
    one = accepted.get((event, hour))
    return one.early if one else 0


def _late(accepted: dict[tuple[str, int], Accepted], event: str, hour: int) -> int:
    one = accepted.get((event, hour))
    return one.late if one else 0
