"""Keeps the engine's services running: one that fails is started again, and said to fail."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from core.health import Health

log = logging.getLogger(__name__)

RESTART_SECONDS = 1.0
CALM_SECONDS = 30.0
CRASHES = 3
FAILED = "failed"


class Service(Protocol):
    """One of the engine's parts: runs until it is told to stop."""

    async def run(self) -> None:
        """Work until `stop()`."""

    def stop(self) -> None:
        """Begin nothing more, and end soon."""


class Supervisor:
    """Runs services until `stopping` is set.

    Args:
        health: Where a service that keeps failing is told.
        stopping: Ends the restarts.
    """

    def __init__(self, health: Health, stopping: asyncio.Event) -> None:
        self._health = health
        self._stopping = stopping

    async def run(self, name: str, service: Service) -> None:
        """Run a service; start it again when it fails, and say so when it keeps failing."""
        crashes = 0
        loop = asyncio.get_running_loop()
        while not self._stopping.is_set():
            started = time.monotonic()
            calm = loop.call_later(CALM_SECONDS, self._say_calm, name)
            try:
                await service.run()
            except Exception:
                crashes = 1 if time.monotonic() - started > CALM_SECONDS else crashes + 1
                log.exception("a service failed", extra={"service": name, "crashes": crashes})
                if crashes >= CRASHES:
                    self._health.set(name, FAILED, f"The {name} keeps failing: see the log.")
                await self._pause(min(RESTART_SECONDS * crashes, CALM_SECONDS))
            finally:
                calm.cancel()

    def _say_calm(self, name: str) -> None:
        """A service that had kept failing has run for a while."""
        state = self._health.get(name)
        if state is not None and state.word == FAILED:
            self._health.set(name, "ok", f"The {name} runs again.")

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return
