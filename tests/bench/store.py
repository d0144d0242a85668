"""Fills a store before the program under test opens it."""

from __future__ import annotations

import asyncio
from itertools import islice
from typing import TYPE_CHECKING

from core.store.base import Resolution
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from tests.bench import bodies

if TYPE_CHECKING:
    from pathlib import Path

    from core.model import NewDelivery

CHUNK = 2000


def fill(home: Path, count: int) -> None:
    """Queue `count` deliveries in the store of `home`."""
    asyncio.run(_fill(home, count))


async def _fill(home: Path, count: int) -> None:
    store = SqlStore(SqliteDriver(home / "store.db"))
    await store.open()
    try:
        waiting = bodies.deliveries(count)
        while chunk := tuple(islice(waiting, CHUNK)):
            await store.resolve([_resolution(chunk)])
    finally:
        await store.close()


def _resolution(deliveries: tuple[NewDelivery, ...]) -> Resolution:
    return Resolution(conversation_id=None, seen=(), updates=(), deliveries=deliveries)
