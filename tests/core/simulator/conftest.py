"""A simulated Gladly with a client that has the right credentials."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from core.simulator.events import Conversation, EventMaker
from core.simulator.gladly import DEMO_EMAIL, DEMO_TOKEN, GladlySimulator
from core.simulator.runner import SimulatorServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

NOW = 1_776_175_391.0


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gladly(clock: Clock) -> GladlySimulator:
    return GladlySimulator(now=clock, requests_per_second=0)


@pytest.fixture
async def api(gladly: GladlySimulator) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(gladly) as client:
        yield client


def client_of(
    gladly: GladlySimulator, auth: tuple[str, str] | None = (DEMO_EMAIL, DEMO_TOKEN)
) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=gladly.app)
    return httpx.AsyncClient(transport=transport, base_url="http://gladly/api/v1", auth=auth)


@pytest.fixture
def gladly_client() -> object:
    return client_of


@pytest.fixture
def maker() -> EventMaker:
    return EventMaker(random.Random(1), (9,))


@pytest.fixture
def conversation(gladly: GladlySimulator) -> Conversation:
    world = gladly.world
    customer, inbox = world.customers[0]["id"], world.inboxes[0]["id"]
    return Conversation(id="conversation-1", customer_id=customer, inbox_id=inbox)


class Receiver:
    """A listener: keeps what it is sent, answers with the statuses it was given, else 200."""

    def __init__(self) -> None:
        self.url = ""
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.statuses: list[int] = []
        self.default = 200
        self.app = Starlette(routes=[Route("/hook", self._receive, methods=["POST"])])

    async def _receive(self, request: Any) -> Response:
        self.bodies.append(json.loads(await request.body()))
        self.headers.append(dict(request.headers))
        return Response(status_code=self.statuses.pop(0) if self.statuses else self.default)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    listener = Receiver()
    with SimulatorServer(listener.app) as server:
        listener.url = f"{server.url}/hook"
        yield listener
