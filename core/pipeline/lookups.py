"""What the resolver asks of Gladly, and how it leaves Gladly in peace while that is away."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from core.errors import GladlyError, GladlyUnauthorized, GladlyUnavailable
from core.model import Context
from core.pipeline.retry import Breaker
from core.signals import Signal

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.health import Health


class Lookup(Protocol):
    """What the resolver needs of Gladly."""

    async def context(
        self,
        conversation_id: str | None,
        customer_id: str | None,
        agent_id: str | None,
        *,
        want_topics: bool,
    ) -> Context:
        """What the ids stand for; raises GladlyError."""

    async def partial_context(
        self,
        conversation_id: str | None,
        customer_id: str | None,
        agent_id: str | None,
        *,
        want_topics: bool,
        ask: bool = True,
    ) -> Context:
        """As much of it as can be had; without `ask`, only what is known already."""


class NoLookup:
    """Stands in where no Gladly address is set: events go out with the ids alone."""

    async def context(
        self,
        conversation_id: str | None,
        customer_id: str | None,
        agent_id: str | None,
        *,
        want_topics: bool,
    ) -> Context:
        """The ids and nothing else."""
        del conversation_id, agent_id, want_topics
        return Context(customer_id=customer_id)

    async def partial_context(
        self,
        conversation_id: str | None,
        customer_id: str | None,
        agent_id: str | None,
        *,
        want_topics: bool,
        ask: bool = True,
    ) -> Context:
        """The same."""
        del ask
        return await self.context(conversation_id, customer_id, agent_id, want_topics=want_topics)


class GuardedLookup:
    """Asks Gladly, but not while it is known to be away: a backlog must not hammer it.

    Args:
        lookup: Asks Gladly.
        health: Where Gladly's state is told.
        clock: Epoch seconds.
    """

    def __init__(self, lookup: Lookup, health: Health, clock: Callable[[], float]) -> None:
        self._lookup = lookup
        self._health = health
        self._clock = clock
        self._breaker = Breaker()
        self._probe = asyncio.Lock()
        #: told when Gladly answers again after an outage
        self.recovered: Signal[None] = Signal()

    @property
    def held_for(self) -> float:
        """Seconds until Gladly is asked again; 0 when it may be asked now."""
        return self._breaker.held_for(self._clock())

    async def context(
        self,
        conversation_id: str | None,
        customer_id: str | None,
        agent_id: str | None,
        *,
        want_topics: bool,
    ) -> Context:
        """What the ids stand for.

        Raises:
            GladlyError: Gladly cannot answer, or did not a moment ago.
        """
        if self._breaker.probing:
            async with self._probe:  # one at a time, until one of them is answered
                return await self._ask(conversation_id, customer_id, agent_id, want_topics)
        return await self._ask(conversation_id, customer_id, agent_id, want_topics)

    async def _ask(
        self,
        conversation_id: str | None,
        customer_id: str | None,
        agent_id: str | None,
        want_topics: bool,  # noqa: FBT001 - handed through
    ) -> Context:
        if self.held_for:
            state = self._health.get("gladly")
            raise GladlyUnavailable(state.sentence if state else "Gladly is away.")
        try:
            context = await self._lookup.context(
                conversation_id, customer_id, agent_id, want_topics=want_topics
            )
        except GladlyUnauthorized as exc:
            self._breaker.refuse(self._clock())
            self._health.set("gladly", "refused", str(exc))
            raise
        except GladlyError as exc:
            self._breaker.failed(self._clock(), None)
            self._health.set("gladly", "unavailable", str(exc))
            raise
        self._health.set("gladly", "ok", "Gladly answers.")
        if self._breaker.succeeded():
            self.recovered.emit(None)
        return context

    async def partial_context(
        self,
        conversation_id: str | None,
        customer_id: str | None,
        agent_id: str | None,
        *,
        want_topics: bool,
    ) -> Context:
        """As much of it as can be had; only what is known already while Gladly is away."""
        return await self._lookup.partial_context(
            conversation_id,
            customer_id,
            agent_id,
            want_topics=want_topics,
            ask=not self.held_for,
        )
