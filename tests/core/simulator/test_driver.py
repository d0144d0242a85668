"""The demo's traffic causes exactly what was asked for, and knows it."""

from __future__ import annotations

import asyncio

import pytest

from core.simulator.driver import Driver, drive
from core.simulator.gladly import GladlySimulator
from core.simulator.traffic import truth

FAST = 10_000.0


async def driven(gladly: GladlySimulator, count: int, seed: int) -> Driver:
    driver = Driver(gladly, rate=FAST, count=count, seed=seed, pace=0.0)
    await driver.run(asyncio.Event())
    return driver


def unfinished(gladly: GladlySimulator) -> int:
    return sum(c["status"] == "OPEN" for c in gladly.directory.conversations.values())


@pytest.mark.parametrize("count", [1, 2, 3, 50])
@pytest.mark.parametrize("seed", [1, 2])
async def test_causes_exactly_as_many_track_events_as_asked_for(count, seed):
    gladly = GladlySimulator()

    driver = await driven(gladly, count, seed)

    assert count == driver.caused
    assert truth(gladly.history) == driver.truth
    assert unfinished(gladly) <= 1


async def test_ends_when_told_to():
    gladly, stop = GladlySimulator(), asyncio.Event()
    driver = Driver(gladly, rate=1.0, seed=1)

    async with asyncio.TaskGroup() as group:
        group.create_task(driver.run(stop))
        await gladly.wait_for(lambda: gladly.history, 5)
        stop.set()

    assert len(gladly.history) == 1
    assert driver.truth == gladly.truth()


async def test_keeps_about_the_rate():
    gladly = GladlySimulator()
    loop = asyncio.get_running_loop()
    started = loop.time()

    driver = Driver(gladly, rate=100.0, count=40, seed=1, pace=0.0)
    await driver.run(asyncio.Event())

    assert 0.3 < loop.time() - started < 10


async def test_drive_hands_back_the_driver():
    gladly = GladlySimulator()

    driver = await drive(gladly, rate=FAST, count=1, stop=asyncio.Event())

    assert driver.caused == 1


async def test_nothing_asked_for_is_nothing_done():
    gladly = GladlySimulator()

    await driven(gladly, 0, 1)

    assert len(gladly.history) == 0
