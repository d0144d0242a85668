"""Stores with rows that want attention."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest

from core.model import DeliveryStatus, WebhookStatus
from core.store.base import Resolution, WebhookUpdate
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from tests.fakes.rows import lease, new_delivery, new_webhook, outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.home import Home

REJECTED = "Segment rejects it (400): no userId"
DOWN = "Segment has a problem of its own (503)."


class Filler:
    """Puts rows into a store that nobody has open."""

    def __init__(self, home: Home) -> None:
        self._home = home
        #: recent: retention must not take anything away
        self._now = time.time() - 60

    def deliveries(self, status: DeliveryStatus, count: int, **changes: Any) -> None:
        """Deliveries that were tried once, all with the same outcome."""

        async def fill(store: SqlStore) -> None:
            now = self._now
            times = {"occurred_at": now, "received_at": now, "created_at": now}
            for _ in range(count):
                await store.enqueue(new_delivery(**times))
            claimed = await store.claim(count, lease(until=now + 60), now=now)
            at = {"started_at": now, **changes}
            if status is DeliveryStatus.ACCEPTED:
                at["accepted_at"] = now
            results = [outcome(one.id, status, **at) for one in claimed]
            await store.settle(results, "engine-1")

        self._run(fill)

    def dead(self, count: int, error: str = REJECTED, code: str = "segment.rejected_400") -> None:
        """Dead deliveries."""
        self.deliveries(DeliveryStatus.DEAD, count, error=error, code=code)

    def accepted(self) -> None:
        """One accepted delivery."""
        self.deliveries(DeliveryStatus.ACCEPTED, 1)

    def unmappable(self, count: int, reason: str = "The body names no conversation.") -> None:
        """Webhooks that cannot become an event."""
        self._webhooks(count, status=WebhookStatus.UNMAPPABLE, reason=reason)

    def _webhooks(self, count: int, **update: Any) -> None:
        async def fill(store: SqlStore) -> None:
            for number in range(count):
                body = b'{"number": %d}' % number
                added = await store.add_webhook(new_webhook(body=body, received_at=self._now))
                one = WebhookUpdate(id=added.id, **update)
                await store.resolve([Resolution(conversation_id=None, seen=(), updates=(one,))])

        self._run(fill)

    def _run(self, fill: Callable[[SqlStore], Any]) -> None:
        async def work() -> None:
            store = SqlStore(SqliteDriver(self._home.store_file))
            await store.open()
            await fill(store)
            await store.close()

        asyncio.run(work())


@pytest.fixture
def fill(home: Home) -> Filler:
    """Puts rows into the home's store."""
    return Filler(home)
