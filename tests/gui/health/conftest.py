"""A session that stands still, and a world outside that answers at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from core.doctor.subject import Outside
from gui.run import Phase
from gui.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.home import Home
    from gui.bridge import Bridge
    from tests.gui.conftest import MemoryPlace

NOWHERE = "https://segment.example"


class NoWait:
    """A clock on which waiting takes no time."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


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


@pytest.fixture
def outside() -> Outside:
    """Everybody answers 404, without a date, and the disk has room."""
    transport = httpx.MockTransport(lambda _: httpx.Response(404))
    return Outside(transport=transport, clock=NoWait(), free_bytes=lambda _: 50_000_000_000)
