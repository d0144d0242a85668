"""The ASGI layer that lets faults strike between the socket and a simulator."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, RedirectResponse, Response

from core.simulator import faults
from core.simulator.faults import Kind
from core.simulator.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from core.simulator.faults import Fault, FaultPlan, Strike

ADMIN_PREFIX = "/_simulator"
MAX_BODY = 16 * 1024 * 1024
_TOO_LARGE = 413
_MS_PER_SECOND = 1000
_PORTAL = "<!doctype html><title>Guest Wi-Fi</title><h1>Welcome! Please sign in to go online.</h1>"
_CUT_OFF = b'{"success": tru'


class Exchange(NamedTuple):
    """One request with the status it was answered; None where no answer was given."""

    at: float
    method: str
    path: str
    headers: Headers
    body: bytes
    status: int | None
    faults: tuple[str, ...]


class FaultLayer:
    """Wraps a simulator's application; its own `/_simulator` pages are never struck.

    Args:
        app: The simulator without faults.
        plan: What strikes.
        refusal: The body with which this service refuses, by status.
        seen: Told of every request, just before its answer goes out.
    """

    def __init__(
        self,
        app: ASGIApp,
        plan: FaultPlan,
        *,
        refusal: Callable[[int, Strike], bytes],
        seen: Callable[[Exchange], None],
    ) -> None:
        self._app = app
        self._plan = plan
        self._refusal = refusal
        self._seen = seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["path"].startswith(ADMIN_PREFIX):
            await self._app(scope, receive, send)
            return
        body = await _read(receive)
        if body is not None:
            scope["strike"] = self._plan.strike(scope["path"])
            await _Request(self, scope, receive, send, body).run()

    async def pass_on(self, request: _Request, send: Send) -> None:
        """Let the simulator answer, with the body that was read already."""
        await self._app(request.scope, _replay(request.body, request.receive), send)

    def refusal(self, status: int, strike: Strike) -> Response:
        """How this service refuses with `status`."""
        body = self._refusal(status, strike)
        return Response(body, status, media_type="application/json")

    def tell(self, exchange: Exchange) -> None:
        """Report one request."""
        self._seen(exchange)


class _Request:
    """One request on its way through the layer."""

    def __init__(
        self, layer: FaultLayer, scope: Scope, receive: Receive, send: Send, body: bytes
    ) -> None:
        self.scope = scope
        self.receive = receive
        self.body = body
        self._layer = layer
        self._raw_send = send
        self._strike: Strike = scope["strike"]
        self._wire = Wire(receive, send)
        self._sent = 0

    async def run(self) -> None:
        """Shape, break or pass on."""
        if skew := self._strike.shape("skew"):
            self._wire.set_date(time.time() + _or(skew.seconds, faults.DEFAULT_SKEW_SECONDS))
        if slow := self._strike.shape("slow"):
            stays = await self._wire.pause(_or(slow.ms, faults.DEFAULT_SLOW_MS) / _MS_PER_SECOND)
            if not stays:
                self._tell(None)
                return
        await self._answer()

    async def _answer(self) -> None:
        fault = self._strike.answer
        if len(self.body) > MAX_BODY:
            await self._respond(self._layer.refusal(_TOO_LARGE, self._strike))
        elif fault is None:
            await self._layer.pass_on(self, self._send)
        elif fault.kind is Kind.STATUS:
            await self._respond(self._refusal(fault))
        elif fault.kind is Kind.LOSE:
            await self._layer.pass_on(self, _swallow)
            self._tell(None)
            await self._wire.drop()
        else:
            await self._break(fault)

    async def _break(self, fault: Fault) -> None:
        match fault.name:
            case "reset":
                self._tell(None)
                await self._wire.reset()
            case "hang":
                self._tell(None)
                if await self._wire.pause(_or(fault.seconds, faults.DEFAULT_HANG_SECONDS)):
                    await self._wire.drop()
            case "html-200":
                await self._respond(HTMLResponse(_PORTAL))
            case "redirect":
                await self._respond(RedirectResponse(fault.to or "/login", 302))
            case "bad-json-200":
                await self._respond(Response(_CUT_OFF, media_type="application/json"))
            case _:
                raise AssertionError(fault.name)

    def _refusal(self, fault: Fault) -> Response:
        response = self._layer.refusal(int(fault.name), self._strike)
        if fault.retry_after is not None:
            response.headers["Retry-After"] = f"{fault.retry_after:g}"
            response.headers["X-RateLimit-Reset"] = f"{fault.retry_after:g}"
        return response

    async def _respond(self, response: Response) -> None:
        await response(self.scope, self.receive, self._send)

    async def _send(self, message: Message) -> None:
        trickle, cut = self._strike.shape("trickle"), self._strike.shape("cut")
        if message["type"] == "http.response.start":
            self._tell(message["status"])
        elif cut is not None:
            await self._cut(message, _or(cut.bytes, faults.DEFAULT_CUT_BYTES))
            return
        elif trickle is not None:
            await self._trickle(message, _or(trickle.seconds, faults.DEFAULT_TRICKLE_SECONDS))
            return
        await self._raw_send(message)

    async def _cut(self, message: Message, limit: float) -> None:
        """Send at most `limit` bytes of the answer's body, and never its end."""
        body, is_last = message.get("body", b""), not message.get("more_body", False)
        part = body[: max(0, int(limit) - self._sent)]
        if is_last and part == body:
            part = body[:-1]
        self._sent += len(part)
        await self._raw_send({**message, "body": part, "more_body": True})
        if is_last or len(part) < len(body):
            await self._wire.drop()

    async def _trickle(self, message: Message, seconds: float) -> None:
        for byte in message.get("body", b""):
            if not await self._wire.pause(seconds):
                return
            await self._raw_send({**message, "body": bytes((byte,)), "more_body": True})
        await self._raw_send({**message, "body": b""})

    def _tell(self, status: int | None) -> None:
        headers = Headers(scope=self.scope)
        method, path = self.scope["method"], self.scope["path"]
        names = self._strike.names
        self._layer.tell(Exchange(time.time(), method, path, headers, self.body, status, names))


def _or(value: float | None, default: float) -> float:
    return default if value is None else value


async def _swallow(message: Message) -> None:
    """Take an answer and lose it."""


async def _read(receive: Receive) -> bytes | None:
    """The whole body; None if the peer left before the end. Stops just beyond MAX_BODY."""
    chunks: list[bytes] = []
    size = 0
    while size <= MAX_BODY:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if not message.get("more_body", False):
            break
    return b"".join(chunks)


def _replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body that was read already, then what really comes."""
    unread = [body]

    async def replayed() -> Message:
        if unread:
            return {"type": "http.request", "body": unread.pop(), "more_body": False}
        return await receive()

    return replayed
