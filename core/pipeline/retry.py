"""When to try again: (tries, outcome, now) → next time or give up. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from random import Random

SECOND, MINUTE, HOUR, DAY = 1.0, 60.0, 3600.0, 86_400.0
#: the wait after the first, second, … failed try; the last one repeats
DELIVERY_WAITS = (5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR)
LOOKUP_WAITS = (2 * SECOND, 5 * SECOND, 15 * SECOND, 30 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE)
#: a service that asks for longer is asked again after this
MAX_RETRY_AFTER = 300.0


class RetryPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """Waits that grow with each failed try, up to a deadline.

    Args:
        waits: Seconds after the first, second, … failed try; the last repeats.
        give_up_after: Seconds from the first queuing until no more tries are made.
        fewest_tries: Never give up before so many, however late: a machine that was switched off
            for longer than that must not lose what it held at its first failed try.
    """

    waits: tuple[float, ...]
    give_up_after: float
    fewest_tries: int = 1

    def next_attempt(
        self, tries: int, now: float, queued_at: float, retry_after: float | None, rng: Random
    ) -> float | None:
        """Epoch seconds of the next try after `tries` failed ones, or None to give up.

        Half of each wait is random, so that many rows do not come back at once. What the
        service asked for is never undercut, up to MAX_RETRY_AFTER.
        """
        wait = self.waits[min(tries, len(self.waits)) - 1]
        wait *= 0.5 + rng.random() / 2
        if retry_after is not None:
            wait = max(wait, min(retry_after, MAX_RETRY_AFTER))
        at = now + wait
        late = at > queued_at + self.give_up_after
        return None if late and tries >= self.fewest_tries else at


class Breaker:
    """Holds all uploads to one source back while it fails, so that a backlog does not hammer it.

    A first failure holds nothing back (its own events wait); from the second in a row on, one
    try at a time is made, at growing distances.
    """

    WAITS = (0.0, 5.0, 15.0, 30.0, MINUTE)
    REFUSED_WAITS = (MINUTE, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE)
    OUTAGE = 3

    def __init__(self) -> None:
        self.failures = 0
        self.held_until = 0.0
        self.refused = False

    def failed(self, now: float, retry_after: float | None) -> None:
        """An upload failed for a time; obey what the service asked for.

        Several that fail within one hold count once: they were under way together.
        """
        if retry_after is None and now < self.held_until:
            return
        self.failures += 1
        wait = self.WAITS[min(self.failures, len(self.WAITS)) - 1]
        if retry_after is not None:
            wait = max(wait, min(retry_after, MAX_RETRY_AFTER))
        self.held_until = max(self.held_until, now + wait)

    def refuse(self, now: float) -> None:
        """Nothing will be taken until a person mends something: ask again only rarely."""
        if self.refused and now < self.held_until:
            return
        self.failures = self.failures + 1 if self.refused else 1
        self.refused = True
        wait = self.REFUSED_WAITS[min(self.failures, len(self.REFUSED_WAITS)) - 1]
        self.held_until = now + wait

    def held_for(self, now: float) -> float:
        """Seconds until the next try; 0 when it may be made now."""
        wait = self.held_until - now
        if wait > self.REFUSED_WAITS[-1]:  # no hold is that long: the clock was set back
            self.held_until, wait = now, 0.0
        return max(0.0, wait)

    def succeeded(self) -> bool:
        """An upload was taken; True when that ends an outage.

        A hold stays: the upload may have begun before Segment asked another one to wait.
        """
        ended = self.refused or self.failures >= self.OUTAGE
        self.failures, self.refused = 0, False
        return ended

    @property
    def probing(self) -> bool:
        """Whether only one upload at a time should be tried."""
        return self.failures > 1 or self.refused
