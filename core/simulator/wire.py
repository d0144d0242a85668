"""The connection under an ASGI request, so that a fault can break it.

ASGI has no word for "drop the connection": an application that returns without an answer makes
uvicorn send a 500. uvicorn hands the application `send` as a bound method of its request cycle,
which holds the transport and the headers that go before every answer; those two are used here,
and nowhere else. Once the transport is gone `receive` says `http.disconnect`; waiting for that
before returning is what keeps uvicorn from answering or complaining.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from email.utils import formatdate
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from starlette.types import Receive, Send

_LINGER_ZERO = struct.pack("ii", 1, 0)


class _Transport(Protocol):
    def abort(self) -> None: ...
    def close(self) -> None: ...
    def get_extra_info(self, name: str) -> Any: ...  # noqa: ANN401 - as in asyncio


class _Cycle(Protocol):
    transport: _Transport
    default_headers: list[tuple[bytes, bytes]]


class Wire:
    """One request's connection.

    Without a socket underneath (`httpx.ASGITransport`) breaking it raises ConnectionResetError
    through the application, which is what such a caller can see of it.
    """

    def __init__(self, receive: Receive, send: Send) -> None:
        cycle = getattr(send, "__self__", None)
        self._cycle: _Cycle | None = cycle if hasattr(cycle, "default_headers") else None
        self._receive = receive

    async def reset(self) -> None:
        """Cut the connection with a TCP reset."""
        transport = self._transport()
        raw: socket.socket | None = transport.get_extra_info("socket")
        if raw is not None:
            # Only a socket that may not linger answers with RST instead of FIN.
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
        transport.abort()
        await self.gone()

    async def drop(self) -> None:
        """Close the connection in an orderly way, without an answer."""
        self._transport().close()
        await self.gone()

    def abort(self) -> None:
        """Cut the connection from outside, if there is one; what waits on it wakes."""
        if self._cycle is not None:
            self._cycle.transport.abort()

    def set_date(self, at: float) -> None:
        """Put the time `at` into the Date header of this answer."""
        if self._cycle is not None:
            others = [pair for pair in self._cycle.default_headers if pair[0] != b"date"]
            self._cycle.default_headers = [*others, (b"date", formatdate(at, usegmt=True).encode())]

    async def gone(self) -> None:
        """Return when the peer has gone away."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def pause(self, seconds: float) -> bool:
        """Wait `seconds`; false as soon as the peer has gone away.

        Only after the body was read: what is received here is thrown away.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.gone()
                return False
        return True

    def _transport(self) -> _Transport:
        if self._cycle is None:
            raise ConnectionResetError("The simulator broke the connection.")
        return self._cycle.transport
