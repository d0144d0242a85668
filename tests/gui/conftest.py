"""Fixtures for the window: a bridge, a look, and sessions on real engines in homes of their own."""

from __future__ import annotations

import gc
import itertools
from typing import TYPE_CHECKING, Any

import pytest

from core.home import Home
from core.simulator.runner import SimulatorServer
from core.simulator.segment import SegmentSimulator
from gui import icons
from gui.bridge import Bridge
from gui.look import Look
from gui.run import Phase
from gui.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from PySide6.QtGui import QPainterPath
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot


PATIENCE_MS = 10_000
NOWHERE = "https://segment.example"


class MemoryPlace:
    """Keeps secrets in memory, in place of the OS keyring."""

    def __init__(self, **secrets: str) -> None:
        self.secrets = {name.replace("_", "-"): value for name, value in secrets.items()}

    def get(self, name: str) -> str | None:
        return self.secrets.get(name)

    def set(self, name: str, value: str) -> None:
        self.secrets[name] = value

    def delete(self, name: str) -> bool:
        return self.secrets.pop(name, None) is not None


_tests = itertools.count(1)
FULL_EVERY = 40


@pytest.fixture(autouse=True, scope="module")
def _collected_on_this_thread() -> Iterator[None]:
    """As in the app: the collector must not delete Qt's objects on another thread.

    Not between two tests, either, and not in those of an engine that come behind this file.
    """
    gc.disable()
    yield
    gc.collect()
    gc.enable()


@pytest.fixture(autouse=True)
def _collected_soon(_collected_on_this_thread: None) -> Iterator[None]:
    """What a test left is young; a full collection costs a quarter of a second, so it is rare."""
    yield
    gc.collect(2 if next(_tests) % FULL_EVERY == 0 else 1)


@pytest.fixture
def bridge(qapp: QApplication) -> Iterator[Bridge]:
    """The way to the work thread."""
    made = Bridge()
    yield made
    made.stop()


@pytest.fixture(scope="session")
def glyphs(qapp: QApplication) -> dict[str, QPainterPath]:
    """The outlines of all icons, which are the same for every look."""
    del qapp
    return icons._read_paths()


@pytest.fixture
def look(qapp: QApplication, glyphs: dict[str, QPainterPath]) -> Look:
    """Colours and icons."""
    made = Look(qapp, dark=False)
    made._icons._paths = glyphs
    return made


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home of its own; not there yet."""
    return Home(path=tmp_path / "home")


@pytest.fixture
def place() -> MemoryPlace:
    """Secrets as a person would have kept them."""
    return MemoryPlace(
        write_key="w" * 32, gladly_token="t" * 30, webhook_password="pässwörd", webhook_token="x"
    )


@pytest.fixture
def segment() -> Iterator[SegmentSimulator]:
    """A simulated Segment; its address is `segment.url`."""
    simulator = SegmentSimulator()
    with SimulatorServer(simulator) as server:
        simulator.url = server.url  # type: ignore[attr-defined]
        yield simulator


@pytest.fixture
def make_session(
    qtbot: QtBot, bridge: Bridge, home: Home, place: MemoryPlace, segment: SegmentSimulator
) -> Iterator[Callable[..., Session]]:
    """Builds sessions on `home` with a simulated Segment; stops them all at the end.

    Settings are written as `section__key=value`; `start=False` only builds.
    """
    made: list[Session] = []

    def make(*, start: bool = True, profile: str | None = None, **settings: object) -> Session:
        values = {
            "listener__port": 0,
            "listener__public_url": "https://hooks.example.com",
            "segment__host": segment.url,  # type: ignore[attr-defined]
            "delivery__linger_ms": 0,
            "mapping__settle_seconds": 0,
            **settings,
        }
        environ = {
            f"GLADLY_SOURCE_{name.upper()}": str(one)
            for name, one in values.items()
            if one is not None
        }
        session = Session(bridge, home, environ, place=place, profile=profile)
        made.append(session)
        if start:
            session.start()
            qtbot.waitUntil(
                lambda: session.phase in {Phase.RUNNING, Phase.ATTACHED, Phase.FAILED},
                timeout=PATIENCE_MS,
            )
        return session

    yield make
    for session in made:
        session.stop()
    for session in made:
        qtbot.waitUntil(lambda one=session: one.phase is Phase.STOPPED, timeout=PATIENCE_MS)


@pytest.fixture
def still(bridge: Bridge, home: Home, place: MemoryPlace) -> Callable[..., Session]:
    """Builds sessions without an engine; phase and states are as given."""

    def make(phase: Phase = Phase.RUNNING, **members: Any) -> Session:
        environ = {"GLADLY_SOURCE_LISTENER__PORT": "0", "GLADLY_SOURCE_SEGMENT__HOST": NOWHERE}
        session = Session(bridge, home, environ, place=place)
        session.phase = phase
        for name, value in members.items():
            setattr(session, name, value)
        return session

    return make
