"""Tests of core.gladly.cache."""

from __future__ import annotations

import asyncio

import pytest

from core.errors import GladlyUnavailable
from core.gladly.cache import FetchCache, SingleFlight
from tests.core.gladly.fake_clock import FakeClock


class Source:
    """Answers when the test says so, and counts."""

    def __init__(self, *, wait=False):
        self.calls = 0
        self.error = None
        self.open = asyncio.Event()
        if not wait:
            self.open.set()

    async def __call__(self):
        self.calls += 1
        call, error = self.calls, self.error
        await self.open.wait()
        if error is not None:
            raise error
        return call


@pytest.fixture
def clock():
    return FakeClock()


async def test_two_callers_share_one_fetch(clock):
    flights, source = SingleFlight(), Source(wait=True)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(flights.run("key", source)) for _ in range(2)]
        await clock.settle()
        source.open.set()

    assert [task.result() for task in tasks] == [1, 1]
    assert await flights.run("key", source) == 2


async def test_two_callers_share_one_failure(clock):
    flights, source = SingleFlight(), Source(wait=True)
    source.error = GladlyUnavailable("down")

    both = asyncio.gather(*(flights.run("key", source) for _ in range(2)), return_exceptions=True)
    await clock.settle()
    source.open.set()

    assert [source.error, source.error] == await both
    assert source.calls == 1


async def test_a_cancelled_first_caller_does_not_break_the_others(clock):
    flights, source = SingleFlight(), Source(wait=True)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(flights.run("key", source)) for _ in range(3)]
        await clock.settle()
        tasks[0].cancel()
        await clock.settle()
        source.open.set()

    assert tasks[0].cancelled()
    assert [task.result() for task in tasks[1:]] == [2, 2]


async def test_a_cancelled_follower_does_not_break_the_first(clock):
    flights, source = SingleFlight(), Source(wait=True)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(flights.run("key", source)) for _ in range(2)]
        await clock.settle()
        tasks[1].cancel()
        await clock.settle()
        source.open.set()

    assert tasks[0].result() == 1


def cache_of(clock, **options):
    return FetchCache(clock, **({"size": 2, "ttl": lambda _: 10} | options))


async def test_keeps_a_value_for_its_time(clock):
    cache, source = cache_of(clock), Source()

    first = await cache.get("key", source)
    await clock.advance(9.9)
    second = await cache.get("key", source)
    await clock.advance(0.1)
    third = await cache.get("key", source)

    assert (first, second, third) == (1, 1, 2)


async def test_the_least_recently_used_goes_first(clock):
    cache, source = cache_of(clock), Source()
    await cache.get("a", source)
    await cache.get("b", source)
    await cache.get("a", source)

    await cache.get("c", source)

    assert len(cache) == 2
    assert cache.stale("a") is not None
    assert cache.stale("b") is None


async def test_failures_are_not_kept(clock):
    cache, source = cache_of(clock), Source()
    source.error = GladlyUnavailable("down")
    with pytest.raises(GladlyUnavailable):
        await cache.get("key", source)
    source.error = None

    assert await cache.get("key", source) == 2


async def test_a_value_past_its_time_can_still_be_had(clock):
    cache, source = cache_of(clock), Source()
    await cache.get("key", source)

    await clock.advance(1_000)

    assert cache.stale("key") == 1


async def test_a_dropped_value_is_fetched_anew(clock):
    cache, source = cache_of(clock), Source()
    await cache.get("key", source)

    cache.drop("key")

    assert cache.stale("key") is None
    assert await cache.get("key", source) == 2


async def test_what_is_under_way_when_it_is_dropped_is_not_kept(clock):
    cache, source = cache_of(clock), Source(wait=True)

    async with asyncio.TaskGroup() as group:
        early = group.create_task(cache.get("key", source))
        await clock.settle()
        cache.drop("key")
        late = group.create_task(cache.get("key", source))
        await clock.settle()
        source.open.set()

    assert (early.result(), late.result()) == (1, 2)
    assert cache.stale("key") == 2
