"""Ten minutes of rush in virtual time: look-ups and polling keep within Gladly's limit."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from itertools import count, pairwise
from typing import TYPE_CHECKING

import httpx
import pytest

from core.gladly.budget import RequestBudget
from core.gladly.client import GladlyClient
from tests.core.pipeline.virtual_time import VirtualTime, run

if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT = 10
RUSH_SECONDS = 600.0
POLL_SECONDS = 30.0
#: how long a reading may wait: `budget.PATIENCE_SECONDS`, and its turn in a queue nearly full
PATIENCE = 30.0


class Clock:
    """The budget's time is the loop's."""

    def __init__(self, time: VirtualTime) -> None:
        self._time = time

    def monotonic(self) -> float:
        return self._time.now

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Gladly:
    """Counts requests in the second before each; says 429 beyond the limit, as Gladly does."""

    def __init__(self, time: VirtualTime) -> None:
        self._time = time
        self._lately: deque[float] = deque()
        self.refused = 0
        self.asked: dict[str, list[float]] = {"conversations": [], "events": []}

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        now = self._time.now
        while self._lately and self._lately[0] <= now - 1.0:
            self._lately.popleft()
        left = LIMIT - len(self._lately)
        if left <= 0:
            self.refused += 1
            return httpx.Response(429)
        self._lately.append(now)
        kind = request.url.path.split("/")[3]
        self.asked[kind].append(now)
        headers = {
            "Ratelimit-Limit-Second": str(LIMIT),
            "Ratelimit-Remaining-Second": str(left - 1),
        }
        return httpx.Response(200, json={"id": "c1"}, headers=headers)


def rush(per_second: int, load: Callable[[random.Random], float], seconds: float) -> Gladly:
    """Look-ups come at `load` seconds from one another, and events are read every 30 s."""
    time = VirtualTime()
    gladly = Gladly(time)
    clock = Clock(time)
    client = GladlyClient(
        "http://gladly",
        "a@b.example",
        "token",
        budget=RequestBudget(per_second, clock),
        transport=httpx.MockTransport(gladly),
        clock=clock,
        rng=random.Random(1),
        wall=time,
    )
    until = time.now + seconds

    async def read() -> None:
        while time.now < until:
            async for _ in client.events(time.now - 300, ("CONVERSATION",)):
                pass
            await asyncio.sleep(POLL_SECONDS)

    async def scenario() -> None:
        dice = random.Random(2)
        async with asyncio.TaskGroup() as group:
            group.create_task(read())
            for _ in count():
                if time.now >= until:
                    break
                group.create_task(client.conversation("c1"))
                await asyncio.sleep(load(dice))
        await client.aclose()

    run(scenario(), time)
    return gladly


@pytest.mark.parametrize("per_second", [3, 10])
def test_a_long_rush_provokes_no_429_and_polling_gets_its_turn(per_second: int) -> None:
    gladly = rush(per_second, lambda dice: dice.expovariate(per_second * 0.95), RUSH_SECONDS)

    assert gladly.refused == 0
    readings = gladly.asked["events"]
    waits = [later - earlier for earlier, later in pairwise(readings)]
    assert max(waits) <= POLL_SECONDS + PATIENCE
    assert len(gladly.asked["conversations"]) > 0.8 * per_second * RUSH_SECONDS


def test_in_a_burst_fresh_look_ups_go_before_the_reading() -> None:
    gladly = rush(3, lambda _: 0.1, 10.0)

    first = gladly.asked["events"][1] if len(gladly.asked["events"]) > 1 else None
    assert gladly.refused == 0
    assert first is None or first > gladly.asked["conversations"][10]
