"""Whether a webhook that came now would be stored: what a load balancer asks."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final, Literal

from core.errors import StoreError
from core.pipeline.janitor import ALARMS

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.health import Health
    from core.store.base import Driver

Word = Literal["ready", "stopping", "unavailable"]
#: so long a commit proves that the next one will do: a webhook that cannot be stored is known at
#: once, and each commit has whoever looks on read anew
FRESH_SECONDS: Final = 5.0
#: a commit that takes longer is none that Gladly should wait for
PATIENCE_SECONDS: Final = 2.0


class Readiness:
    """Proves by a commit, once in five seconds at most, that the store takes writes.

    Args:
        driver: The store's.
        health: Says what is known of the store: a nearly full disk takes a few bytes.
        stopping: Whether the engine is about to end.
        patience: How long a commit may take, seconds.
        clock: Seconds that only go forward.
    """

    def __init__(
        self,
        driver: Driver,
        health: Health,
        stopping: Callable[[], bool],
        *,
        patience: float = PATIENCE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._driver = driver
        self._health = health
        self._stopping = stopping
        self._patience = patience
        self._clock = clock
        self._proof: asyncio.Future[int] | None = None
        self._asked_at = -float("inf")

    async def look(self) -> Word:
        """`ready`, or why not."""
        if self._stopping():
            return "stopping"
        state = self._health.get("store")
        if state is not None and state.word in ALARMS:
            return "unavailable"
        return "ready" if await self._takes_writes() else "unavailable"

    async def _takes_writes(self) -> bool:
        now = self._clock()
        if self._proof is None or (self._proof.done() and now - self._asked_at >= FRESH_SECONDS):
            self._asked_at = now
            try:
                self._proof = self._driver.submit(
                    lambda tx: tx.change("set_meta", name="ready", value="yes"), simple=True
                )
            except StoreError:
                self._proof = None
                return False
        proof = self._proof
        await asyncio.wait([proof], timeout=self._patience)
        return proof.done() and not proof.cancelled() and proof.exception() is None
