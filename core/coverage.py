"""Which times are covered by which channel, and what that means for a gap. Pure.

Times are epoch seconds; an interval holds its start and not its end.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

CELL_SECONDS = 300.0
DAY_SECONDS = 24 * 3600.0
#: so far back Gladly can be asked: 24 hours, less a margin for the way there and for clocks
TOLD_SECONDS = DAY_SECONDS - 120.0
#: so long Gladly keeps export files (Gladly's API documentation: jobs and files live 14 days)
FILED_SECONDS = 14 * DAY_SECONDS


class Interval(NamedTuple):
    """From when to when."""

    start: float
    end: float


class Covered(msgspec.Struct, frozen=True, kw_only=True):
    """A time in which a channel (`webhook` or `poll`) would have brought what happened."""

    channel: str
    start: float
    end: float


class Fate(StrEnum):
    """What became of a gap."""

    #: not yet healed; Gladly tells of 24 hours
    OPEN = "open"
    #: read from the Events API afterwards
    HEALED = "healed"
    #: imported from export files afterwards
    IMPORTED = "imported"
    #: the Events API no longer tells what happened then; export files may
    LOST = "lost"


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """A time in which nobody listened, why, and what became of it.

    `events` is how many events were found afterwards; `id` is 0 before it is stored.
    """

    start: float
    end: float
    reason: str
    fate: Fate = Fate.OPEN
    settled_at: float | None = None
    events: int = 0
    id: int = 0

    @property
    def told_until(self) -> float:
        """When Gladly begins to forget it."""
        return self.start + DAY_SECONDS


class Cover(StrEnum):
    """Who covered five minutes."""

    BOTH = "both"
    WEBHOOK = "webhook"
    POLL = "poll"
    NOBODY = "nobody"
    #: before the installation, or not yet
    UNKNOWN = "unknown"


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    """The same times in order, without overlaps and empty ones."""
    found: list[Interval] = []
    for one in sorted(intervals):
        if one.end <= one.start:
            continue
        if found and one.start <= found[-1].end:
            found[-1] = Interval(found[-1].start, max(found[-1].end, one.end))
        else:
            found.append(one)
    return found


def importable(gaps: Iterable[Gap], now: float) -> list[Gap]:
    """The lost gaps of which export files may still tell, at least in part; oldest first."""
    lost = (gap for gap in gaps if gap.fate is Fate.LOST and gap.end > now - FILED_SECONDS)
    return sorted(lost, key=lambda gap: gap.start)


def without(whole: Interval, parts: Iterable[Interval]) -> list[Interval]:
    """What is left of `whole` outside of `parts`."""
    left: list[Interval] = []
    start = whole.start
    for part in merged(parts):
        if part.start > start:
            left.append(Interval(start, min(part.start, whole.end)))
        start = max(start, part.end)
        if start >= whole.end:
            break
    else:
        left.append(Interval(start, whole.end))
    return [one for one in left if one.start < one.end]


def up_to_now(spans: Sequence[Covered], now: float, within: float) -> list[Covered]:
    """The same spans, of which those that ended no longer than `within` ago still go on.

    Channels note what they covered afterwards: without this, the last minute is never covered.
    """
    return [
        msgspec.structs.replace(one, end=now) if now - within <= one.end < now else one
        for one in spans
    ]


def unbroken(spans: Sequence[Covered], now: float, within: float) -> Interval | None:
    """The time without a gap that goes on until now; None when nobody covers the present.

    Args:
        spans: What is covered, by whatever channel.
        now: Epoch seconds.
        within: So many seconds before `now` the last one may have ended: see `up_to_now`.
    """
    # A clock that was ahead for a while may have left spans of a time to come.
    times = merged(Interval(one.start, min(one.end, now)) for one in spans)
    return times[-1] if times and times[-1].end >= now - within else None


def cell_starts(now: float) -> list[float]:
    """When each five minutes of the 24 hours until `now` begin, oldest first."""
    count = round(DAY_SECONDS / CELL_SECONDS)
    last = now - now % CELL_SECONDS
    return [last - CELL_SECONDS * number for number in reversed(range(count))]


def cells(spans: Sequence[Covered], since: float, now: float) -> list[Cover]:
    """Who covered each five minutes of the 24 hours until `now`; nothing is known before `since`.

    A cell belongs to a channel that covered all of it, as far as it lies in the known past.
    """
    by_channel = {
        channel: merged(Interval(one.start, one.end) for one in spans if one.channel == channel)
        for channel in (Cover.WEBHOOK.value, Cover.POLL.value)
    }
    return [_cover(by_channel, start, since, now) for start in cell_starts(now)]


def _cover(by_channel: dict[str, list[Interval]], start: float, since: float, now: float) -> Cover:
    known = Interval(max(start, since), min(start + CELL_SECONDS, now))
    if known.start >= known.end:
        return Cover.UNKNOWN
    whole = [channel for channel, parts in by_channel.items() if not without(known, parts)]
    if len(whole) > 1:
        return Cover.BOTH
    if whole:
        return Cover(whole[0])
    together = [part for parts in by_channel.values() for part in parts]
    if without(known, together):
        return Cover.NOBODY
    return Cover.WEBHOOK  # taken over within these five minutes


def settled(gap: Gap, read: Iterable[Interval], now: float) -> list[Gap]:
    """What became of a gap, when these times were read from Gladly.

    It stays open while Gladly still tells of a part that was not read. Then it is healed; or, in
    parts of which the first keeps the id, healed where it was read and lost where it was not.
    """
    whole = Interval(gap.start, gap.end)
    lost = without(whole, read)
    if gap.fate is not Fate.OPEN or any(part.end > now - TOLD_SECONDS for part in lost):
        return [gap]
    return _parts(gap, lost, Fate.LOST, Fate.HEALED, now)


def imported(
    gap: Gap,
    held: Iterable[Interval],
    now: float,
    *,
    found: Sequence[float],
    left: Sequence[float] = (),
) -> list[Gap]:
    """What becomes of a lost or open gap when export files that hold these times were imported.

    `found` are the times of events that were imported, `left` of what was left alone. The first
    part keeps the id.
    """
    if gap.fate not in {Fate.LOST, Fate.OPEN}:
        return [gap]
    rest = without(Interval(gap.start, gap.end), held)
    parts = _parts(gap, rest, gap.fate, Fate.IMPORTED, now)
    if all(part.fate is gap.fate for part in parts):
        return [gap]
    return [
        _counted(part, found, left)
        if part.fate is Fate.IMPORTED
        else msgspec.structs.replace(part, settled_at=gap.settled_at)
        for part in parts
    ]


def _counted(gap: Gap, found: Sequence[float], left: Sequence[float]) -> Gap:
    alone = sum(gap.start <= at < gap.end for at in left)
    said = f" {alone:,} changes in the export files were left alone." if alone else ""
    return msgspec.structs.replace(
        gap,
        events=sum(gap.start <= at < gap.end for at in found),
        reason=gap.reason + said,
    )


def _parts(gap: Gap, left: Sequence[Interval], fate: Fate, other: Fate, now: float) -> list[Gap]:
    """The gap in parts: those in `left` have one fate, the rest of it the other."""
    rest = without(Interval(gap.start, gap.end), left)
    parts = sorted([*((one, fate) for one in left), *((one, other) for one in rest)])
    return [
        msgspec.structs.replace(
            gap,
            start=one.start,
            end=one.end,
            fate=its,
            settled_at=now,
            events=gap.events if rest and one == rest[-1] else 0,
            id=0 if number else gap.id,
        )
        for number, (one, its) in enumerate(parts)
    ]
