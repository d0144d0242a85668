"""The engine: starts, stops in any state, restarts with what was left, and survives a bad part."""

from __future__ import annotations

import asyncio
import json
import socket
import sqlite3
import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from core import engine as engine_module
from core.credentials import Secret, Secrets
from core.engine import Engine, EngineSecrets, gather_secrets
from core.errors import PortInUse, SecretMissing, StoreInUse, StoreTooNew
from core.ingest.server import bind
from core.settings import Confirm, Settings
from core.settings import Gladly as GladlySettings
from core.settings import Listener as ListenerSettings
from core.simulator.gladly import GladlySimulator
from core.simulator.runner import SimulatorServer
from core.simulator.segment import SegmentSimulator, arrived
from tests.fakes import MemorySecrets, body, gladly_event
from tests.fakes.rig import HOOK, SECRETS, Rig, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STOP_SECONDS = 10.0


def closed(number: int) -> dict[str, Any]:
    return gladly_event("CONVERSATION/CLOSED", id=f"e{number}", conversation=f"c{number}")


def post(rig: Rig, *numbers: int) -> None:
    with rig.client() as client:
        for number in numbers:
            assert client.post(HOOK, json=closed(number)).status_code == 200


def our_threads() -> set[str]:
    names = ("engine", "store-", "asyncio_")
    return {one.name for one in threading.enumerate() if one.name.startswith(names)}


@pytest.fixture
def segment() -> Iterator[tuple[SegmentSimulator, str]]:
    simulator = SegmentSimulator()
    with SimulatorServer(simulator) as server:
        yield simulator, server.url


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """After each test no thread of an engine is left."""
    yield
    assert wait_until(lambda: not our_threads(), 5), our_threads()


# --- start and stop ----------------------------------------------------------------------------


def test_it_starts_forwards_and_stops_leaving_port_and_store_free(
    tmp_path: Path, segment: tuple[SegmentSimulator, str]
):
    simulator, url = segment
    with Rig(tmp_path, segment__host=url) as rig:
        port = rig.engine.listener.port  # type: ignore[union-attr]
        post(rig, 1, 2)
        assert simulator.wait_until(lambda: len(simulator.accepted) == 2, 10)
        started = time.monotonic()

        assert rig.stop()
        took = time.monotonic() - started

    assert took < 3
    bind("127.0.0.1", port).close()
    with Rig(tmp_path, segment__host=url):
        pass


def test_it_stops_in_time_amid_a_flood(tmp_path: Path, segment: tuple[SegmentSimulator, str]):
    simulator, url = segment
    with Rig(tmp_path, segment__host=url) as rig:
        over = threading.Event()
        taken: list[int] = []

        def flood() -> None:
            with rig.client() as client:
                for number in range(100_000):
                    try:
                        if client.post(HOOK, json=closed(number)).status_code == 200:
                            taken.append(number)
                    except OSError:
                        return
                    except Exception:  # noqa: BLE001 - the listener is gone
                        return
                    finally:
                        if number == 30:
                            over.set()

        flooding = threading.Thread(target=flood)
        flooding.start()
        assert over.wait(10)
        started = time.monotonic()

        assert rig.stop()
        took = time.monotonic() - started
        flooding.join(10)

    assert took < STOP_SECONDS
    with Rig(tmp_path, segment__host=url):
        assert simulator.wait_until(lambda: len(simulator.accepted) >= len(taken), 10)
    assert {one for _, one, _ in arrived(simulator.accepted.values())} >= {f"c{n}" for n in taken}


@pytest.mark.logs_warnings
def test_it_stops_in_time_while_segment_hangs_and_sends_later_what_was_under_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    assert engine_module.STOP_SECONDS <= STOP_SECONDS - 2
    monkeypatch.setattr(engine_module, "STOP_SECONDS", 0.5)
    simulator = SegmentSimulator(faults=["hang:seconds=60"])
    with SimulatorServer(simulator) as server:
        with Rig(tmp_path, segment__host=server.url) as rig:
            post(rig, 1)
            assert rig.wait(lambda: [one.status for one in rig.deliveries()] == ["sending"])
            started = time.monotonic()

            assert rig.stop()

            assert time.monotonic() - started < 0.5 + 3
        simulator.faults.clear()
        with Rig(tmp_path, segment__host=server.url) as rig:
            assert rig.wait(lambda: [one.status for one in rig.deliveries()] == ["accepted"])


@pytest.mark.logs_warnings
def test_it_stops_in_time_while_gladly_hangs_and_goes_on_later(
    tmp_path: Path, segment: tuple[SegmentSimulator, str]
):
    simulator, url = segment
    gladly = GladlySimulator(email="a@example.com", token="t" * 30, faults=["hang:seconds=60"])
    with SimulatorServer(gladly) as there:
        settings = {
            "segment__host": url,
            "gladly__url": there.url,
            "gladly__agent_email": "a@example.com",
            "gladly__poll": "false",
        }
        with Rig(tmp_path, **settings) as rig:
            post(rig, *range(5))
            assert gladly.wait_until(lambda: gladly.requests, 10)
            started = time.monotonic()

            assert rig.stop()

            assert time.monotonic() - started < 5
    with Rig(tmp_path, segment__host=url):
        assert simulator.wait_until(lambda: len(simulator.accepted) == 5, 10)


def test_stopping_twice_or_before_the_start_does_no_harm(tmp_path: Path):
    never = Rig(tmp_path)
    never.thread.stop()

    with Rig(tmp_path) as rig:
        assert rig.stop()
        rig.thread.stop()


def test_stopped_before_anything_ran_it_gives_its_port_back(tmp_path: Path):
    async def scenario(engine: Engine) -> int:
        await engine.run(ready=engine.stop)
        assert engine.listener is not None
        return engine.listener.port

    made = Rig(tmp_path)._make()
    port = asyncio.run(scenario(made))

    bind("127.0.0.1", port).close()


# --- restart -----------------------------------------------------------------------------------


@pytest.mark.logs_warnings
def test_a_restart_picks_up_received_waiting_pending_and_sending(
    tmp_path: Path, segment: tuple[SegmentSimulator, str]
):
    simulator, url = segment
    with Rig(tmp_path, role="receive") as rig:
        post(rig, 1, 2, 3)
    dead = SegmentSimulator(faults=["503"])
    with SimulatorServer(dead) as server, Rig(tmp_path, segment__host=server.url) as rig:
        assert rig.wait(lambda: {one.status for one in rig.deliveries()} == {"retrying"})
    with closing(sqlite3.connect(tmp_path / "store.db")) as store, store:
        far = time.time() + 9999
        store.execute(
            "UPDATE delivery SET status='sending', lease_owner='killed', lease_until=? WHERE id=1",
            (far,),
        )
        store.execute("UPDATE delivery SET next_attempt_at=?", (time.time(),))
    with Rig(tmp_path, role="receive") as rig:
        post(rig, 4)
    with closing(sqlite3.connect(tmp_path / "store.db")) as store, store:
        store.execute("UPDATE webhook SET lease_owner='killed', lease_until=?", (far,))

    with Rig(tmp_path, segment__host=url) as rig:
        assert rig.wait(lambda: [one.status for one in rig.deliveries()] == ["accepted"] * 4)

    assert {one for _, one, _ in arrived(simulator.accepted.values())} == {"c1", "c2", "c3", "c4"}
    assert set(simulator.copies.values()) == {1}


# --- bad starts --------------------------------------------------------------------------------


def test_a_taken_port_is_an_error_and_leaves_the_store_free(tmp_path: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        rig = Rig(tmp_path, listener__port=taken.getsockname()[1])

        with pytest.raises(PortInUse):
            rig.thread.start()
        assert rig.thread.join(5)

    with Rig(tmp_path):
        pass


def test_a_second_engine_on_the_same_home_is_refused_and_the_first_goes_on(tmp_path: Path):
    with Rig(tmp_path, role="receive") as rig:
        second = Rig(tmp_path, role="receive")

        with pytest.raises(StoreInUse):
            second.thread.start()
        assert second.thread.join(5)

        post(rig, 1)
        assert len(rig.webhooks()) == 1


def test_a_store_from_the_future_is_left_as_it_is(tmp_path: Path):
    with Rig(tmp_path, role="receive"):
        pass
    with closing(sqlite3.connect(tmp_path / "store.db")) as store, store:
        store.execute("PRAGMA user_version = 999")
    rig = Rig(tmp_path)

    with pytest.raises(StoreTooNew):
        rig.thread.start()
    assert rig.thread.join(5)

    with closing(sqlite3.connect(tmp_path / "store.db")) as store, store:
        assert store.execute("PRAGMA user_version").fetchone() == (999,)
        store.execute("BEGIN EXCLUSIVE")
        store.execute("ROLLBACK")


# --- roles -------------------------------------------------------------------------------------


def test_receive_stores_and_sends_nothing_forward_sends_and_does_not_listen(
    tmp_path: Path, segment: tuple[SegmentSimulator, str]
):
    simulator, url = segment
    needs = EngineSecrets(webhook_password=SECRETS.webhook_password)
    with Rig(tmp_path, role="receive", secrets=needs, segment__host=url) as rig:
        post(rig, 1)
        assert [row.status for row in rig.webhooks()] == ["received"]
    assert simulator.request_count == 0

    only_key = EngineSecrets(write_key=SECRETS.write_key)
    with Rig(tmp_path, role="forward", secrets=only_key, segment__host=url) as rig:
        assert rig.engine.listener is None
        assert simulator.wait_until(lambda: len(simulator.accepted) == 1, 10)


def test_a_listener_that_is_switched_off_does_not_listen(tmp_path: Path):
    with Rig(tmp_path, listener__enabled="false") as rig:
        assert rig.engine.listener is None
        assert rig.engine.health.words()["listener"] == "off"


def secrets(**values: str) -> Secrets:
    return Secrets({}, MemorySecrets({k.replace("_", "-"): v for k, v in values.items()}))


def test_receive_needs_no_write_key_and_no_gladly_token():
    settings = Settings(gladly=GladlySettings(url="https://x.gladly.com", agent_email="a@b"))

    found = gather_secrets(settings, secrets(webhook_password="p"), "receive")

    assert found == EngineSecrets(webhook_password=Secret("p"))


def test_forward_needs_no_webhook_password():
    assert gather_secrets(Settings(), secrets(write_key="k"), "forward").webhook_password is None


@pytest.mark.parametrize(
    ("auth", "given", "fits"),
    [
        ("basic", "webhook_password", True),
        ("basic", "webhook_token", False),
        ("header", "webhook_token", True),
        ("header", "webhook_password", False),
        ("both", "webhook_password", True),
        ("both", "webhook_token", True),
        ("both", "echo_secret", False),
        ("none", "echo_secret", True),
    ],
)
def test_the_listener_needs_what_its_auth_asks_for(auth: Any, given: str, fits: bool):
    settings = Settings(listener=ListenerSettings(auth=auth))
    known = secrets(write_key="k", **{given: "s"})

    if fits:
        gather_secrets(settings, known)
    else:
        with pytest.raises(SecretMissing):
            gather_secrets(settings, known)


@pytest.mark.parametrize("role", ["all", "receive"])
def test_echo_needs_its_shared_secret_where_it_is_received(role: Any):
    settings = Settings(confirm=Confirm(echo=True))
    known = {"write_key": "k", "webhook_password": "p"}

    with pytest.raises(SecretMissing, match="shared secret"):
        gather_secrets(settings, secrets(**known), role)
    found = gather_secrets(settings, secrets(**known, echo_secret="s"), role)

    assert found.echo_secret == Secret("s")
    assert Secret("s") in found.all()
    assert gather_secrets(settings, secrets(**known), "forward").echo_secret is None


@pytest.mark.logs_warnings
def test_echoes_are_counted_apart_from_webhooks(tmp_path: Path):
    with Rig(tmp_path) as off, off.client() as client:
        assert client.post("/segment/echo").status_code == 404
        assert "echo" not in off.engine.health.words()
    secrets = msgspec.structs.replace(SECRETS, echo_secret=Secret("s"))
    with Rig(tmp_path, secrets=secrets, confirm__echo="true") as on, on.client() as client:
        for _ in range(5):
            assert client.post("/segment/echo", content=b"{}").status_code == 401

        metrics = client.get("/metrics").text
        assert "gladly_source_unsigned_echoes_total 5.0" in metrics
        assert "gladly_source_unauthorized_requests_total 0.0" in metrics
        assert client.get("/healthz").json()["status"] == "degraded"
        assert on.engine.health.words()["echo"] == "refusing"


def test_every_missing_secret_is_named_at_once():
    settings = Settings(gladly=GladlySettings(url="https://x.gladly.com", agent_email="a@b"))

    with pytest.raises(SecretMissing) as caught:
        gather_secrets(settings, secrets())

    assert "write key" in caught.value.title
    assert "API token" in caught.value.title
    assert "password" in caught.value.title


def test_all_names_the_secrets_that_are_set_for_the_redactor():
    assert EngineSecrets(write_key=Secret("a"), webhook_token=Secret("b")).all() == [
        Secret("a"),
        Secret("b"),
    ]


def test_status_over_http_tells_of_the_running_engine(
    tmp_path: Path, segment: tuple[SegmentSimulator, str]
):
    _, url = segment
    with Rig(tmp_path, segment__host=url) as rig, rig.client() as client:
        post(rig, 1)
        assert rig.wait(lambda: [one.status for one in rig.deliveries()] == ["accepted"])

        status = json.loads(client.get("/status").text)

        assert status["webhooks"] == {"resolved": 1}
        assert status["deliveries"] == {"accepted": 1}
        assert status["components"]["listener"] == "listening"
        assert status["oldestPendingSeconds"] is None


@pytest.mark.parametrize("name", ["WEBHOOK_PASSWORD", "WEBHOOK_TOKEN"])
def test_with_auth_both_one_secret_from_the_environment_is_enough_without_a_keyring(name: str):
    environ = {f"GLADLY_SOURCE_{name}": "value", "GLADLY_SOURCE_WRITE_KEY": "k" * 32}
    secrets = Secrets(environ, MemorySecrets(available=False))

    found = gather_secrets(Settings(listener=ListenerSettings(auth="both")), secrets)

    given = (found.webhook_password, found.webhook_token)
    assert [one.reveal() for one in given if one is not None] == ["value"]


def test_a_running_engine_is_ready_and_counts_what_it_does(tmp_path: Path):
    raw = body(gladly_event("CONVERSATION/CLOSED", agent="agent-1"))
    with (
        SimulatorServer(SegmentSimulator()) as segment,
        Rig(tmp_path, segment__host=segment.url) as rig,
        rig.client() as client,
    ):
        ready = client.get("/readyz", auth=None)
        for _ in range(2):
            client.post(HOOK, content=raw)
        assert rig.wait(lambda: "accepted" in {one.status for one in rig.deliveries()})

        told = client.get("/metrics").text

    assert (ready.status_code, ready.json()) == (200, {"status": "ready"})
    for line in (
        'received_webhooks_total{answer="stored",channel="webhook"} 1.0',
        'received_webhooks_total{answer="duplicate",channel="webhook"} 1.0',
        'settled_deliveries_total{status="accepted"} 1.0',
        'uploads_total{code="segment.accepted"} 1.0',
        "upload_duration_seconds_count 1.0",
        'gap_seconds{fate="open"} 0.0',
    ):
        assert f"gladly_source_{line}" in told
    assert "gladly_source_inbox_commit_duration_seconds_count 0.0" not in told


@pytest.mark.logs_warnings
def test_an_engine_whose_store_was_taken_away_is_not_ready(tmp_path: Path):
    with Rig(tmp_path) as rig, rig.client() as client:
        rig.home.store_file.unlink()

        assert rig.wait(lambda: client.get("/readyz").status_code == 503)
        assert client.get("/readyz").json() == {"status": "unavailable"}
