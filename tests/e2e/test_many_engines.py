"""Six engines on one PostgreSQL: whatever is killed or restarted, nothing is lost or changed."""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import httpx
import psycopg
import pytest

from core.simulator.gladly import DEMO_EMAIL, DEMO_TOKEN, GladlySimulator
from core.simulator.people import make_world
from core.simulator.runner import SimulatorServer
from core.simulator.segment import SegmentSimulator
from tests.e2e.test_crash import by_conversation
from tests.e2e.test_engines import rows
from tests.fakes import gladly_event
from tests.fakes.postgres import serving as serving_postgres
from tests.fakes.rig import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.e2e.conftest import Serve
    from tests.fakes.postgres import Server

ROLES = ("receive", "receive", "receive", "forward", "forward", "forward")
SENDERS = 3
TAKEOVER_SECONDS = 15.0
CONVERGE_SECONDS = 30
LEADER = (
    "SELECT name FROM engine WHERE leads LIKE '%poller%' AND leads LIKE '%gladly-webhook%'"
    " AND heartbeat_at > EXTRACT(EPOCH FROM clock_timestamp()) - 12"
    " ORDER BY heartbeat_at DESC"
)
FOLLOWS = (
    "SELECT name FROM engine WHERE leads = ''"
    " AND heartbeat_at > EXTRACT(EPOCH FROM clock_timestamp()) - 5"
)


class StrictSegment(SegmentSimulator):
    """Remembers every content that a messageId ever came with."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.contents: dict[str, set[str]] = {}

    def _take_event(self, event: dict[str, Any]) -> None:
        content = {name: value for name, value in event.items() if name != "sentAt"}
        said = repr(sorted(content.items()))
        self.contents.setdefault(str(event.get("messageId")), set()).add(said)
        super()._take_event(event)


class Balancer:
    """Posts conversations to one receiver after the other; remembers what was acknowledged."""

    def __init__(self, receivers: list[Serve]) -> None:
        self._receivers = receivers
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._send, args=(number,)) for number in range(SENDERS)
        ]
        self.acknowledged: set[str] = set()
        self.refused = 0

    def __enter__(self) -> Balancer:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _send(self, number: int) -> None:
        clients = [one.client() for one in self._receivers]
        count = 0
        while not self._stop.wait(0.01):
            count += 1
            conversation = f"c-{number}-{count}"
            event = gladly_event(
                "CONVERSATION/CREATED",
                id=f"e-{number}-{count}",
                conversation=conversation,
                agent="agent-1",
            )
            # As Gladly does, once more when it is not acknowledged, here at the next receiver.
            for client in (clients[count % 3], clients[(count + 1) % 3]):
                with suppress(httpx.HTTPError):
                    answer = client.post("/gladly/webhook", json=event)
                    if answer.status_code == httpx.codes.OK:
                        self.acknowledged.add(conversation)
                        break
                self.refused += 1
        for client in clients:
            client.close()


@pytest.fixture
def own_server() -> Iterator[Server]:
    """A server that the test restarts."""
    yield from serving_postgres()


class House:
    """Six processes, of which one leads."""

    def __init__(self, made: list[Serve], store: str, gladly: GladlySimulator) -> None:
        self.engines = made
        self.store = store
        self._gladly = gladly
        self._pool = ThreadPoolExecutor(len(made))
        self.takeovers: list[float] = []

    def each(self, what: Callable[[Serve], Any], some: list[Serve] | None = None) -> list[Any]:
        """Do something to all, or some, at once."""
        return list(self._pool.map(what, some or self.engines))

    def restart(self, victims: list[Serve]) -> None:
        """Kill these at one moment, and start them again."""
        for one in victims:
            one.kill()
        self.each(lambda one: one.start(), victims)

    def close(self) -> None:
        self._pool.shutdown()

    def leader(self, seconds: float = TAKEOVER_SECONDS) -> Serve:
        """Who polls and watches; there is one soon."""
        pids = {str(one.process.pid): one for one in self.engines if one.process is not None}
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with suppress(psycopg.OperationalError):
                for (name,) in rows(self.store, LEADER):
                    found = pids.get(name.rpartition(":")[2])
                    if found and found.process and found.process.poll() is None:
                        return found
            threading.Event().wait(0.05)
        pytest.fail("no engine leads")

    def kill_leader(self) -> Serve:
        """Kill who leads; measured is when Gladly is asked again, by poller and by watchdog."""
        leader = self.leader()
        leader.kill()
        self.takeovers.append(self.taken_over())
        return leader

    def taken_over(self) -> float:
        """Seconds until events and webhooks are read again."""
        began = time.time()
        again = self._gladly.wait_until(lambda: self._asked_since(began), TAKEOVER_SECONDS)
        assert again, "nobody took over"
        return time.time() - began

    def _asked_since(self, began: float) -> bool:
        """Whether events and webhooks were both read."""
        asked = {one.path for one in list(self._gladly.requests) if one.at > began}
        return any("/events" in one for one in asked) and any("/webhooks" in one for one in asked)


@pytest.fixture
def house(
    own_server: Server, serving: Callable[..., Serve], tmp_path: Any
) -> Iterator[tuple[House, StrictSegment, Server]]:
    segment = StrictSegment(faults=["lost-answer:rate=0.1"], seed=7)
    gladly = GladlySimulator(make_world(7), requests_per_second=0)
    with SimulatorServer(segment) as there, SimulatorServer(gladly) as source:
        store = own_server.empty()
        made = []
        for number, role in enumerate(ROLES):
            one = serving(
                there.url,
                home=str(tmp_path / f"engine-{number}" / "home"),
                GLADLY_SOURCE_STORE__URL=store,
                GLADLY_SOURCE_GLADLY__URL=source.url,
                GLADLY_SOURCE_GLADLY__AGENT_EMAIL=DEMO_EMAIL,
                GLADLY_SOURCE_GLADLY_TOKEN=DEMO_TOKEN,
                GLADLY_SOURCE_GLADLY__REQUESTS_PER_SECOND="10",
                GLADLY_SOURCE_MAPPING__SETTLE_SECONDS="0",
                GLADLY_SOURCE_LISTENER__PUBLIC_URL="http://127.0.0.1:9",
            )
            one.home.parent.mkdir()
            one.options = ["--role", role]
            made.append(one)
        house = House(made, store, gladly)
        try:
            yield house, segment, own_server
        finally:
            house.each(lambda one: one.end())
            house.close()


def test_nothing_is_lost_or_changed_while_engines_and_the_database_die(
    house: tuple[House, StrictSegment, Server],
) -> None:
    engines, segment, server = house
    dice = random.Random(7)
    receivers = engines.engines[:3]
    engines.each(lambda one: one.start())
    with Balancer(receivers) as load:
        engines.kill_leader().start()
        engines.restart(dice.sample(engines.engines, 2))
        server.kill()
        server.start()
        dead = engines.kill_leader()
        engines.restart(dice.sample(receivers, 2))

    segment.faults.clear()
    arrived = segment.wait_until(
        lambda: load.acknowledged <= by_conversation(segment).keys(), CONVERGE_SECONDS
    )

    found = by_conversation(segment)
    assert len(load.acknowledged) > 100
    assert arrived, len(load.acknowledged - found.keys())
    assert [one for one, ids in found.items() if len(ids) != 1] == []
    assert [one for one, said in segment.contents.items() if len(said) != 1] == []
    assert max(engines.takeovers) < TAKEOVER_SECONDS
    living = [one for one in engines.engines if one is not dead]
    assert engines.each(lambda one: one.stop(), living) == [0] * 5


def test_a_leader_that_hangs_is_relieved_and_knows_it_when_it_goes_on(
    house: tuple[House, StrictSegment, Server],
) -> None:
    engines, _, _ = house
    engines.engines = engines.engines[3:5]
    engines.each(lambda one: one.start())
    leader = engines.leader()
    with leader.frozen():
        took = engines.taken_over()
        relief = engines.leader()

    assert took < TAKEOVER_SECONDS
    assert relief is not leader
    assert leader.process is not None
    woken = f"{FOLLOWS} AND name LIKE '%:{leader.process.pid}'"
    assert wait_until(lambda: rows(engines.store, woken), TAKEOVER_SECONDS)
    assert engines.leader() is relief
