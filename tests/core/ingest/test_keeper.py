"""The ledger names the times in which nobody listened, and what became of them."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from core.coverage import Cover, Fate, Gap, cells
from core.health import Health
from core.ingest.keeper import ASLEEP, STOPPED, SWITCHED_OFF, UNREAD, Keeper
from core.ingest.poller import CatchUp, Polled
from core.settings import Gladly, Settings
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from tests.fakes import FakeClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

NOW = 1_780_000_200.0
MINUTE, HOUR = 60.0, 3600.0
DAY = 24 * HOUR


class Bench:
    """A keeper on a real store, under a clock that a test moves."""

    def __init__(self, folder: Path, *, listens: bool = True, polls: bool = True) -> None:
        self.clock = FakeClock(NOW)
        self.store = SqlStore(SqliteDriver(folder / "store.db"))
        self.health = Health(self.clock)
        self._kind = {"listens": listens, "polls": polls}
        self.keeper = self.start()

    def start(self) -> Keeper:
        """A new process on the same store."""
        self.keeper = Keeper(
            self.store,
            Settings(gladly=Gladly(poll_seconds=30)),
            health=self.health,
            clock=self.clock,
            **self._kind,
        )
        return self.keeper

    async def live(self, seconds: float, every: float = 30.0) -> None:
        """Beat for so long."""
        for _ in range(round(seconds / every)):
            self.clock.advance(every)
            await self.keeper.beat()

    def read(self, since: float, *found_at: float) -> None:
        """The poller read everything since then, and found these."""
        for at in found_at:
            self.keeper.note_found(Polled(id=1, kind="", conversation_id=None, occurred_at=at))
        now = self.clock.now
        self.keeper.note_read(CatchUp(asked_since=since, since=since, until=now))

    async def gaps(self) -> list[Gap]:
        return await self.store.ledger.gaps(0, 100)

    @property
    def word(self) -> str:
        state = self.health.get("coverage")
        assert state is not None
        return state.word


@asynccontextmanager
async def bench(folder: Path, **kind: bool) -> AsyncIterator[Bench]:
    made = Bench(folder, **kind)
    await made.store.open()
    try:
        await made.keeper.beat()
        yield made
    finally:
        await made.store.close()


async def test_while_it_listens_the_time_is_covered_by_one_span(tmp_path: Path):
    async with bench(tmp_path) as made:
        await made.live(HOUR)

        (span,) = await made.store.ledger.spans(0)
        assert (span.channel, span.start, span.end) == ("webhook", NOW, NOW + HOUR)
        assert await made.store.ledger.first_covered_at() == NOW
        assert await made.gaps() == []
        assert made.word == "ok"


@pytest.mark.logs_warnings
@pytest.mark.parametrize(("restarted", "reason"), [(True, STOPPED), (False, ASLEEP)])
async def test_an_absence_is_a_gap_until_gladly_was_read(
    tmp_path: Path, restarted: bool, reason: str
):
    async with bench(tmp_path) as made:
        await made.live(HOUR)
        left = made.clock.now
        made.clock.advance(3 * HOUR)
        if restarted:
            made.start()
        await made.keeper.beat()
        (gap,) = await made.gaps()
        assert (gap.start, gap.end, gap.reason, gap.fate) == (
            left,
            left + 3 * HOUR,
            reason,
            Fate.OPEN,
        )
        assert made.word == "ok"  # it is about to be read
        await made.live(150)
        assert made.word == "gap"

        made.read(left - 300, left + 60, left + 120, made.clock.now - 1)
        await made.keeper.beat()

        (gap,) = await made.gaps()
        assert (gap.fate, gap.events) == (Fate.HEALED, 2)
        assert made.word == "ok"
        spans = await made.store.ledger.spans(0)
        assert Cover.NOBODY not in cells(spans, NOW, made.clock.now - MINUTE)


@pytest.mark.logs_warnings
async def test_whoever_reads_before_the_absence_is_noticed_heals_it_too(tmp_path: Path):
    """After a sleep the poller may wake first: its reading ends before the gap does."""
    async with bench(tmp_path) as made:
        await made.live(HOUR)
        left = made.clock.now
        made.clock.advance(3 * HOUR)
        made.read(left - 300, left + 60)
        made.clock.advance(2)
        await made.keeper.beat()
        assert [gap.fate for gap in await made.gaps()] == [Fate.OPEN]

        made.clock.advance(30)
        made.read(made.clock.now - 330)
        await made.keeper.beat()

        (gap,) = await made.gaps()
        assert (gap.fate, gap.start, gap.events) == (Fate.HEALED, left, 1)


@pytest.mark.logs_warnings
async def test_of_thirty_hours_the_first_six_are_lost(tmp_path: Path):
    async with bench(tmp_path) as made:
        left = made.clock.now
        made.clock.advance(30 * HOUR)
        made.start()
        made.read(made.clock.now - DAY)
        await made.live(60)
        noticed = left + 30 * HOUR + 30  # the first beat after the absence
        made.read(made.clock.now - 330)
        await made.keeper.beat()

        healed, lost = await made.gaps()
        assert (lost.fate, lost.start, lost.end) == (Fate.LOST, left, left + 6 * HOUR)
        assert (healed.fate, healed.start, healed.end) == (
            Fate.HEALED,
            left + 6 * HOUR,
            noticed,
        )


@pytest.mark.logs_warnings
async def test_without_anybody_to_ask_a_long_gap_is_said_and_lost_after_a_day(tmp_path: Path):
    async with bench(tmp_path, polls=False) as made:
        made.clock.advance(10 * MINUTE)
        await made.keeper.beat()
        assert made.word == "ok"  # Gladly tries its webhook again by itself

        made.clock.advance(3 * HOUR)
        await made.keeper.beat()
        state = made.health.get("coverage")
        assert state is not None
        assert (state.word, "gladly.url" in state.sentence) == ("gap", True)

        await made.live(DAY + 120, every=120)
        assert [gap.fate for gap in await made.gaps()] == [Fate.LOST, Fate.LOST]
        assert made.word == "ok"


async def test_polling_alone_has_a_gap_only_when_gladly_could_not_be_read(tmp_path: Path):
    async with bench(tmp_path, listens=False) as made:
        made.read(NOW - 300)
        await made.live(60)
        made.read(made.clock.now - 300)
        await made.live(30)
        assert await made.gaps() == []

        away = made.clock.now - 30
        await made.live(HOUR)
        made.read(away - 300)
        await made.live(30)
        made.read(made.clock.now - 330)
        await made.live(30)

        (gap,) = await made.gaps()
        assert (gap.reason, gap.fate) == (UNREAD, Fate.HEALED)
        assert {span.channel for span in await made.store.ledger.spans(0)} == {"poll"}


async def test_a_clock_that_is_set_back_makes_no_gap(tmp_path: Path):
    async with bench(tmp_path) as made:
        made.clock.now -= 2 * HOUR
        await made.live(HOUR)

        assert await made.gaps() == []


@pytest.mark.logs_warnings
async def test_what_was_read_is_noted_at_once_and_not_at_the_next_beat(tmp_path: Path):
    async with bench(tmp_path) as made:
        said = {"gap": asyncio.Event(), "ok": asyncio.Event()}
        made.health.changed.connect(lambda state: said[state.word].set())
        made.clock.advance(3 * HOUR)
        await made.keeper.beat()
        made.clock.advance(150)
        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            group.create_task(made.keeper.run())
            await said["gap"].wait()
            made.clock.advance(60)
            made.read(NOW - 300)
            await said["ok"].wait()
            made.keeper.stop()


@pytest.mark.logs_warnings
@pytest.mark.parametrize("restarts", [False, True])
async def test_a_webhook_that_is_switched_off_covers_nothing(tmp_path: Path, restarts: bool):
    async with bench(tmp_path, polls=False) as made:
        await made.live(10 * MINUTE)
        off = made.clock.now
        made.health.set("gladly-webhook", "disabled", "Somebody disabled it.")
        await made.live(HOUR)
        if restarts:
            made.start()
            await made.live(MINUTE)
        spans = await made.store.ledger.spans(0)
        assert max(one.end for one in spans) == off
        made.health.set("gladly-webhook", "ok", "It is on.")
        await made.live(MINUTE)

        (gap,) = await made.gaps()
        assert (gap.start, gap.fate, gap.reason) == (off, Fate.OPEN, SWITCHED_OFF)
        assert gap.end == pytest.approx(made.clock.now - MINUTE, abs=31)
        assert max(one.end for one in await made.store.ledger.spans(0)) == made.clock.now


async def test_beside_polling_a_webhook_that_is_switched_off_is_no_gap(tmp_path: Path):
    async with bench(tmp_path) as made:
        await made.live(MINUTE)
        made.health.set("gladly-webhook", "off", "Somebody disabled it.")
        await made.live(10 * MINUTE)
        made.read(made.clock.now - 15 * MINUTE)
        made.health.set("gladly-webhook", "ok", "It is on.")
        await made.live(MINUTE)
        assert await made.gaps() == []
        day = cells(await made.store.ledger.spans(0), 0, made.clock.now)
        assert Cover.POLL in day
