"""A session that stands still, and a world outside that answers at once."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from core.doctor.subject import Outside
from gui.run import Phase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gui.session import Session


class NoWait:
    """A clock on which waiting takes no time."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture(autouse=True)
def collect_here() -> Iterator[None]:
    """Collect garbage on Qt's thread only: objects of Qt must not end on another one."""
    gc.disable()
    yield
    gc.collect()
    gc.enable()


def pytest_itemcollected(item: pytest.Item) -> None:
    """The offscreen platform says so whenever a window with a smallest size is shown."""
    item.add_marker(pytest.mark.qt_log_ignore("does not support propagateSizeHints"))


@pytest.fixture
def still(make_session: Callable[..., Session]) -> Iterator[Callable[..., Session]]:
    """Builds sessions without an engine; phase and states are as given."""
    made = []

    def make(phase: Phase = Phase.RUNNING, **members: Any) -> Session:
        session = make_session(start=False)
        session.phase = phase
        for name, value in members.items():
            setattr(session, name, value)
        made.append(session)
        return session

    yield make
    for session in made:
        session.phase = Phase.STOPPED


@pytest.fixture
def outside() -> Outside:
    """Everybody answers 404, without a date, and the disk has room."""
    transport = httpx.MockTransport(lambda _: httpx.Response(404))
    return Outside(transport=transport, clock=NoWait(), free_bytes=lambda _: 50_000_000_000)
