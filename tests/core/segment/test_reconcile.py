"""Figures of two sides, event by event and hour by hour, and what two clocks may do to them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.segment.public_api import Counted
from core.segment.reconcile import HOUR, Hour, reconcile
from core.store.base import Accepted

START = 1_780_000_000 // HOUR * HOUR
OPENED, CLOSED = "Conversation Opened", "Conversation Closed"
MINUTE = 60


def accepted(hour: int, count: int, event: str = OPENED, **near: int) -> Accepted:
    return Accepted(event=event, hour=START + hour * HOUR, count=count, **near)


def counted(hour: int, count: int, event: str = OPENED) -> Counted:
    return Counted(event=event, hour=START + hour * HOUR, count=count)


def of(ours: list[Accepted], theirs: list[Counted], hours: int = 3):
    return reconcile(ours, theirs, START, START + hours * HOUR)


def test_the_same_figures_agree():
    (balance,) = of([accepted(0, 5), accepted(2, 1)], [counted(0, 5), counted(2, 1)])

    assert (balance.ours, balance.theirs) == (6, 6)
    assert (balance.missing, balance.surplus, balance.hours) == (0, 0, ())


def test_what_segment_dropped_is_missing_in_its_event_and_hour():
    closed, opened = of(
        [accepted(0, 5), accepted(1, 7), accepted(1, 3, CLOSED)],
        [counted(0, 5), counted(1, 4), counted(1, 3, CLOSED)],
    )

    assert (opened.event, opened.missing, closed.missing) == (OPENED, 3, 0)
    assert opened.hours == (Hour(start=START + HOUR, ours=7, theirs=4),)


def test_what_somebody_else_sent_is_surplus():
    (balance,) = of([accepted(1, 2)], [counted(1, 5)])

    assert (balance.missing, balance.surplus) == (0, 3)


def test_an_event_that_never_got_there_is_missing_whole():
    (balance,) = of([accepted(1, 2)], [])

    assert (balance.theirs, balance.missing) == (0, 2)


def test_what_lies_outside_the_time_counts_for_neither_side():
    (balance,) = of(
        [accepted(-1, 9), accepted(0, 1), accepted(3, 9)], [counted(0, 1), counted(3, 9)]
    )

    assert (balance.ours, balance.theirs, balance.hours) == (1, 1, ())


def test_as_many_as_lie_near_the_edge_may_have_moved_and_no_more():
    moved = of([accepted(0, 5, early=2), accepted(-1, 0)], [counted(0, 3)])
    lost = of([accepted(0, 5, early=2)], [counted(0, 2)])

    assert (moved[0].missing, moved[0].hours) == (0, ())
    assert lost[0].missing == 3


@given(
    st.lists(st.integers(min_value=-HOUR, max_value=4 * HOUR - 1), max_size=60),
    st.integers(min_value=1 - MINUTE, max_value=MINUTE - 1),
)
def test_two_clocks_less_than_the_edge_apart_always_agree(moments: list[int], skew: int):
    """Whatever is sent when: a skew below the edge never looks like a loss or a surplus."""
    ours: dict[int, list[int]] = {}
    theirs: dict[int, int] = {}
    for moment in moments:
        hour, within = divmod(moment, HOUR)
        figures = ours.setdefault(hour, [0, 0, 0])
        figures[0] += 1
        figures[1] += within < MINUTE
        figures[2] += within >= HOUR - MINUTE
        theirs[(moment + skew) // HOUR] = theirs.get((moment + skew) // HOUR, 0) + 1

    balances = of(
        [accepted(hour, n, early=early, late=late) for hour, (n, early, late) in ours.items()],
        [counted(hour, count) for hour, count in theirs.items() if 0 <= hour < 3],
    )

    assert [(one.missing, one.surplus, one.hours) for one in balances if one.ours] == [
        (0, 0, ()) for one in balances if one.ours
    ]


@given(st.integers(min_value=0, max_value=50), st.integers(min_value=0, max_value=50))
def test_every_event_away_from_the_edges_is_accounted_for(sent: int, arrived: int):
    balances = of([accepted(1, sent)], [counted(1, arrived)])

    for one in balances:
        assert one.ours - one.missing + one.surplus == one.theirs
