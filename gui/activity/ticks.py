"""Where the marks of the axes stand and what they say: round times in the local zone. Pure."""

from __future__ import annotations

import math
import time

from PySide6.QtCore import QCoreApplication

from gui.words import MONTHS, number

#: seconds between marks that people find round
STEPS = (300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800)
DAY = 86_400


def step_for(seconds: float, marks: int) -> int:
    """The smallest round step with which no more than `marks` fit into a length of time."""
    for step in STEPS:
        if seconds / step <= max(1, marks):
            return step
    return STEPS[-1]


def times(since: float, until: float, step: int) -> list[float]:
    """Round local times between two moments; clocks that change meanwhile are followed."""
    first = _offset(since)
    start = math.ceil((since + first) / step) * step - first
    found: list[float] = []
    for count in range(math.floor((until - start) / step) + 2):
        moment = start + count * step
        moment += first - _offset(moment)
        if since <= moment <= until:
            found.append(moment)
    return found


def time_text(moment: float, step: int) -> str:
    """A mark's text: the time, or the day where one begins."""
    local = time.localtime(moment)
    if step >= DAY or (local.tm_hour, local.tm_min) == (0, 0):
        month = QCoreApplication.translate("Words", MONTHS[local.tm_mon - 1])
        return f"{month} {local.tm_mday}"
    return f"{local.tm_hour:02}:{local.tm_min:02}"


def amounts(highest: float, marks: int) -> list[float]:
    """Round numbers from 0 to the first above `highest`, about `marks` of them."""
    step = _round_step(max(highest, 1e-9) / max(1, marks))
    last = max(1, math.ceil(highest / step - 1e-9))
    return [count * step for count in range(last + 1)]


def amount_text(value: float, step: float) -> str:
    """A mark's text: no more decimals than the step needs."""
    decimals = max(0, -math.floor(math.log10(step))) if step > 0 else 0
    return number(round(value)) if decimals == 0 else f"{value:,.{decimals}f}"


def _round_step(least: float) -> float:
    """1, 2 or 5 times a power of ten, not below `least`."""
    power = math.pow(10, math.floor(math.log10(least)))
    for factor in (1.0, 2.0, 5.0):
        if factor * power >= least * (1 - 1e-9):
            return factor * power
    return 10 * power


def _offset(moment: float) -> int:
    return time.localtime(moment).tm_gmtoff
