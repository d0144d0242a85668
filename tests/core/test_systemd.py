"""systemd hears what it waits for, over a real socket, and a silent engine is told by silence."""

from __future__ import annotations

import socket
import uuid
from concurrent.futures import Future
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.systemd import Notifier, SignsOfLife, address_of, watchdog_seconds
from tests.fakes import FakeClock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(params=["file", "abstract"])
def listening(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[str, socket.socket]]:
    """A socket as systemd has it, and its name in NOTIFY_SOCKET."""
    abstract = f"@gladly-source-{uuid.uuid4().hex}"
    name = abstract if request.param == "abstract" else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind("\0" + name[1:] if name.startswith("@") else name)
        sock.settimeout(5)
        yield name, sock


def test_systemd_hears_what_it_is_told(listening: tuple[str, socket.socket]) -> None:
    name, sock = listening

    Notifier({"NOTIFY_SOCKET": name}).tell(READY="1", STATUS="All is well: ünï.")

    assert sock.recv(4096).decode() == "READY=1\nSTATUS=All is well: ünï."


def test_a_value_never_begins_another_line(listening: tuple[str, socket.socket]) -> None:
    name, sock = listening

    Notifier({"NOTIFY_SOCKET": name}).tell(STATUS="one\nMAINPID=1\r\n two")

    assert sock.recv(4096) == b"STATUS=one MAINPID=1 two"


@pytest.mark.parametrize("environ", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "vsock:2:1"}])
def test_without_systemd_nothing_is_told(environ: dict[str, str]) -> None:
    Notifier(environ).tell(READY="1")

    assert address_of(environ) is None


@pytest.mark.logs_warnings
def test_a_socket_that_is_gone_is_logged_once_and_stops_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    notifier = Notifier({"NOTIFY_SOCKET": str(tmp_path / "gone")})

    notifier.tell(READY="1")
    notifier.tell(STOPPING="1")

    assert [one.message for one in caplog.records] == ["systemd cannot be told"]


# --- the watchdog


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "7"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "8"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "-1"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_the_watchdog_s_time_is_systemd_s_where_it_is_meant_for_us(
    environ: dict[str, str], seconds: float | None
) -> None:
    assert watchdog_seconds(environ, pid=7) == seconds


class Engine:
    """Answers when a test says so."""

    def __init__(self) -> None:
        self.asked: list[Future[None]] = []
        self.told = 0

    def ask(self) -> Future[None]:
        self.asked.append(Future())
        return self.asked[-1]

    def tell(self) -> None:
        self.told += 1


def test_a_sign_of_life_is_told_only_when_the_engine_gave_one() -> None:
    engine, clock = Engine(), FakeClock()
    life = SignsOfLife(engine.tell, 30.0, engine.ask, clock)

    life.look()
    life.look()
    before = engine.told
    engine.asked[0].set_result(None)
    life.look()

    assert (before, engine.told, len(engine.asked)) == (0, 1, 1)


def test_an_engine_that_hangs_is_asked_once_and_never_told_alive() -> None:
    engine, clock = Engine(), FakeClock()
    life = SignsOfLife(engine.tell, 30.0, engine.ask, clock)

    for _ in range(100):
        life.look()
        clock.advance(1.0)

    assert (engine.told, len(engine.asked)) == (0, 1)


def test_an_answer_that_failed_is_no_sign_of_life() -> None:
    engine, clock = Engine(), FakeClock()
    life = SignsOfLife(engine.tell, 30.0, engine.ask, clock)

    life.look()
    engine.asked[0].set_exception(RuntimeError("the engine does not run"))
    life.look()
    clock.advance(30.0)
    life.look()

    assert (engine.told, len(engine.asked)) == (0, 2)


def test_without_a_watchdog_nobody_is_asked() -> None:
    engine = Engine()

    SignsOfLife(engine.tell, None, engine.ask).look()

    assert engine.asked == []


@given(seconds=st.floats(3.0, 600.0), steps=st.lists(st.floats(0.01, 0.6), max_size=200))
def test_between_two_signs_of_a_living_engine_is_never_as_much_as_systemd_waits(
    seconds: float, steps: list[float]
) -> None:
    clock, told = FakeClock(0.0), [0.0]
    engine = Engine()
    life = SignsOfLife(lambda: told.append(clock.now), seconds, engine.ask, clock)

    for step in steps:
        life.look()
        for one in engine.asked:
            if not one.done():
                one.set_result(None)
        clock.advance(step)

    told.append(clock.now)
    assert max(after - before for before, after in pairwise(told)) < seconds
