"""Binds a socket and runs uvicorn on it inside the running loop."""

from __future__ import annotations

import asyncio
import errno
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import uvicorn

from core.errors import BindRefused, PortInUse
from core.ingest.protocol import protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.ingest.protocol import Direct

KEEP_ALIVE_SECONDS = 15
GRACEFUL_SECONDS = 5
PORTS_TRIED = 100
LAST_PORT = 65_535


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


class _Server(uvicorn.Server):
    """Uvicorn that ends when it is told to, and wakes once a second instead of ten times."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._told = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def tell(self) -> None:
        """End; safe from any thread, also before the start and after the end."""
        self.should_exit = True
        if self._loop is not None:
            with suppress(RuntimeError):  # closed meanwhile
                self._loop.call_soon_threadsafe(self._told.set)

    async def main_loop(self) -> None:
        """Refresh the `Date` header once a second until told."""
        self._loop = asyncio.get_running_loop()
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._told.wait(), 1.0)


def free_port(host: str, after: int) -> int | None:
    """The next port above `after` that nobody listens on; blocks for a moment."""
    for port in range(after + 1, min(after + PORTS_TRIED, LAST_PORT) + 1):
        try:
            bind(host, port).close()
        except (PortInUse, BindRefused):
            continue
        return port
    return None


class HttpServer:
    """One ASGI application on one socket, inside a loop that somebody else runs.

    Args:
        app: The ASGI application.
        host: Address to listen on.
        port: Port to listen on; 0 takes any free one, `port` tells which after `open()`.
        direct: Answers plain requests on one path without ASGI in between.
    """

    def __init__(
        self, app: Callable[..., Any], *, host: str, port: int, direct: Direct | None = None
    ) -> None:
        self._host = host
        self._port = port
        self._socket: socket.socket | None = None
        self._server = _Server(
            uvicorn.Config(
                app,
                interface="asgi3",
                http=protocol(direct),  # type: ignore[arg-type]
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
            self.close()

    def close(self) -> None:
        """Give the port back; harmless when that is done."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def stop(self) -> None:
        """Stop accepting and finish what is in flight; safe from any thread."""
        self._server.tell()
