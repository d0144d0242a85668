"""The last 24 hours of coverage and the known gaps, in numbers and in sentences. Pure."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QCoreApplication

from core.coverage import CELL_SECONDS, DAY_SECONDS, Cover, Fate, Gap, cell_starts, cells, up_to_now
from gui.words import Word, fate_word, number, span, when

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.coverage import Covered
    from core.ingest.poller import CatchUp

translate = QCoreApplication.translate

#: the keeper notes every half minute, and misses nobody within two minutes
LATELY_SECONDS = 180.0
#: as many readings in a row may fail before anybody calls it a gap
READINGS = 3
#: how a sentence about the day goes through the kinds of cover
ORDER = (Cover.BOTH, Cover.WEBHOOK, Cover.POLL, Cover.NOBODY, Cover.UNKNOWN)


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """Who covered the last 24 hours, and the known gaps.

    Args:
        now: When it was looked (epoch seconds).
        since: Since when anything is known; None if nothing is.
        cells: Who covered each five minutes, oldest first.
        gaps: The gaps, newest first.
    """

    now: float
    since: float | None = None
    cells: tuple[Cover, ...] = ()
    gaps: tuple[Gap, ...] = ()

    @property
    def start(self) -> float:
        """When the first cell begins."""
        return cell_starts(self.now)[0]

    @property
    def end(self) -> float:
        """When the last cell ends."""
        return self.start + CELL_SECONDS * len(self.cells)

    @property
    def open_gaps(self) -> list[Gap]:
        """Those that can still be healed, the first to be forgotten at the head."""
        waiting = [gap for gap in self.gaps if gap.fate is Fate.OPEN]
        return sorted(waiting, key=lambda gap: gap.start)

    def window(self, place: int) -> tuple[float, float]:
        """From when until when a cell is."""
        start = self.start + CELL_SECONDS * place
        return start, start + CELL_SECONDS

    def at(self, moment: float) -> int | None:
        """The cell in which a moment lies."""
        place = math.floor((moment - self.start) / CELL_SECONDS)
        return place if 0 <= place < len(self.cells) else None

    def stretches(self) -> list[tuple[int, int, Cover]]:
        """Cells side by side with the same cover: the first, the one after the last, who."""
        found: list[tuple[int, int, Cover]] = []
        for place, cover in enumerate(self.cells):
            if found and found[-1][2] is cover:
                found[-1] = (found[-1][0], place + 1, cover)
            else:
                found.append((place, place + 1, cover))
        return found


def day_of(
    spans: Sequence[Covered],
    gaps: Sequence[Gap],
    since: float | None,
    now: float,
    *,
    poll_seconds: float,
) -> Day:
    """The day of what the ledger told."""
    if since is None:
        return Day(now=now, gaps=tuple(gaps))
    within = max(LATELY_SECONDS, READINGS * poll_seconds)
    covers = cells(up_to_now(spans, now, within), since, now)
    return Day(now=now, since=since, cells=tuple(covers), gaps=tuple(gaps))


def cover_in_words(cover: Cover) -> str:
    """Who covered it."""
    return {
        Cover.BOTH: translate("Coverage", "webhook and polling"),
        Cover.WEBHOOK: translate("Coverage", "webhook only"),
        Cover.POLL: translate("Coverage", "polling only"),
        Cover.NOBODY: translate("Coverage", "nobody"),
        Cover.UNKNOWN: translate("Coverage", "not known"),
    }[cover]


def cell_in_words(day: Day, place: int) -> str:
    """One cell: from when until when, who, and the gap in which it lies."""
    start, end = day.window(place)
    text = translate("Coverage", "{0} to {1}: {2}").format(
        clock(start), clock(end), cover_in_words(day.cells[place])
    )
    gap = next((one for one in day.gaps if one.start < end and one.end > start), None)
    if gap is None:
        return text
    said = translate("Coverage", "{0}. In a gap: {1} {2}.")
    return said.format(text, gap.reason, fate_word(gap.fate).text)


def day_in_words(day: Day) -> str:
    """The bar as a sentence."""
    if day.since is None:
        return translate(
            "Coverage",
            "Nothing is known yet. Who listens is noted from the engine's first start on.",
        )
    parts = [
        translate("Coverage", "{0} {1}").format(
            cover_in_words(cover), span(CELL_SECONDS * day.cells.count(cover))
        )
        for cover in ORDER
        if cover in day.cells
    ]
    return translate("Coverage", "Last 24 hours: {0}.").format(", ".join(parts))


def gap_in_words(gap: Gap, now: float) -> Word:
    """What became of a gap; of an open one, how long Gladly still tells of it."""
    word = fate_word(gap.fate)
    if gap.fate is not Fate.OPEN:
        return word
    if now < gap.told_until:
        text = translate("Coverage", "Open, {0} left").format(span(gap.told_until - now))
        return word._replace(text=text)
    return word._replace(text=translate("Coverage", "Open, being forgotten"), tone="bad")


def countdown(gap: Gap, now: float) -> str:
    """How long Gladly still tells of an open gap."""
    if now < gap.told_until:
        said = translate("Coverage", "Gladly tells of it for {0} more.")
        return said.format(span(gap.told_until - now))
    last = gap.end + DAY_SECONDS - now
    if last > 0:
        said = translate("Coverage", "Gladly is forgetting it; the last of it is gone in {0}.")
        return said.format(span(last))
    return translate("Coverage", "Gladly has forgotten it.")


def open_in_words(gaps: Sequence[Gap], now: float) -> tuple[str, str]:
    """What is open, and the countdown of the one that Gladly forgets first."""
    first = gaps[0]
    if len(gaps) == 1:
        said = translate("Coverage", "Nobody listened from {0} to {1}.")
        return said.format(*between(first)), countdown(first, now)
    said = translate("Coverage", "{0} gaps are open, the first from {1} to {2}.")
    return said.format(number(len(gaps)), *between(first)), countdown(first, now)


def lost_in_words(gaps: Sequence[Gap]) -> str:
    """How much polling cannot read any more."""
    together = span(sum(gap.end - gap.start for gap in gaps))
    if len(gaps) == 1:
        return translate("Coverage", "1 gap of {0} is lost for polling.").format(together)
    said = translate("Coverage", "{0} gaps, {1} together, are lost for polling.")
    return said.format(number(len(gaps)), together)


def caught_up_in_words(done: CatchUp) -> str:
    """What a reading from Gladly came to."""
    said = translate("Coverage", "Read from {0} to {1}: {2}")
    if not done.read:
        found = translate("Coverage", "nothing had happened.")
    else:
        new = number(done.new) if done.new else translate("Coverage", "none")
        one, many = translate("Coverage", "1 event"), translate("Coverage", "{0} events")
        events = one if done.read == 1 else many.format(number(done.read))
        found = translate("Coverage", "{0}, {1} of them new.").format(events, new)
    return said.format(day_and_clock(done.since), day_and_clock(done.until), found)


def between(gap: Gap) -> tuple[str, str]:
    """When a gap began and ended; the end without its date where that is the same."""
    start, end = day_and_clock(gap.start), day_and_clock(gap.end)
    same = time.localtime(gap.start)[:3] == time.localtime(gap.end)[:3]
    return start, clock(gap.end) if same else end


def day_and_clock(moment: float) -> str:
    """A moment to the minute, with its date unless that is today's."""
    text = when(moment)
    return text[:-3] if text.count(":") > 1 else text


def clock(moment: float) -> str:
    """The time of day: within 24 hours that is enough."""
    local = time.localtime(moment)
    return f"{local.tm_hour:02}:{local.tm_min:02}"
