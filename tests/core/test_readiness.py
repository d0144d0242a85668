"""Ready means that the store took a write just now; who asks often writes no more than that."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from core.errors import StoreFull, StoreUnavailable
from core.health import Health
from core.readiness import FRESH_SECONDS, Readiness
from tests.fakes import FakeClock

if TYPE_CHECKING:
    from collections.abc import Callable


class Driver:
    """Commits, fails or hangs, as a test wants."""

    def __init__(self) -> None:
        self.begun: list[asyncio.Future[int]] = []
        self.hangs = False
        self.error: Exception | None = None
        self.closed = False

    def submit(self, work: Callable[[Any], int], *, simple: bool = False) -> asyncio.Future[int]:
        if self.closed:
            raise StoreUnavailable("The store is closed.")
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.begun.append(future)
        if self.error is not None:
            future.set_exception(self.error)
        elif not self.hangs:
            future.set_result(1)
        return future


class Rig:
    """A readiness with all that it looks at."""

    def __init__(self, patience: float = 5.0) -> None:
        self.driver, self.clock = Driver(), FakeClock(0.0)
        self.health = Health(self.clock)
        self.stopping = False
        self.readiness = Readiness(
            self.driver,  # type: ignore[arg-type]
            self.health,
            lambda: self.stopping,
            patience=patience,
            clock=self.clock,
        )


async def test_a_store_that_takes_a_write_is_ready():
    rig = Rig()

    assert await rig.readiness.look() == "ready"
    assert len(rig.driver.begun) == 1


async def test_who_asks_often_causes_one_write_in_five_seconds():
    rig = Rig()

    words = [await rig.readiness.look() for _ in range(100)]
    rig.clock.advance(FRESH_SECONDS)
    words.append(await rig.readiness.look())

    assert set(words) == {"ready"}
    assert len(rig.driver.begun) == 2


async def test_a_write_that_failed_is_not_ready_until_one_succeeds():
    rig = Rig()
    rig.driver.error = StoreFull("The disk is full.")

    failed = await rig.readiness.look()
    rig.driver.error = None
    rig.clock.advance(FRESH_SECONDS)
    healed = await rig.readiness.look()

    assert (failed, healed) == ("unavailable", "ready")


async def test_a_store_that_hangs_is_not_ready_and_gets_no_second_write():
    rig = Rig(patience=0.01)
    rig.driver.hangs = True

    words = []
    for _ in range(3):
        words.append(await rig.readiness.look())
        rig.clock.advance(FRESH_SECONDS)
    (hanging,) = rig.driver.begun
    hanging.set_result(1)
    rig.driver.hangs = False
    healed = await rig.readiness.look()

    assert words == ["unavailable"] * 3
    assert healed == "ready"


async def test_a_store_that_is_closed_is_not_ready():
    rig = Rig()
    rig.driver.closed = True

    assert await rig.readiness.look() == "unavailable"


@pytest.mark.logs_warnings
async def test_a_nearly_full_disk_takes_a_few_bytes_and_is_not_ready():
    rig = Rig()
    rig.health.set("store", "full", "The disk is full.")

    assert await rig.readiness.look() == "unavailable"
    assert rig.driver.begun == []


async def test_an_engine_that_ends_says_so():
    rig = Rig()
    rig.stopping = True

    assert await rig.readiness.look() == "stopping"
