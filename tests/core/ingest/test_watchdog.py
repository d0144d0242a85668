"""A webhook that brings nothing is seen within two minutes, switched on again, its gap healed."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx
import pytest

from core.coverage import TOLD_SECONDS
from core.errors import GladlyUnavailable
from core.gladly.budget import RequestBudget
from core.gladly.client import GladlyClient
from core.health import Health, State
from core.ingest.intake import Intake
from core.ingest.poller import Poller
from core.ingest.standing import GIVE_UP_SECONDS
from core.ingest.watchdog import (
    AGAIN_SECONDS,
    CLOCK_SECONDS,
    COMPONENT,
    EARLY_SECONDS,
    LOOK_SECONDS,
    MARGIN_SECONDS,
    MISSED_LOOKS,
    MISSED_PROBES,
    Watchdog,
)
from core.model import Channel
from core.settings import Settings
from core.simulator.gladly import DEMO_EMAIL, DEMO_TOKEN, GladlySimulator
from core.simulator.webhooks import WebhookChange
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from tests.fakes import FakeClock, body, gladly_event

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from core.simulator.webhooks import Webhook

URL = "http://127.0.0.1:8377/gladly/webhook"
BROKEN = "cannot be reached"

pytestmark = pytest.mark.logs_warnings


class OwnClock:
    """The budget's time: it never has to wait here."""

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


class Way:
    """A public URL as a test wants it."""

    def __init__(self) -> None:
        self.unreached = ""
        self.closed = False
        self.stuck = asyncio.Event()
        self.asked = asyncio.Event()

    async def ask(self) -> str:
        self.asked.set()
        if self.unreached == "stuck":
            await self.stuck.wait()
        return self.unreached

    async def aclose(self) -> None:
        self.closed = True


class Gladly(httpx.AsyncBaseTransport):
    """A simulated Gladly's API, and listeners that answer its PINGs, or do not."""

    def __init__(self, clock: FakeClock) -> None:
        self.there = GladlySimulator(now=clock, requests_per_second=0)
        self.api = httpx.ASGITransport(self.there.app)
        self.away = False
        self.pongs = True
        self.changes = 0

        async def ping(*_: object, **__: object) -> bool:
            return self.pongs

        self.there.sender.ping = ping  # type: ignore[method-assign]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.away:
            raise httpx.ConnectError("away")
        self.changes += request.method == "PATCH"
        return await self.api.handle_async_request(request)

    def webhook(self) -> Webhook:
        (one,) = self.there.webhooks.all()
        return one

    def set_enabled(self, *, on: bool) -> None:
        hooks = self.there.webhooks
        hooks.save(hooks.changed(self.webhook(), WebhookChange(enabled=on)))


class Bench:
    """A watchdog on a simulated Gladly, under a clock that a test moves."""

    def __init__(self, folder: Path, *, rearm: bool = False, polled: bool = True) -> None:
        self.clock = FakeClock()
        self.store = SqlStore(SqliteDriver(folder / "store.db"))
        self.intake = Intake(self.store, self.clock)
        self.health = Health(self.clock)
        self.told: list[str] = []
        self.health.changed.connect(self._note)
        self.way = Way()
        self.gladly = Gladly(self.clock)
        self.gladly.there.add_webhook(URL)
        self.client = GladlyClient(
            "http://gladly",
            DEMO_EMAIL,
            DEMO_TOKEN,
            budget=RequestBudget(1000, OwnClock()),
            transport=self.gladly,
            clock=OwnClock(),
            wall=self.clock,
        )
        self.poller = Poller(
            self.client,
            self.intake,
            self.store,
            seconds=Settings().gladly.poll_seconds,
            health=Health(self.clock),
            clock=self.clock,
        )
        self.healed: list[float] = []
        self.dog = Watchdog(
            self.client,
            self.way,
            URL,
            intake=self.intake,
            heal=self.heal,
            health=self.health,
            rearm=rearm,
            polled=polled,
            clock=self.clock,
        )

    async def heal(self, since: float) -> object:
        done = await self.poller.catch_up(since)
        self.healed.append(since)
        return done

    async def look(self, seconds: float = LOOK_SECONDS) -> str:
        """After so long: how the webhook stands."""
        self.clock.advance(seconds)
        await self.dog.look()
        return self.health.words()[COMPONENT]

    @property
    def sentence(self) -> str:
        state = self.health.get(COMPONENT)
        assert state is not None
        return state.sentence

    def switch_off(self) -> None:
        self.gladly.there.webhooks.switch_off(self.gladly.webhook().id)

    async def hear(self) -> None:
        await self.intake.take(body(gladly_event("CONVERSATION/CLOSED")), Channel.WEBHOOK)

    def _note(self, state: State) -> None:
        self.told.append(state.word)


@asynccontextmanager
async def bench(folder: Path, *, rearm: bool = False, polled: bool = True) -> AsyncIterator[Bench]:
    made = Bench(folder, rearm=rearm, polled=polled)
    await made.store.open()
    try:
        yield made
    finally:
        await made.client.aclose()
        await made.store.close()


async def test_one_that_is_switched_on_and_reached_is_well(tmp_path: Path):
    async with bench(tmp_path) as made:
        assert await made.look() == "ok"
        assert URL in made.sentence
        assert made.healed == []


async def test_one_look_is_one_request(tmp_path: Path):
    async with bench(tmp_path) as made:
        await made.look()
        await made.look()

        assert made.client.requests == {"webhooks": 2}


async def test_that_gladly_switched_it_off_is_seen_at_the_next_look(tmp_path: Path):
    async with bench(tmp_path) as made:
        await made.look()
        made.switch_off()

        assert await made.look() == "switched-off"
        assert "Switch it on with `gladly-source webhook enable`" in made.sentence
        assert not made.gladly.webhook().enabled
        assert LOOK_SECONDS + AGAIN_SECONDS < 120


async def test_it_is_not_switched_on_by_itself_unless_that_is_wanted(tmp_path: Path):
    async with bench(tmp_path) as made:
        made.switch_off()
        await made.look()
        await made.look()

        assert made.gladly.changes == 0


async def test_when_wanted_it_is_switched_on_after_a_healthy_probe_and_the_gap_is_healed(
    tmp_path: Path,
):
    async with bench(tmp_path, rearm=True) as made:
        await made.look()
        made.way.unreached = BROKEN
        made.switch_off()
        off_at = made.clock.now
        assert await made.look() == "switched-off"
        assert "Mend that" in made.sentence
        assert made.gladly.changes == 0

        made.way.unreached = ""
        assert await made.look() == "ok"

        assert made.gladly.webhook().enabled
        assert made.healed == [off_at - GIVE_UP_SECONDS - MARGIN_SECONDS]
        assert made.told == ["ok", "switched-off", "ok"]
        assert "switched on again by itself" in made.sentence
        await made.look()
        assert len(made.healed) == 1


async def test_switched_on_by_hand_the_gap_is_healed_too(tmp_path: Path):
    async with bench(tmp_path) as made:
        await made.look()
        made.switch_off()
        await made.look()
        made.gladly.set_enabled(on=True)

        assert await made.look() == "ok"
        assert len(made.healed) == 1


async def test_what_cannot_be_healed_yet_is_healed_later(tmp_path: Path):
    async with bench(tmp_path) as made:
        made.switch_off()
        await made.look()
        made.gladly.set_enabled(on=True)
        heals = [GladlyUnavailable("Gladly is away.")]

        async def heal(since: float) -> object:
            if heals:
                raise heals.pop()
            return await made.heal(since)

        made.dog._heal = heal
        assert await made.look() == "ok"
        assert made.healed == []
        await made.look()
        assert len(made.healed) == 1


async def test_a_gap_longer_than_gladly_tells_is_read_as_far_as_it_tells(tmp_path: Path):
    async with bench(tmp_path) as made:
        made.switch_off()
        made.clock.advance(3 * 86_400)
        await made.look()
        made.gladly.set_enabled(on=True)
        done = await made.poller.catch_up(made.clock.now - 3 * 86_400)

        assert await made.look() == "ok"
        assert done.since == made.clock.now - LOOK_SECONDS - TOLD_SECONDS


async def test_when_gladly_refuses_that_is_said_and_tried_less_and_less_often(tmp_path: Path):
    async with bench(tmp_path, rearm=True) as made:
        made.gladly.pongs = False
        made.switch_off()
        assert await made.look() == "switched-off"
        assert "cannot be switched on again by itself" in made.sentence
        for _ in range(60):
            await made.look(AGAIN_SECONDS)
        assert 3 <= made.gladly.changes <= 5
        assert made.told == ["switched-off"]

        made.gladly.pongs = True
        assert await made.look(1800) == "ok"


async def test_disabled_by_a_person_is_respected(tmp_path: Path):
    async with bench(tmp_path, rearm=True) as made:
        made.gladly.set_enabled(on=False)

        assert await made.look() == "off"
        assert made.gladly.changes == 0


async def test_disabled_by_a_person_with_no_polling_is_an_alarm(tmp_path: Path):
    async with bench(tmp_path, polled=False) as made:
        made.gladly.set_enabled(on=False)

        assert await made.look() == "disabled"
        assert "nothing comes in" in made.sentence


async def test_one_that_is_deleted_is_missing(tmp_path: Path):
    async with bench(tmp_path) as made:
        await made.look()
        made.gladly.set_enabled(on=False)
        made.gladly.there.webhooks.delete(made.gladly.webhook().id)

        assert await made.look() == "missing"
        assert "webhook create" in made.sentence


async def test_one_that_was_never_there_is_no_alarm_while_somebody_sets_it_up(tmp_path: Path):
    async with bench(tmp_path) as made:
        made.gladly.set_enabled(on=False)
        made.gladly.there.webhooks.delete(made.gladly.webhook().id)

        assert await made.look() == "unknown"
        assert "webhook create" in made.sentence
        assert await made.look(EARLY_SECONDS) == "missing"


async def test_unreachable_counts_down_to_when_gladly_switches_it_off(tmp_path: Path):
    async with bench(tmp_path) as made:
        await made.look()
        made.way.unreached = BROKEN
        assert await made.look() == "ok"  # one may be lost on the way

        assert await made.look(AGAIN_SECONDS) == "unreachable"
        assert BROKEN in made.sentence
        assert "in 95 min" in made.sentence
        await made.look(3600)
        assert "in 35 min" in made.sentence
        await made.look(3600)
        assert "at any time now" in made.sentence
        assert made.told == ["ok", "unreachable"]

        made.way.unreached = ""
        assert await made.look() == "ok"
        assert len(made.healed) == 1
        assert LOOK_SECONDS + MISSED_PROBES * AGAIN_SECONDS <= 120


async def test_what_gladly_brings_proves_that_it_gets_here_whatever_the_probe_says(tmp_path: Path):
    async with bench(tmp_path) as made:
        made.way.unreached = BROKEN
        await made.look()
        await made.look()
        made.clock.advance(1)
        await made.hear()

        assert await made.look() == "ok"
        assert "cannot look for itself" in made.sentence
        assert await made.look(3600) == "ok"


async def test_a_gladly_that_cannot_be_read_is_no_second_alarm(tmp_path: Path):
    async with bench(tmp_path) as made:
        await made.look()
        made.gladly.away = True

        assert await made.look() == "ok"
        words = [await made.look() for _ in range(MISSED_LOOKS)]
        assert words[-1] == "unknown"
        assert made.told == ["ok", "unknown"]


async def test_a_gladly_that_cannot_be_read_does_not_end_an_alarm(tmp_path: Path):
    async with bench(tmp_path) as made:
        made.switch_off()
        await made.look()
        made.gladly.away = True

        assert {await made.look() for _ in range(2 * MISSED_LOOKS)} == {"switched-off"}


async def test_nothing_is_expected_of_it_while_it_cannot_bring_anything(tmp_path: Path):
    async with bench(tmp_path) as made:
        start = made.clock.now
        await made.look()
        assert made.dog.expects_since == start
        made.switch_off()
        await made.look()
        assert made.dog.expects_since is None
        made.gladly.set_enabled(on=True)
        await made.look()

        assert made.dog.expects_since == made.clock.now + CLOCK_SECONDS


async def test_it_looks_until_it_is_stopped(tmp_path: Path):
    async with bench(tmp_path) as made:
        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            group.create_task(made.dog.run())
            await made.way.asked.wait()
            made.dog.stop()
        assert made.way.closed


async def test_what_is_under_way_is_given_up_when_it_is_stopped(tmp_path: Path):
    async with bench(tmp_path) as made:
        made.way.unreached = "stuck"
        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            group.create_task(made.dog.run())
            await made.way.asked.wait()
            made.dog.stop()
        assert COMPONENT not in made.health.words()
