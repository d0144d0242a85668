"""Covered times, cells of five minutes, and what becomes of a gap."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.coverage import (
    CELL_SECONDS,
    DAY_SECONDS,
    FILED_SECONDS,
    TOLD_SECONDS,
    Cover,
    Covered,
    Fate,
    Gap,
    Interval,
    cell_starts,
    cells,
    importable,
    imported,
    merged,
    settled,
    unbroken,
    up_to_now,
    without,
)

NOW = 1_780_000_200.0  # the start of a cell
HOUR = 3600.0
points = st.integers(0, 40)
intervals = st.lists(st.builds(Interval, points, points))


def inside(point: float, parts: list[Interval]) -> bool:
    return any(part.start <= point < part.end for part in parts)


@given(intervals)
def test_merging_changes_no_point_and_leaves_nothing_to_merge(given_: list[Interval]):
    found = merged(given_)

    for half in range(82):
        assert inside(half / 2, found) == inside(half / 2, given_)
    assert all(a.end < b.start for a, b in itertools.pairwise(found))


@given(st.builds(Interval, points, points), intervals)
def test_what_is_left_is_what_no_part_covers(whole: Interval, parts: list[Interval]):
    left = without(whole, parts)

    for half in range(82):
        point = half / 2
        wanted = inside(point, [whole]) and not inside(point, parts)
        assert inside(point, left) == wanted
    assert left == merged(left)


def covered(channel: str, ago: float, until: float = 0.0) -> Covered:
    return Covered(channel=channel, start=NOW - ago, end=NOW - until)


def test_a_day_has_288_cells_of_which_the_last_is_now():
    found = cells([], NOW - 2 * DAY_SECONDS, NOW)

    assert len(found) == DAY_SECONDS / CELL_SECONDS
    assert set(found[:-1]) == {Cover.NOBODY}
    assert found[-1] is Cover.UNKNOWN  # it has only begun


def test_each_cell_says_who_covered_it():
    spans = [covered("webhook", 3 * HOUR, 2 * HOUR), covered("poll", 2.5 * HOUR, HOUR)]

    found = cells(spans, NOW - 4 * HOUR, NOW)

    an_hour = round(HOUR / CELL_SECONDS)
    known = found[-1 - 4 * an_hour : -1]
    assert set(found[: -1 - 4 * an_hour]) == {Cover.UNKNOWN}
    assert known == [
        *[Cover.NOBODY] * an_hour,
        *[Cover.WEBHOOK] * (an_hour // 2),
        *[Cover.BOTH] * (an_hour // 2),
        *[Cover.POLL] * an_hour,
        *[Cover.NOBODY] * an_hour,
    ]


def test_a_cell_that_two_channels_share_is_covered():
    spans = [covered("webhook", HOUR, 1000), covered("poll", 1000)]

    assert Cover.NOBODY not in cells(spans, NOW - HOUR, NOW)


def test_cells_begin_where_they_are_told_to():
    starts = cell_starts(NOW + 100)

    assert (len(starts), starts[-1]) == (len(cells([], NOW, NOW)), NOW)
    assert {later - one for one, later in itertools.pairwise(starts)} == {CELL_SECONDS}


def test_a_channel_that_has_not_noted_the_last_seconds_yet_still_covers_them():
    spans = [covered("webhook", HOUR, 20), covered("poll", HOUR, 45)]
    now = NOW + 100

    assert cells(spans, NOW - HOUR, now)[-1] is Cover.NOBODY
    assert cells(up_to_now(spans, now, 180), NOW - HOUR, now)[-1] is Cover.BOTH


def test_a_channel_that_ended_earlier_stays_ended():
    ended = [covered("webhook", HOUR, 181), covered("poll", HOUR, -5)]

    assert up_to_now(ended, NOW, 180) == ended


GAP = Gap(start=NOW - 5 * HOUR, end=NOW - HOUR, reason="Off.", id=7, events=3)


def test_a_gap_that_was_read_is_healed():
    (done,) = settled(GAP, [Interval(GAP.start - 300, NOW)], NOW)

    assert (done.fate, done.settled_at, done.events, done.id) == (Fate.HEALED, NOW, 3, 7)


def test_it_may_be_read_piece_by_piece_in_any_order():
    middle = (GAP.start + GAP.end) / 2
    later, earlier = Interval(middle, NOW), Interval(GAP.start, middle)

    assert settled(GAP, [later], NOW) == [GAP]
    assert [one.fate for one in settled(GAP, [later, earlier], NOW)] == [Fate.HEALED]


def test_what_was_not_read_is_lost_once_gladly_tells_of_it_no_more():
    read, cliff = Interval(GAP.start + HOUR, NOW), GAP.start + HOUR + TOLD_SECONDS

    assert settled(GAP, [read], cliff - 1) == [GAP]
    lost, done = settled(GAP, [read], cliff)

    assert (lost.fate, lost.start, lost.end) == (Fate.LOST, GAP.start, GAP.start + HOUR)
    assert (lost.id, lost.events) == (7, 0)
    assert (done.fate, done.start, done.end) == (Fate.HEALED, lost.end, GAP.end)
    assert (done.id, done.events) == (0, 3)


def test_what_nobody_read_is_lost_as_a_whole():
    assert settled(GAP, [], GAP.end + TOLD_SECONDS - 1) == [GAP]
    assert [one.fate for one in settled(GAP, [], GAP.end + TOLD_SECONDS)] == [Fate.LOST]
    assert GAP.told_until == GAP.start + DAY_SECONDS


@given(st.lists(st.builds(Interval, points, points)), st.integers(0, 40))
def test_the_parts_of_a_settled_gap_are_the_gap(read: list[Interval], now: int):
    gap = Gap(start=5, end=35, reason="Off.", id=7, events=9)

    parts = settled(gap, read, now + TOLD_SECONDS)

    assert (parts[0].start, parts[-1].end, parts[0].id) == (5, 35, 7)
    assert all(a.end == b.start for a, b in itertools.pairwise(parts))
    if parts != [gap]:
        healed = any(one.fate is Fate.HEALED for one in parts)
        assert sum(one.events for one in parts) == (9 if healed else 0)
        lost = [one for one in parts if one.fate is Fate.LOST]
        assert all(one.end <= now for one in lost)


@given(intervals, intervals)
def test_an_imported_gap_keeps_its_time_and_is_lost_only_where_no_file_was(
    lost: list[Interval], held: list[Interval]
):
    for one in merged(lost):
        gap = Gap(start=one.start, end=one.end, reason="Away.", fate=Fate.LOST, id=7)
        parts = imported(gap, held, NOW, found=[one.start])
        assert parts[0].id == 7
        assert [parts[0].start, parts[-1].end] == [gap.start, gap.end]
        assert all(left.end == right.start for left, right in itertools.pairwise(parts))
        for part in parts:
            uncovered = without(Interval(part.start, part.end), held)
            wanted = [] if part.fate is Fate.IMPORTED else [Interval(part.start, part.end)]
            assert uncovered == wanted


def test_what_is_healed_stays_so_and_what_is_open_beside_the_files_stays_open():
    for fate in (Fate.HEALED, Fate.IMPORTED):
        gap = Gap(start=1.0, end=2.0, reason="Away.", fate=fate)
        assert imported(gap, [Interval(0.0, 9.0)], NOW, found=[]) == [gap]
    first, second = imported(
        Gap(start=1.0, end=9.0, reason="Away.", id=7), [Interval(0.0, 4.0)], NOW, found=[3.0, 5.0]
    )
    assert (first.fate, first.end, first.events, first.settled_at) == (Fate.IMPORTED, 4.0, 1, NOW)
    assert (second.fate, second.end, second.settled_at) == (Fate.OPEN, 9.0, None)


def test_a_part_that_holds_what_was_left_alone_says_so():
    gap = Gap(start=1.0, end=9.0, reason="Away.", fate=Fate.LOST)
    (part,) = imported(gap, [Interval(0.0, 9.0)], NOW, found=[], left=[0.5, 2.0, 3.0])
    assert part.reason == "Away. 2 changes in the export files were left alone."


@pytest.mark.parametrize(
    ("ends", "found"),
    [
        ([], None),
        ([(0, 100)], (0, 100)),
        ([(0, 69)], None),
        ([(0, 40), (50, 90)], (50, 90)),
        ([(0, 150), (200, 300)], (0, 100)),
        ([(0, 40), (50, 90), (30, 60)], (0, 90)),
    ],
)
def test_what_is_covered_without_a_gap_goes_on_until_now(
    ends: list[tuple[float, float]], found: tuple[float, float] | None
):
    spans = [Covered(channel="webhook", start=start, end=end) for start, end in ends]

    assert unbroken(spans, 100.0, 30.0) == found


def test_export_files_may_tell_of_what_was_lost_within_a_fortnight_oldest_first():
    now = 100 * FILED_SECONDS

    def gap(start: float, end: float, fate: Fate = Fate.LOST) -> Gap:
        return Gap(
            start=now - start * DAY_SECONDS, end=now - end * DAY_SECONDS, reason="Away.", fate=fate
        )

    late, across, healed = gap(3, 2), gap(20, 13), gap(5, 4, Fate.HEALED)
    assert importable([late, gap(20, 14), across, healed], now) == [across, late]
