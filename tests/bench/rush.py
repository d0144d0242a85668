"""An hour's rush with polling on: every request to Gladly, in virtual time.

The real poller, resolver, look-ups, budget and store with the settings as they come; Gladly is
simulated with its real limit and its events come up to 15 s late. Half of the conversations begin
within five minutes. Only the waiting is virtual: what is counted does not depend on the machine.
"""

from __future__ import annotations

import asyncio
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import msgspec

from core.gladly.budget import RequestBudget
from core.gladly.client import GladlyClient
from core.gladly.lookup import ContextLookup
from core.gladly.timestamps import parse_timestamp
from core.health import Health
from core.ingest.channels import Channels
from core.ingest.intake import Intake
from core.mapping.plan import make_plan
from core.model import Channel
from core.pipeline.resolver import Resolver, Rules
from core.segment.message import MessageBuilder
from core.settings import Gladly, Settings
from core.signals import Signal
from core.simulator.events import Conversation, EventMaker
from core.simulator.gladly import DEMO_EMAIL, DEMO_TOKEN, REAL_LIMIT, GladlySimulator
from core.simulator.people import make_world, new_id
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from tests.core.pipeline.virtual_time import PatientDriver, VirtualTime, run

if TYPE_CHECKING:
    from collections import Counter
    from pathlib import Path

HOUR = 3600.0
NS_PER_S = 10**9
#: half of the conversations begin between these two
PEAK = (1500.0, 1800.0)
#: seconds from created to assigned, and from there to closed; on average
TAKEN, SOLVED = 60.0, 600.0
EVENTS_LAG = 15.0
#: until look-ups that had to wait for their turn are done
AFTERWARDS = 600.0


class Rush(NamedTuple):
    """What an hour came to: deliveries, requests by kind, and the most within any one second."""

    conversations: int
    events: int
    requests: Counter[str]
    most: int
    refused: int


class _Clock:
    """The budget's time is the loop's."""

    def __init__(self, time: VirtualTime) -> None:
        self._time = time

    def monotonic(self) -> float:
        return self._time.now

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class _Counting(httpx.AsyncBaseTransport):
    """The way to Gladly; notes when each request went."""

    def __init__(self, gladly: GladlySimulator, time: VirtualTime) -> None:
        self._way = httpx.ASGITransport(gladly.app)
        self._time = time
        self.at: list[float] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.at.append(self._time.now)
        return await self._way.handle_async_request(request)


def settings(*, poll: bool) -> Settings:
    """As they come, but for whether Gladly's events are read."""
    return Settings(gladly=Gladly(url="http://gladly", agent_email=DEMO_EMAIL, poll=poll))


def rush(folder: Path, conversations: int, customers: int, *, poll: bool) -> Rush:
    """Let an hour pass."""
    folder.mkdir()
    time = VirtualTime()
    gladly = GladlySimulator(
        make_world(customers=customers),
        requests_per_second=REAL_LIMIT,
        events_lag=EVENTS_LAG,
        now=time,
    )
    way = _Counting(gladly, time)
    store = SqlStore(PatientDriver(SqliteDriver(folder / "store.db"), time))
    happens = story(gladly, time.now, conversations)
    events = run(_hour(gladly, way, store, happens, time=time, wanted=settings(poll=poll)), time)
    return Rush(conversations, events, gladly.lookups, most(way.at), gladly.rate_limited)


async def _hour(
    gladly: GladlySimulator,
    way: _Counting,
    store: SqlStore,
    happens: list[dict[str, Any]],
    *,
    time: VirtualTime,
    wanted: Settings,
) -> int:
    """Tell everything at its time by the webhook and in the feed; how many deliveries."""
    clock, health = _Clock(time), Health(time)
    ends = time.now + HOUR + AFTERWARDS
    await store.open()
    client = GladlyClient(
        "http://gladly",
        DEMO_EMAIL,
        DEMO_TOKEN,
        budget=RequestBudget(wanted.gladly.requests_per_second, clock),
        transport=way,
        clock=clock,
        wall=time,
    )
    intake = Intake(store, time)
    channels = Channels(
        store, intake, wanted, health=health, gladly=client, listens=True, clock=time
    )
    resolver = Resolver(
        store,
        ContextLookup(client, clock=clock),
        (make_plan(wanted.mapping, "default"),),
        MessageBuilder(),
        Rules(settle_seconds=wanted.mapping.settle_seconds, give_up_seconds=HOUR),
        health=health,
        queued=Signal(),
        owner="bench",
        clock=time,
    )
    intake.stored.connect(lambda _: resolver.wake())
    services = [resolver, *channels.services.values()]
    async with asyncio.TaskGroup() as group:
        for service in services:
            group.create_task(service.run())
        for event in happens:
            at = parse_timestamp(event["timestamp"]) / NS_PER_S
            await asyncio.sleep(max(0.0, at - time.now))
            gladly.load([event])
            await intake.take(msgspec.json.encode(event), Channel.WEBHOOK)
        await asyncio.sleep(ends - time.now)
        for service in services:
            service.stop()
    counts = await store.counts()
    assert set(counts.webhooks) <= {"resolved", "skipped"}, counts.webhooks
    await client.aclose()
    await store.close()
    return sum(counts.deliveries.values())


def story(gladly: GladlySimulator, began: float, count: int) -> list[dict[str, Any]]:
    """Created, assigned, topic, closed of every conversation, as far as they lie in the hour."""
    dice = Random(1)
    maker = EventMaker(dice, digits=(9,))
    world, told = gladly.world, []
    for number in range(count):
        at = dice.uniform(*PEAK) if number % 2 else dice.uniform(0.0, HOUR)
        one = Conversation(
            id=new_id(dice),
            customer_id=dice.choice(world.customers)["id"],
            inbox_id=world.inboxes[0]["id"],
        )
        told.append(maker.created(one, _ns(began + at)))
        at += dice.expovariate(1 / TAKEN)
        told.append(maker.assigned(one, _ns(began + at), dice.choice(world.agents)["id"]))
        at += dice.expovariate(1 / SOLVED)
        topic = dice.choice(world.topics)["id"]
        told.append(maker.topic_added(one, _ns(began + at - 1.0), topic))
        told.append(maker.closed(one, _ns(began + at)))
    until = _ns(began + HOUR)
    timed = sorted((parse_timestamp(event["timestamp"]), event["id"], event) for event in told)
    return [event for at_ns, _, event in timed if at_ns < until]


def most(at: list[float]) -> int:
    """The greatest number of requests within any second; times ascend."""
    first = best = 0
    for last, moment in enumerate(at):
        while at[first] <= moment - 1.0:
            first += 1
        best = max(best, last - first + 1)
    return best


def _ns(at: float) -> int:
    return int(at * NS_PER_S)
