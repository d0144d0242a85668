"""A silence at a busy hour is noticed; nights, holidays' first minutes and few events are not.

Measured with the traffic of `tests/fakes/traffic.py`: see the tests on a year.
"""

from __future__ import annotations

import itertools
import math
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.silence import (
    CLOSES,
    LATE_SECONDS,
    LEAST_SECONDS,
    LIMIT,
    NAMES,
    Judge,
    Silence,
    learning,
    said_of,
    usually,
)
from core.volumes import HOUR, QUARTER, WEEK_SECONDS, Volumes
from tests.fakes.traffic import BERLIN, HOLIDAYS, Traffic

MINUTE = 60
DAY = 24 * HOUR
START = date(2025, 1, 6)
#: a Tuesday at the busiest hour
BUSY = datetime(2025, 3, 4, 10, tzinfo=BERLIN).timestamp()
#: two weeks, and the months until then
SHORT = 58


def judged(times: list[float], until: float) -> tuple[Judge, Volumes]:
    """What is known after these events."""
    volumes = Volumes(BERLIN)
    volumes.begin = times[0]
    for at in times:
        volumes.add(CLOSES, int(at // QUARTER), 1, at)
    judge = Judge(volumes)
    judge.refresh(until)
    return judge, volumes


def noticed(traffic: Traffic, seed: int, stop: float = BUSY) -> int | None:
    """After how many minutes a stop is noticed, within a day."""
    times = [at for at in traffic.times(START, SHORT, seed) if at < stop]
    judge, _ = judged(times, stop)
    minutes = range(1, 24 * 60)
    return next((one for one in minutes if judge.unusual(CLOSES, times[-1], stop + one * 60)), None)


def alarms(times: list[float], *, every: int = 10 * MINUTE) -> list[Silence]:
    """All alarms of a year, as a program that looks every so often would raise them."""
    volumes = Volumes(BERLIN)
    volumes.begin = times[0]
    judge, found, next_refresh = Judge(volumes), [], 0.0
    for at, following in itertools.pairwise(times):
        volumes.add(CLOSES, int(at // QUARTER), 1, at)
        now = at + LEAST_SECONDS
        while now < following and not (found and found[-1].since == at):
            if now >= next_refresh:
                judge.refresh(now)
                next_refresh = now + 3 * DAY
            if (silence := judge.unusual(CLOSES, at, now)) is not None:
                found.append(silence)
            now += every
    return found


def is_holiday(one: Silence) -> bool:
    day = datetime.fromtimestamp(one.at, BERLIN)
    return (day.month, day.day) in HOLIDAYS


@pytest.mark.parametrize(
    ("traffic", "minutes"),
    [
        (Traffic(peak=12, swing=0, burst=0), 70),
        (Traffic(peak=12), 120),
        (Traffic(peak=30), 45),
        (Traffic(peak=100), 25),
        (Traffic(peak=600), 25),
    ],
)
def test_a_stop_at_a_busy_hour_is_noticed(traffic: Traffic, minutes: int):
    for seed in range(4):
        found = noticed(traffic, seed)

        assert found is not None
        assert LEAST_SECONDS / MINUTE - 5 <= found <= minutes


@pytest.mark.parametrize("traffic", [Traffic(peak=12), Traffic(peak=60)], ids=["few", "many"])
def test_in_a_year_there_is_an_alarm_for_each_holiday_and_hardly_another(traffic: Traffic):
    found = alarms(traffic.times(START, 365, 1))

    assert sum(not is_holiday(one) for one in found) <= 2
    assert len(found) <= len(HOLIDAYS) + 2


@pytest.mark.parametrize("peak", [0.5, 3])
def test_a_low_volume_never_leads_to_an_alarm(peak: float):
    assert alarms(Traffic(peak=peak).times(START, 120, 1), every=15 * MINUTE) == []


@pytest.mark.parametrize(("peak", "hour"), [(12, 8), (60, 7), (600, 6)])
def test_the_first_minutes_of_a_holiday_and_the_night_are_no_alarm(peak: float, hour: int):
    evening = datetime(2025, 3, 3, 21, tzinfo=BERLIN).timestamp()
    opening = datetime(2025, 3, 4, hour, tzinfo=BERLIN).timestamp()
    found = noticed(Traffic(peak=peak), 1, evening)

    assert found is not None
    assert evening + found * MINUTE >= opening + LATE_SECONDS


def test_a_stop_late_in_the_day_is_not_told_in_the_first_minutes_of_the_next():
    """The evening before does not count: nobody may have opened yet."""
    stop = datetime(2025, 3, 3, 17, 10, tzinfo=BERLIN).timestamp()
    found = noticed(Traffic(peak=12), 1, stop)

    assert found is not None
    at = datetime.fromtimestamp(stop + found * MINUTE, BERLIN)
    assert (at.day, at.hour >= 10) == (4, True)


def test_one_odd_week_changes_nothing():
    times = Traffic(peak=30).times(START, SHORT, 1)
    odd = [at for at in times if not BUSY - 9 * DAY < at < BUSY - 4 * DAY]
    judge, _ = judged([at for at in times if at < BUSY], BUSY)
    other, _ = judged([at for at in odd if at < BUSY], BUSY)

    for one in (judge, other):
        assert one.unusual(CLOSES, BUSY, BUSY + 90 * MINUTE) is not None
        assert one.unusual(CLOSES, BUSY, BUSY + LEAST_SECONDS - 1) is None


def test_after_a_quiet_morning_a_silence_has_to_be_longer():
    times = [at for at in Traffic(peak=30).times(START, SHORT, 1) if at < BUSY]
    quiet = [at for number, at in enumerate(times) if at < BUSY - 2 * HOUR or number % 5 == 0]
    quiet = [at for number, at in enumerate(quiet) if at < BUSY - DAY or number % 5 == 0]
    found = []
    for some in (times, quiet):
        judge, _ = judged(some, BUSY)
        silent = (judge.unusual(CLOSES, BUSY, BUSY + one * MINUTE) for one in range(600))
        found.append(next(minute for minute, one in enumerate(silent) if one))

    assert found[1] > 1.5 * found[0]


def even(per_hour: int, weeks: int) -> tuple[Judge, Volumes]:
    """So many in each hour of all weeks before `BUSY`, day and night."""
    count = weeks * 168 * per_hour
    step = HOUR / per_hour
    return judged([BUSY - (count - number) * step for number in range(count)], BUSY)


def test_the_words_are_those_that_were_asked_for():
    judge, _ = even(12, 3)

    minutes = next(one for one in range(200) if judge.unusual(CLOSES, BUSY, BUSY + one * MINUTE))
    silence = judge.unusual(CLOSES, BUSY, BUSY + minutes * MINUTE)

    assert minutes == math.ceil(LIMIT / 12 * 60)  # of what comes by chance alone
    assert silence is not None
    said = said_of([silence], BUSY + 47 * MINUTE)
    assert said == "No closes for 47 minutes; Tuesdays at 10 you usually have 12."
    assert "for 3 hours;" in said_of([silence], BUSY + 3 * HOUR)
    assert "for 2 days;" in said_of([silence], BUSY + 2 * DAY)


@given(st.integers(1, 600), st.integers(1, 600))
def test_a_longer_silence_in_the_same_hours_is_never_less_unusual(one: int, other: int):
    judge, _ = _EVEN
    short, long = sorted((one, other))

    if judge.unusual(CLOSES, BUSY, BUSY + short * MINUTE):
        assert judge.unusual(CLOSES, BUSY, BUSY + long * MINUTE)


_EVEN = even(12, 3)


def test_it_is_off_until_there_are_two_weeks():
    volumes = Volumes(BERLIN)
    assert "none came yet" in learning(volumes, BUSY, 180)

    volumes.begin = BUSY - WEEK_SECONDS
    said = learning(volumes, BUSY, 180)
    assert (
        said == "Learns how many events are usual until 2025-03-11: two weeks of data are needed."
    )
    assert learning(volumes, BUSY + WEEK_SECONDS, 180) == ""
    assert "retention.metadata_days" in learning(volumes, BUSY + WEEK_SECONDS, 10)


def test_with_less_than_two_weeks_nothing_is_unusual():
    judge, _ = even(60, 1)

    assert judge.unusual(CLOSES, BUSY, BUSY + 5 * HOUR) is None
    assert not judge.is_any_busy(BUSY)


def test_what_is_usual_is_said():
    judge, volumes = even(12, 3)

    said = usually(volumes, judge.usual_now(BUSY), BUSY)

    assert "Tuesdays at 10 you usually have 0 opens and 12 closes." in said
    assert "not known" in usually(volumes, {}, BUSY)


def test_each_kind_is_judged_by_itself():
    judge, _ = even(12, 3)
    found = [event for event in NAMES if judge.unusual(event, BUSY, BUSY + 2 * HOUR)]

    assert found == [CLOSES]


def test_the_days_are_named_by_the_clock_on_the_wall():
    for days in range(7):
        now = BUSY + days * DAY + HOUR
        judge, _ = judged([now - k * HOUR / 12 for k in range(12 * 168 * 3, 0, -1)], now)
        silence = judge.unusual(CLOSES, now, now + HOUR)
        assert silence is not None
        expected = (datetime.fromtimestamp(now, UTC) + timedelta(hours=2)).strftime("%As")
        assert (silence.day, silence.hour) == (expected, 12)
