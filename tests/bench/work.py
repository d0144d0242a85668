"""One engine's work on a store, as a process: adds, queues, and claims and settles when told.

`python -m tests.bench.work PATH-OR-URL`; each line on stdin is ["adds" | "queue" | "send", count],
each answer {"done": n, "seconds": s}.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import sys
import time
from pathlib import Path

from core.model import Channel, DeliveryStatus, Fact, NewWebhook, Settlement, WebhookStatus
from core.store.base import Lease
from core.store.postgres import PostgresDriver
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from tests.bench import bodies

AT_ONCE = 64
BATCH = 100
OWNER = f"engine-{os.getpid()}"


async def adds(store: SqlStore, count: int) -> int:
    """Webhooks of as many senders at once, each waiting for its commit."""
    now = time.time()
    told = itertools.islice(bodies.webhooks(), count)
    waiting = [
        NewWebhook(
            dedupe_key=bodies.new_id(), kind=Fact.CREATED, channel=Channel.WEBHOOK,
            received_at=now, body=body, status=WebhookStatus.RECEIVED,
            occurred_ns=int(now * bodies.NS_PER_S), conversation_id=conversation.decode(),
            customer_id="customer",
        )
        for conversation, body in told
    ]  # fmt: skip

    async def sender(mine: list[NewWebhook]) -> None:
        for one in mine:
            await store.add_webhook(one)

    await asyncio.gather(*(sender(waiting[number::AT_ONCE]) for number in range(AT_ONCE)))
    return count


async def queue(store: SqlStore, count: int) -> int:
    """Deliveries in pieces as large as the resolver's."""
    waiting = bodies.deliveries(count)
    while chunk := list(itertools.islice(waiting, BATCH)):
        await store.enqueue_each(chunk)
    return count


async def send(store: SqlStore, count: int) -> int:
    """Claim a batch, and settle the one before it in the same commit; until none is left."""
    del count
    done, settled = 0, ()
    while True:
        lease = Lease(owner=OWNER, until=time.time() + 300)
        claimed = await store.claim(BATCH, lease, time.time() + 1, after=settled)
        if not claimed:
            return done
        done += len(claimed)
        now = time.time()
        one = Settlement(
            delivery_ids=tuple(row.id for row in claimed), status=DeliveryStatus.ACCEPTED,
            started_at=now, duration_ms=1, http_status=200, code="segment.accepted", error="",
            batch_id="b", accepted_at=now,
        )  # fmt: skip
        settled = (one,)


WORK = {"adds": adds, "queue": queue, "send": send}


async def main(where: str) -> None:
    """Do what is said, line by line."""
    path = Path(where)
    driver = PostgresDriver(where) if "://" in where else SqliteDriver(path)
    store = SqlStore(driver)
    await store.open()
    try:
        print(json.dumps("ready"), flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            name, count = json.loads(line)
            made = time.perf_counter()
            done = await WORK[name](store, count)
            seconds = time.perf_counter() - made
            print(json.dumps({"done": done, "seconds": seconds}), flush=True)
    finally:
        await store.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
