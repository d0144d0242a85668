"""Test events go through a real listener or straight to a simulated Segment, and are told of."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from core.control import Address
from core.credentials import Secrets
from core.errors import OperationError, SecretMissing
from core.home import Home
from core.sender import sending
from core.sender.bodies import BodyMaker, Scenario, Subject
from core.sender.people import MADE_UP
from core.sender.progress import Step
from core.sender.sending import Sender
from core.settings import Listener, Segment, Settings
from core.simulator.runner import SimulatorServer
from core.simulator.segment import SegmentSimulator
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from tests.fakes import MemorySecrets
from tests.fakes.rig import SECRETS, Rig

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from core.sender.progress import Progress

PASSWORD = SECRETS.webhook_password.reveal()  # type: ignore[union-attr]


@pytest.fixture
def segment() -> Iterator[SegmentSimulator]:
    simulator = SegmentSimulator()
    with SimulatorServer(simulator) as server:
        simulator.url = server.url  # type: ignore[attr-defined]
        yield simulator


@pytest.fixture
def rig(tmp_path: Path, segment: SegmentSimulator) -> Iterator[Rig]:
    with Rig(tmp_path / "home", segment__host=segment.url) as made:  # type: ignore[attr-defined]
        yield made


def sender_of(
    home: Home,
    settings: Settings,
    *,
    password: str | None = PASSWORD,
    url: str | None = None,
    stored: bool = True,
) -> Sender:
    kept = {"write-key": "w" * 32, "webhook-password": password, "webhook-token": "token"}
    place = MemorySecrets({name: one for name, one in kept.items() if one is not None})

    @asynccontextmanager
    async def reading() -> AsyncIterator[SqlStore | None]:
        if not stored:
            yield None
            return
        store = SqlStore(SqliteDriver(home.store_file, read_only=True))
        await store.open()
        yield store
        await store.close()

    return Sender(home, settings, Secrets({}, place), reading=reading, url=url)


def sender_at(rig: Rig, **options: Any) -> Sender:
    return sender_of(rig.home, rig.settings, url=rig.engine.webhook_url(), **options)


def bodies(count: int, scenario: Scenario = Scenario.OPENED) -> list[dict[str, Any]]:
    maker = BodyMaker()
    return [body for _ in range(count) for body in maker.make(scenario)]


async def collected(steps: AsyncIterator[Progress]) -> list[Progress]:
    return [one async for one in steps]


async def test_every_event_is_followed_from_the_answer_to_segment(
    rig: Rig, segment: SegmentSimulator
):
    steps = await collected(sender_at(rig).through(bodies(3)))

    for number in range(3):
        mine = [one for one in steps if one.number == number]
        assert mine[0].step is Step.STORED
        assert mine[-1].step is Step.ACCEPTED
        assert mine[-1].delivery_id is not None
    assert len(segment.accepted) == 3
    assert all(one["context"]["test"] for one in segment.accepted.values())


async def test_an_assignment_changes_what_became_of_the_start(rig: Rig, segment: SegmentSimulator):
    sender = sender_at(rig)

    steps = await collected(sender.through(bodies(1, Scenario.ASSIGNED_LATER), per_second=20))

    last = {one.number: one.step for one in steps}
    assert last == {0: Step.ACCEPTED, 1: Step.SKIPPED}
    (message,) = segment.accepted.values()
    assert message["properties"]["agentId"] == "test-agent"


@pytest.mark.parametrize(
    ("body", "step", "said"),
    [
        ({"type": "PING"}, Step.SKIPPED, "pong"),
        ({"type": "X/Y", "id": "1"}, Step.SKIPPED, "not part of the tracking plan"),
        ({"type": "CONVERSATION/CREATED", "id": "2"}, Step.UNMAPPABLE, "names no conversation"),
    ],
)
async def test_what_leads_to_nothing_ends_with_the_reason(
    rig: Rig, body: dict[str, Any], step: Step, said: str
):
    steps = await collected(sender_at(rig).through([body]))

    assert steps[-1].step is step
    assert said in steps[-1].sentence


async def test_a_repetition_is_told_and_followed(rig: Rig):
    twice = bodies(1) * 2

    steps = await collected(sender_at(rig).through(twice))

    second = [one for one in steps if one.number == 1]
    assert "already" in second[0].sentence
    assert second[-1].step is Step.ACCEPTED


@pytest.mark.logs_warnings
async def test_refused_credentials_are_an_error_of_their_own(rig: Rig):
    with pytest.raises(OperationError, match="refuses our own credentials"):
        await collected(sender_at(rig, password="wrong").through(bodies(1)))


async def test_without_an_engine_nothing_answers(tmp_path: Path):
    settings = Settings(listener=Listener(port=1))
    sender = sender_of(Home(path=tmp_path), settings, stored=False)

    with pytest.raises(OperationError, match=r"Nothing answers on http://127\.0\.0\.1:1/gladly"):
        await collected(sender.through(bodies(1)))


async def test_without_its_password_the_listener_is_not_asked(tmp_path: Path):
    sender = sender_of(Home(path=tmp_path), Settings(), password=None)

    with pytest.raises(SecretMissing):
        await collected(sender.through(bodies(1)))


@pytest.mark.parametrize(
    ("listener", "headers"),
    [
        (Listener(auth="none"), {}),
        (Listener(auth="header"), {"X-Gladly-Token": "token"}),
        (Listener(auth="both"), {"Authorization": "Basic Z2xhZGx5OnDDpHNzd8O2cmQ="}),
    ],
)
def test_the_credentials_are_those_the_listener_asks_for(
    tmp_path: Path, listener: Listener, headers: dict[str, str]
):
    sender = sender_of(Home(path=tmp_path), Settings(listener=listener))

    assert sender._credentials() == headers


def test_without_a_password_both_means_the_token(tmp_path: Path):
    settings = Settings(listener=Listener(auth="both"))
    sender = sender_of(Home(path=tmp_path), settings, password=None)

    assert sender._credentials() == {"X-Gladly-Token": "token"}


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8377/gladly/webhook"),
        ("0.0.0.0", "http://127.0.0.1:8377/gladly/webhook"),  # noqa: S104 - only asked
        ("::1", "http://[::1]:8377/gladly/webhook"),
    ],
)
def test_without_an_engine_the_settings_say_where_the_listener_is(
    tmp_path: Path, host: str, url: str
):
    sender = sender_of(Home(path=tmp_path), Settings(listener=Listener(host=host)))

    assert sender._address() == url


def test_a_running_engine_says_where_its_listener_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    running = type(
        "Running", (), {"address": Address(url="", token="", pid=1, listener="http://x")}
    )
    monkeypatch.setattr(sending.ControlClient, "find", lambda _: running)

    assert sender_of(Home(path=tmp_path), Settings())._address() == "http://x"


@pytest.mark.logs_warnings
async def test_events_that_do_not_arrive_in_time_are_late(rig: Rig, segment: SegmentSimulator):
    segment.faults.set(["503"])

    steps = await collected(sender_at(rig).through(bodies(1), patience=0.5))

    assert steps[-1].step is Step.LATE
    assert "within" in steps[-1].sentence
    segment.faults.clear()


async def test_where_no_store_can_be_read_the_answer_is_all_there_is(rig: Rig):
    sender = sender_at(rig, stored=False)

    steps = await collected(sender.through(bodies(2), per_second=50))

    assert [one.step for one in steps] == [Step.STORED, Step.STORED, Step.LATE, Step.LATE]
    assert "not in this home" in steps[-1].sentence


@pytest.mark.parametrize("direct", [False, True])
async def test_so_many_a_second_and_no_more(rig: Rig, *, direct: bool):
    sender = sender_at(rig)
    send = sender.direct if direct else sender.through
    started = time.monotonic()

    steps = await collected(send(bodies(5), per_second=10))

    assert time.monotonic() - started >= 0.4
    assert sum(one.step is Step.ACCEPTED for one in steps) == 5


@pytest.mark.parametrize("direct", [False, True])
async def test_whoever_stops_looking_stops_sending(
    rig: Rig, segment: SegmentSimulator, *, direct: bool
):
    sender = sender_at(rig)
    send = sender.direct if direct else sender.through

    async with aclosing(send(bodies(50), per_second=5)) as steps:
        await anext(steps)

    assert segment.wait_until(lambda: len(segment.accepted) == 1, 5)
    assert len(rig.webhooks()) == (0 if direct else 1)


async def test_cancelling_stops_sending(rig: Rig):
    sender = sender_at(rig)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await collected(sender.through(bodies(50), per_second=5))

    assert len(rig.webhooks()) < 5


async def test_direct_events_say_what_segment_said(segment: SegmentSimulator, tmp_path: Path):
    settings = Settings(segment=Segment(host=segment.url))  # type: ignore[attr-defined]
    sender = sender_of(Home(path=tmp_path), settings)
    martha = Subject(customer_id="test-customer-martha")
    made = BodyMaker().make(Scenario.ASSIGNED_LATER, martha)

    steps = await collected(sender.direct(made, look_up=MADE_UP.context))

    assert [one.step for one in steps] == [Step.ACCEPTED, Step.SKIPPED]
    (message,) = segment.accepted.values()
    assert steps[0].label == message["messageId"]
    assert message["properties"]["customerName"] == "Martha J Williams"
    assert message["context"]["test"] is True


async def test_direct_events_that_segment_refuses_are_dead(
    segment: SegmentSimulator, tmp_path: Path
):
    segment.faults.set(["401"])
    settings = Settings(segment=Segment(host=segment.url))  # type: ignore[attr-defined]

    (step,) = await collected(sender_of(Home(path=tmp_path), settings).direct(bodies(1)))

    assert step.step is Step.DEAD
    assert "refuses the write key" in step.sentence


async def test_direct_events_go_in_batches(segment: SegmentSimulator, tmp_path: Path):
    settings = Settings(segment=Segment(host=segment.url))  # type: ignore[attr-defined]

    steps = await collected(sender_of(Home(path=tmp_path), settings).direct(bodies(250)))

    assert [one.number for one in steps] == list(range(250))
    assert [one.events for one in segment.requests] == [100, 100, 50]
