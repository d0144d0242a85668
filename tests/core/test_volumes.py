"""What is usual is the middle of the last weeks, by the clock on the wall."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.coverage import Interval
from core.volumes import BUSY, HOUR, QUARTER, WEEK_SECONDS, Volumes

BERLIN = ZoneInfo("Europe/Berlin")
KATHMANDU = ZoneInfo("Asia/Kathmandu")
#: a Monday
NOW = datetime(2026, 2, 23, 10, tzinfo=UTC).timestamp()


def learned(*counts: int, at: float = NOW, zone: ZoneInfo | None = None) -> Volumes:
    """So many in the hour of `at`, one week ago, two weeks ago and so on."""
    made = Volumes(zone)
    made.begin = at - len(counts) * WEEK_SECONDS
    for weeks, count in enumerate(counts, start=1):
        start = at - weeks * WEEK_SECONDS
        made.add("closes", int(start // QUARTER), count, start)
    return made


@pytest.mark.parametrize(
    ("counts", "usual"),
    [
        ((), None),
        ((12,), None),
        ((12, 10), 10),
        ((12, 10, 0), 10),
        ((12, 500, 11, 10), 11),
        ((9, 9, 9, 9, 9, 9, 9, 9, 500, 500), 9),
    ],
)
def test_the_middle_of_two_to_eight_weeks_is_usual(counts: tuple[int, ...], usual: float | None):
    assert learned(*counts).usual_at("closes", NOW) == usual
    assert learned(*counts).usual("closes", NOW, NOW + HOUR) == usual


def test_weeks_before_the_first_event_do_not_count_as_empty():
    volumes = learned(12, 12)

    assert volumes.usual("closes", NOW, NOW + HOUR) == 12
    assert volumes.usual("closes", NOW - HOUR, NOW) is None


def test_a_time_in_which_nobody_listened_counts_for_nothing():
    volumes = learned(12, 0, 12)
    assert volumes.usual_at("closes", NOW) == 12
    week = NOW - 2 * WEEK_SECONDS

    volumes.miss([Interval(week + 60, week + 120)])
    assert volumes.usual_at("closes", NOW) == 12
    volumes.miss([Interval(week + 60, week + 120), Interval(NOW - 3 * WEEK_SECONDS, week)])
    assert volumes.usual_at("closes", NOW) is None


@pytest.mark.parametrize(
    ("week_before", "now"),
    [
        (datetime(2026, 3, 24, 9, tzinfo=UTC), datetime(2026, 3, 31, 8, tzinfo=UTC)),
        (datetime(2026, 10, 20, 8, tzinfo=UTC), datetime(2026, 10, 27, 9, tzinfo=UTC)),
    ],
    ids=["summer time begins", "it ends"],
)
def test_ten_o_clock_stays_ten_o_clock_when_clocks_are_changed(
    week_before: datetime, now: datetime
):
    volumes = Volumes(BERLIN)
    volumes.begin = 0.0
    volumes.add("closes", int(week_before.timestamp() // QUARTER), 12, week_before.timestamp())

    known = volumes._known(now.timestamp(), now.timestamp() + HOUR, 1)

    assert known == (week_before.timestamp(), week_before.timestamp() + HOUR)
    assert volumes.local(now.timestamp()).hour == 10


def test_hours_begin_with_those_on_the_wall():
    at = datetime(2026, 2, 23, 10, 40, tzinfo=KATHMANDU).timestamp()  # 5:45 ahead of UTC
    volumes = learned(12, 12, at=at - 40 * 60, zone=KATHMANDU)

    assert volumes.hour_of(at) == at - 40 * 60
    assert volumes.usual_at("closes", volumes.hour_of(at)) == 12


@given(st.lists(st.floats(0, 10 * HOUR), min_size=2, max_size=2).map(sorted))
def test_the_parts_of_a_time_add_up(ends: list[float]):
    volumes = learned(12, 7)
    start, end = NOW - WEEK_SECONDS - 5 * HOUR, NOW - WEEK_SECONDS + 5 * HOUR
    cuts = [start, *(start + one for one in ends), end]

    parts = [volumes.count("closes", *two) for two in itertools.pairwise(cuts)]

    assert sum(parts) == pytest.approx(volumes.count("closes", start, end))
    assert all(part >= -1e-9 for part in parts)


def test_what_is_forgotten_is_gone_and_the_last_one_is_still_known():
    volumes = learned(12, 10)

    volumes.forget(NOW - 1.5 * WEEK_SECONDS)

    assert volumes.count("closes", 0, NOW) == 12
    assert volumes.last("closes") == NOW - WEEK_SECONDS
    assert volumes.last("opens") is None


def steady(*weeks: int) -> Volumes:
    """Each hour of a week alike, one week differing from the other."""
    made = Volumes()
    made.begin = NOW - len(weeks) * WEEK_SECONDS
    for number, count in enumerate(weeks, start=1):
        first = NOW - number * WEEK_SECONDS
        for hour in range(168):
            at = first + hour * HOUR
            made.add("closes", int(at // QUARTER), count, at)
    return made


def test_counts_that_never_change_scatter_no_more_than_chance():
    assert steady(10, 10, 10).spread("closes", NOW) == 1.0
    assert Volumes().spread("closes", NOW) == 1.0


def test_one_odd_week_does_not_make_the_others_scatter():
    assert steady(10, 10, 0, 10, 10).spread("closes", NOW) == 1.0


def test_weeks_that_differ_scatter():
    assert steady(5, 20, 10, 30, 12).spread("closes", NOW) > 2


def test_hours_that_are_not_busy_say_nothing_of_it():
    quiet = int(BUSY) - 1
    assert steady(0, quiet, 0, quiet).spread("closes", NOW) == 1.0
