"""A computer that falls asleep: the real process is frozen, Gladly goes on without it."""

from __future__ import annotations

import json
import random
import time
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from core.simulator.events import Conversation, EventMaker
from core.simulator.gladly import GladlySimulator
from core.simulator.runner import SimulatorServer
from core.simulator.segment import SegmentSimulator, arrived
from core.simulator.sender import Sending
from core.simulator.timestamps import to_ns
from tests.e2e.conftest import PASSWORD
from tests.e2e.other_clock import set_ahead
from tests.e2e.test_polling import asking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.e2e.conftest import Serve

PATIENCE = 20.0
MINUTE = 60.0
CONVERSATIONS = 4


class World:
    """Gladly, Segment and a computer between them, all on one clock that can be set ahead."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "ahead"
        self._ahead = 0.0
        self._maker = EventMaker(random.Random(1), (9,))
        self._lives: list[Conversation] = []
        # Gladly gives up within two seconds instead of two hours.
        sending = Sending(timeout=0.3, time_scale=0.0002)
        self.gladly = GladlySimulator(requests_per_second=0, sending=sending, now=self.now)
        self.segment = SegmentSimulator()
        self.pass_by(0.0)

    def now(self) -> float:
        return time.time() + self._ahead

    def pass_by(self, seconds: float) -> None:
        """Let time pass, for everybody: Gladly tells the time in every answer."""
        self._ahead += seconds
        set_ahead(self._file, self._ahead)
        self.gladly.faults.set([f"skew:seconds={self._ahead}"])

    @contextmanager
    def computer(self, serving: Callable[..., Serve], **settings: str) -> Iterator[Serve]:
        """`serve` between the two, after the first event has gone through."""
        with SimulatorServer(self.gladly) as source, SimulatorServer(self.segment) as outlet:
            serve = serving(outlet.url, **asking(source.url, **settings))
            serve.program = ["-m", "tests.e2e.other_clock", str(self._file)]
            serve.start()
            self.gladly.add_webhook(
                f"{serve.url}/gladly/webhook", username="gladly", password=PASSWORD
            )
            self.open()
            self.everything_arrives()
            assert self.gladly.wait_until(lambda: self.gladly.lookups["events"] > 0, PATIENCE)
            yield serve

    def open(self) -> None:
        """Somebody writes, and an agent takes the conversation."""
        world = self.gladly.world
        number = len(self._lives)
        life = Conversation(
            id=f"c{number}",
            customer_id=world.customers[number]["id"],
            inbox_id=world.inboxes[0]["id"],
        )
        self._lives.append(life)
        self.gladly.publish(self._maker.created(life, to_ns(self.now())))
        agent = world.agents[0]["id"]
        self.gladly.publish(self._maker.assigned(life, to_ns(self.now()), agent))

    def close_all(self) -> None:
        """All conversations end."""
        for life in self._lives:
            self.gladly.publish(self._maker.closed(life, to_ns(self.now())))
        self._lives.clear()

    def everything_arrives(self) -> None:
        """Wait until Segment holds the truth, the whole truth and nothing but the truth."""
        wanted = self.gladly.truth()
        self.segment.wait_until(lambda: len(self.segment.accepted) >= len(wanted), PATIENCE)
        assert arrived(self.segment.accepted.values()) == wanted
        assert len(self.segment.accepted) == len(wanted)
        assert set(self.segment.copies.values()) == {1}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def gaps(serve: Serve) -> list[dict[str, Any]]:
    said = serve.run("coverage", "--json")
    assert said.returncode == 0, said.stderr
    return [json.loads(line) for line in said.stdout.splitlines()]


def gaps_once_settled(serve: Serve) -> list[dict[str, Any]]:
    until = time.monotonic() + PATIENCE
    while not (found := gaps(serve)) or any(gap["fate"] == "open" for gap in found):
        assert time.monotonic() < until, found
    return found


def test_what_happened_in_an_hour_of_sleep_arrives_once_and_the_gap_is_healed(
    serving: Callable[..., Serve], world: World
):
    there = world.gladly
    with world.computer(serving) as serve:
        with serve.frozen():
            world.pass_by(10 * MINUTE)
            for _ in range(CONVERSATIONS):
                world.open()
            assert there.wait_until(lambda: there.sender.pending == 0, PATIENCE)
            [webhook] = there.webhooks.all()
            assert not webhook.enabled
            world.pass_by(40 * MINUTE)
            world.close_all()
            world.pass_by(10 * MINUTE)

        world.everything_arrives()
        with serve.frozen():
            # What Gladly tells is up to 15 s old: only then has it told of the whole hour.
            world.pass_by(MINUTE)
        [gap] = gaps_once_settled(serve)

        world.everything_arrives()
        slept = datetime.fromisoformat(gap["to"]) - datetime.fromisoformat(gap["from"])
        assert (gap["reason"], gap["fate"]) == ("The computer was asleep.", "healed")
        assert 60 * MINUTE <= slept.total_seconds() < 63 * MINUTE
        # Those that Gladly's webhook never told of: at least the ends of all conversations.
        assert gap["events"] >= CONVERSATIONS + 1
        assert serve.stop() == 0


def test_what_happened_in_a_nap_too_short_for_a_gap_arrives_once(
    serving: Callable[..., Serve], world: World
):
    there = world.gladly
    with world.computer(serving) as serve:
        before = there.sender.failures
        with serve.frozen():
            for _ in range(CONVERSATIONS):
                world.open()
            world.close_all()
            assert there.wait_until(lambda: there.sender.failures > before, PATIENCE)

        world.everything_arrives()
        assert serve.run("catch-up").returncode == 0
        world.everything_arrives()
        assert gaps(serve) == []
        assert serve.stop() == 0
