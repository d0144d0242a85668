"""Announcements: few, grouped, in time, and over when it is over."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.health import State
from core.model import Counts
from gui.notices import (
    CALM_SECONDS,
    DEAD_GAP_SECONDS,
    FLICKER_SECONDS,
    FORGOTTEN_SECONDS,
    GAP_SECONDS,
    GATHER_SECONDS,
    HOUR,
    PATIENCE_SECONDS,
    REPEATS,
    Announcement,
    Kind,
    Notices,
    Problem,
    Situation,
    situation_of,
)

REFUSED = State(name="segment", word="refused", sentence="Segment refuses the key.", since=0)
BACKING_OFF = State(name="segment", word="backing-off", sentence="Segment is away.", since=0)
FULL = State(name="store", word="full", sentence="The disk is full.", since=0)
PAUSED = State(name="segment", word="paused", sentence="Paused by hand.", since=0)
WELL = Situation()


def with_states(*states: State, waiting: int = 0, dead: int = 0, retrying: int = 0) -> Situation:
    return Situation(states=states, waiting=waiting, dead=dead, retrying=retrying)


def run(notices: Notices, *steps: tuple[float, Situation]) -> list[Announcement]:
    """What is announced when each situation is observed at its time."""
    told = [notices.observe(situation, at) for at, situation in steps]
    return [one for one in told if one is not None]


def lasting(situation: Situation, start: float, seconds: float) -> list[tuple[float, Situation]]:
    """The situation observed once a second."""
    return [(start + second, situation) for second in range(int(seconds) + 1)]


def test_all_well_says_nothing() -> None:
    assert run(Notices("all"), *lasting(WELL, 0, 7200)) == []


def test_a_refused_key_is_told_once_however_long_it_lasts() -> None:
    told = run(Notices(), *lasting(with_states(REFUSED, waiting=1000), 0, 2 * HOUR))

    assert told == [
        Announcement(
            kind=Kind.PROBLEM,
            problems=(Problem(name="segment", sentence="Segment refuses the key."),),
            waiting=1000,
        )
    ]


def test_a_flicker_is_not_told() -> None:
    steps = [(0.0, with_states(REFUSED)), (FLICKER_SECONDS - 1, WELL), (FLICKER_SECONDS + 1, WELL)]

    assert run(Notices(), *steps) == []


def test_what_may_heal_by_itself_gets_a_minute() -> None:
    notices = Notices()

    assert run(notices, *lasting(with_states(BACKING_OFF), 0, PATIENCE_SECONDS - 1)) == []
    assert len(run(notices, *lasting(with_states(BACKING_OFF), PATIENCE_SECONDS, 5))) == 1


def test_level_all_tells_of_what_may_heal_without_that_minute() -> None:
    assert len(run(Notices("all"), *lasting(with_states(BACKING_OFF), 0, 10))) == 1


def test_level_none_is_silent() -> None:
    situation = with_states(REFUSED, FULL, dead=9)

    assert run(Notices("none"), (0, WELL), *lasting(situation, 1, HOUR)) == []


def test_several_problems_are_one_announcement() -> None:
    told = run(Notices(), *lasting(with_states(REFUSED, FULL), 0, 600))

    assert [[problem.name for problem in one.problems] for one in told] == [["segment", "store"]]


def test_one_recovered_when_all_is_over_and_stayed_over() -> None:
    notices = Notices()
    run(notices, *lasting(with_states(REFUSED, FULL), 0, 10))

    assert run(notices, *lasting(with_states(FULL), 11, 60)) == []
    told = run(notices, *lasting(WELL, 72, 600))

    assert [one.kind for one in told] == [Kind.RECOVERED]
    assert {problem.name for problem in told[0].problems} == {"segment", "store"}


def test_recovered_waits_until_it_is_sure() -> None:
    notices = Notices()
    run(notices, *lasting(with_states(REFUSED), 0, 10))

    assert run(notices, *lasting(WELL, 11, CALM_SECONDS - 2)) == []
    assert run(notices, *lasting(with_states(REFUSED), 11 + CALM_SECONDS - 1, 300)) == []


def test_nothing_is_well_again_while_deliveries_are_tried_again() -> None:
    notices = Notices()
    run(notices, *lasting(with_states(REFUSED), 0, 10))

    assert run(notices, *lasting(with_states(retrying=3, waiting=3), 11, 120)) == []
    assert [one.kind for one in run(notices, *lasting(WELL, 132, 2))] == [Kind.RECOVERED]


def test_what_is_over_says_which_deliveries_stay_dead() -> None:
    notices = Notices()
    run(notices, *lasting(with_states(REFUSED, dead=2), 0, 10))

    told = run(notices, *lasting(with_states(dead=2), 11, 60))
    assert [(one.kind, one.dead) for one in told] == [(Kind.RECOVERED, 2)]


def test_dead_ones_are_over_at_once_when_none_is_left() -> None:
    notices = Notices()
    [said] = run(notices, (0, WELL), *lasting(with_states(dead=2), 1, 30))

    notices.observe(with_states(dead=1), 32)
    assert notices.holds(said, with_states(dead=1))
    notices.observe(WELL, 33)
    assert not notices.holds(said, WELL)


def test_a_problem_is_over_when_it_stayed_away() -> None:
    notices = Notices()
    [said] = run(notices, *lasting(with_states(REFUSED), 0, 10))

    run(notices, *lasting(with_states(retrying=1), 11, CALM_SECONDS - 2))
    assert notices.holds(said, with_states(retrying=1))
    run(notices, *lasting(with_states(retrying=1), 11 + CALM_SECONDS, 5))
    assert not notices.holds(said, with_states(retrying=1))


def test_a_problem_that_turns_into_another_of_the_same_component_is_not_over() -> None:
    notices = Notices()
    [said] = run(notices, *lasting(with_states(REFUSED), 0, 10))
    run(notices, *lasting(with_states(BACKING_OFF), 11, CALM_SECONDS + 5))

    assert notices.holds(said, with_states(BACKING_OFF))


@pytest.mark.parametrize(
    "now", [with_states(BACKING_OFF), with_states(dead=1), with_states(retrying=1)]
)
def test_well_again_holds_no_longer_once_something_is_not_well(now: Situation) -> None:
    notices = Notices()
    run(notices, *lasting(with_states(REFUSED), 0, 10))
    [said] = run(notices, *lasting(WELL, 11, 60))
    assert notices.holds(said, WELL)

    notices.observe(now, 72)
    assert not notices.holds(said, now)


def test_what_was_never_told_does_not_recover_aloud() -> None:
    notices = Notices()
    run(notices, *lasting(with_states(BACKING_OFF), 0, 10))

    assert run(notices, *lasting(WELL, 11, 600)) == []


def test_a_thousand_dead_deliveries_are_one_announcement() -> None:
    notices = Notices()
    growing = [(float(second), with_states(dead=second * 100)) for second in range(11)]
    told = run(notices, *growing, *lasting(with_states(dead=1000), 11, 60))

    assert [(one.kind, one.dead) for one in told] == [(Kind.DEAD, 1000)]


def test_more_dead_ones_are_told_after_ten_minutes_only() -> None:
    notices = Notices()
    first = GATHER_SECONDS + 1
    run(notices, (0, WELL), *lasting(with_states(dead=5), 1, GATHER_SECONDS))

    more = with_states(dead=8)
    assert run(notices, *lasting(more, first + 1, DEAD_GAP_SECONDS - 10)) == []
    told = run(notices, *lasting(more, first + DEAD_GAP_SECONDS, 30))
    assert [(one.kind, one.dead) for one in told] == [(Kind.DEAD, 3)]


def test_dead_ones_of_an_earlier_start_are_old_news() -> None:
    assert run(Notices(), *lasting(with_states(dead=50), 0, HOUR)) == []


def test_replayed_ones_that_die_again_count_again() -> None:
    notices = Notices()
    run(notices, (0, with_states(dead=50)), (1, with_states(dead=0)))

    told = run(notices, *lasting(with_states(dead=50), 2, 60))
    assert [one.dead for one in told] == [50]


def test_dead_ones_join_the_problem_that_is_told() -> None:
    notices = Notices()
    told = run(notices, (0, WELL), *lasting(with_states(REFUSED, dead=7), 1, 300))

    assert [(one.kind, one.dead) for one in told] == [(Kind.PROBLEM, 7)]


def test_the_engine_that_does_not_run_is_the_only_problem_then() -> None:
    told = run(Notices(), *lasting(Situation(error="Port 8377 is taken.", states=(FULL,)), 0, 60))

    assert [one.problems for one in told] == [
        (Problem(name="engine", sentence="Port 8377 is taken."),)
    ]


def test_a_pause_by_hand_is_told_when_it_looks_forgotten() -> None:
    notices = Notices()

    assert run(notices, *lasting(with_states(PAUSED), 0, FORGOTTEN_SECONDS - 1)) == []
    assert len(run(notices, *lasting(with_states(PAUSED), FORGOTTEN_SECONDS, 10))) == 1


def test_snoozed_says_nothing_and_then_what_is_still_wrong() -> None:
    notices = Notices()
    run(notices, *lasting(with_states(REFUSED), 0, 10))
    notices.snooze(10, HOUR)

    assert run(notices, *lasting(with_states(REFUSED, FULL), 11, HOUR - 2)) == []
    told = run(notices, *lasting(with_states(REFUSED, FULL), HOUR + 10, 60))
    assert [len(one.problems) for one in told] == [2]
    assert notices.snoozed_until == HOUR + 10


def test_what_heals_during_a_snooze_is_not_mentioned() -> None:
    notices = Notices()
    run(notices, *lasting(with_states(REFUSED), 0, 10))
    notices.snooze(10, 600)

    assert run(notices, *lasting(WELL, 11, 1200)) == []


def test_waking_ends_the_snooze() -> None:
    notices = Notices()
    notices.snooze(0, HOUR)
    run(notices, *lasting(with_states(FULL), 1, 30))
    notices.wake()

    assert len(run(notices, *lasting(with_states(FULL), 32, 1))) == 1


def test_a_flapping_state_is_not_told_more_than_thrice_an_hour() -> None:
    steps = []
    for cycle in range(18):
        steps += lasting(with_states(REFUSED), cycle * 200, 99)
        steps += lasting(WELL, cycle * 200 + 100, 99)

    told = run(Notices(), *steps)

    problems = [one for one in told if one.kind is Kind.PROBLEM]
    assert len(problems) == REPEATS
    assert len(told) <= 2 * REPEATS


def test_a_backlog_that_is_gone_is_news_on_level_all_only() -> None:
    steps = [(0.0, with_states(waiting=500)), (30.0, with_states(waiting=3)), (60.0, WELL)]

    assert run(Notices("problems"), *steps) == []
    assert run(Notices("all"), *steps) == [Announcement(kind=Kind.CAUGHT_UP, waiting=500)]


def test_a_situation_is_read_from_states_and_counts() -> None:
    counts = Counts(
        webhooks={},
        deliveries={"pending": 2, "sending": 1, "retrying": 4, "dead": 5, "accepted": 9},
        oldest_pending_at=None,
    )

    assert situation_of([FULL], counts) == Situation(states=(FULL,), dead=5, waiting=7, retrying=4)
    assert situation_of([], None, "No.") == Situation(error="No.")


STATES = (REFUSED, BACKING_OFF, FULL, PAUSED)
#: seconds to the next look, which of the states are there (a bit each), dead deliveries
WALK = st.lists(st.tuples(st.integers(1, 400), st.integers(0, 15), st.integers(0, 5)), max_size=50)
# A machine that is busy with something else is no reason to fail.
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def situation(bits: int, dead: int) -> Situation:
    states = [state for place, state in enumerate(STATES) if bits >> place & 1]
    return with_states(*states, dead=dead)


@CALM
@given(WALK, st.sampled_from(["all", "problems"]))
def test_whatever_happens_alerts_keep_their_distance(walk: list, level: str) -> None:
    notices, now, alerts, open_problem = Notices(level), 0.0, [], False  # type: ignore[arg-type]
    for step, bits, dead in walk:
        now += step
        told = notices.observe(situation(bits, dead), now)
        if told is None:
            continue
        if told.kind in {Kind.PROBLEM, Kind.DEAD}:
            assert not alerts or now - alerts[-1] >= GAP_SECONDS
            alerts.append(now)
            open_problem |= told.kind is Kind.PROBLEM
        elif told.kind is Kind.RECOVERED:
            assert open_problem
            open_problem = False


@CALM
@given(WALK)
def test_whatever_was_before_a_lasting_problem_is_told_in_the_end(walk: list) -> None:
    notices, now, told = Notices(), 0.0, None
    for step, bits, dead in walk:
        now += step
        notices.observe(situation(bits, dead), now)
    now += 2 * HOUR
    notices.observe(WELL, now)
    for at, seen in lasting(with_states(FULL), now + 1, 2 * GAP_SECONDS):
        told = told or notices.observe(seen, at)

    assert told is not None
    assert [problem.name for problem in told.problems] == ["store"]
