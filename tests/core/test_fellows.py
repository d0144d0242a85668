"""Several engines on one store: one leads, the others follow, and what one has all hear of."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from core.errors import OperationError, StoreInUse
from core.fellows import Fellows
from core.health import Health
from core.ingest.intake import Intake
from core.model import Channel
from core.pipeline.resolver import Queued
from core.signals import Signal
from core.store.base import Lease
from core.store.postgres import PostgresDriver
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from tests.fakes import FakeClock
from tests.fakes.rows import new_webhook

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from core.engine_secrets import Role
    from core.store.base import Driver

PATIENCE = 15.0


async def nothing() -> None:
    """Nothing was asked of another engine."""


class Worker:
    """Counts how often it was woken."""

    def __init__(self, changed: asyncio.Event) -> None:
        self.woken = 0
        self._changed = changed

    def wake(self) -> None:
        self.woken += 1
        self._changed.set()


class Bench:
    """One engine, as far as the others know it."""

    def __init__(self, driver: Driver, name: str, role: Role = "all") -> None:
        self.name = name
        self.store = SqlStore(driver)
        self.intake = Intake(self.store)
        self.queued: Signal[Queued] = Signal()
        self.changed = asyncio.Event()
        self.inbox, self.outbox = Worker(self.changed), Worker(self.changed)
        self.fellows = Fellows(
            self.store,
            role=role,
            owner=name,
            listens=True,
            intake=self.intake,
            health=Health(FakeClock()),
            look_again=lambda: None,
            heed=nothing,
        )
        self.fellows.tell_of(self.queued)

    @asynccontextmanager
    async def joined(self) -> AsyncIterator[None]:
        await self.store.open()
        try:
            await self.fellows.join(self.inbox, self.outbox)
            yield
        finally:
            await self.fellows.leave()
            await self.store.close()

    async def wait(self, predicate: Callable[[], object]) -> None:
        """Until the predicate holds; leading is looked at twenty times a second."""
        async with asyncio.timeout(PATIENCE):
            while not predicate():
                self.changed.clear()
                try:
                    await asyncio.wait_for(self.changed.wait(), 0.05)
                except TimeoutError:
                    continue


async def test_one_leads_and_the_other_refuses_and_names_it(postgres_url: str):
    first = Bench(PostgresDriver(postgres_url), "first")
    second = Bench(PostgresDriver(postgres_url), "second")
    async with first.joined():
        await first.wait(lambda: first.fellows.leads)
        first.fellows.refuse_follower()
        async with second.joined():
            await second.wait(lambda: second.inbox.woken)

            with pytest.raises(OperationError, match="Another engine on this store"):
                second.fellows.refuse_follower()
            with pytest.raises(StoreInUse):
                await second.fellows.leaders_store().set_meta("poll_cursor", "1")
            await first.fellows.leaders_store().set_meta("poll_cursor", "2")

    assert not first.fellows.leads


async def test_who_only_receives_follows_even_alone(postgres_url: str):
    receiver = Bench(PostgresDriver(postgres_url), "receiver", "receive")
    async with receiver.joined():
        await receiver.wait(lambda: receiver.inbox.woken)

        assert not receiver.fellows.leads


async def test_what_arrives_at_one_wakes_the_workers_of_the_other(postgres_url: str):
    here = Bench(PostgresDriver(postgres_url), "here")
    there = Bench(PostgresDriver(postgres_url), "there")
    async with here.joined(), there.joined():
        for one in (here, there):
            await one.wait(lambda one=one: one.inbox.woken and one.outbox.woken)
            one.inbox.woken = one.outbox.woken = 0

        await here.intake.take(b"{}", Channel.WEBHOOK)
        await there.wait(lambda: there.inbox.woken)
        there.queued.emit(Queued(deliveries=0, webhooks=3))
        there.queued.emit(Queued(deliveries=1, webhooks=0))
        await here.wait(lambda: here.outbox.woken)
        here.fellows.tell_redrive()
        await there.wait(lambda: there.outbox.woken)

    assert (here.inbox.woken, here.outbox.woken) == (0, 1)
    assert (there.inbox.woken, there.outbox.woken) == (1, 1)


async def test_who_ends_leaves_nothing_leased_and_is_on_no_list(postgres_url: str):
    one, other = (Bench(PostgresDriver(postgres_url), name) for name in ("one", "other"))
    async with other.joined():
        async with one.joined():
            await one.store.add_webhook(new_webhook())
            now = one.store.clock()
            lease = Lease(owner="one", until=now + 600)
            assert len(await one.store.claim_webhooks(9, lease, now)) == 1
            names = [heard.engine.id for heard in await other.store.engines.everybody()]

        lease = Lease(owner="other", until=now + 600)
        assert len(await other.store.claim_webhooks(9, lease, now)) == 1
        assert names == ["other", "one"]
        assert [heard.engine.id for heard in await other.store.engines.everybody()] == ["other"]


async def test_alone_on_its_store_it_leads_and_what_others_left_is_its_own(tmp_path: Path):
    dead = Bench(SqliteDriver(tmp_path / "store.db"), "dead")
    await dead.store.open()
    await dead.fellows.presence.beat()
    await dead.store.add_webhook(new_webhook())
    now = dead.store.clock()
    await dead.store.claim_webhooks(9, Lease(owner="dead", until=now + 600), now)
    await dead.store.close()

    engine = Bench(SqliteDriver(tmp_path / "store.db"), "engine")
    async with engine.joined():
        engine.fellows.refuse_follower()
        claimed = await engine.store.claim_webhooks(9, Lease(owner="me", until=now + 1), now)
        names = [heard.engine.id for heard in await engine.store.engines.everybody()]

        assert engine.fellows.leaders_store() is engine.store
        assert engine.fellows.lead({}) == {}
    assert len(claimed) == 1
    assert names == ["engine"]
