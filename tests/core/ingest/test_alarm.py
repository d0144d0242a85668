"""A silence that is unusual is told once, and its end; not while somebody else says why."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from contextlib import asynccontextmanager, closing
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from core.errors import StoreBusy
from core.health import Health, State
from core.ingest.alarm import COMPONENT, NEARER, SilenceAlarm
from core.ingest.channels import Channels
from core.ingest.intake import Intake
from core.ingest.keeper import Keeper
from core.model import Channel
from core.settings import Retention, Settings
from core.silence import DAYS
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from tests.fakes import FakeClock, body, gladly_event

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


MINUTE, HOUR = 60, 3600
DAY = 24 * HOUR
#: a Tuesday, 10:00 on this computer's wall
NOW = datetime(2026, 3, 3, 10).timestamp()  # noqa: DTZ001 - the local zone is meant

pytestmark = pytest.mark.logs_warnings


class Bench:
    """The services of an engine on a real store with three weeks of events, twelve in each hour."""

    def __init__(self, folder: Path, *, days: float = 21, per_hour: int = 12) -> None:
        self.clock = FakeClock(NOW)
        self.path = folder / "store.db"
        self.store = SqlStore(SqliteDriver(self.path))
        self.days, self.per_hour = days, per_hour
        self.settings = Settings()
        self.number = 0

    def fill(self) -> None:
        """Rows as the inbox has them, in bulk."""
        count = round(self.days * 24 * self.per_hour)
        kinds = ("CONVERSATION/CREATED", "CONVERSATION/CLOSED")
        times = [NOW - (count - one) * HOUR / self.per_hour for one in range(count)]
        rows = [(f"k{at}{kind}", kind, at, int(at * 10**9)) for at in times for kind in kinds]
        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.executemany(
                "INSERT INTO webhook (dedupe_key, kind, channel, received_at, occurred_ns, status)"
                " VALUES (?, ?, 'webhook', ?, ?, 'resolved')",
                rows,
            )

    def start(self) -> None:
        """A new process on the same store."""
        self.health = Health(self.clock)
        self.told: list[State] = []
        self.health.changed.connect(self._note)
        self.intake = Intake(self.store, self.clock)
        self.channels = Channels(
            self.store,
            self.intake,
            self.settings,
            health=self.health,
            gladly=None,
            listens=True,
            clock=self.clock,
        )
        self.channels.say_first()

    def _note(self, state: State) -> None:
        if state.name == COMPONENT:
            self.told.append(state)

    async def tick(self) -> None:
        """One round of the two services."""
        keeper, alarm = self.channels.services["keeper"], self.channels.services[COMPONENT]
        assert isinstance(keeper, Keeper)
        assert isinstance(alarm, SilenceAlarm)
        await keeper.beat()
        await alarm.look()

    async def live(self, minutes: float) -> None:
        """Nothing happens for so long."""
        for _ in range(round(minutes)):
            self.clock.advance(MINUTE)
            await self.tick()

    async def flow(self, minutes: int) -> None:
        """Events come as they usually do."""
        for _ in range(0, minutes, 5):
            await self.live(5)
            await self.happens("CONVERSATION/CLOSED")
            await self.happens("CONVERSATION/CREATED")

    async def happens(self, kind: str, channel: Channel = Channel.WEBHOOK) -> None:
        self.number += 1
        at = datetime.fromtimestamp(self.clock.now).astimezone().isoformat()
        event = gladly_event(kind, id=f"new{self.number}", at=at)
        await self.intake.take(body(event), channel)

    @property
    def words(self) -> list[str]:
        """All that was told of the component, without repetition."""
        return [state.word for state in self.told]

    @property
    def state(self) -> State:
        found = self.health.get(COMPONENT)
        assert found is not None
        return found


@asynccontextmanager
async def bench(folder: Path, **kind: float) -> AsyncIterator[Bench]:
    made = Bench(folder, **kind)  # type: ignore[arg-type]
    await made.store.open()
    made.fill()
    made.start()
    try:
        await made.tick()
        yield made
    finally:
        await made.store.close()


async def test_a_silence_is_told_once_and_so_is_its_end(tmp_path: Path):
    async with bench(tmp_path) as made:
        await made.flow(60)
        assert made.state.word == "ok"
        assert "12 opens and 12 closes" in made.state.sentence

        await made.live(120)

        assert made.words == ["starting", "ok", "silent"]
        day = DAYS[datetime.fromtimestamp(NOW).weekday()]  # noqa: DTZ006 - the local zone is meant
        said = made.state.sentence
        pattern = rf"No opens for 2 hours; {day} at (11|12) you usually have 12\. No closes for 2 h"
        assert re.match(pattern, said)
        assert "gladly-source check" in said
        assert 40 * MINUTE < made.state.since - (NOW + HOUR) < 60 * MINUTE

        await made.happens("CONVERSATION/CLOSED")
        await made.live(1)
        assert made.state.word == "silent"
        assert "closes" not in made.state.sentence.split(".")[0]
        await made.happens("CONVERSATION/CREATED")
        await made.live(1)
        assert made.words == ["starting", "ok", "silent", "ok"]


async def test_one_kind_alone_can_be_silent(tmp_path: Path):
    async with bench(tmp_path) as made:
        for _ in range(24):
            await made.live(5)
            await made.happens("CONVERSATION/CREATED")

        assert made.state.word == "silent"
        assert made.state.sentence.startswith("No closes for ")
        assert "opens" not in made.state.sentence


async def test_test_events_do_not_end_it(tmp_path: Path):
    async with bench(tmp_path) as made:
        await made.live(90)
        assert made.state.word == "silent"

        for kind in ("CONVERSATION/CLOSED", "CONVERSATION/CREATED"):
            await made.happens(kind, Channel.TEST)
        await made.live(2)

        assert made.state.word == "silent"


async def test_it_is_off_until_there_are_two_weeks(tmp_path: Path):
    async with bench(tmp_path, days=13) as made:
        await made.live(120)

        assert made.words == ["starting", "off"]
        until = datetime.fromtimestamp(NOW + DAY).strftime("%Y-%m-%d")  # noqa: DTZ006 - local
        assert f"until {until}: two weeks of data are needed" in made.state.sentence


async def test_it_is_off_where_a_silence_says_nothing(tmp_path: Path):
    async with bench(tmp_path, per_hour=3) as made:
        await made.live(300)

        assert made.words == ["starting", "off"]
        assert "no hour of the week" in made.state.sentence


async def test_it_says_so_when_rows_are_not_kept_for_two_weeks(tmp_path: Path):
    made = Bench(tmp_path)
    made.settings = Settings(retention=Retention(metadata_days=10))
    await made.store.open()
    made.start()
    await made.tick()
    await made.store.close()

    assert made.state.word == "off"
    assert "retention.metadata_days = 10" in made.state.sentence


@pytest.mark.parametrize("restarted", [True, False])
async def test_after_an_absence_it_waits_as_long_as_a_silence_has_to_be(
    tmp_path: Path, restarted: bool
):
    async with bench(tmp_path) as made:
        await made.flow(30)
        made.clock.advance(3 * HOUR)
        if restarted:
            made.start()
        await made.live(40)
        assert made.state.word == "ok"

        await made.live(30)
        assert made.state.word == "silent"
        assert re.match(r"No opens for (4|5|6)\d minutes", made.state.sentence)


@pytest.mark.parametrize("name", NEARER)
async def test_while_somebody_else_says_why_it_says_nothing_and_then_waits(
    tmp_path: Path, name: str
):
    async with bench(tmp_path) as made:
        await made.live(30)
        made.health.set(name, "unreachable", "It is down.")
        await made.live(120)
        assert made.state.word == "ok"

        made.health.set(name, "ok")
        await made.live(40)
        assert made.state.word == "ok"
        await made.live(30)
        assert made.state.word == "silent"


async def test_while_nobody_covers_the_present_nothing_is_judged(tmp_path: Path):
    async with bench(tmp_path) as made:
        alarm = made.channels.services[COMPONENT]
        assert isinstance(alarm, SilenceAlarm)
        for _ in range(120):
            made.clock.advance(MINUTE)
            await alarm.look()

        assert made.state.word == "ok"


async def test_a_night_without_events_is_no_alarm(tmp_path: Path):
    """Three weeks in which events came from 8 to 18 o'clock, and the evening after."""
    async with bench(tmp_path, days=0) as made:
        made.per_hour = 12
        count = 0
        with closing(sqlite3.connect(made.path)) as connection, connection:
            for hour in range(-21 * 24, 8):
                for number in range(12):
                    at = NOW + hour * HOUR + number * 5 * MINUTE
                    if 8 <= datetime.fromtimestamp(at).hour < 18:  # noqa: DTZ006 - local
                        count += 1
                        connection.execute(
                            "INSERT INTO webhook (dedupe_key, kind, channel, received_at,"
                            " occurred_ns, status) VALUES (?, ?, 'webhook', ?, ?, 'resolved')",
                            (f"n{count}", "CONVERSATION/CLOSED", at, int(at * 10**9)),
                        )
        made.clock.now = NOW + 8 * HOUR
        made.start()
        await made.live(14 * 60)
        assert made.state.word == "ok"

        await made.live(2 * 60 + 5)
        assert made.state.word == "silent"


async def test_it_looks_by_itself_and_ends_when_told(tmp_path: Path):
    async with bench(tmp_path) as made:
        made.start()
        alarm = made.channels.services[COMPONENT]
        made.health.changed.connect(lambda state: alarm.stop() if state.word == "ok" else None)
        async with asyncio.timeout(20):
            await alarm.run()

        assert made.state.word == "ok"


async def test_a_store_that_cannot_be_read_is_looked_at_again_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    async with bench(tmp_path) as made:
        made.start()
        monkeypatch.setattr("core.ingest.alarm.LOOK_SECONDS", 0.0)
        ids, refused = made.store.webhook_ids, []

        async def refuse_once() -> tuple[int, int]:
            if not refused:
                refused.append(True)
                raise StoreBusy("Busy.")
            return await ids()

        monkeypatch.setattr(made.store, "webhook_ids", refuse_once)
        alarm = made.channels.services[COMPONENT]
        made.health.changed.connect(lambda state: alarm.stop() if state.word == "ok" else None)
        async with asyncio.timeout(20):
            await alarm.run()

        assert refused
        assert made.state.word == "ok"
