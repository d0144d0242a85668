"""The engine and the port: running, stopped, free, ours, somebody else's."""

from __future__ import annotations

import msgspec
import pytest

from core.control import Address
from core.doctor import listening
from core.home import Home
from core.ingest.server import bind
from core.simulator.runner import SimulatorServer
from core.simulator.segment import SegmentSimulator


async def test_no_engine_is_a_warning_that_says_how_to_start_one(make_subject):
    outcome = await listening.engine(make_subject())

    assert (outcome.verdict, outcome.code) == ("warn", "engine.stopped")
    assert "gladly-source serve" in outcome.hint


async def test_a_running_engine_is_found(make_subject, settings, home, engine_on):
    async with engine_on(home, settings(listener={"port": 0})):
        outcome = await listening.engine(make_subject())

    assert (outcome.verdict, outcome.code) == ("ok", "engine.running")


async def test_a_caller_that_runs_the_engine_itself_is_believed(make_subject):
    outcome = await listening.engine(make_subject(engine_running=True))

    assert outcome.verdict == "ok"


async def test_an_address_left_behind_by_a_dead_engine_does_not_count(
    make_subject, home, free_port
):
    left = Address(url=f"http://127.0.0.1:{free_port}", token="x", pid=1)
    home.control_file.write_bytes(msgspec.json.encode(left))

    outcome = await listening.engine(make_subject())

    assert outcome.code == "engine.stopped"


@pytest.mark.logs_warnings
async def test_a_stranger_at_the_address_of_a_dead_engine_does_not_count(make_subject, home):
    with SimulatorServer(SegmentSimulator()) as server:
        left = Address(url=server.url, token="x", pid=1)
        home.control_file.write_bytes(msgspec.json.encode(left))

        outcome = await listening.engine(make_subject())

    assert outcome.code == "engine.stopped"


async def test_a_free_port_is_fine(make_subject, settings, free_port):
    wanted = settings(listener={"port": free_port})

    outcome = await listening.port(make_subject(), wanted)

    assert (outcome.verdict, outcome.code) == ("ok", "port.free")
    assert outcome.detail == {"host": "127.0.0.1", "port": str(free_port)}


async def test_port_0_takes_any(make_subject, settings):
    outcome = await listening.port(make_subject(), settings(listener={"port": 0}))

    assert (outcome.verdict, outcome.code) == ("ok", "port.any")


async def test_without_a_listener_no_port_is_needed(make_subject, settings):
    outcome = await listening.port(make_subject(), settings(listener={"enabled": False}))

    assert (outcome.verdict, outcome.code) == ("skip", "port.off")


async def test_the_port_of_our_own_engine_is_fine(
    make_subject, settings, home, engine_on, free_port
):
    wanted = settings(listener={"port": free_port})

    async with engine_on(home, wanted):
        outcome = await listening.port(make_subject(), wanted)

    assert (outcome.verdict, outcome.code) == ("ok", "port.ours")
    assert outcome.detail["status"] == "ok"


@pytest.mark.logs_warnings
async def test_an_engine_that_wants_attention_is_a_warning(
    make_subject, settings, home, engine_on, free_port
):
    wanted = settings(listener={"port": free_port})

    async with engine_on(home, wanted) as engine:
        engine.health.set("gladly", "failed", "It fails.")
        outcome = await listening.port(make_subject(), wanted)

    assert (outcome.verdict, outcome.code) == ("warn", "port.ours_degraded")


async def test_the_port_of_another_homes_engine_is_in_use(
    make_subject, settings, tmp_path, engine_on, free_port
):
    other = Home(path=tmp_path / "other")
    wanted = settings(listener={"port": free_port})

    async with engine_on(other, wanted):
        outcome = await listening.port(make_subject(), wanted)

    assert (outcome.verdict, outcome.code) == ("fail", "listener.port_in_use")
    assert "another home" in outcome.title


async def test_the_port_of_another_program_names_it_where_that_is_known(
    make_subject, settings, monkeypatch
):
    monkeypatch.setattr(listening, "port_owner", lambda _: "nginx (process 7)")
    with SimulatorServer(SegmentSimulator()) as server:
        wanted = settings(listener={"port": server.port})

        outcome = await listening.port(make_subject(), wanted)

    assert (outcome.verdict, outcome.code) == ("fail", "listener.port_in_use")
    assert "in use by nginx (process 7)" in outcome.title
    assert outcome.detail["owner"] == "nginx (process 7)"
    assert "listener.port" in outcome.hint


async def test_the_port_of_an_unknown_program_is_in_use(make_subject, settings, monkeypatch):
    monkeypatch.setattr(listening, "port_owner", lambda _: None)
    monkeypatch.setattr(listening, "ANSWER_SECONDS", 0.05)
    silent = bind("127.0.0.1", 0)
    wanted = settings(listener={"port": silent.getsockname()[1]})

    outcome = await listening.port(make_subject(), wanted)
    silent.close()

    assert (outcome.verdict, outcome.code) == ("fail", "listener.port_in_use")
    assert "another program" in outcome.title


async def test_an_address_of_another_machine_fails(make_subject, settings):
    wanted = settings(listener={"host": "192.0.2.1"})

    outcome = await listening.port(make_subject(), wanted)

    assert (outcome.verdict, outcome.code) == ("fail", "listener.bind_refused")
