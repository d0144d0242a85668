"""How many requests a second we allow ourselves, and who goes first.

Gladly grants 10 requests a second per organisation, shared with every other integration of the
customer, and says in `Ratelimit-Limit-Second` and `Ratelimit-Remaining-Second` what is left
(Gladly's OpenAPI document, "Default Rate Limit"). Times are seconds of an injected monotonic clock.
"""

from __future__ import annotations

import asyncio
import heapq
import time
from collections import deque
from enum import IntEnum
from itertools import count
from typing import Final, Protocol

import msgspec

WINDOW_SECONDS: Final = 1.0
#: how long polling steps back behind look-ups that come later; then it takes its turn
PATIENCE_SECONDS: Final = 10.0
#: how long a lowered allowance is kept before it grows by one, and by one each second after
HOLD_SECONDS: Final = 5.0
#: without any word from Gladly for so long, what it said before no longer counts
STALE_SECONDS: Final = 15.0
#: requests a second that stay free for others once others are seen
RESERVE: Final = 1
#: a penalty longer than this would be a mistake of the sender
MAX_PENALTY_SECONDS: Final = 300.0


class Clock(Protocol):
    """Where time comes from."""

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""

    async def sleep(self, seconds: float) -> None:
        """Return after so many seconds."""


class SystemClock:
    """The computer's own clock."""

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Return after so many seconds."""
        await asyncio.sleep(seconds)


class Priority(IntEnum):
    """Who goes first."""

    #: look-ups for fresh events
    LOOKUP = 0
    #: polling, which can wait
    POLL = 1


class _Ticket(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """A place in the queue: by arrival, polling as if it had come later."""

    rank: float
    number: int


class RequestBudget:
    """Grants at most `per_second` requests within any second, the burst included.

    A sliding window rather than a leaking bucket: a bucket that holds n tokens grants up to 2n
    within one second.

    Args:
        per_second: The most that is granted within any second, 1 or more.
        clock: Where time comes from.
    """

    def __init__(self, per_second: int, clock: Clock) -> None:
        self._per_second = max(1, per_second)
        self._clock = clock
        self._grants: deque[float] = deque()
        self._queue: list[_Ticket] = []
        self._turns: dict[_Ticket, asyncio.Event] = {}
        self._numbers = count()
        self._allowed = self._per_second
        self._observed_at = 0.0
        self._grow_at = 0.0
        self._blocked_until = float("-inf")

    @property
    def allowed(self) -> int:
        """Requests a second granted at present: less than asked for while others need them."""
        if self._clock.monotonic() >= self._observed_at + STALE_SECONDS:
            return self._per_second
        return self._allowed

    @property
    def blocked_seconds(self) -> float:
        """Seconds until a penalty ends, 0.0 without one."""
        return max(0.0, self._blocked_until - self._clock.monotonic())

    async def acquire(self, priority: Priority = Priority.LOOKUP) -> None:
        """Return when one request may be sent; first come, first served within a priority.

        A polling request that has waited 10 s goes before look-ups that came after that.
        """
        rank = self._clock.monotonic() + PATIENCE_SECONDS * priority
        ticket = _Ticket(rank=rank, number=next(self._numbers))
        heapq.heappush(self._queue, ticket)
        self._turns[ticket] = asyncio.Event()
        try:
            await self._granted(ticket)
        finally:
            self._leave(ticket)

    async def _granted(self, ticket: _Ticket) -> None:
        """Wait to be the first in the queue, then for the window; note the grant."""
        turn = self._turns[ticket]
        while True:
            if self._queue[0] != ticket:
                turn.clear()
                await turn.wait()
                continue
            delay = self._delay()
            if delay <= 0:
                self._grants.append(self._clock.monotonic())
                return
            await self._clock.sleep(delay)

    def _leave(self, ticket: _Ticket) -> None:
        """Give up the place, granted or cancelled, and call the next."""
        del self._turns[ticket]
        if self._queue[0] == ticket:
            heapq.heappop(self._queue)
        else:
            self._queue.remove(ticket)
            heapq.heapify(self._queue)
        if self._queue:
            self._turns[self._queue[0]].set()

    def _delay(self) -> float:
        """Return the seconds until the next grant, 0.0 or less when it is due."""
        now = self._clock.monotonic()
        self._forget(now)
        wait = self._blocked_until - now
        surplus = len(self._grants) - self.allowed
        if surplus >= 0:
            wait = max(wait, self._grants[surplus] + WINDOW_SECONDS - now)
        return wait

    def _forget(self, now: float) -> None:
        """Drop grants that have left the window."""
        while self._grants and self._grants[0] + WINDOW_SECONDS <= now:
            self._grants.popleft()

    def observe(self, remaining: int | None, limit: int | None) -> None:
        """Take in what Gladly says is left of this second, and for how many in all.

        What is used up and not ours is used by others; from what they leave, one request a second
        stays free. A lower allowance holds at once, a higher one grows by one a second after 5 s.
        With nothing left, nothing is granted for a second.

        Args:
            remaining: `Ratelimit-Remaining-Second`, None when the header is missing.
            limit: `Ratelimit-Limit-Second`, None when the header is missing.
        """
        if remaining is None:
            return
        now = self._clock.monotonic()
        if remaining <= 0:
            self._block(now + WINDOW_SECONDS)
        self._adjust(now, self._fair(now, max(0, remaining), limit))

    def _fair(self, now: float, remaining: int, limit: int | None) -> int:
        """Return what others leave us, between 1 and `per_second`."""
        if limit is None or limit <= 0:
            return 1 if remaining == 0 else self._per_second
        self._forget(now)
        others = max(0, limit - remaining - len(self._grants))
        spare = limit - others - (RESERVE if others else 0)
        return max(1, min(self._per_second, spare))

    def _adjust(self, now: float, fair: int) -> None:
        """Lower the allowance at once, raise it slowly."""
        current = self.allowed
        if fair <= current:
            if fair < self._per_second:
                self._grow_at = now + HOLD_SECONDS
            self._allowed = fair
        elif now >= self._grow_at:
            self._allowed = current + 1
            self._grow_at = now + WINDOW_SECONDS
        self._observed_at = now

    def penalise(self, seconds: float) -> None:
        """Grant nothing for so many seconds (at most 300), as after a 429."""
        if seconds > 0:
            self._block(self._clock.monotonic() + min(seconds, MAX_PENALTY_SECONDS))

    def _block(self, until: float) -> None:
        self._blocked_until = max(self._blocked_until, until)
