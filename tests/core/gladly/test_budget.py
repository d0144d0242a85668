"""Tests of core.gladly.budget."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.gladly.budget import Priority, RequestBudget, SystemClock
from tests.core.gladly.fake_clock import FakeClock

# a shared machine may be slow
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture
def clock():
    return FakeClock()


async def take(budget, clock, count):
    """Acquire one after the other; return when each was granted, from now."""
    start = clock.now
    times = []
    for _ in range(count):
        await clock.drive(budget.acquire())
        times.append(round(clock.now - start, 6))
    return times


async def test_grants_a_burst_and_then_waits_for_the_second_to_pass(clock):
    budget = RequestBudget(3, clock)

    assert await take(budget, clock, 7) == [0, 0, 0, 1, 1, 1, 2]


async def test_less_than_one_a_second_is_taken_as_one(clock):
    assert await take(RequestBudget(0.2, clock), clock, 2) == [0, 1]


async def test_serves_in_the_order_of_arrival(clock):
    budget = RequestBudget(1, clock)
    served = []

    async def ask(name):
        await budget.acquire()
        served.append(name)

    async with asyncio.TaskGroup() as group:
        for name in "abcd":
            group.create_task(ask(name))
        await clock.advance(4)

    assert list("abcd") == served


async def ask_both(budget, clock, served, group):
    """Use the budget up, then let polling ask before a look-up."""

    async def ask(name, priority):
        await budget.acquire(priority)
        served.append(name)

    await budget.acquire()
    group.create_task(ask("poll", Priority.POLL))
    await clock.advance(0.5)
    return lambda name: group.create_task(ask(name, Priority.LOOKUP))


async def test_look_ups_go_before_polling_that_came_earlier(clock):
    budget, served = RequestBudget(1, clock), []

    async with asyncio.TaskGroup() as group:
        look_up = await ask_both(budget, clock, served, group)
        look_up("first")
        look_up("second")
        await clock.advance(4)

    assert served == ["first", "second", "poll"]


async def test_polling_takes_its_turn_after_ten_seconds(clock):
    budget, served = RequestBudget(1, clock), []

    async with asyncio.TaskGroup() as group:
        look_up = await ask_both(budget, clock, served, group)
        for number in range(20):
            look_up(number)
            await clock.advance(0.6)
        await clock.advance(30)

    assert 10 < served.index("poll") < 20


async def test_who_gives_up_loses_nobody_elses_turn(clock):
    budget, served = RequestBudget(1, clock), []

    async def ask(name):
        await budget.acquire()
        served.append(name)

    await budget.acquire()
    async with asyncio.TaskGroup() as group:
        first = group.create_task(ask("first"))
        second = group.create_task(ask("second"))
        group.create_task(ask("third"))
        await clock.settle()
        second.cancel()
        await clock.settle()
        first.cancel()
        await clock.advance(1)

    assert served == ["third"]


async def test_grants_nothing_during_a_penalty(clock):
    budget = RequestBudget(5, clock)

    budget.penalise(4)
    budget.penalise(2)
    budget.penalise(0)

    assert budget.blocked_seconds == 4
    assert await take(budget, clock, 2) == [4, 4]
    assert budget.blocked_seconds == 0


async def test_a_penalty_beyond_reason_is_five_minutes(clock):
    budget = RequestBudget(5, clock)

    budget.penalise(1e12)

    assert budget.blocked_seconds == 300


async def test_a_penalty_reaches_those_who_already_wait(clock):
    budget = RequestBudget(1, clock)
    await budget.acquire()

    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(budget.acquire())
        await clock.settle()
        budget.penalise(7)
        await clock.advance(6.9)
        assert not waiting.done()
        await clock.advance(0.2)

    assert waiting.done()


async def test_alone_it_takes_all_that_it_is_allowed(clock):
    budget = RequestBudget(3, clock)
    await take(budget, clock, 3)

    budget.observe(7, 10)

    assert budget.allowed == 3


async def test_leaves_room_for_others(clock):
    budget = RequestBudget(5, clock)
    await budget.acquire()

    budget.observe(2, 10)  # 7 by others: 3 are left to us, one stays free

    assert budget.allowed == 2
    assert await take(budget, clock, 4) == [0, 1, 1, 2]


async def test_keeps_one_a_second_however_busy_others_are(clock):
    budget = RequestBudget(5, clock)
    await budget.acquire()

    budget.observe(1, 10)

    assert budget.allowed == 1


async def test_waits_a_second_when_nothing_is_left(clock):
    budget = RequestBudget(5, clock)

    budget.observe(0, None)

    assert budget.allowed == 1
    assert await take(budget, clock, 2) == [1, 2]


async def test_a_small_limit_holds_for_us_alone_too(clock):
    budget = RequestBudget(5, clock)

    budget.observe(2, 2)

    assert budget.allowed == 2


async def test_grows_slowly_when_others_have_gone(clock):
    budget = RequestBudget(5, clock)
    budget.observe(2, 10)
    allowed = []

    for _ in range(8):
        await clock.advance(1)
        budget.observe(10, 10)
        allowed.append(budget.allowed)

    assert allowed == [1, 1, 1, 1, 2, 3, 4, 5]


async def test_forgets_what_gladly_said_long_ago(clock):
    budget = RequestBudget(5, clock)
    budget.observe(1, 10)

    await clock.advance(15)

    assert budget.allowed == 5


@pytest.mark.parametrize(("remaining", "limit"), [(None, None), (None, 10), (3, None), (3, 0)])
async def test_missing_headers_change_nothing(clock, remaining, limit):
    budget = RequestBudget(5, clock)

    budget.observe(remaining, limit)

    assert budget.allowed == 5
    assert await take(budget, clock, 2) == [0, 0]


STEPS = st.lists(
    st.tuples(st.just("ask"), st.sampled_from(Priority))
    | st.tuples(st.just("wait"), st.floats(0, 3))
    | st.tuples(st.just("observe"), st.integers(-1, 12))
    | st.tuples(st.just("penalise"), st.floats(0, 3))
    | st.tuples(st.just("cancel"), st.integers(0, 50)),
    max_size=40,
)


async def play(per_second, steps):
    """Follow the steps; return the grants, and how many asked and did not give up."""
    clock = FakeClock()
    budget = RequestBudget(per_second, clock)
    granted, tasks = [], []

    async def ask(priority):
        await budget.acquire(priority)
        granted.append(clock.now)

    async with asyncio.TaskGroup() as group:
        for step, value in steps:
            match step:
                case "ask":
                    tasks.append(group.create_task(ask(value)))
                case "wait":
                    await clock.advance(value)
                case "observe":
                    budget.observe(value, 10)
                case "penalise":
                    budget.penalise(value)
                case "cancel" if value < len(tasks):
                    tasks[value].cancel()
        await clock.advance(200)
    return granted, sum(not task.cancelled() for task in tasks)


@UNHURRIED
@given(st.integers(1, 10), STEPS)
def test_never_grants_more_than_allowed_in_any_second_and_forgets_nobody(per_second, steps):
    granted, staying = asyncio.run(play(per_second, steps))

    assert staying == len(granted)
    for earlier, later in zip(granted, granted[per_second:], strict=False):
        assert later - earlier >= 1 - 1e-9


async def test_the_system_clock_runs():
    clock = SystemClock()
    before = clock.monotonic()

    await clock.sleep(0)

    assert clock.monotonic() >= before
