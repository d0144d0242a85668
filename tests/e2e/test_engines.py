"""Engines on PostgreSQL: each minds its own leases, and goes on when the server is back."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from core import presence
from core.errors import OperationError, StoreInUse
from core.leader import ELSEWHERE
from core.pipeline import forwarder, resolver
from core.presence import GONE_SECONDS
from core.simulator.gladly import GladlySimulator
from core.simulator.people import make_world
from core.simulator.runner import SimulatorServer
from core.simulator.segment import SegmentSimulator, arrived
from core.simulator.traffic import make_history, truth
from core.store.postgres_session import PostgresSession
from tests.fakes import gladly_event
from tests.fakes.postgres import serving as serving_postgres
from tests.fakes.rig import HOOK, Rig

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.fakes.postgres import Server

HOUR = 3600.0
EMAIL = "a@b.example"
NOW = 1_780_000_000.0
SETTLED = frozenset({"resolved", "skipped", "unmappable"})


def closed(number: int) -> dict[str, Any]:
    return gladly_event("CONVERSATION/CLOSED", id=f"e{number}", conversation=f"c{number}")


def post(rig: Rig, *numbers: int) -> None:
    with rig.client() as client:
        for number in numbers:
            assert client.post(HOOK, json=closed(number)).status_code == 200


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    """What stands in the database, whatever the engines think."""
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        cursor = connection.execute(query)  # type: ignore[call-overload]
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def segment() -> Iterator[tuple[SegmentSimulator, str]]:
    simulator = SegmentSimulator()
    with SimulatorServer(simulator) as server:
        yield simulator, server.url


@pytest.fixture
def own_server() -> Iterator[Server]:
    """A server that a test may stop."""
    yield from serving_postgres()


# --- one engine on a shared store --------------------------------------------------------------


def test_an_engine_on_postgresql_forwards_and_goes_on_after_a_restart(
    tmp_path: Path, postgres_url: str, segment: tuple[SegmentSimulator, str]
):
    simulator, url = segment
    with Rig(tmp_path / "a", role="receive", store__url=postgres_url) as rig:
        post(rig, 1, 2)

    with Rig(tmp_path / "b", store__url=postgres_url, segment__host=url) as rig:
        assert simulator.wait_until(lambda: len(simulator.accepted) == 2, 10)
        post(rig, 3)
        assert simulator.wait_until(lambda: len(simulator.accepted) == 3, 10)

    assert not (tmp_path / "b" / "store.db").exists()
    assert {one for _, one, _ in arrived(simulator.accepted.values())} == {"c1", "c2", "c3"}


@pytest.mark.logs_warnings
def test_a_start_leaves_alone_what_another_engine_has_leased(
    tmp_path: Path, postgres_url: str, segment: tuple[SegmentSimulator, str]
):
    simulator, url = segment
    with Rig(tmp_path / "a", store__url=postgres_url, segment__host="http://127.0.0.1:9") as rig:
        post(rig, 1, 2)
        assert rig.wait(lambda: [one.status for one in rig.deliveries()] == ["retrying"] * 2)
        rig.engine.pause()
    with Rig(tmp_path / "a", role="receive", store__url=postgres_url) as rig:
        post(rig, 3, 4)
    now = time.time()
    rows(postgres_url, "UPDATE meta SET value = 'no' WHERE name = 'paused'")
    for table, status in (("delivery", "'sending'"), ("webhook", "status")):
        for one, until in ((1, now + HOUR), (2, now - 1)):
            rows(
                postgres_url,
                f"UPDATE {table} SET status = {status}, lease_owner = 'other', "  # noqa: S608 - constant
                f"lease_until = {until} WHERE id = {one if table == 'delivery' else one + 2}",
            )

    with Rig(tmp_path / "b", store__url=postgres_url, segment__host=url):
        assert simulator.wait_until(lambda: len(simulator.accepted) == 2, 10)

    assert {one for _, one, _ in arrived(simulator.accepted.values())} == {"c2", "c4"}
    leased = "SELECT id FROM {} WHERE lease_owner = 'other'"
    assert rows(postgres_url, leased.format("delivery")) == [(1,)]
    assert rows(postgres_url, leased.format("webhook")) == [(3,)]


@pytest.mark.logs_warnings
def test_times_in_the_store_are_the_servers_whatever_this_machine_shows(
    tmp_path: Path,
    postgres_url: str,
    segment: tuple[SegmentSimulator, str],
    monkeypatch: pytest.MonkeyPatch,
):
    simulator, url = segment
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + HOUR)

    with Rig(tmp_path, store__url=postgres_url, segment__host=url) as rig:
        post(rig, 1)
        assert simulator.wait_until(lambda: len(simulator.accepted) == 1, 10)
        assert rig.wait(lambda: [one.status for one in rig.deliveries()] == ["accepted"])

    times = rows(
        postgres_url,
        "SELECT w.received_at, d.created_at, d.accepted_at, a.started_at FROM webhook w, "
        "delivery d, attempt a",
    )
    assert [abs(one - real()) < 60 for one in times[0]] == [True] * 4


@pytest.mark.logs_warnings
def test_while_the_server_is_away_gladly_is_told_to_come_back_and_all_goes_on_by_itself(
    tmp_path: Path, own_server: Server, segment: tuple[SegmentSimulator, str]
):
    simulator, url = segment
    store = own_server.empty()
    with Rig(tmp_path, store__url=store, segment__host=url) as rig, rig.client() as client:
        post(rig, 1)
        assert simulator.wait_until(lambda: len(simulator.accepted) == 1, 10)

        own_server.kill()
        answer = client.post(HOOK, json=closed(2))
        said = rig.engine.health.get("store")
        own_server.start()
        back = rig.wait(lambda: client.post(HOOK, json=closed(2)).status_code == 200, 15)

        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert said is not None
        assert said.word == "unavailable"
        assert said.sentence.startswith("The database server cannot be used")
        assert back
        assert simulator.wait_until(lambda: len(simulator.accepted) == 2, 15)
        assert rig.wait(lambda: rig.engine.health.words()["store"] == "ok", 15)


# --- several engines ---------------------------------------------------------------------------


@pytest.fixture
def gladly() -> Iterator[tuple[GladlySimulator, str]]:
    simulator = GladlySimulator(email=EMAIL, token="t" * 30, requests_per_second=0)
    with SimulatorServer(simulator) as server:
        yield simulator, server.url


def together(store: str, segment_url: str, gladly_url: str, **more: object) -> dict[str, Any]:
    return {
        "store__url": store,
        "segment__host": segment_url,
        "gladly__url": gladly_url,
        "gladly__agent_email": EMAIL,
        "gladly__poll_seconds": 30,
        **more,
    }


def polls(rig: Rig) -> bool:
    return rig.engine.health.words()["poll"] == "ok"


def test_one_of_several_engines_polls_and_another_goes_on_when_it_ends(
    tmp_path: Path,
    postgres_url: str,
    segment: tuple[SegmentSimulator, str],
    gladly: tuple[GladlySimulator, str],
):
    terms = together(postgres_url, segment[1], gladly[1])
    with Rig(tmp_path / "b", **terms) as first:
        assert first.wait(lambda: polls(first), 15)
        with (
            Rig(tmp_path / "r", role="receive", **terms) as receiver,
            Rig(tmp_path / "f", role="forward", **terms) as other,
        ):
            assert other.wait(lambda: other.engine.health.words()["poll"] == "off", 15)
            with pytest.raises(OperationError, match="Another engine on this store"):
                other.ask(other.engine.catch_up())

            began = time.monotonic()
            assert first.stop()
            assert other.wait(lambda: polls(other), 15)
            took = time.monotonic() - began

            other.ask(other.engine.catch_up())
            state = receiver.engine.health.get("silence")
    assert took < 15
    assert state is not None
    assert state.sentence == ELSEWHERE


def test_status_tells_of_every_engine_and_when_it_was_last_heard_of(
    tmp_path: Path, postgres_url: str, segment: tuple[SegmentSimulator, str]
):
    terms = {"store__url": postgres_url, "segment__host": segment[1]}
    with (
        Rig(tmp_path / "a", **terms) as one,
        Rig(tmp_path / "r", role="receive", **terms) as receiver,
        receiver.client() as client,
    ):

        def engines() -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = client.get("/status").json()["engines"]
            return found

        assert one.wait(lambda: any(each["leads"] for each in engines()), 15)
        assert [each["role"] for each in engines()] == ["all", "receive"]
        assert engines()[0]["leads"] == ["keeper", "silence"]
        assert all(each["lastHeardSeconds"] < GONE_SECONDS for each in engines())


# --- the order of events -----------------------------------------------------------------------


@pytest.mark.logs_warnings
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_events_of_one_conversation_at_several_engines_at_one_instant_send_the_truth(
    tmp_path: Path, postgres_url: str, segment: tuple[SegmentSimulator, str], seed: int
):
    simulator, url = segment
    history = make_history(make_world(seed), ends_at=NOW, seed=seed, conversations=30)
    # A deletion waits for what is paused here.
    history = [one for one in history if not one["type"].startswith("CUSTOMER")]
    random.Random(seed).shuffle(history)
    terms = {"store__url": postgres_url, "segment__host": url}
    with Rig(tmp_path / "a", **terms) as one, Rig(tmp_path / "b", **terms) as two:
        for rig in (one, two):
            # What a late event disproves can be withdrawn as long as it was not sent.
            rig.ask(pause(rig))

        def tell(rig: Rig, events: list[dict[str, Any]]) -> None:
            with rig.client() as client:
                for event in events:
                    assert client.post(HOOK, json=event).status_code == 200

        # Neighbours in the shuffled history go to both engines; some events to both of them.
        parts = [(rig, history[start::4]) for start, rig in enumerate((one, two, one, two))]
        parts += [(one, history[1::7]), (two, history[0::7])]
        with ThreadPoolExecutor(len(parts)) as pool:
            assert list(pool.map(lambda part: tell(*part), parts)) == [None] * len(parts)
        assert one.wait(lambda: set(one.ask(one.engine.store.counts()).webhooks) <= SETTLED, 20)
        for rig in (one, two):
            rig.ask(resume(rig))

        wanted = truth(history)
        assert simulator.wait_until(lambda: len(simulator.accepted) >= len(wanted), 20)
        assert one.wait(
            lambda: set(one.ask(one.engine.store.counts()).deliveries) <= {"accepted"}, 20
        )
    assert arrived(simulator.accepted.values()) == wanted
    assert len(simulator.accepted) == len(wanted)
    assert set(simulator.copies.values()) == {1}


async def pause(rig: Rig) -> None:
    rig.engine.pause()


async def resume(rig: Rig) -> None:
    rig.engine.resume()


def test_a_home_has_one_engine_though_the_store_takes_many(tmp_path: Path, postgres_url: str):
    terms = {"store__url": postgres_url, "role": "receive"}
    with Rig(tmp_path, **terms) as rig:
        second = Rig(tmp_path, **terms)

        with pytest.raises(StoreInUse):
            second.thread.start()
        assert second.thread.join(5)

        post(rig, 1)
        assert (tmp_path / "control.json").exists()


# --- what one engine tells the others ----------------------------------------------------------


def apart(tmp_path: Path, store: str, segment_url: str) -> tuple[Rig, Rig]:
    """One that receives, one that forwards."""
    terms = {"store__url": store, "segment__host": segment_url}
    return Rig(tmp_path / "r", role="receive", **terms), Rig(
        tmp_path / "f", role="forward", **terms
    )


def test_what_one_receives_another_forwards_at_once(
    tmp_path: Path,
    postgres_url: str,
    segment: tuple[SegmentSimulator, str],
    monkeypatch: pytest.MonkeyPatch,
):
    for worker in (resolver, forwarder):
        monkeypatch.setattr(worker, "IDLE_SECONDS", HOUR)
    simulator, url = segment
    receiver, sender = apart(tmp_path, postgres_url, url)
    with receiver, sender:
        for number in range(5):
            post(receiver, number)
            assert simulator.wait_until(lambda n=number: len(simulator.accepted) == n + 1, 10)


def test_what_nobody_is_told_of_is_found_all_the_same(
    tmp_path: Path,
    postgres_url: str,
    segment: tuple[SegmentSimulator, str],
    monkeypatch: pytest.MonkeyPatch,
):
    assert max(resolver.IDLE_SECONDS, forwarder.IDLE_SECONDS) <= 5
    monkeypatch.setattr(resolver, "IDLE_SECONDS", 0.2)
    monkeypatch.setattr(PostgresSession, "tell", lambda *_: None)
    simulator, url = segment
    receiver, sender = apart(tmp_path, postgres_url, url)
    with receiver, sender:
        for number in range(3):
            post(receiver, number)
            assert simulator.wait_until(lambda n=number: len(simulator.accepted) == n + 1, 10)


@pytest.mark.logs_warnings
def test_who_pauses_one_engine_pauses_and_resumes_all(
    tmp_path: Path,
    postgres_url: str,
    segment: tuple[SegmentSimulator, str],
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(presence, "BEAT_SECONDS", 0.1)
    terms = {"store__url": postgres_url, "segment__host": segment[1]}
    with Rig(tmp_path / "a", **terms) as one, Rig(tmp_path / "b", **terms) as two:

        def word(rig: Rig) -> str | None:
            return rig.engine.health.words().get("segment")

        one.ask(pause(one))
        assert two.wait(lambda: word(two) == "paused")
        two.ask(resume(two))

        assert one.wait(lambda: word(one) == "unknown")
        post(one, 1)
        assert segment[0].wait_until(lambda: len(segment[0].accepted) == 1, 10)
