"""A simulated week: absences, Gladly down, Segment down, a webhook that is switched off.

In virtual time, with the real poller, ledger, resolver, forwarder and store. What Gladly's webhook
does (repeat, give up, tell twice and out of order) is played here over the real intake.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from random import Random
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from core.coverage import Fate, Interval
from core.gladly.budget import RequestBudget
from core.gladly.client import GladlyClient
from core.gladly.timestamps import parse_timestamp
from core.health import Health
from core.ingest import alarm as alarm_module
from core.ingest import crosscheck as crosscheck_module
from core.ingest import keeper as keeper_module
from core.ingest.channels import Channels
from core.ingest.intake import Intake
from core.mapping.plan import make_plan
from core.model import Channel
from core.pipeline import forwarder as forwarder_module
from core.pipeline import resolver as resolver_module
from core.pipeline.forwarder import Forwarder
from core.pipeline.lookups import NoLookup
from core.pipeline.resolver import Resolver, Rules
from core.segment.client import Answer, Result
from core.segment.message import MessageBuilder
from core.settings import Delivery, Gladly, Mapping_, Settings
from core.signals import Signal
from core.simulator.gladly import DEMO_EMAIL, DEMO_TOKEN, GladlySimulator
from core.simulator.people import make_world
from core.simulator.segment import arrived
from core.simulator.traffic import make_history, truth
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from tests.core.pipeline.virtual_time import PatientDriver, VirtualTime, run

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
#: Gladly's help page: after these the webhook is switched off
REPEATS = (30.0, 5 * MINUTE, 30 * MINUTE, HOUR)
SETTLE = 3 * MINUTE
BEAT = 10 * MINUTE
NS_PER_S = 10**9


class Segment:
    """Takes batches, or fails while it is down; sometimes its answer is lost."""

    def __init__(self, time: VirtualTime, dice: Random) -> None:
        self._time, self._dice = time, dice
        self.accepted: dict[str, dict[str, Any]] = {}
        self.down: list[Interval] = []

    async def upload(self, payloads: Sequence[bytes], *, retry_count: int = 0) -> Answer:
        await asyncio.sleep(0.2)
        if within(self._time.now, self.down):
            return Answer(result=Result.RETRY, code="segment.http_503", sentence="Down.")
        for payload in payloads:
            event = json.loads(payload)
            known = self.accepted.setdefault(event["messageId"], event)
            assert known == event
        if self._dice.random() < 0.1:
            return Answer(
                result=Result.RETRY, code="segment.no_answer", sentence="Lost.", ambiguous=True
            )
        return Answer(result=Result.ACCEPTED, code="segment.accepted", sentence="Accepted.")


class Real:
    """The budget's time: a look-up never has to wait here."""

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Week:
    """Gladly, Segment, and a program that is there now and then."""

    def __init__(self, folder: Path, seed: int, *, same_ids: bool) -> None:
        self.time = VirtualTime()
        self.dice = Random(seed)
        self.began = self.time.now
        world = make_world(seed)
        self.history = make_history(
            world, ends_at=self.began + 7 * DAY, seed=seed, conversations=100, days=7
        )
        self.gladly = GladlySimulator(
            world, requests_per_second=0, same_ids=same_ids, events_lag=15.0, now=self.time
        )
        self.segment = Segment(self.time, self.dice)
        self.gladly_down: list[Interval] = []
        self.absences = self._plan_absences()
        self.store = SqlStore(PatientDriver(SqliteDriver(folder / "store.db"), self.time))
        self.intake: Intake | None = None
        self.switched_on = True
        self.told: set[str] = set()

    def _plan_absences(self) -> list[Interval]:
        """One of each length; Gladly and Segment are down now and then while we are there."""
        lengths = [25 * MINUTE, 30 * HOUR, 2 * HOUR, 26 * HOUR, 9 * HOUR, 40 * MINUTE]
        self.dice.shuffle(lengths)
        at, planned = self.began + 6 * HOUR, []
        for length in lengths:
            planned.append(Interval(at, at + length))
            at += length
            self.segment.down.append(Interval(at + HOUR, at + 3 * HOUR))
            self.gladly_down.append(Interval(at + 4 * HOUR, at + 5 * HOUR))
            at += 7 * HOUR + self.dice.random() * HOUR
        assert at < self.began + 7 * DAY
        return planned

    async def play(self) -> None:
        """The whole week, and until nothing is under way any more."""
        await self.store.open()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._happen(group))
            group.create_task(self._weather())
            for absence in [*self.absences, Interval(self.began + 7 * DAY + 2 * HOUR, 0)]:
                async with self._program():
                    await self._until(absence.start)
                await self._until(absence.end)

    @asynccontextmanager
    async def _program(self) -> AsyncIterator[None]:
        """The services of one process."""
        health, clock = Health(self.time), self.time
        intake = Intake(self.store, clock)
        client = GladlyClient(
            "http://gladly",
            DEMO_EMAIL,
            DEMO_TOKEN,
            budget=RequestBudget(10**6, Real()),
            transport=httpx.ASGITransport(self.gladly.app),
            clock=Real(),
            wall=clock,
        )
        settings = Settings(gladly=Gladly(poll_seconds=300, url="http://gladly"))
        channels = Channels(
            self.store,
            intake,
            settings,
            health=health,
            gladly=client,
            listens=True,
            clock=clock,
        )
        queued, settled = Signal[Any](), Signal[Any]()
        forwarder = Forwarder(
            self.store,
            self.segment,
            Delivery(workers=1),
            health=health,
            settled=settled,
            clock=clock,
            rng=self.dice,
        )
        resolver = Resolver(
            self.store,
            NoLookup(),
            (make_plan(Mapping_(), "default"),),
            MessageBuilder(),
            Rules(settle_seconds=SETTLE, give_up_seconds=HOUR),
            health=health,
            queued=queued,
            owner="week",
            clock=clock,
        )
        intake.stored.connect(lambda _: resolver.wake())
        queued.connect(lambda _: forwarder.wake())
        await self.store.free_webhook_leases()
        await self.store.reap(self.time.now, before=float("inf"))
        services = [forwarder, resolver, *channels.services.values()]
        # Gladly's webhook was switched off: whoever starts the program switches it on again.
        self.switched_on = True
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(service.run()) for service in services]
            self.intake = intake
            try:
                yield
            finally:
                self.intake = None
                for service in services:
                    service.stop()
                await asyncio.wait(tasks)
        await client.aclose()

    async def _happen(self, group: asyncio.TaskGroup) -> None:
        """Everything at its time: into the feed, and by the webhook."""
        for event in self.history:
            await self._until(parse_timestamp(event["timestamp"]) / NS_PER_S)
            self.gladly.load([event])
            for _ in range(self.dice.choice([0, 1, 1, 1, 2])):  # sometimes lost, sometimes twice
                group.create_task(self._call(event))

    async def _call(self, event: dict[str, Any]) -> None:
        """Gladly's webhook: tells, and repeats when nobody answers."""
        await asyncio.sleep(self.dice.random() * MINUTE)
        for wait in (*REPEATS, 0.0):
            if not self.switched_on:
                return
            if self.intake is not None:
                await self.intake.take(json.dumps(event).encode(), Channel.WEBHOOK)
                self.told.add(event["id"])
                return
            await asyncio.sleep(wait)
        self.switched_on = False

    async def _weather(self) -> None:
        for one in self.gladly_down:
            await self._until(one.start)
            self.gladly.faults.set(["503"])
            await self._until(one.end)
            self.gladly.faults.clear()

    async def _until(self, at: float) -> None:
        if at > self.time.now:
            await asyncio.sleep(at - self.time.now)


def within(at: float, intervals: Sequence[Interval]) -> bool:
    return any(one.start <= at < one.end for one in intervals)


@pytest.mark.logs_warnings
@pytest.mark.parametrize(("seed", "same_ids"), [(1, True), (2, False)])
def test_segment_holds_the_truth_and_the_ledger_names_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, same_ids: bool
):
    # Nobody looks on: what wakes by a signal, or only tells, need not look every few seconds.
    monkeypatch.setattr(forwarder_module, "IDLE_SECONDS", HOUR)
    monkeypatch.setattr(resolver_module, "IDLE_SECONDS", HOUR)
    monkeypatch.setattr(crosscheck_module, "LOOK_SECONDS", BEAT)
    monkeypatch.setattr(alarm_module, "LOOK_SECONDS", HOUR)
    monkeypatch.setattr(keeper_module, "BEAT_SECONDS", BEAT)
    monkeypatch.setattr(keeper_module, "MISSED_SECONDS", 2 * BEAT)
    week = Week(tmp_path, seed, same_ids=same_ids)

    async def scenario() -> tuple[list[Any], dict[str, int]]:
        await week.play()
        gaps = await week.store.ledger.gaps(0.0, 1000)
        counts = await week.store.counts()
        await week.store.close()
        return gaps, counts.deliveries

    gaps, deliveries = run(scenario(), week.time)

    # The ledger: every absence, healed but for what Gladly no longer told.
    lost = [Interval(gap.start, gap.end) for gap in gaps if gap.fate is Fate.LOST]
    assert {gap.fate for gap in gaps} == {Fate.HEALED, Fate.LOST}
    for absence in week.absences:
        if absence.end - absence.start < 2 * BEAT:
            continue
        noted = [gap for gap in gaps if gap.start < absence.end and gap.end > absence.start]
        assert min(gap.start for gap in noted) == pytest.approx(absence.start, abs=BEAT + 1)
        assert max(gap.end for gap in noted) == pytest.approx(absence.end, abs=BEAT + 1)
        away = absence.end - absence.start
        gone = sum(gap.end - gap.start for gap in noted if gap.fate is Fate.LOST)
        assert gone == pytest.approx(max(0.0, away - DAY), abs=BEAT + 3 * MINUTE)
    assert len(lost) == 2

    # Segment: exactly the truth of all that is not lost.
    def is_known(event: dict[str, Any]) -> bool:
        at = parse_timestamp(event["timestamp"]) / NS_PER_S
        return event["id"] in week.told or not within(at, lost)

    known = [event for event in week.history if is_known(event)]
    assert len(known) < len(week.history)
    assert arrived(week.segment.accepted.values()) == truth(known)
    assert set(deliveries) == {"accepted"}
    assert deliveries["accepted"] == len(week.segment.accepted)
