"""When a failed try is repeated, and when a whole source is left alone."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.pipeline.retry import (
    DAY,
    DELIVERY_WAITS,
    HOUR,
    LOOKUP_WAITS,
    MAX_RETRY_AFTER,
    MINUTE,
    Breaker,
    RetryPolicy,
)

NOW = 1_780_000_000.0
FOREVER = 1e9
WEEK = 7 * DAY
EXAMPLES = settings(max_examples=150, deadline=None)
WAITS = st.sampled_from([DELIVERY_WAITS, LOOKUP_WAITS])
TRIES = st.integers(1, 1000)
SEEDS = st.integers(0, 2**32)
ASKED = st.none() | st.floats(0, 1e6)


def wait(tries, *, waits=DELIVERY_WAITS, asked=None, seed=0, give_up_after=FOREVER):
    policy = RetryPolicy(waits=waits, give_up_after=give_up_after)
    at = policy.next_attempt(tries, NOW, NOW, asked, Random(seed))
    return None if at is None else at - NOW


class Most(Random):
    """Dice that always fall the same way."""

    def __init__(self, value):
        super().__init__()
        self.value = value

    def random(self):
        return self.value


# --- one delivery -----------------------------------------------------------------------------


@EXAMPLES
@given(waits=WAITS, tries=TRIES, seed=SEEDS)
def test_waits_grow_with_each_try(waits, tries, seed):
    assert wait(tries, waits=waits, seed=seed) <= wait(tries + 1, waits=waits, seed=seed)


@EXAMPLES
@given(waits=WAITS, tries=TRIES, seed=SEEDS)
def test_each_wait_is_between_half_and_all_of_its_step(waits, tries, seed):
    step = waits[min(tries, len(waits)) - 1]

    assert step / 2 - 1e-6 <= wait(tries, waits=waits, seed=seed) <= step + 1e-6


@pytest.mark.parametrize("waits", [DELIVERY_WAITS, LOOKUP_WAITS])
def test_the_steps_themselves_grow(waits):
    assert list(waits) == sorted(set(waits))
    assert waits[0] > 0


def test_many_rows_do_not_come_back_at_once():
    assert len({round(wait(3, seed=seed)) for seed in range(50)}) > 20


@EXAMPLES
@given(tries=TRIES, seed=SEEDS, asked=st.floats(0, 300))
def test_what_segment_asks_for_is_never_undercut(tries, seed, asked):
    assert wait(tries, seed=seed, asked=asked) >= asked - 1e-6


@EXAMPLES
@given(tries=TRIES, seed=SEEDS, asked=st.floats(300, 1e9))
def test_asking_for_more_than_300_seconds_counts_as_300(tries, seed, asked):
    assert wait(tries, seed=seed, asked=asked) == wait(tries, seed=seed, asked=MAX_RETRY_AFTER)
    assert MAX_RETRY_AFTER == 300


@EXAMPLES
@given(tries=TRIES, seed=SEEDS, asked=ASKED)
def test_no_wait_is_longer_than_an_hour(tries, seed, asked):
    assert wait(tries, seed=seed, asked=asked) <= HOUR + 1e-6


@EXAMPLES
@given(tries=TRIES, seed=SEEDS, asked=ASKED, age=st.floats(0, 2 * WEEK))
def test_no_try_is_made_after_the_deadline(tries, seed, asked, age):
    policy = RetryPolicy(waits=DELIVERY_WAITS, give_up_after=WEEK)

    at = policy.next_attempt(tries, NOW, NOW - age, asked, Random(seed))

    assert at is None or at <= NOW - age + WEEK
    if age > WEEK:
        assert at is None
    if age + HOUR < WEEK:
        assert at is not None


def test_gives_up_just_beyond_the_deadline_and_not_before():
    policy = RetryPolicy(waits=(10.0,), give_up_after=100.0)

    last = policy.next_attempt(1, NOW, NOW - 90.0, None, Most(1.0))
    beyond = policy.next_attempt(1, NOW, NOW - 90.5, None, Most(1.0))

    assert last == NOW + 10.0
    assert beyond is None


@EXAMPLES
@given(seed=SEEDS)
def test_a_week_of_failures_is_a_bounded_number_of_tries(seed):
    policy, dice = RetryPolicy(waits=DELIVERY_WAITS, give_up_after=WEEK), Random(seed)
    tries, now = 1, NOW

    while (at := policy.next_attempt(tries, now, NOW, None, dice)) is not None:
        assert at > now
        tries, now = tries + 1, at

    assert 168 <= tries <= 2 * 168 + 10


# --- the whole source -------------------------------------------------------------------------


def test_a_first_failure_holds_nothing_back():
    breaker = Breaker()

    breaker.failed(NOW, None)

    assert breaker.held_until <= NOW
    assert not breaker.probing


def test_repeated_failures_hold_longer_and_longer_up_to_a_minute():
    breaker, holds, now = Breaker(), [], NOW

    for _ in range(10):
        breaker.failed(now, None)
        holds.append(breaker.held_until - now)
        now = max(now, breaker.held_until)

    assert holds == [0, 5, 15, 30, 60, 60, 60, 60, 60, 60]
    assert breaker.probing


def test_even_a_first_failure_holds_as_long_as_segment_asks():
    breaker = Breaker()

    breaker.failed(NOW, 120.0)

    assert breaker.held_until == NOW + 120.0


@EXAMPLES
@given(failures=st.lists(st.tuples(st.floats(0, 100), ASKED), min_size=1, max_size=20))
def test_a_hold_is_bounded_and_never_shortened_by_a_failure(failures):
    breaker, now = Breaker(), NOW

    for passed, asked in failures:
        now += passed
        before = breaker.held_until
        breaker.failed(now, asked)
        assert breaker.held_until >= before
        assert breaker.held_until >= now + min(asked or 0.0, MAX_RETRY_AFTER) - 1e-6
        assert breaker.held_until <= max(before, now + MAX_RETRY_AFTER) + 1e-6


def test_a_refused_key_is_asked_for_rarely_and_one_at_a_time():
    breaker, holds, now = Breaker(), [], NOW

    for _ in range(6):
        breaker.refuse(now)
        holds.append(breaker.held_until - now)
        now = breaker.held_until

    assert holds == [MINUTE, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE, 15 * MINUTE, 15 * MINUTE]
    assert breaker.probing
    assert breaker.refused


@pytest.mark.parametrize(("failures", "outage"), [(0, False), (1, False), (2, False), (3, True)])
def test_the_end_of_an_outage_is_reported_once(failures, outage):
    breaker = Breaker()
    for number in range(failures):
        breaker.failed(NOW + number * 3600, None)

    reports = [breaker.succeeded() for _ in range(3)]

    assert reports == [outage, False, False]


def test_the_end_of_a_refusal_is_reported_once():
    breaker = Breaker()
    breaker.refuse(NOW)

    reports = [breaker.succeeded() for _ in range(3)]

    assert reports == [True, False, False]


def test_success_forgets_the_failures():
    breaker = Breaker()
    breaker.refuse(NOW)
    breaker.failed(NOW, None)

    breaker.succeeded()

    assert (breaker.failures, breaker.refused, breaker.probing) == (0, False, False)


def test_an_upload_that_was_under_way_does_not_cut_short_the_wait_that_segment_asked_for():
    breaker = Breaker()
    breaker.failed(NOW, 120.0)

    breaker.succeeded()

    assert breaker.held_until == NOW + 120.0
