"""Look-ups: requests to Gladly per conversation, counted by the simulated Gladly."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any

from core import settings
from core.credentials import Secret
from core.engine import Engine, EngineSecrets
from core.home import Home
from core.runner import EngineThread
from core.simulator.events import Conversation, EventMaker
from core.simulator.gladly import DEMO_EMAIL, DEMO_TOKEN, GladlySimulator
from core.simulator.people import make_world, new_id
from core.simulator.runner import SimulatorServer
from core.simulator.segment import SegmentSimulator
from tests.bench import rush
from tests.bench.processes import PASSWORD, WRITE_KEY
from tests.bench.table import show

if TYPE_CHECKING:
    from pathlib import Path

CONVERSATIONS = 200
RUSH = 1000
QUICK_CONVERSATIONS = 30
QUICK_RUSH = 50
#: conversations of each customer who returns
RETURNS = 10
SETTLE_SECONDS = 0.1
PATIENCE_SECONDS = 60.0
#: the budget is not what is measured
UNLIMITED = 1000


def run(folder: Path, *, quick: bool) -> None:
    """Measure and print."""
    count = QUICK_CONVERSATIONS if quick else CONVERSATIONS
    rushing = QUICK_RUSH if quick else RUSH
    rows = [
        ("each customer new", *counted(folder / "lookups-cold", count, count)),
        (
            f"each customer {RETURNS} times",
            *counted(folder / "lookups-warm", count, count // RETURNS),
        ),
    ]
    show(
        "Look-ups: created, assigned, topic, closed; caches cold at the beginning",
        ("", "conversations", "events", "look-ups", "per conversation", "per event", "of what"),
        rows,
    )
    show(
        f"All requests of an hour with a rush, in virtual time; customers return {RETURNS} times",
        ("", "conversations", "events", "requests", "per event", "most in a second", "allowed"),
        [
            hour("polled every 30 s", folder / "rush-polled", rushing, poll=True),
            hour("not polled", folder / "rush", rushing, poll=False),
        ],
    )


def hour(name: str, folder: Path, conversations: int, *, poll: bool) -> tuple[object, ...]:
    """A row of an hour's rush."""
    found = rush.rush(folder, conversations, conversations // RETURNS, poll=poll)
    total = found.requests.total()
    allowed = rush.settings(poll=poll).gladly.requests_per_second
    return (
        name,
        found.conversations,
        found.events,
        total,
        total / found.events,
        found.most,
        allowed,
    )


def counted(home: Path, conversations: int, customers: int) -> tuple[object, ...]:
    """Let so many conversations live, then count."""
    gladly = GladlySimulator(make_world(customers=customers), requests_per_second=0)
    segment = SegmentSimulator(WRITE_KEY)
    with SimulatorServer(segment) as outlet, SimulatorServer(gladly) as source:
        thread = EngineThread(lambda: engine(home, outlet.url, source.url))
        url = thread.start().webhook_url()
        try:
            assert url is not None
            gladly.add_webhook(url, username="gladly", password=PASSWORD)
            live(gladly, segment, conversations)
        finally:
            thread.stop()
            thread.join()
    total = gladly.lookups.total()
    kinds = ", ".join(f"{count} {kind}" for kind, count in gladly.lookups.most_common())
    events = len(segment.accepted)
    return conversations, events, total, total / conversations, total / events, kinds


def engine(home: Path, outlet: str, source: str) -> Engine:
    """An engine of its own, so that its caches are cold."""
    made = settings.Settings(
        listener=settings.Listener(port=0),
        segment=settings.Segment(host=outlet),
        gladly=settings.Gladly(
            url=source, agent_email=DEMO_EMAIL, requests_per_second=UNLIMITED, poll=False
        ),
        mapping=settings.Mapping_(settle_seconds=SETTLE_SECONDS),
    )
    secrets = EngineSecrets(
        write_key=Secret(WRITE_KEY),
        gladly_token=Secret(DEMO_TOKEN),
        webhook_password=Secret(PASSWORD),
    )
    return Engine(Home(path=home), made, secrets)


def live(gladly: GladlySimulator, segment: SegmentSimulator, count: int) -> None:
    """Open all conversations, wait for their Opened; then close them, and wait again."""
    dice = random.Random(1)
    maker = EventMaker(dice, digits=(9,))
    lives = [conversation(gladly, dice, number) for number in range(count)]
    topic = gladly.world.topics[0]["id"]
    for one in lives:
        publish(gladly, maker.created(one, time.time_ns()))
        publish(gladly, maker.assigned(one, time.time_ns(), gladly.world.agents[0]["id"]))
        publish(gladly, maker.topic_added(one, time.time_ns(), topic))
    assert segment.wait_until(lambda: len(segment.accepted) >= count, PATIENCE_SECONDS)
    for one in lives:
        publish(gladly, maker.closed(one, time.time_ns()))
    assert segment.wait_until(lambda: len(segment.accepted) >= 2 * count, PATIENCE_SECONDS)


def conversation(gladly: GladlySimulator, dice: random.Random, number: int) -> Conversation:
    """A conversation of the next customer, by turns."""
    customers: list[dict[str, Any]] = gladly.world.customers
    return Conversation(
        id=new_id(dice),
        customer_id=customers[number % len(customers)]["id"],
        inbox_id=gladly.world.inboxes[0]["id"],
    )


def publish(gladly: GladlySimulator, event: dict[str, Any]) -> None:
    """It happens; the simulator sends the webhook."""
    gladly.publish(event)
