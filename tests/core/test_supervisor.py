"""Services that fail are started again; one that keeps failing is shown, and others go on."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from core import supervisor as module
from core.health import Health
from core.supervisor import FAILED, Supervisor
from tests.fakes import FakeClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PATIENCE = 10.0


class Fragile:
    """A service that crashes so many times, then runs until it is stopped."""

    def __init__(self, times: int) -> None:
        self.runs = 0
        self.ran = asyncio.Event()
        self.began = asyncio.Event()
        self._times = times
        self._stop = asyncio.Event()

    async def run(self) -> None:
        self.runs += 1
        self.began.set()
        if self.runs <= self._times:
            raise RuntimeError("a bug")
        self.ran.set()
        await self._stop.wait()

    def stop(self) -> None:
        self._stop.set()


class Stage:
    """A supervisor with services."""

    def __init__(self) -> None:
        self.health = Health(FakeClock())
        self.stopping = asyncio.Event()
        self.supervisor = Supervisor(self.health, self.stopping)
        self.failed = asyncio.Event()
        self.health.changed.connect(lambda state: state.word == FAILED and self.failed.set())


@asynccontextmanager
async def running(**services: Fragile) -> AsyncIterator[Stage]:
    stage = Stage()
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        for name, service in services.items():
            group.create_task(stage.supervisor.run(name, service))
        yield stage
        stage.stopping.set()
        for service in services.values():
            service.stop()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RESTART_SECONDS", 0.001)


@pytest.mark.logs_warnings
async def test_a_service_that_crashes_is_started_again(impatient: None):
    service = Fragile(2)

    async with running(part=service) as stage:
        await service.ran.wait()

        assert service.runs == 3
        assert stage.health.get("part") is None


@pytest.mark.logs_warnings
async def test_one_that_keeps_crashing_is_shown_failed_and_the_others_go_on(impatient: None):
    bad, good = Fragile(1_000_000), Fragile(0)

    async with running(bad=bad, good=good) as stage:
        await stage.failed.wait()

        assert bad.runs >= 3
        assert stage.health.words() == {"bad": FAILED}
        assert good.runs == 1


@pytest.mark.logs_warnings
async def test_one_that_runs_again_is_said_to(impatient: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "CALM_SECONDS", 0.0)
    service = Fragile(3)

    async with running(part=service) as stage:
        stage.health.set("part", FAILED, "It keeps failing.")
        calm = asyncio.Event()
        stage.health.changed.connect(lambda state: state.word == "ok" and calm.set())
        await calm.wait()


@pytest.mark.logs_warnings
async def test_stopping_does_not_wait_for_the_next_start(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "RESTART_SECONDS", 1000)
    service = Fragile(1)

    async with running(part=service):
        await service.began.wait()

    assert service.runs == 1
