"""What polling saw and the webhook did not bring within two minutes is an alarm with evidence."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from core.health import Health
from core.ingest.crosscheck import PATIENCE_SECONDS, CrossCheck
from core.ingest.intake import Intake
from core.ingest.poller import Polled
from core.model import Channel
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from tests.fakes import FakeClock, body, gladly_event

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


class Bench:
    """A cross-check on a real store, under a clock that a test moves."""

    def __init__(self, folder: Path, *, expected: bool) -> None:
        self.clock = FakeClock()
        self.store = SqlStore(SqliteDriver(folder / "store.db"))
        self.intake = Intake(self.store, self.clock)
        self.health = Health(self.clock)
        self.able_since: float | None = 0.0
        self.check = CrossCheck(
            self.store,
            self.intake,
            health=self.health,
            expected=expected,
            since=lambda: self.able_since,
            clock=self.clock,
        )

    async def listen(self, number: int) -> None:
        await self.intake.take(self._body(number), Channel.WEBHOOK)

    async def poll(self, number: int, *, ago: float = 0.0) -> None:
        new = self.intake.read(self._body(number), Channel.POLL)
        assert new is not None
        (added,) = await self.intake.take_many([new])
        if not added.duplicate:
            self.check.note(
                Polled(
                    id=added.id,
                    kind=new.kind,
                    conversation_id=new.conversation_id,
                    occurred_at=self.clock.now - ago,
                )
            )

    async def wait(self, seconds: float = PATIENCE_SECONDS) -> str:
        """After so long: the state of the webhook."""
        self.clock.advance(seconds)
        await self.check.look()
        return self.health.words()["webhook"]

    def _body(self, number: int) -> bytes:
        return body(gladly_event("CONVERSATION/CLOSED", id=f"e{number}", conversation=f"c{number}"))


@asynccontextmanager
async def bench(folder: Path, *, expected: bool = True) -> AsyncIterator[Bench]:
    made = Bench(folder, expected=expected)
    await made.store.open()
    try:
        yield made
    finally:
        await made.store.close()


async def test_what_both_bring_in_whatever_order_is_well(tmp_path: Path):
    async with bench(tmp_path) as made:
        await made.poll(1)
        assert await made.wait(PATIENCE_SECONDS - 1) == "ok"
        await made.listen(1)
        await made.listen(2)
        await made.poll(2)

        assert await made.wait() == "ok"


@pytest.mark.logs_warnings
async def test_what_the_webhook_never_brings_is_an_alarm_until_it_brings_something(tmp_path: Path):
    async with bench(tmp_path) as made:
        await made.poll(1)
        await made.poll(2)

        assert await made.wait() == "silent"
        state = made.health.get("webhook")
        assert state is not None
        assert "2 events" in state.sentence
        assert "CONVERSATION/CLOSED" in state.sentence
        assert "(w1)" in state.sentence

        made.clock.advance(10)
        await made.listen(3)
        assert await made.wait(1) == "ok"


async def test_nothing_is_expected_of_a_webhook_that_is_not_set_up(tmp_path: Path):
    async with bench(tmp_path, expected=False) as made:
        await made.poll(1)

        assert await made.wait() == "ok"


@pytest.mark.logs_warnings
async def test_one_that_once_brought_something_is_expected_to_go_on(tmp_path: Path):
    async with bench(tmp_path, expected=False) as made:
        await made.listen(1)
        made.clock.advance(1)
        await made.poll(2)

        assert await made.wait() == "silent"


async def test_what_happened_before_this_engine_listened_is_no_alarm(tmp_path: Path):
    async with bench(tmp_path) as made:
        await made.poll(1, ago=3600)

        assert await made.wait() == "ok"


async def test_nothing_is_expected_of_one_that_is_switched_off_nor_of_the_time_when_it_was(
    tmp_path: Path,
):
    async with bench(tmp_path) as made:
        made.able_since = None
        await made.poll(1)
        assert await made.wait() == "ok"

        await made.poll(2)
        made.clock.advance(1)
        made.able_since = made.clock.now
        assert await made.wait() == "ok"


@pytest.mark.logs_warnings
async def test_an_alarm_ends_when_it_is_known_why(tmp_path: Path):
    async with bench(tmp_path) as made:
        await made.poll(1)
        assert await made.wait() == "silent"
        made.able_since = None

        assert await made.wait(1) == "ok"


async def test_it_looks_until_it_is_stopped(tmp_path: Path):
    async with bench(tmp_path) as made:
        looked = asyncio.Event()
        made.health.changed.connect(lambda _: looked.set())
        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            group.create_task(made.check.run())
            await looked.wait()
            made.check.stop()
