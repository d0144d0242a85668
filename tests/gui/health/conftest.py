"""A world outside that answers at once."""

from __future__ import annotations

import httpx
import pytest

from core.doctor.subject import Outside


class NoWait:
    """A clock on which waiting takes no time."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def outside() -> Outside:
    """Everybody answers 404, without a date, and the disk has room."""
    transport = httpx.MockTransport(lambda _: httpx.Response(404))
    return Outside(transport=transport, clock=NoWait(), free_bytes=lambda _: 50_000_000_000)
