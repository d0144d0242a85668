"""The janitor: leases, retention, and what it says of the store."""

from __future__ import annotations

import asyncio
import shutil
from collections import namedtuple
from typing import TYPE_CHECKING

import pytest

from core.errors import StoreFull, StoreUnavailable
from core.health import Health
from core.model import DeliveryStatus, WebhookStatus
from core.pipeline import janitor as module
from core.pipeline.janitor import LOW_BYTES, PRUNE_SECONDS, Janitor
from core.pipeline.retry import DAY
from core.settings import Retention
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from tests.fakes import FakeClock
from tests.fakes.rows import NOW, lease, new_delivery, new_webhook

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    one = SqlStore(SqliteDriver(tmp_path / "store.db"))
    await one.open()
    yield one
    await one.close()


class House:
    """A janitor, and everything that it tells."""

    def __init__(self, store: SqlStore, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.store = store
        self.clock = FakeClock(NOW)
        self.health = Health(self.clock)
        self.recovered = 0
        self.free = LOW_BYTES
        self.fails_with: Exception | None = None
        self._monkeypatch = monkeypatch
        monkeypatch.setattr(shutil, "disk_usage", lambda _: self._usage())
        self.janitor = Janitor(
            store,
            folder,
            Retention(payload_days=30, metadata_days=180),
            health=self.health,
            recovered=self._recover,
            clock=self.clock,
        )

    def _usage(self) -> Usage:
        if self.fails_with is not None:
            raise self.fails_with
        return Usage(100 * LOW_BYTES, 0, self.free)

    def _recover(self) -> None:
        self.recovered += 1

    def break_store(self, error: Exception | None) -> None:
        """Make every note fail, or work again."""

        async def failing(name: str, value: str) -> None:
            raise error

        if error is None:
            self._monkeypatch.delattr(self.store, "set_meta")
        else:
            self._monkeypatch.setattr(self.store, "set_meta", failing, raising=False)

    @property
    def word(self) -> str:
        state = self.health.get("store")
        return "" if state is None else state.word


@pytest.fixture
def house(store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    return House(store, tmp_path, monkeypatch)


async def test_a_tick_proves_that_the_store_can_be_written(house: House) -> None:
    await house.janitor.tick()

    assert await house.store.get_meta("heartbeat") == str(NOW)
    assert house.word == "ok"
    assert house.recovered == 0


async def test_leases_that_ran_out_are_given_back(house: House) -> None:
    await house.store.enqueue(new_delivery())
    await house.store.claim(9, lease(until=NOW + 10), NOW)

    await house.janitor.tick()
    before = await house.store.counts()
    house.clock.advance(11)
    await house.janitor.tick()

    assert before.deliveries == {"sending": 1}
    assert (await house.store.counts()).deliveries == {"pending": 1}


async def test_retention_follows_the_settings_once_an_hour(house: House) -> None:
    async def age(days: float) -> int:
        new = new_webhook(received_at=house.clock.now - days * DAY, status=WebhookStatus.SKIPPED)
        return (await house.store.add_webhook(new)).id

    young, middle, old = await age(29), await age(31), await age(181)

    await house.janitor.tick()
    late = await age(181)
    house.clock.advance(PRUNE_SECONDS - 1)
    await house.janitor.tick()
    still_there = await house.store.webhook(late)
    house.clock.advance(1)
    await house.janitor.tick()

    assert (await house.store.webhook(young))[0].body is not None
    assert (await house.store.webhook(middle))[0].body is None
    assert await house.store.webhook(old) is None
    assert still_there is not None
    assert await house.store.webhook(late) is None


async def test_what_is_undelivered_outlives_retention(house: House) -> None:
    await house.store.enqueue(new_delivery(created_at=NOW - 400 * DAY))

    await house.janitor.tick()

    assert (await house.store.counts()).deliveries == {DeliveryStatus.PENDING: 1}


@pytest.mark.logs_warnings
@pytest.mark.parametrize(
    ("error", "word"),
    [
        (StoreFull("The disk is full.", "Free some."), "full"),
        (StoreUnavailable("No."), "unavailable"),
    ],
)
async def test_a_store_that_cannot_be_written_is_said_and_so_is_its_recovery(
    house: House, error: Exception, word: str
) -> None:
    await house.janitor.tick()
    house.break_store(error)

    await house.janitor.tick()
    await house.janitor.tick()
    broken, told = house.health.get("store"), house.recovered
    house.break_store(None)
    await house.janitor.tick()
    await house.janitor.tick()

    assert broken is not None
    assert (broken.word, broken.sentence) == (word, str(error))
    assert told == 0
    assert house.word == "ok"
    assert house.recovered == 1


@pytest.mark.logs_warnings
async def test_little_space_is_said_before_there_is_none(house: House) -> None:
    house.free = LOW_BYTES - 1
    await house.janitor.tick()
    low = house.health.get("store")
    house.free = LOW_BYTES
    await house.janitor.tick()

    assert low is not None
    assert low.word == "low-space"
    assert "199 MB" in low.sentence
    assert house.word == "ok"
    assert house.recovered == 0


@pytest.mark.parametrize("error", [FileNotFoundError("gone"), PermissionError("no")])
async def test_a_folder_whose_space_cannot_be_told_does_not_stop_the_engine(
    house: House, error: Exception
) -> None:
    house.fails_with = error

    await house.janitor.tick()

    assert house.word == "ok"


async def test_a_store_elsewhere_has_no_space_to_watch(house: House) -> None:
    house.free = 0
    house.janitor._folder = None

    await house.janitor.tick()

    assert house.word == "ok"


async def test_it_ticks_until_it_is_stopped(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TICK_SECONDS", 0.001)
    ticks = 0
    real = house.janitor.tick

    async def counting() -> None:
        nonlocal ticks
        await real()
        ticks += 1
        if ticks == 3:
            house.janitor.stop()

    monkeypatch.setattr(house.janitor, "tick", counting)

    await asyncio.wait_for(house.janitor.run(), 10)

    assert ticks == 3
