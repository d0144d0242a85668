"""What only one of all engines on a store does: the engine that leads.

Polling, the watch over the webhook, the ledger of covered times, the alarm at silence, imports
and retention are done by the same engine. Engines with the role `receive` never lead: they stand
nearest to the outside and need neither Gladly's API token nor the write key.

Should two lead for a moment (see core.store.postgres_session), nothing is lost and nothing sent
twice: events read twice are one row by their key, the cursor of polling only moves behind what
was read, retention removes the same rows, and switching the webhook on is the same twice.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from core.health import Health
    from core.store.session import Session
    from core.supervisor import Service

#: by the name of a service what it tells of itself; importing tells nothing
COMPONENTS: Final = {
    "poller": "poll",
    "gladly-webhook": "gladly-webhook",
    "silence": "silence",
    "keeper": "coverage",
    "crosscheck": "webhook",
}
#: seconds between two looks whether this engine still leads
LOOK_SECONDS: Final = 0.5
ELSEWHERE: Final = "The engine that leads does this; this one does not lead."
BEGUN: Final = "This engine has just begun to do this."


class Leadership:
    """Whether this engine leads, for services that run only then.

    Args:
        session: Knows.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._watchers: list[Callable[[], None]] = []

    def holds(self) -> bool:
        """Whether this engine leads, at this moment."""
        return self._session.leads()

    def watch(self, look: Callable[[], None]) -> None:
        """Call `look` whenever it may have changed."""
        self._watchers.append(look)

    def changed(self) -> None:
        """Tell all who watch; on the loop."""
        for look in self._watchers:
            look()


class Led:
    """A service that runs only while this engine leads.

    Args:
        service: Runs again after it was cancelled.
        leadership: Whether this engine leads.
        health: Where it is told that another engine does this.
        component: As what the service tells of itself.
    """

    def __init__(
        self,
        service: Service,
        leadership: Leadership,
        *,
        health: Health,
        component: str | None = None,
    ) -> None:
        self._service = service
        self._leadership = leadership
        self._health = health
        self._component = component
        self._stopping = False
        self._running = False
        self._news = asyncio.Event()
        #: ends the service when another engine leads
        self._limit: asyncio.Timeout | None = None
        leadership.watch(self._look)

    def stop(self) -> None:
        """Begin nothing more, and end soon."""
        self._stopping = True
        self._service.stop()
        self._news.set()

    @property
    def running(self) -> bool:
        """Whether it does its work here, now."""
        return self._running

    async def run(self) -> None:
        """Run the service whenever this engine leads, until `stop()`."""
        while not self._stopping:
            self._news.clear()
            if self._leadership.holds():
                await self._serve()
            else:
                self._say_elsewhere()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._news.wait(), LOOK_SECONDS)

    async def _serve(self) -> None:
        if self._component is not None and self._is_said_elsewhere(self._component):
            self._health.set(self._component, "unknown", BEGUN)
        self._running = True
        try:
            async with asyncio.timeout(None) as limit:
                self._limit = limit
                self._look_later(limit)
                await self._service.run()
        except TimeoutError:
            if not self._stopping and not limit.expired():
                raise
        finally:
            self._limit = None
            self._running = False

    def _look_later(self, limit: asyncio.Timeout) -> None:
        """A server that says nothing does not say that another engine leads, either."""
        if self._limit is limit:
            self._look()
            asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look_later, limit)

    def _look(self) -> None:
        self._news.set()
        limit = self._limit
        if limit is not None and not limit.expired() and not self._leadership.holds():
            limit.reschedule(0.0)

    def _say_elsewhere(self) -> None:
        if self._component is not None and not self._stopping:
            self._health.set(self._component, "off", ELSEWHERE)

    def _is_said_elsewhere(self, component: str) -> bool:
        state = self._health.get(component)
        return state is not None and state.sentence == ELSEWHERE


def led(services: dict[str, Service], leadership: Leadership, health: Health) -> dict[str, Led]:
    """These services, each running only while this engine leads."""
    return {
        name: Led(service, leadership, health=health, component=COMPONENTS.get(name))
        for name, service in services.items()
    }


def duties(services: Mapping[str, Service]) -> tuple[str, ...]:
    """The names of those that run here because this engine leads."""
    return tuple(name for name, one in services.items() if isinstance(one, Led) and one.running)
