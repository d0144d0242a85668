"""The list of engines: who is there, how long ago each was heard of, and what a gone one held."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from core.model import DeliveryStatus
from core.store.base import Lease
from core.store.engines import Me
from core.store.postgres import PostgresDriver
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from tests.fakes.rows import new_delivery, new_webhook

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from core.store.base import Driver

ME = Me(
    id="a1",
    name="host:1",
    role="all",
    version="1.0",
    started_at=100.0,
    listens=True,
    leads=("poller", "keeper"),
    webhook_at=12.5,
)
LATE = 10_000_000_000.0


@pytest.fixture(params=["sqlite", "postgres"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SqlStore]:
    driver: Driver = SqliteDriver(tmp_path / "store.db")
    if request.param == "postgres":
        driver = PostgresDriver(request.getfixturevalue("postgres_url"))
    one = SqlStore(driver)
    await one.open()
    yield one
    await one.close()


async def test_who_beats_is_on_the_list_with_all_it_says(store: SqlStore):
    await store.engines.beat(ME, store.clock())

    (heard,) = await store.engines.everybody()

    assert heard.engine == ME
    assert heard.seconds < 60


async def test_a_later_beat_says_what_has_changed_and_the_seconds_begin_anew(store: SqlStore):
    now = store.clock()
    await store.engines.beat(ME, now - 500)
    (before,) = await store.engines.everybody()
    changed = msgspec.structs.replace(ME, leads=(), webhook_at=None)

    await store.engines.beat(changed, now)

    (after,) = await store.engines.everybody()
    assert 495 < before.seconds < 560
    assert after.seconds < 60
    assert after.engine == changed


async def test_those_that_started_first_come_first(store: SqlStore):
    for one, started in (("b", 3.0), ("c", 1.0), ("a", 2.0)):
        await store.engines.beat(msgspec.structs.replace(ME, id=one, started_at=started), 1.0)

    assert [one.engine.id for one in await store.engines.everybody()] == ["c", "a", "b"]


async def test_who_leaves_or_was_not_heard_of_for_long_is_taken_off(store: SqlStore):
    for one, at in (("old", 10.0), ("me", 10.0), ("new", 30.0), ("left", 30.0)):
        await store.engines.beat(msgspec.structs.replace(ME, id=one), at)

    await store.engines.leave("left")
    dropped = await store.engines.drop(20.0, "me")

    assert dropped == 1
    assert sorted(one.engine.id for one in await store.engines.everybody()) == ["me", "new"]


async def test_what_a_gone_engine_holds_is_free_and_what_others_hold_is_not(store: SqlStore):
    for one, at in (("gone", 10.0), ("there", 30.0), ("me", 10.0)):
        await store.engines.beat(msgspec.structs.replace(ME, id=one), at)
    for number, one in enumerate(("gone", "there", "me", "unknown")):
        await store.add_webhook(new_webhook(dedupe_key=f"e{number}"))
        await store.enqueue(new_delivery(message_id=f"m{number}"))
        lease = Lease(owner=one, until=LATE)
        assert len(await store.claim_webhooks(1, lease, LATE - 1)) == 1
        assert len(await store.claim(1, lease, LATE - 1)) == 1

    freed = await store.engines.free_leases_of_the_gone("me", gone=20.0, now=50.0)

    lease = Lease(owner="next", until=LATE)
    assert freed == 2
    assert [one.dedupe_key for one in await store.claim_webhooks(9, lease, LATE - 1)] == ["e0"]
    assert [one.message_id for one in await store.claim(9, lease, 50.0)] == ["m0"]
    found = await store.find("m1")
    assert found is not None
    detail = await store.delivery(found[1])
    assert detail is not None
    assert detail.delivery.status is DeliveryStatus.SENDING
