"""The ASGI application: the webhook as a plain callable, the rest as Starlette routes."""

from __future__ import annotations

import functools
import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol

import msgspec
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from core import __version__
from core.errors import StoreError
from core.ingest import echo as echoes
from core.ingest.reading import Refused, drain, read_body
from core.model import Channel

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from starlette.requests import Request

    from core.ingest.auth import Gate
    from core.ingest.echo import Echo
    from core.ingest.intake import Intake
    from core.ingest.protocol import Headers
    from core.model import Added, NewWebhook

    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
    Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

log = logging.getLogger(__name__)

#: a PING may come without credentials; nothing longer is read from a stranger
STRANGER_BYTES = 4096
RETRY_AFTER = b"30"
TEST_HEADER = b"x-gladly-source-test"
#: of a length that int() may be asked for
MAX_DIGITS = 9
OK = b"HTTP/1.1 200 OK\r\n"
UNAVAILABLE = b"HTTP/1.1 503 Service Unavailable\r\n"
FAILED = b"HTTP/1.1 500 Internal Server Error\r\n"
STATUS_PATHS = ("/healthz", "/readyz", "/status", "/metrics")


class Report(Protocol):
    """What the status routes tell."""

    def degraded(self) -> bool:
        """Whether anything wants attention."""

    async def ready(self) -> str:
        """`ready` when a webhook that came now would be stored, else one word why not."""

    async def status(self) -> dict[str, object]:
        """The content of /status."""

    async def metrics(self) -> bytes:
        """The content of /metrics, Prometheus text format."""


class ListenerApp:
    """Answers Gladly and whoever asks how things are.

    Args:
        path: Path of the webhook.
        gate: The webhook's credentials.
        intake: Stores what comes.
        max_body: Largest body, bytes.
        report: What the status routes tell.
        alarm: Told when a webhook could not be stored.
        refusing: Told how many requests in a row had wrong credentials; 0 after a right one.
        echo: Takes what Segment sends back; None while that is not wanted.
    """

    def __init__(
        self,
        *,
        path: str,
        gate: Gate,
        intake: Intake,
        max_body: int,
        report: Report,
        alarm: Callable[[StoreError], None] = lambda _: None,
        refusing: Callable[[int], None] = lambda _: None,
        echo: Echo | None = None,
    ) -> None:
        self._alarm = alarm
        self._echo = echo
        self._refusing = refusing
        self._refused = 0
        self._path = path
        self.path = path.encode()
        self.max_body = max_body
        self._gate = gate
        self._intake = intake
        self._routes = _status_routes(gate, report)
        self.unauthorized = 0
        self.refused_store = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        echo = self._echo if scope["path"] == echoes.PATH else None
        if echo is None and scope["path"] != self._path:
            await self._routes(scope, receive, send)
            return
        try:
            _only_post(scope["method"])
            if echo is None:
                accepted = await self._webhook(scope["headers"], receive)
            else:
                accepted = await self._echoed(echo, scope["headers"], receive)
        except Refused as exc:
            content = msgspec.json.encode({"error": exc.error})
            await _answer(send, exc.status, content, *exc.headers, more=exc.unread)
            if exc.unread:
                await drain(receive)
                await send({"type": "http.response.body", "body": b""})
        except Exception:
            log.exception("a request failed")
            await _answer(send, HTTPStatus.INTERNAL_SERVER_ERROR, b'{"error":"internal error"}')
        else:
            await _answer(send, HTTPStatus.OK, accepted)

    def admits(self, headers: Headers) -> bool:
        """Whether these headers are a webhook's as it ought to be; see Direct."""
        if not self._gate.admits(headers):
            return False
        for name, value in headers:
            if name == b"content-length":
                return len(value) <= MAX_DIGITS and value.isdigit() and int(value) <= self.max_body
        return True

    def take(self, headers: Headers, body: bytes, answer: Callable[[bytes, bytes], None]) -> None:
        """Store what came and answer once it is on disk; see Direct."""
        if self._refused:
            self._refused = 0
            self._refusing(0)
        try:
            new = self._intake.read(body, _channel(headers))
            if new is None:
                _write(answer, OK, _content("pong", None))
                return
            self._intake.put(new, functools.partial(self._stored, answer, new))
        except StoreError as exc:
            self._cannot_store(answer, exc)
        except Exception:
            log.exception("a request failed")
            _write(answer, FAILED, b'{"error":"internal error"}')

    def _stored(
        self,
        answer: Callable[[bytes, bytes], None],
        new: NewWebhook,
        added: Added | None,
        error: BaseException | None,
    ) -> None:
        if added is not None:
            _write(answer, OK, _content(*self._intake.stored_as(new, added)))
        elif isinstance(error, StoreError):
            self._cannot_store(answer, error)
        else:
            log.error("a request failed", exc_info=error)
            _write(answer, FAILED, b'{"error":"internal error"}')

    def _cannot_store(self, answer: Callable[[bytes, bytes], None], exc: StoreError) -> None:
        self.refused_store += 1
        self._alarm(exc)
        headers = b"retry-after: %b\r\n" % RETRY_AFTER
        _write(answer, UNAVAILABLE, b'{"error":"cannot store now"}', headers)

    async def _webhook(self, headers: Headers, receive: Receive) -> bytes:
        if not self._gate.admits(headers):
            return await self._stranger(headers, receive)
        if self._refused:
            self._refused = 0
            self._refusing(0)
        body = await read_body(headers, receive, self.max_body)
        try:
            status, one = await self._intake.take(body, _channel(headers))
        except StoreError as exc:
            raise self._no_store(exc) from exc
        return _content(status, one)

    def _no_store(self, exc: StoreError) -> Refused:
        self.refused_store += 1
        self._alarm(exc)
        later = (b"retry-after", RETRY_AFTER)
        return Refused(HTTPStatus.SERVICE_UNAVAILABLE, "cannot store now", later)

    async def _echoed(self, echo: Echo, headers: Headers, receive: Receive) -> bytes:
        """What Segment sends back; only who signs may be long."""
        limit = self.max_body if echoes.is_tried(headers) else STRANGER_BYTES
        unread = False
        try:
            body = await read_body(headers, receive, limit)
        except Refused as exc:
            if limit == self.max_body:
                raise
            body, unread = b"", exc.unread
        if not echo.admits(headers, body):
            echo.refuse()
            challenge = (b"www-authenticate", b"X-Signature")
            raise Refused(HTTPStatus.UNAUTHORIZED, "unauthorized", challenge, unread=unread)
        try:
            await echo.take(body)
        except StoreError as exc:
            raise self._no_store(exc) from exc
        return _content("ok", None)

    async def _stranger(self, headers: Headers, receive: Receive) -> bytes:
        """A PING is answered to anybody; all else is refused and not stored."""
        unread = False
        try:
            body = await read_body(headers, receive, STRANGER_BYTES)
        except Refused as exc:
            body, unread = b"", exc.unread
        if self._intake.is_ping(body):
            if not self._gate.is_tried(headers):
                self._intake.note_ping()  # with wrong credentials no event would come through
            return _content("pong", None)
        self.unauthorized += 1
        self._refused += 1
        self._refusing(self._refused)
        challenge = (b"www-authenticate", _challenge(self._gate))
        raise Refused(HTTPStatus.UNAUTHORIZED, "unauthorized", challenge, unread=unread)


def _channel(headers: Headers) -> Channel:
    for name, _ in headers:
        if name == TEST_HEADER:
            return Channel.TEST
    return Channel.WEBHOOK


def _only_post(method: str) -> None:
    if method != "POST":
        raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, "method not allowed", (b"allow", b"POST"))


def _challenge(gate: Gate) -> bytes:
    return b'Basic realm="gladly-source", charset="UTF-8"' if gate.asks_for_basic else b"Token"


def _write(
    answer: Callable[[bytes, bytes], None], status: bytes, content: bytes, headers: bytes = b""
) -> None:
    """Answer a request that came the short way."""
    answer(
        status,
        b"%bcontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
        % (headers, len(content), content),
    )


def _content(status: str, one: str | None) -> bytes:
    if one is None:
        return b'{"status":"%b"}' % status.encode()
    return b'{"status":"%b","id":"%b"}' % (status.encode(), one.encode())


async def _answer(
    send: Send,
    status: HTTPStatus,
    content: bytes,
    *headers: tuple[bytes, bytes],
    more: bool = False,
) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": int(status),
            "headers": [
                (b"content-type", b"application/json"),
                (b"content-length", b"%d" % len(content)),
                *headers,
            ],
        }
    )
    await send({"type": "http.response.body", "body": content, "more_body": more})


def _status_routes(gate: Gate, report: Report) -> Starlette:
    async def healthz(_: Request) -> Response:
        word = "degraded" if report.degraded() else "ok"
        return _json({"status": word, "version": __version__})

    async def readyz(_: Request) -> Response:
        word = await report.ready()
        if word == "ready":
            return _json({"status": word})
        return _later(_json({"status": word}, HTTPStatus.SERVICE_UNAVAILABLE))

    async def status(request: Request) -> Response:
        if not gate.admits(request.headers.raw):
            return _unauthorized(gate)
        return _json(await report.status())

    async def metrics(request: Request) -> Response:
        if not gate.admits(request.headers.raw):
            return _unauthorized(gate)
        return Response(
            await report.metrics(), media_type="text/plain; version=0.0.4; charset=utf-8"
        )

    routes = [
        Route(path, endpoint)
        for path, endpoint in zip(STATUS_PATHS, (healthz, readyz, status, metrics), strict=True)
    ]
    app = Starlette(
        routes=routes,
        exception_handlers={
            404: _not_found,
            405: _not_allowed,
            StoreError: _no_store,
            Exception: _failed,
        },
    )
    app.router.redirect_slashes = False
    return app


def _json(content: object, status: int = HTTPStatus.OK) -> Response:
    return Response(msgspec.json.encode(content), status, media_type="application/json")


def _unauthorized(gate: Gate) -> Response:
    response = _json({"error": "unauthorized"}, HTTPStatus.UNAUTHORIZED)
    response.headers["WWW-Authenticate"] = _challenge(gate).decode()
    return response


async def _not_found(_: Request, __: Exception) -> Response:
    return _json({"error": "not found"}, HTTPStatus.NOT_FOUND)


async def _not_allowed(_: Request, __: Exception) -> Response:
    response = _json({"error": "method not allowed"}, HTTPStatus.METHOD_NOT_ALLOWED)
    response.headers["Allow"] = "GET, HEAD"
    return response


async def _no_store(_: Request, __: Exception) -> Response:
    return _later(_json({"error": "store unavailable"}, HTTPStatus.SERVICE_UNAVAILABLE))


def _later(response: Response) -> Response:
    response.headers["Retry-After"] = RETRY_AFTER.decode()
    return response


async def _failed(_: Request, __: Exception) -> Response:
    return _json({"error": "internal error"}, HTTPStatus.INTERNAL_SERVER_ERROR)
