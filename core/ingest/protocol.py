"""uvicorn's protocol with limits of our own, and a short way for the webhook's plain requests."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Protocol, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

ARRIVAL_SECONDS = 10.0
MAX_HEADER_BYTES = 65_536
MAX_PIPELINED = 16
#: bytes of framing that a byte of the body may cost: chunks of one byte each cost seven
MAX_FRAMING = 8
_BAD_REQUEST = b'{"error":"bad request"}'

Headers = list[tuple[bytes, bytes]]


class Direct(Protocol):
    """Answers whole requests on one path without ASGI in between."""

    path: bytes
    max_body: int

    def admits(self, headers: Headers) -> bool:
        """Whether a POST with these headers may be taken; else ASGI answers it."""

    def take(self, headers: Headers, body: bytes, answer: Callable[[bytes, bytes], None]) -> None:
        """Take a request; call `answer` once, now or later, with status line and the rest."""


class _NobodyWaits:
    """In place of the event that tells uvicorn's cycle of more body."""

    def set(self) -> None:
        """Nobody waits."""


_NOBODY = _NobodyWaits()


class _Turn:
    """Stands where uvicorn keeps its cycle while a request is answered directly."""

    __slots__ = ("body", "disconnected", "keep_alive", "message_event", "response_complete")

    def __init__(self, *, keep_alive: bool) -> None:
        self.body = bytearray()
        self.disconnected = False
        self.keep_alive = keep_alive
        self.response_complete = False
        self.message_event = _NOBODY


class _ListenerProtocol(HttpToolsProtocol):
    """uvicorn's protocol plus a time limit for each request to come in, and JSON refusals.

    uvicorn times idle connections only after an answer, so a peer that sends a byte a minute
    would hold its connection for ever. One timer a connection, not one a request: it looks when
    the request under way began, and is set anew for when that one would be too late.

    A plain POST to the webhook goes to `direct`: a task, a scope and five awaits less. Whatever
    is not plain (another path, wrong credentials, too long, a peer that does not read, a request
    behind one that is not answered yet) is ASGI's.
    """

    _began: float | None = None
    _arrived = 0
    _in_body = 0
    _headers_done = True
    _timer: asyncio.TimerHandle | None = None
    _turn: _Turn | None = None

    def __init__(self, *args: Any, direct: Direct | None = None, **kwargs: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(*args, **kwargs)
        self._direct = direct

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._began = self.loop.time()
        self._timer = self.loop.call_later(ARRIVAL_SECONDS, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        super().connection_lost(exc)

    def shutdown(self) -> None:
        if self._turn is not None:  # its body is still arriving: the answer closes
            self._turn.keep_alive = False
            return
        super().shutdown()

    def data_received(self, data: bytes) -> None:
        cycle: RequestResponseCycle | None = self.cycle
        if self._began is None and (cycle is None or cycle.response_complete):
            self._began = self.loop.time()
            self._arrived = 0
        self._arrived += len(data)
        super().data_received(data)
        if len(self.pipeline) > MAX_PIPELINED:
            self.transport.abort()
        elif not self._headers_done and self._arrived > MAX_HEADER_BYTES:
            self.send_400_response("")
        elif self._arrived > MAX_HEADER_BYTES + MAX_FRAMING * self._in_body:
            self.transport.abort()  # trailers without end

    def on_message_begin(self) -> None:
        self._headers_done = False
        # Also for one that came in the same packet as the request before it.
        self._began = self.loop.time()
        self._arrived = self._in_body = 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._headers_done:
            return  # trailers are nobody's, and may be without end
        name = name.lower()
        if name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        self._headers_done = True
        if self.parser.should_upgrade():
            # The parser would take the body for the other protocol's bytes.
            self.send_400_response("")
            return
        if self._direct is not None and self._is_plain(self._direct):
            http_1_0 = self.parser.get_http_version() == "1.0"
            self._turn = _Turn(keep_alive=not http_1_0 and self.parser.should_keep_alive())
            return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._in_body += len(body)
        turn = self._turn
        if turn is None:
            super().on_body(body)
            return
        turn.body += body
        if self._direct is None or len(turn.body) > self._direct.max_body:
            # Over the limit while streaming: ASGI refuses it.
            self._turn = None
            super().on_headers_complete()
            super().on_body(bytes(turn.body))

    def on_message_complete(self) -> None:
        self._began = None
        if self.transport.is_closing():
            return  # refused above
        turn = self._turn
        if turn is None or self._direct is None:
            super().on_message_complete()
            return
        self._turn = None
        # What comes behind it waits for it, as behind a cycle of uvicorn's own.
        self.cycle = cast("RequestResponseCycle", turn)
        body, turn.body = bytes(turn.body), bytearray()
        self._direct.take(self.headers, body, lambda status, rest: self._answer(turn, status, rest))

    def _is_plain(self, direct: Direct) -> bool:
        before: RequestResponseCycle | None = self.cycle
        return (
            self.url == direct.path
            and self.parser.get_method() == b"POST"
            and (before is None or before.response_complete)
            and not (self.expect_100_continue or self.flow.write_paused)
            and direct.admits(self.headers)
        )

    def _answer(self, turn: _Turn, status: bytes, rest: bytes) -> None:
        """Write status line, uvicorn's own headers, and the rest: headers and content."""
        if turn.disconnected or self.transport.is_closing():
            return
        turn.response_complete = True
        content = [status]
        for name, value in self.server_state.default_headers:
            content += (name, b": ", value, b"\r\n")
        if not turn.keep_alive:
            content.append(b"connection: close\r\n")
        content.append(rest)
        self.transport.write(b"".join(content))
        if not turn.keep_alive:
            self.transport.close()
        self.on_response_complete()

    def _unsupported_upgrade_warning(self) -> None:
        """Nothing to warn of: the request was refused."""

    def send_400_response(self, msg: str) -> None:
        self.transport.write(
            b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: "
            + str(len(_BAD_REQUEST)).encode()
            + b"\r\nconnection: close\r\n\r\n"
            + _BAD_REQUEST
        )
        self.transport.close()

    def _look(self) -> None:
        now = self.loop.time()
        wait = ARRIVAL_SECONDS if self._began is None else self._began + ARRIVAL_SECONDS - now
        if wait <= 0:
            self.transport.abort()
        else:
            self._timer = self.loop.call_later(wait, self._look)


def protocol(direct: Direct | None) -> Callable[..., asyncio.Protocol]:
    """Makes uvicorn's protocol for each connection; `direct` takes plain webhooks."""
    return functools.partial(_ListenerProtocol, direct=direct)
