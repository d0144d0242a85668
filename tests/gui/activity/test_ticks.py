"""Ticks: round local times, round amounts, no more than there is room for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.activity import ticks

if TYPE_CHECKING:
    from collections.abc import Callable

HOUR, DAY = 3600, 86_400


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def texts(since: float, until: float, step: int) -> list[str]:
    return [ticks.time_text(moment, step) for moment in ticks.times(since, until, step)]


@pytest.mark.parametrize(
    ("seconds", "marks", "step"),
    [
        (HOUR, 12, 300),
        (HOUR, 5, 900),
        (DAY, 10, 3 * HOUR),
        (7 * DAY, 8, DAY),
        (7 * DAY, 1, 2 * DAY),
    ],
)
def test_the_step_is_round_and_wide_enough(seconds: float, marks: int, step: int) -> None:
    assert ticks.step_for(seconds, marks) == step


def test_marks_stand_at_round_times_of_the_local_zone(zone: Callable[[str], None]) -> None:
    zone("Asia/Kolkata")  # half an hour off

    found = texts(at("2026-05-28T10:10"), at("2026-05-28T13:10"), HOUR)

    assert found == ["16:00", "17:00", "18:00"]


def test_where_a_day_begins_the_mark_says_which(zone: Callable[[str], None]) -> None:
    zone("UTC")

    found = texts(at("2026-05-28T20:00"), at("2026-05-29T02:00"), 2 * HOUR)

    assert found == ["20:00", "22:00", "May 29", "02:00"]


def test_a_clock_that_is_set_forward_is_followed(zone: Callable[[str], None]) -> None:
    zone("Europe/Berlin")

    found = texts(at("2026-03-27T23:00"), at("2026-03-30T22:00"), DAY)

    assert found == ["Mar 28", "Mar 29", "Mar 30", "Mar 31"]


@given(st.floats(min_value=1e-3, max_value=1e9), st.integers(min_value=1, max_value=10))
def test_amounts_begin_at_zero_and_reach_the_highest(highest: float, marks: int) -> None:
    found = ticks.amounts(highest, marks)

    assert found[0] == 0
    assert found[-1] >= highest * (1 - 1e-6)
    assert 2 <= len(found) <= marks + 1


@pytest.mark.parametrize(
    ("value", "step", "text"), [(2000, 1000, "2,000"), (0.5, 0.5, "0.5"), (0.02, 0.01, "0.02")]
)
def test_an_amount_has_the_decimals_of_its_step(value: float, step: float, text: str) -> None:
    assert ticks.amount_text(value, step) == text
