"""A first start: an empty home, no settings, a keyring in memory, and a world of simulators."""

from __future__ import annotations

from contextlib import ExitStack
from functools import cached_property
from typing import TYPE_CHECKING

import httpx
import pytest

from core.doctor.subject import Outside
from core.ingest.server import bind
from core.simulator.gladly import GladlySimulator
from core.simulator.runner import SimulatorServer
from core.simulator.segment import SegmentSimulator
from gui.run import Phase
from gui.session import Session
from gui.setup.card import Tools
from gui.setup.checks import Checks
from gui.setup.ping_watch import PingWatch
from tests.fakes import MemorySecrets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytestqt.qtbot import QtBot

    from core.home import Home
    from gui.bridge import Bridge
    from gui.look import Look

KEY = "k7Jq2ZpX9vLmN4tRwYb8cDfGh1sA3uEo"
PATIENCE = 15_000
SEGMENT_HOSTS = {"cdn-settings.segment.com", "api.segment.io", "events.eu1.segmentapis.com"}


class Segment(SegmentSimulator):
    """A simulated Segment that listens from when its address is asked for."""

    def __init__(self) -> None:
        super().__init__(KEY)
        self.servers = ExitStack()

    @cached_property
    def url(self) -> str:
        return self.servers.enter_context(SimulatorServer(self)).url


class World(httpx.AsyncBaseTransport):
    """Segment's hosts are the simulator, this computer is itself, nobody else is there."""

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self.offline = False
        self.answers: dict[str, httpx.Response] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        if self.offline:
            raise httpx.ConnectError("no network")
        if host in self.answers:
            return self.answers[host]
        if host in SEGMENT_HOSTS:
            there = httpx.URL(self.segment.url)
            place = {"scheme": "http", "host": there.host, "port": there.port}
            request.url = request.url.copy_with(**place)
        elif host != "127.0.0.1":
            raise httpx.ConnectError("nobody is there")
        async with httpx.AsyncHTTPTransport() as wire:  # no connection outlives its request
            answer = await wire.handle_async_request(request)
            content = await answer.aread()
        return httpx.Response(answer.status_code, headers=answer.headers, content=content)


class NoWait:
    """A clock on which waiting takes no time."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def vault() -> MemorySecrets:
    """A keyring with nothing in it."""
    return MemorySecrets()


@pytest.fixture
def segment() -> Iterator[Segment]:
    """A simulated Segment that knows one write key; its address is `segment.url`."""
    simulator = Segment()
    with simulator.servers:
        yield simulator


@pytest.fixture
def gladly() -> Iterator[GladlySimulator]:
    """A simulated Gladly; its address is `gladly.url`."""
    simulator = GladlySimulator()
    with SimulatorServer(simulator) as server:
        simulator.url = server.url  # type: ignore[attr-defined]
        yield simulator


@pytest.fixture
def world(segment: Segment) -> World:
    """What the checks reach."""
    return World(segment)


@pytest.fixture
def outside(world: World) -> Outside:
    """The world, as the doctor wants it."""
    return Outside(transport=world, clock=NoWait())


@pytest.fixture
def first_start(
    qtbot: QtBot, bridge: Bridge, home: Home, vault: MemorySecrets
) -> Iterator[Callable[..., Session]]:
    """Starts the app on an empty home, as often as wanted; ends all of them."""
    made: list[Session] = []

    def start(*, running: bool = True, place: object = vault, **environ: str) -> Session:
        session = Session(bridge, home, environ, place=place)  # type: ignore[arg-type]
        made.append(session)
        if running:
            session.start()
            ends = {Phase.RUNNING, Phase.ATTACHED, Phase.FAILED}
            qtbot.waitUntil(lambda: session.phase in ends, timeout=PATIENCE)
        return session

    yield start
    for session in made:
        session.stop()
    for session in made:
        qtbot.waitUntil(lambda one=session: one.phase is Phase.STOPPED, timeout=PATIENCE)
        session.memory.flush()


@pytest.fixture
def make_tools(look: Look, outside: Outside) -> Callable[[Session], Tools]:
    """What cards work with."""

    def make(session: Session) -> Tools:
        return Tools(session, look, Checks(session, outside), PingWatch(session, session))

    return make


@pytest.fixture
def tools(first_start: Callable[..., Session], make_tools: Callable[[Session], Tools]) -> Tools:
    """What cards work with at the first start, before anything is there."""
    return make_tools(first_start(running=False))


@pytest.fixture
def free_port() -> int:
    """A port that nobody listens on."""
    sock = bind("127.0.0.1", 0)
    port = sock.getsockname()[1]
    sock.close()
    return int(port)
