"""A service that only one engine does runs while this one leads, and ends at once when not."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from core import leader
from core.health import Health
from core.leader import BEGUN, ELSEWHERE, Leadership, duties, led
from tests.fakes import FakeClock

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.store.session import News
    from core.supervisor import Service


class Session:
    """Leads when a test says so."""

    def __init__(self) -> None:
        self.leading = False

    def start(self, told: Callable[[News], None], changed: Callable[[], None]) -> None:
        """Not needed here."""

    def tell(self, news: News) -> None:
        """Not needed here."""

    def leads(self) -> bool:
        return self.leading

    async def stop(self) -> None:
        """Not needed here."""


class Work:
    """A service that counts how often it was begun and ended."""

    def __init__(self) -> None:
        self.begun = self.ended = 0
        self.over = asyncio.Event()
        self.fails = False
        self.changed = asyncio.Condition()
        self._stop = asyncio.Event()

    def stop(self) -> None:
        self._stop.set()

    async def run(self) -> None:
        self.begun += 1
        async with self.changed:
            self.changed.notify_all()
        try:
            if self.fails:
                raise TimeoutError("of its own")
            await self._stop.wait()
        finally:
            self.ended += 1
            self.over.set()

    async def wait(self, predicate: Callable[[], object]) -> None:
        async with asyncio.timeout(5), self.changed:
            await self.changed.wait_for(predicate)


class Bench:
    """One service, led."""

    def __init__(self) -> None:
        self.session = Session()
        self.leadership = Leadership(self.session)
        self.work = Work()
        self.health = Health(FakeClock())
        services: dict[str, Service] = {"poller": self.work}
        self.led = led(services, self.leadership, self.health)
        self.service = self.led["poller"]

    def lead(self, *, leads: bool) -> None:
        self.session.leading = leads
        self.leadership.changed()

    def said(self) -> str:
        state = self.health.get("poll")
        return "" if state is None else state.sentence


@pytest.fixture
async def bench() -> Bench:
    return Bench()


async def test_it_begins_when_this_engine_leads_and_says_until_then_who_does_it(bench: Bench):
    async with asyncio.TaskGroup() as group:
        group.create_task(bench.service.run())
        await asyncio.sleep(0)
        before = bench.said(), bench.work.begun, duties(bench.led)

        bench.lead(leads=True)
        await bench.work.wait(lambda: bench.work.begun)
        after = bench.said(), duties(bench.led)

        bench.service.stop()

    assert before == (ELSEWHERE, 0, ())
    assert after == (BEGUN, ("poller",))


async def test_it_ends_at_once_when_another_leads_and_begins_again_later(bench: Bench):
    bench.lead(leads=True)
    async with asyncio.TaskGroup() as group:
        group.create_task(bench.service.run())
        await bench.work.wait(lambda: bench.work.begun == 1)

        bench.lead(leads=False)
        for _ in range(5):
            await asyncio.sleep(0)
        lost = bench.work.ended, bench.said(), duties(bench.led)

        bench.lead(leads=True)
        await bench.work.wait(lambda: bench.work.begun == 2)
        bench.service.stop()

    assert lost == (1, ELSEWHERE, ())
    assert bench.work.ended == 2


async def test_a_loss_that_nobody_tells_of_ends_it_soon(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(leader, "LOOK_SECONDS", 0.01)
    bench.lead(leads=True)
    async with asyncio.TaskGroup() as group:
        group.create_task(bench.service.run())
        await bench.work.wait(lambda: bench.work.begun == 1)

        bench.session.leading = False
        async with asyncio.timeout(5):
            await bench.work.over.wait()
        bench.service.stop()

    assert bench.work.begun == 1


async def test_an_error_of_its_own_is_not_taken_for_a_loss(bench: Bench):
    bench.lead(leads=True)
    bench.work.fails = True

    with pytest.raises(TimeoutError, match="of its own"):
        await bench.service.run()


async def test_it_stops_whether_it_leads_or_not(bench: Bench):
    bench.service.stop()

    await bench.service.run()

    assert bench.work.begun == 0
    assert bench.said() == ""
