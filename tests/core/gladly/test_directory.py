"""Tests of core.gladly.directory."""

from __future__ import annotations

import asyncio

import pytest

from core.errors import GladlyUnavailable
from core.gladly.directory import Directory
from core.gladly.payloads import Agent
from tests.core.gladly.fake_clock import FakeClock


class Agents:
    """A list of agents that counts how often it is asked for."""

    def __init__(self):
        self.calls = 0
        self.error = None
        self.entries = [Agent(id="a", name="Amy"), Agent(id="nameless")]

    async def __call__(self):
        self.calls += 1
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        return tuple(self.entries)


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def agents():
    return Agents()


@pytest.fixture
def directory(agents, clock):
    return Directory(agents, clock)


async def test_one_call_names_everybody(directory, agents):
    names = [await directory.names(["a"]), await directory.names(["nameless"])]

    assert names == [{"a": "Amy"}] * 2
    assert agents.calls == 1


async def test_nobody_to_name_needs_no_call(directory, agents):
    assert await directory.names([]) == {}
    assert agents.calls == 0


async def test_callers_at_the_same_time_share_the_call(directory, agents):
    await asyncio.gather(*(directory.names(["a"]) for _ in range(5)))

    assert agents.calls == 1


async def test_the_list_is_good_for_an_hour(directory, agents, clock):
    await directory.names(["a"])
    await clock.advance(3_599)
    await directory.names(["a"])
    assert agents.calls == 1

    await clock.advance(1)
    await directory.names(["a"])
    assert agents.calls == 2


async def test_an_unknown_id_refreshes_the_list_at_most_once_a_minute(directory, agents, clock):
    await directory.names(["a"])
    agents.entries.append(Agent(id="new", name="Neo"))

    assert "new" not in await directory.names(["new"])
    await clock.advance(60)
    assert (await directory.names(["new"]))["new"] == "Neo"
    assert "ghost" not in await directory.names(["ghost"])
    await clock.advance(59)
    await directory.names(["ghost"])

    assert agents.calls == 2


async def test_a_failure_is_told_and_the_old_list_stays(directory, agents, clock):
    await directory.names(["a"])
    await clock.advance(4_000)
    agents.error = GladlyUnavailable("down")

    with pytest.raises(GladlyUnavailable):
        await directory.names(["a"])

    assert directory.known == {"a": "Amy"}
