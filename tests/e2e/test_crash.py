"""Nothing acknowledged is lost, whatever ends the process."""

from __future__ import annotations

import random
import threading
from collections import defaultdict
from typing import TYPE_CHECKING

import httpx

from core.simulator.runner import SimulatorServer
from core.simulator.segment import SegmentSimulator
from tests.fakes import gladly_event

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.conftest import Serve

KILLS = 20
SENDERS = 4
CONVERGE_SECONDS = 60


class Load:
    """Posts conversations from several threads and remembers what was acknowledged."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self._stop = threading.Event()
        self.acknowledged: set[str] = set()
        self._threads = [
            threading.Thread(target=self._send, args=(number,)) for number in range(SENDERS)
        ]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _send(self, number: int) -> None:
        count = 0
        with self._serve.client() as client:
            while not self._stop.is_set():
                count += 1
                conversation = f"c-{number}-{count}"
                event = gladly_event(
                    "CONVERSATION/CREATED",
                    id=f"e-{number}-{count}",
                    conversation=conversation,
                    agent="agent-1",
                )
                try:
                    answer = client.post("/gladly/webhook", json=event)
                except httpx.HTTPError:
                    self._stop.wait(0.03)
                    continue
                if answer.status_code == httpx.codes.OK:
                    self.acknowledged.add(conversation)


def by_conversation(segment: SegmentSimulator) -> dict[str, set[str]]:
    """Conversation → the messageIds under which it reached Segment."""
    found: dict[str, set[str]] = defaultdict(set)
    for message_id, message in list(segment.accepted.items()):
        found[message["properties"]["conversationId"]].add(message_id)
    return found


def test_no_acknowledged_event_is_lost_when_killed_twenty_times_under_load(
    serving: Callable[..., Serve],
) -> None:
    dice = random.Random(7)
    segment = SegmentSimulator(faults=["lost-answer:rate=0.2"], seed=7)
    with SimulatorServer(segment) as server:
        serve = serving(server.url)
        serve.start()
        with Load(serve) as load:
            for _ in range(KILLS):
                threading.Event().wait(dice.uniform(0.02, 0.6))
                serve.kill()
                serve.start()

        segment.faults.clear()
        serve.kill()
        serve.start()
        arrived = segment.wait_until(
            lambda: load.acknowledged <= by_conversation(segment).keys(), CONVERGE_SECONDS
        )

        found = by_conversation(segment)
        assert len(load.acknowledged) > KILLS
        assert arrived, len(load.acknowledged - found.keys())
        assert [one for one, ids in found.items() if len(ids) != 1] == []
        assert serve.stop() == 0


def test_sigterm_under_load_stops_clean_and_leaves_nothing_unsent(
    serving: Callable[..., Serve],
) -> None:
    segment = SegmentSimulator(faults=["slow:ms=200"])
    with SimulatorServer(segment) as server:
        serve = serving(server.url)
        serve.start()
        with Load(serve) as load:
            segment.wait_until(lambda: len(segment.accepted) > 50, 20)
            code = serve.stop(seconds=10)

        serve.start()
        arrived = segment.wait_until(
            lambda: load.acknowledged <= by_conversation(segment).keys(), CONVERGE_SECONDS
        )

        assert code == 0
        assert arrived
        assert serve.stop() == 0
