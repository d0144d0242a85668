"""Counts become days of a zone, and a day says whether it adds up."""

from __future__ import annotations

from datetime import UTC, date, timedelta, timezone

import pytest

from core.sums import (
    ERASED,
    QUARTER_SECONDS,
    Daybook,
    DaySums,
    Fault,
    Offender,
    Sums,
    as_csv,
    from_midnight,
)

DAY = 86_400
#: noon of 2 January 1970, as a quarter of an hour
NOON = (DAY + DAY // 2) // QUARTER_SECONDS
SECOND = date(1970, 1, 2)
KATHMANDU = timezone(timedelta(hours=5, minutes=45))


def test_statuses_count_as_what_a_person_asks_for():
    daybook = Daybook(UTC)

    daybook.seen([(NOON, "received", 1), (NOON, "waiting", 2), (NOON, "resolved", 6)])
    daybook.seen([(NOON, "skipped", 3), (NOON, "unmappable", 4)])
    daybook.told([(NOON, "sending", 1), (NOON, "pending", 1), (NOON, "accepted", 1)])
    daybook.told([(NOON, "confirmed", 1), (NOON, "dead", 1), (NOON, ERASED, 1)])

    (day,) = daybook.days
    assert day == DaySums(
        day=SECOND,
        seen=16,
        mapped=6,
        skipped=3,
        unmappable=4,
        waiting=3,
        accepted=2,
        pending=2,
        dead=1,
        erased=1,
    )
    assert day.adds_up


@pytest.mark.parametrize(
    ("quarter", "zone", "expected"),
    [
        (NOON, UTC, SECOND),
        (NOON, timezone(timedelta(hours=12)), date(1970, 1, 3)),
        (2 * DAY // QUARTER_SECONDS - 24, KATHMANDU, SECOND),
        (2 * DAY // QUARTER_SECONDS - 23, KATHMANDU, date(1970, 1, 3)),
    ],
)
def test_a_day_begins_at_midnight_of_the_zone(quarter: int, zone: timezone, expected: date):
    daybook = Daybook(zone)

    daybook.seen([(quarter, "skipped", 1)])

    assert [one.day for one in daybook.days] == [expected]


def test_a_status_that_nobody_knows_is_seen_and_unaccounted():
    daybook = Daybook(UTC)

    daybook.seen([(NOON, "resolved", 1), (NOON, "lost", 1)])
    daybook.told([(NOON, "lost", 1)])

    (day,) = daybook.days
    assert (day.unaccounted, day.unmatched, daybook.unmatched) == (1, 1, 1)
    assert not day.adds_up


def test_days_that_balance_each_other_out_do_not_add_up():
    short = DaySums(day=SECOND, seen=1, mapped=1)
    long = DaySums(day=date(1970, 1, 3), accepted=1)

    found = Sums(since=0, until=1, days=(short, long))

    assert found.total.adds_up
    assert not found.adds_up


def test_one_offender_is_enough():
    offender = Offender(row="d1", fault=Fault.UNPROVED)

    assert Sums(since=0, until=1, days=()).adds_up
    assert not Sums(since=0, until=1, days=(), offenders=(offender,)).adds_up


@pytest.mark.parametrize(
    ("since", "kept", "expected"),
    [
        (DAY + 1, 0, DAY),
        (DAY, 0, DAY),
        (DAY + 1, DAY, DAY),
        (DAY + 1, DAY + 1, 2 * DAY),
        (0, 5 * DAY + 1, 6 * DAY),
    ],
)
def test_only_whole_days_that_retention_left_whole(since: float, kept: float, expected: float):
    assert from_midnight(since, kept, UTC) == expected


def test_as_csv_there_is_a_row_a_day():
    good = DaySums(day=SECOND, seen=3, mapped=2, skipped=1, accepted=1, erased=1)
    bad = DaySums(day=date(1970, 1, 3), seen=1)

    header, first, second = as_csv(Sums(since=0, until=1, days=(good, bad))).splitlines()

    assert header.split(",")[:3] == ["day", "seen", "mapped"]
    assert header.split(",")[-2:] == ["erased", "addsUp"]
    assert first == "1970-01-02,3,2,1,0,0,1,0,0,0,0,1,true"
    assert second == "1970-01-03,1,0,0,0,0,0,0,0,0,0,0,false"


def test_without_a_zone_days_are_those_of_this_computer():
    since = from_midnight(DAY + 1, 0, None)

    assert since <= DAY + 1 < since + DAY + 2 * 3600
