"""Polling reads everything once, whatever the webhook brought, and goes on where it was."""

from __future__ import annotations

import asyncio
import random
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import GladlyError, GladlyUnavailable
from core.gladly.budget import RequestBudget
from core.gladly.client import GladlyClient
from core.health import Health
from core.ingest import poller as module
from core.ingest.intake import Intake
from core.ingest.poller import CURSOR, Poller
from core.model import Channel, Webhook
from core.pipeline.facts import fact_of
from core.simulator.gladly import DEMO_EMAIL, DEMO_TOKEN, GladlySimulator
from core.store.base import WebhookFilter
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from tests.fakes import FakeClock, body, gladly_event

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Sequence

NOW = 1_780_000_000.0
HOUR = 3600.0
DAY = 24 * HOUR


def at(seconds: float) -> str:
    """A time as Gladly tells it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def event(number: int, seconds: float, kind: str = "CONVERSATION/CLOSED") -> dict[str, Any]:
    return gladly_event(kind, id=f"e{number}", conversation=f"c{number}", at=at(seconds))


class OwnClock:
    """The budget's time: it never has to wait here."""

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


class Bench:
    """A poller on a simulated Gladly and a real store, under a clock that a test moves."""

    def __init__(self, folder: Path, **gladly: Any) -> None:
        self.clock = FakeClock(NOW)
        self.gladly = GladlySimulator(now=self.clock, requests_per_second=0, **gladly)
        self.store = SqlStore(SqliteDriver(folder / "store.db"))
        self.intake = Intake(self.store, self.clock)
        self.health = Health(self.clock)
        self.client = GladlyClient(
            "http://gladly",
            DEMO_EMAIL,
            DEMO_TOKEN,
            budget=RequestBudget(1000, OwnClock()),
            transport=httpx.ASGITransport(self.gladly.app),
            clock=OwnClock(),
            wall=self.clock,
        )
        self.poller = self.make_poller()

    def make_poller(self, source: Any = None, clock: FakeClock | None = None) -> Poller:
        return Poller(
            source or self.client,
            self.intake,
            self.store,
            seconds=0.01,
            health=self.health,
            clock=clock or self.clock,
        )

    def happen(self, *numbers: int, ago: float = 0.0) -> None:
        """Let conversations be closed, so many seconds ago."""
        self.gladly.load([event(one, self.clock.now - ago) for one in numbers])

    async def listen(self, number: int, *, id: str | None = None, ago: float = 0.0) -> None:  # noqa: A002
        """The webhook tells of it."""
        told = {**event(number, self.clock.now - ago), "id": id or f"e{number}"}
        await self.intake.take(body(told), Channel.WEBHOOK)

    async def rows(self) -> list[Webhook]:
        page = await self.store.webhook_page(WebhookFilter(), None, 10_000)
        return sorted(page.rows, key=lambda row: row.id)

    async def kept(self) -> dict[str, str]:
        """Channel by conversation."""
        rows = await self.rows()
        found = {str(row.conversation_id): str(row.channel) for row in rows}
        assert len(found) == len(rows)
        return found


@asynccontextmanager
async def bench(folder: Path, **gladly: Any) -> AsyncIterator[Bench]:
    made = Bench(folder, **gladly)
    await made.store.open()
    try:
        await made.poller.catch_up()
        yield made
    finally:
        await made.client.aclose()
        await made.store.close()


async def test_what_happened_since_the_last_reading_is_stored_once(tmp_path: Path):
    async with bench(tmp_path) as made:
        made.clock.advance(60)
        made.happen(1, 2)
        made.clock.advance(30)

        first = await made.poller.catch_up()
        made.happen(3)
        made.clock.advance(1)
        second = await made.poller.catch_up()
        third = await made.poller.catch_up()

        assert await made.kept() == {"c1": "poll", "c2": "poll", "c3": "poll"}
        assert (first.read, first.new) == (2, 2)
        assert (second.new, third.new) == (1, 0)
        state = made.health.get("poll")
        assert state is not None
        assert state.word == "ok"


async def test_a_new_installation_begins_with_the_present(tmp_path: Path):
    made = Bench(tmp_path)
    made.happen(1, ago=2 * HOUR)
    await made.store.open()

    done = await made.poller.catch_up()

    assert done.read == 0
    assert await made.store.get_meta(CURSOR) == repr(NOW)
    await made.store.close()


async def test_whoever_only_listened_so_far_begins_where_that_ended(tmp_path: Path):
    made = Bench(tmp_path)
    await made.store.open()
    await made.listen(1)
    made.clock.advance(2 * HOUR)
    made.happen(2, ago=HOUR)

    await made.poller.catch_up()

    assert await made.kept() == {"c1": "webhook", "c2": "poll"}
    await made.store.close()


async def test_what_both_channels_tell_is_one_row_of_both(tmp_path: Path):
    async with bench(tmp_path) as made:
        made.happen(1, 2, 3)
        await made.listen(1)
        made.clock.advance(1)
        await made.poller.catch_up()
        await made.listen(2, ago=1)

        assert await made.kept() == {"c1": "both", "c2": "both", "c3": "poll"}


async def test_an_absence_of_thirty_hours_reads_the_last_day_and_is_not_refused(tmp_path: Path):
    async with bench(tmp_path) as made:
        made.clock.advance(30 * HOUR)
        made.happen(1, ago=29 * HOUR)
        made.happen(2, ago=23 * HOUR)

        done = await made.poller.catch_up()

        assert await made.kept() == {"c2": "poll"}
        assert done.since - done.asked_since > 5 * HOUR


async def test_since_when_may_be_wished_for(tmp_path: Path):
    async with bench(tmp_path) as made:
        made.happen(1, ago=5 * HOUR)
        made.clock.advance(1)

        assert (await made.poller.catch_up()).new == 0
        assert (await made.poller.catch_up(since=made.clock.now - 6 * HOUR)).new == 1


class Torn:
    """A Gladly whose connection breaks after so many events."""

    skew_seconds = 0.0

    def __init__(self, client: GladlyClient, after: int) -> None:
        self._client = client
        self._after = after
        self.organization = client.organization
        self.asked: list[float] = []

    async def events(self, start_at: float, entities: Sequence[str]) -> AsyncGenerator[bytes]:
        self.asked.append(start_at)
        left = self._after
        async for line in self._client.events(start_at, entities):
            if not left:
                raise GladlyUnavailable("Gladly cannot be reached.")
            left -= 1
            yield line


async def test_a_connection_that_breaks_keeps_what_was_read_and_goes_on_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "PAGE", 10)
    async with bench(tmp_path) as made:
        made.clock.advance(10 * HOUR)
        for number in range(100):
            made.happen(number, ago=(10 - number / 10) * HOUR)
        torn = Torn(made.client, after=55)
        poller = made.make_poller(torn)

        with pytest.raises(GladlyError):
            await poller.catch_up()
        kept = len(await made.kept())
        torn._after = 1000
        await poller.catch_up()

        assert kept == 50
        assert len(await made.kept()) == 100
        assert torn.asked[1] > torn.asked[0] + 4 * HOUR


@pytest.mark.parametrize("content", [b"<html>Sign in</html>", b"[1]\n", b'{"id": "e1"'])
async def test_an_answer_that_is_no_list_of_events_is_an_error_and_stores_nothing(
    tmp_path: Path, content: bytes
):
    async with bench(tmp_path) as made:
        page = httpx.MockTransport(lambda _: httpx.Response(200, content=content))
        made.client._http._transport = page

        made.clock.advance(60)
        with pytest.raises(GladlyError):
            await made.poller.catch_up()

        assert await made.rows() == []
        assert await made.store.get_meta(CURSOR) == repr(NOW)


@pytest.mark.logs_warnings
async def test_while_gladly_is_away_it_says_so_and_reads_on_when_it_is_back(tmp_path: Path):
    async with bench(tmp_path) as made:
        made.gladly.faults.set(["503:count=2"])
        said = {"unavailable": asyncio.Event(), "ok": asyncio.Event()}
        made.health.changed.connect(lambda state: said[state.word].set())
        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            group.create_task(made.poller.run())
            await said["unavailable"].wait()
            made.happen(1)
            made.clock.advance(1)
            await said["ok"].wait()
            made.poller.stop()

        assert await made.kept() == {"c1": "poll"}


async def test_a_stop_does_not_wait_for_what_is_being_read(tmp_path: Path):
    async with bench(tmp_path) as made:
        asked = asyncio.Event()

        class Hanging(Torn):
            async def events(
                self, start_at: float, entities: Sequence[str]
            ) -> AsyncGenerator[bytes]:
                asked.set()
                await asyncio.Event().wait()
                yield b""

        poller = made.make_poller(Hanging(made.client, after=0))
        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            group.create_task(poller.run())
            await asked.wait()
            poller.stop()

        assert made.health.words() == {"poll": "ok"}


async def test_our_own_clock_may_be_hours_off(tmp_path: Path):
    async with bench(tmp_path) as made:
        source = Torn(made.client, after=1000)
        source.skew_seconds = 3 * HOUR
        poller = made.make_poller(source, FakeClock(NOW - 3 * HOUR))

        done = await poller.catch_up()

        assert done.until == NOW
        assert NOW - 400 <= source.asked[0] <= NOW


async def test_what_polling_brought_first_is_told(tmp_path: Path):
    async with bench(tmp_path) as made:
        told: list[str | None] = []
        made.poller.first_told.connect(lambda one: told.append(one.conversation_id))
        made.happen(1, 2)
        await made.listen(1)
        made.clock.advance(1)
        await made.poller.catch_up()

        assert told == ["c2"]


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    steps=st.lists(st.floats(1, 7200), min_size=1, max_size=12),
    same_ids=st.booleans(),
)
def test_nothing_is_missed_however_late_gladly_shows_it(
    seed: int, steps: list[float], same_ids: bool
):
    """Gladly's feed lags by up to 15 s, and not in order; the webhook brings some of it as well."""

    async def play(folder: Path) -> tuple[list[str | None], int]:
        dice = random.Random(seed)
        async with bench(folder, events_lag=15.0, same_ids=same_ids, seed=seed) as made:
            number = 0
            for step in steps:
                for _ in range(dice.randrange(6)):
                    number += 1
                    made.happen(number, ago=0.0)
                    if dice.random() < 0.5:
                        await made.listen(number)
                        await learn(made)
                made.clock.advance(step)
                await made.poller.catch_up()
                await learn(made)
            made.clock.advance(20)
            await made.poller.catch_up()
            return [row.conversation_id for row in await made.rows()], number

    with TemporaryDirectory() as folder:
        kept, number = asyncio.run(play(Path(folder)))
    assert sorted(kept, key=str) == sorted((f"c{one}" for one in range(1, number + 1)), key=str)


async def learn(made: Bench) -> None:
    """What the resolver does with new rows: their facts become known."""
    for row in await made.rows():
        read = await made.store.webhook(row.id)
        assert read is not None
        await made.store.learn([fact_of(read[0])])
