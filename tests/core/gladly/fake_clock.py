"""A clock that a test moves: no test waits for real seconds."""

from __future__ import annotations

import asyncio
import heapq
from itertools import count

SETTLE_ROUNDS = 30


class FakeClock:
    """Time stands still until a test advances it, or drives something to its end."""

    def __init__(self, now: float = 1_000.0) -> None:
        self.now = now
        self.slept: list[float] = []
        self._numbers = count()
        self._sleepers: list[tuple[float, int, asyncio.Event]] = []

    def monotonic(self) -> float:
        """Return the fake time."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Wait until the test has moved the time so far."""
        self.slept.append(seconds)
        woken = asyncio.Event()
        entry = (self.now + seconds, next(self._numbers), woken)
        heapq.heappush(self._sleepers, entry)
        try:
            await woken.wait()
        finally:
            if entry in self._sleepers:
                self._sleepers.remove(entry)
                heapq.heapify(self._sleepers)

    async def settle(self) -> None:
        """Let everything run that can run without time."""
        for _ in range(SETTLE_ROUNDS):
            await asyncio.sleep(0)

    async def advance(self, seconds: float) -> None:
        """Move the time, waking sleepers in order."""
        target = self.now + seconds
        await self.settle()
        while self._sleepers and self._sleepers[0][0] <= target:
            await self._wake_next()
        self.now = target

    async def _wake_next(self) -> None:
        until, _, woken = heapq.heappop(self._sleepers)
        self.now = max(self.now, until)
        woken.set()
        await self.settle()

    async def drive(self, work):
        """Return (or raise) what `work` does, moving the time whenever it waits for it."""
        task = asyncio.Task(work)
        await self.settle()
        while not task.done():
            assert self._sleepers, "waits for something that is not time"
            await self._wake_next()
        return task.result()
