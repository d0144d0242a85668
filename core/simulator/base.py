"""What both simulators share: the log of requests, waiting for a state, faults, admin pages."""

from __future__ import annotations

import asyncio
import base64
import binascii
import threading
from collections import deque
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from core.simulator.fault_layer import ADMIN_PREFIX, Exchange, FaultLayer
from core.simulator.faults import FaultPlan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from starlette.requests import Request
    from starlette.types import ASGIApp

    from core.simulator.faults import Strike

MAX_REQUESTS_KEPT = 10_000
BAD_REQUEST = 400


class RequestSeen(msgspec.Struct, frozen=True, kw_only=True):
    """One request as it was seen and answered; `status` None means that it got no answer."""

    at: float
    method: str
    path: str
    status: int | None
    events: int
    retry_count: str | None
    basic_user: str | None
    body_key: str | None
    faults: tuple[str, ...]


class FaultsWanted(msgspec.Struct):
    """The body of POST /_simulator/faults."""

    faults: list[str]


def json_response(value: object, status: int = 200) -> Response:
    """An answer in JSON."""
    return Response(msgspec.json.encode(value), status, media_type="application/json")


def basic_credentials(header: str | None) -> tuple[str, str] | None:
    """User and password of an Authorization header; None if it carries none."""
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (user, password) if colon else None


class Simulator:
    """Base of the two simulators.

    Attributes:
        app: The ASGI application, faults included.
        faults: The faults that are switched on.
        requests: The latest requests, oldest first; also those that a fault answered.
        request_count: How many there were in all.
    """

    fault_names: ClassVar[frozenset[str]]
    fault_path: ClassVar[str]

    def __init__(self, routes: Sequence[Route], *, faults: Iterable[str], seed: int) -> None:
        self._changed = threading.Condition()
        self.requests: deque[RequestSeen] = deque(maxlen=MAX_REQUESTS_KEPT)
        self.request_count = 0
        self.faults = FaultPlan(
            self.fault_names, default_path=self.fault_path, texts=faults, seed=seed
        )
        inner = Starlette(routes=[*self._admin_routes(), *routes])
        self.app: ASGIApp = FaultLayer(
            inner, self.faults, refusal=self._refusal, seen=self._record_request
        )

    def wait_until(self, predicate: Callable[[], object], timeout: float) -> bool:
        """Block until `predicate()` is true, at most `timeout` seconds; from any thread.

        It is asked after every request and every change of state.
        """
        with self._changed:
            return bool(self._changed.wait_for(lambda: bool(predicate()), timeout))

    async def wait_for(self, predicate: Callable[[], object], timeout: float) -> bool:  # noqa: ASYNC109 - mirrors wait_until
        """As `wait_until`, without blocking the running loop."""
        return await asyncio.to_thread(self.wait_until, predicate, timeout)

    async def background(self) -> None:
        """Do what goes on beside answering requests, until cancelled."""

    def state(self, *, events: bool = False) -> dict[str, Any]:
        """What GET /_simulator/state answers; with `events`, everything seen."""
        raise NotImplementedError

    def reset(self) -> None:
        """Forget everything seen; faults stay switched on."""
        with self._changed:
            self.requests.clear()
            self.request_count = 0
            self._changed.notify_all()

    def _refusal(self, status: int, strike: Strike) -> bytes:
        raise NotImplementedError

    def _describe(self, exchange: Exchange) -> tuple[int, str | None]:
        """How many events a request carried, and the key in its body."""
        return 0, None

    def _record_request(self, exchange: Exchange) -> None:
        events, key = self._describe(exchange)
        credentials = basic_credentials(exchange.headers.get("authorization"))
        seen = RequestSeen(
            at=exchange.at,
            method=exchange.method,
            path=exchange.path,
            status=exchange.status,
            events=events,
            retry_count=exchange.headers.get("x-retry-count"),
            basic_user=credentials[0] if credentials else None,
            body_key=key,
            faults=exchange.faults,
        )
        with self._changed:
            self.requests.append(seen)
            self.request_count += 1
            self._changed.notify_all()

    def _admin_routes(self) -> list[Route]:
        return [
            Route(f"{ADMIN_PREFIX}/state", self._get_state, methods=["GET"]),
            Route(f"{ADMIN_PREFIX}/faults", self._post_faults, methods=["POST"]),
            Route(f"{ADMIN_PREFIX}/reset", self._post_reset, methods=["POST"]),
        ]

    async def _get_state(self, request: Request) -> Response:
        with self._changed:
            state = self.state(events=request.query_params.get("events") == "1")
        return json_response(state)

    async def _post_faults(self, request: Request) -> Response:
        try:
            wanted = msgspec.json.decode(await request.body(), type=FaultsWanted)
            self.faults.set(wanted.faults)
        except ValueError as exc:  # msgspec's errors are ValueErrors too
            return json_response({"error": str(exc)}, BAD_REQUEST)
        return json_response({"faults": self.faults.texts()})

    async def _post_reset(self, request: Request) -> Response:
        self.reset()
        return json_response({"status": "reset"})
