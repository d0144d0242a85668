"""Events per minute."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gui.rate import BUCKETS, Rate


def test_the_first_total_is_no_growth() -> None:
    rate = Rate()
    rate.note(1_000_000, 0)

    assert rate.per_minute(1) == 0
    assert rate.history(1) == [0.0] * BUCKETS


def test_growth_of_the_last_minute_counts() -> None:
    rate = Rate()
    for at, total in ((0.0, 10), (30.0, 15), (70.0, 40)):
        rate.note(total, at)

    assert rate.per_minute(70) == 30
    assert rate.per_minute(95) == 25
    assert rate.per_minute(200) == 0


def test_rows_removed_by_retention_do_not_count_against_it() -> None:
    rate = Rate()
    for at, total in ((0.0, 100), (1.0, 40), (2.0, 45)):
        rate.note(total, at)

    assert rate.per_minute(2) == 5


def test_the_history_has_the_newest_on_the_right() -> None:
    rate = Rate()
    for at, total in ((0.0, 0), (1.0, 7), (12.0, 10)):
        rate.note(total, at)

    assert rate.history(12)[-4:] == [0.0, 7.0, 0.0, 3.0]


def test_what_was_before_the_first_look_can_be_added_once_it_is_known() -> None:
    rate = Rate()
    for at, total in ((100.0, 50), (110.0, 52)):
        rate.note(total, at)

    rate.remember([(40.0, 9), (95.0, 4), (111.0, 7)], 111)

    assert rate.per_minute(111) == 6
    assert sum(rate.history(111)) == 15


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.floats(0, 50), st.integers(0, 10_000)), max_size=60))
def test_the_history_is_never_negative_and_holds_the_last_minute(steps: list) -> None:
    rate, now = Rate(), 0.0
    for step, total in steps:
        now += step
        rate.note(total, now)

    history = rate.history(now)
    assert min(history) >= 0
    assert sum(history) >= rate.per_minute(now)
