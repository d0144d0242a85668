"""What the charts show, in numbers and in sentences, from what the store counted. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QCoreApplication

from core.store.base import Bucket
from gui.words import number, span, when

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.store.base import Activity

translate = QCoreApplication.translate

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0


class Range(msgspec.Struct, frozen=True):
    """How far back the charts look, and into how many parts that is cut.

    Args:
        name: As it is remembered.
        title: On its button.
        spoken: What that means.
        lead: How sentences about it begin.
        nothing: Said when nothing happened.
        seconds: How long it is.
        buckets: How many parts.
    """

    name: str
    title: str
    spoken: str
    lead: str
    nothing: str
    seconds: float
    buckets: int

    @property
    def width(self) -> float:
        """Seconds of one part."""
        return self.seconds / self.buckets

    def window(self, now: float) -> tuple[float, float]:
        """From when until when, so that parts begin on round times and `now` is in the last."""
        until = math.floor(now / self.width + 1) * self.width
        return until - self.seconds, until


def ranges() -> tuple[Range, ...]:
    """What there is to choose from, in the language of the window."""
    return (
        Range(
            "hour",
            translate("Activity", "&Hour"),
            translate("Activity", "Last hour"),
            translate("Activity", "Last hour: {0}."),
            translate("Activity", "Nothing happened in the last hour."),
            HOUR,
            60,
        ),
        Range(
            "day",
            translate("Activity", "&Day"),
            translate("Activity", "Last day"),
            translate("Activity", "Last day: {0}."),
            translate("Activity", "Nothing happened in the last day."),
            DAY,
            96,
        ),
        Range(
            "week",
            translate("Activity", "&Week"),
            translate("Activity", "Last week"),
            translate("Activity", "Last week: {0}."),
            translate("Activity", "Nothing happened in the last week."),
            7 * DAY,
            84,
        ),
    )


class Figures(msgspec.Struct, frozen=True):
    """What was counted in one range.

    Args:
        range: The range.
        since: When it begins (epoch seconds).
        buckets: Its parts, oldest first.
    """

    range: Range
    since: float
    buckets: tuple[Bucket, ...] = ()

    @property
    def starts(self) -> list[float]:
        """When each part begins."""
        return [bucket.start for bucket in self.buckets]

    @property
    def middles(self) -> list[float]:
        """The middle of each part."""
        return [start + self.range.width / 2 for start in self.starts]

    def rates(self, member: str) -> list[float]:
        """Events per minute of one kind: received, accepted or dead."""
        minutes = self.range.width / MINUTE
        return [getattr(bucket, member) / minutes for bucket in self.buckets]

    def known(self, member: str) -> tuple[list[int], list[float]]:
        """A latency, p50 or p95: the parts in which anything was accepted, and its seconds."""
        found = [
            (place, value)
            for place, bucket in enumerate(self.buckets)
            if (value := getattr(bucket, member)) is not None
        ]
        return [place for place, _ in found], [value for _, value in found]

    @property
    def backlog(self) -> list[float]:
        """What was under way at the end of each part."""
        return [float(bucket.backlog) for bucket in self.buckets]

    def total(self, member: str) -> int:
        """How many of one kind there were."""
        return sum(getattr(bucket, member) for bucket in self.buckets)

    def at(self, moment: float) -> int | None:
        """The part in which a moment lies."""
        if not self.buckets:
            return None
        place = math.floor((moment - self.buckets[0].start) / self.range.width)
        return place if 0 <= place < len(self.buckets) else None


def figures_of(span_of_time: Range, activity: Activity) -> Figures:
    """The figures of what the store counted."""
    return Figures(span_of_time, activity.since, activity.buckets)


def events_in_words(figures: Figures) -> str:
    """The chart of events as a sentence."""
    counts = {member: figures.total(member) for member in ("received", "accepted", "dead")}
    if not any(counts.values()):
        return figures.range.nothing
    said = translate("Activity", "{received} received, {accepted} accepted, {dead} dead")
    return _lead(figures, said.format(**{name: number(count) for name, count in counts.items()}))


def latency_in_words(figures: Figures) -> str:
    """The chart of latency as a sentence."""
    half, most = _typical(figures.buckets, "p50"), _typical(figures.buckets, "p95")
    if half is None or most is None:
        return translate("Activity", "Nothing was accepted, so there is no latency to show.")
    said = translate("Activity", "half accepted within about {0}, 95 of 100 within about {1}")
    return _lead(figures, said.format(span(half), span(most)))


def backlog_in_words(figures: Figures) -> str:
    """The chart of the backlog as a sentence."""
    if not any(figures.backlog):
        return translate("Activity", "Nothing waited.")
    highest = max(figures.buckets, key=lambda bucket: bucket.backlog)
    said = translate("Activity", "{0} under way now, at most {1} at {2}")
    return _lead(
        figures,
        said.format(
            number(figures.buckets[-1].backlog),
            number(highest.backlog),
            _clock(highest.start + figures.range.width),
        ),
    )


def part_in_words(figures: Figures, place: int) -> str:
    """From when until when a part is."""
    start = figures.buckets[place].start
    return translate("Activity", "{0} to {1}").format(
        _clock(start), _clock(start + figures.range.width)
    )


def events_at(figures: Figures, place: int) -> str:
    """The events of one part."""
    bucket = figures.buckets[place]
    said = translate("Activity", "{0} received, {1} accepted, {2} dead")
    return said.format(number(bucket.received), number(bucket.accepted), number(bucket.dead))


def latency_at(figures: Figures, place: int) -> str:
    """The latency of one part."""
    bucket = figures.buckets[place]
    if bucket.p50 is None or bucket.p95 is None:
        return translate("Activity", "nothing accepted")
    return translate("Activity", "half within {0}, 95 of 100 within {1}").format(
        span(bucket.p50), span(bucket.p95)
    )


def backlog_at(figures: Figures, place: int) -> str:
    """The backlog at the end of one part."""
    return translate("Activity", "{0} under way").format(number(figures.buckets[place].backlog))


def _typical(buckets: Sequence[Bucket], member: str) -> float | None:
    """The middle one of the parts' latencies, each weighed by how many it stands for."""
    found = sorted(
        (value, bucket.accepted)
        for bucket in buckets
        if (value := getattr(bucket, member)) is not None
    )
    half = sum(count for _, count in found) / 2
    seen = 0
    for value, count in found:
        seen += count
        if seen >= half:
            return float(value)
    return None


def _clock(seconds: float) -> str:
    """A moment to the minute."""
    text = when(seconds)
    return text[:-3] if text.count(":") > 1 else text


def _lead(figures: Figures, said: str) -> str:
    return figures.range.lead.format(said)
