"""A SQLite store with rows of every kind in every table, odd text and odd numbers among them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from core.coverage import Covered, Gap
from core.model import Channel, DeliveryStatus, WebhookStatus
from core.store import upkeep
from core.store.engines import Me
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from tests.bench.rows import fill
from tests.fakes.rows import NOW, lease, new_delivery, new_fact, new_webhook, outcome

if TYPE_CHECKING:
    from pathlib import Path

#: NUL, tabs and backslashes (which COPY quotes), accents apart and together, scripts, emoji,
#: directions, the last character of all, and nothing
TEXTS = (
    "a\0b", "\0", "\t\n\r\\N \\. \\", "e\u0301 é", "王小明", "😀🏳️‍🌈", "\u202eabc\u2066",
    "\U0010ffff", "?\ufffd", "'quoted' \"and\" %s {x}", "", "NULL", "\\N",
)  # fmt: skip
BYTES = (b"", b"\0\xff\\", bytes(range(256)), "é".encode() * 50_000)


async def make(path: Path, deliveries: int = 300) -> None:
    """Make the store; `deliveries` of them are believable, the others are odd."""
    fill(path, deliveries, now=NOW)
    store = SqlStore(SqliteDriver(path))
    await store.open()
    try:
        await _add(store)
    finally:
        await store.close()
    with closing(sqlite3.connect(path)) as connection, connection:
        # What no statement of ours makes, but a float may be.
        connection.execute("UPDATE webhook SET due_at = 9e999, lease_until = -1.5e-310 WHERE id=1")
        connection.execute("UPDATE webhook SET due_at = 0.1, lease_until = -0.0 WHERE id = 2")
        # Ids that people have seen, of rows that are gone.
        connection.execute("UPDATE sqlite_sequence SET seq = seq + 1000")


async def _add(store: SqlStore) -> None:
    for number, text in enumerate(TEXTS):
        added = await store.add_webhook(
            new_webhook(dedupe_key=f"odd-{number}-{text}", conversation_id=f"c{text}", reason=text)
        )
        fact = new_fact(webhook_id=added.id, agent_id=text, customer_id=f"p{text}")
        await store.learn([(f"c{text}", fact)])
        await store.enqueue(
            new_delivery(
                message_id=f"gs-odd-{number}", conversation_id=f"c{text}", search=f"{text} Zoë",
                webhook_id=added.id,
            )
        )  # fmt: skip
        await store.set_meta(f"odd {text}", text)
    me = Me(
        id="engine-1", name="host:1", role="all", version="1", started_at=NOW, listens=True,
        leads=("poller",),
    )  # fmt: skip
    await store.engines.beat(me, NOW)
    for body in BYTES:
        added = await store.add_webhook(
            new_webhook(body=body, status=WebhookStatus.UNMAPPABLE, occurred_ns=None)
        )
        await store.enqueue(
            new_delivery(payload=body, looked_up=body, webhook_id=None, channel=Channel.TEST)
        )
    claimed = [one.id for one in await store.claim(8, lease(until=NOW + 9e9), NOW + 9e9)]
    await store.settle([outcome(claimed[0], DeliveryStatus.DEAD, error="no\0 é")], "engine-1")
    await store.settle([outcome(claimed[1], DeliveryStatus.ACCEPTED)], "engine-1")
    await store.enqueue(new_delivery(customer_id="gone", conversation_id="erased"))
    await upkeep.erase(store, "gone")
    await store.ledger.cover([Covered(channel="poll", start=0.1, end=NOW)], tolerance=0.0)
    await store.ledger.add(Gap(start=10.5, end=50, reason="Off \0."))
    await store.set_meta("poll_cursor", repr(NOW))
