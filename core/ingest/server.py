"""Binds a socket and runs uvicorn on it inside the running loop; cuts peers that dawdle."""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from core.errors import BindRefused, PortInUse

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

ARRIVAL_SECONDS = 10.0
KEEP_ALIVE_SECONDS = 15
MAX_HEADER_BYTES = 65_536
MAX_PIPELINED = 16
GRACEFUL_SECONDS = 5
_BAD_REQUEST = b'{"error":"bad request"}'


class _Protocol(HttpToolsProtocol):
    """uvicorn's protocol plus a time limit for each request to come in, and JSON refusals.

    uvicorn times idle connections only after an answer, so a peer that sends a byte a minute
    would hold its connection for ever. One timer a connection, not one a request: it looks when
    the request under way began, and is set anew for when that one would be too late.
    """

    _began: float | None = None
    _arrived = 0
    _headers_done = True
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._began = self.loop.time()
        self._timer = self.loop.call_later(ARRIVAL_SECONDS, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        super().connection_lost(exc)

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

    def on_message_begin(self) -> None:
        self._headers_done = False
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._headers_done = True
        if self.parser.should_upgrade():
            # The parser would take the body for the other protocol's bytes.
            self.send_400_response("")
            return
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._began = None
        if self.transport.is_closing():
            return  # refused above
        super().on_message_complete()

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


def bind(host: str, port: int) -> socket.socket:
    """A listening socket on `host` and `port` (0 = any free one).

    Raises:
        PortInUse: Another program listens there.
        BindRefused: The address is not ours, or the port needs more rights.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        # Windows' SO_REUSEADDR lets two programs share a port; elsewhere it only skips TIME_WAIT.
        if not hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(2048)
    except OSError as exc:
        sock.close()
        raise _translated(exc, host, port) from exc
    sock.setblocking(False)  # noqa: FBT003 - the socket module's way
    return sock


def _translated(exc: OSError, host: str, port: int) -> PortInUse | BindRefused:
    if exc.errno == errno.EADDRINUSE:
        return PortInUse(
            f"Port {port} on {host} is in use by another program.",
            "Stop that program, or set listener.port to a free port (0 takes any).",
        )
    if exc.errno == errno.EACCES:
        return BindRefused(
            f"Listening on port {port} is not allowed for this user.",
            "Set listener.port to a number above 1023.",
        )
    return BindRefused(
        f"Cannot listen on {host}: {exc.strerror or exc}.",
        "Set listener.host to an address of this machine, such as 127.0.0.1.",
    )


class HttpServer:
    """One ASGI application on one socket, inside a loop that somebody else runs.

    Args:
        app: The ASGI application.
        host: Address to listen on.
        port: Port to listen on; 0 takes any free one, `port` tells which after `open()`.
    """

    def __init__(self, app: Callable[..., Any], *, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._socket: socket.socket | None = None
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                interface="asgi3",
                http=_Protocol,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=GRACEFUL_SECONDS,
            )
        )

    @property
    def port(self) -> int:
        """The port that is bound, or the one that was asked for."""
        return self._port

    @property
    def url(self) -> str:
        """`http://host:port`."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self.port}"

    def open(self) -> None:
        """Bind the socket; connections queue from here on.

        Raises:
            PortInUse: Another program listens there.
            BindRefused: The address or port may not be used.
        """
        if self._socket is not None:
            return
        self._socket = bind(self._host, self._port)
        self._port = self._socket.getsockname()[1]

    async def run(self) -> None:
        """Answer requests until `stop()`."""
        self.open()
        assert self._socket is not None  # noqa: S101 - open() either binds or raises
        try:
            await self._server.serve(sockets=[self._socket])
        finally:
            self._socket.close()
            self._socket = None

    def stop(self) -> None:
        """Stop accepting and finish what is in flight; safe from any thread."""
        self._server.should_exit = True
