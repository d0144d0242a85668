"""Asks through the public URL whether it leads to this listener: the way of Gladly's calls."""

from __future__ import annotations

import asyncio
import ssl
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import httpx
import msgspec

from core import __version__

if TYPE_CHECKING:
    from core.settings import Listener

CONNECT_SECONDS: Final = 5.0
READ_SECONDS: Final = 6.0
MAX_BYTES: Final = 65_536
#: what the listener says on the webhook's path to anybody who does not POST
NOT_ALLOWED: Final = "method not allowed"


class _Answer(msgspec.Struct, frozen=True):
    """What our listener says, of /healthz or in an error."""

    status: str = ""
    version: str = ""
    error: str = ""


class Probe:
    """One public URL; every question goes out on a connection of its own.

    `/healthz` tells the version; where a proxy hands on the webhook's path alone, that path tells
    that a listener of ours is there. Nothing is stored or counted by either.

    Args:
        listener: Says the public URL and the webhook's path.
        transport: For tests; without one the network, through the environment's proxy if any.
    """

    def __init__(
        self, listener: Listener, *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._base = (listener.public_url or "").rstrip("/")
        self._path = listener.path
        self._transport = transport
        self._http: httpx.AsyncClient | None = None

    async def ask(self) -> str:
        """Why the public URL does not lead here, as the end of a sentence; empty when it does."""
        try:
            status, said = await self._get("/healthz")
            if said.status in {"ok", "degraded"} and said.version:
                return "" if said.version == __version__ else _other(said.version)
            status, said = await self._get(self._path)
        except (httpx.InvalidURL, httpx.HTTPError, OSError, ImportError, ValueError) as exc:
            return _why(exc)
        if status == HTTPStatus.METHOD_NOT_ALLOWED and said.error == NOT_ALLOWED:
            return ""
        return f"is answered by something else, or by a tunnel that leads nowhere ({status})"

    async def aclose(self) -> None:
        """Close what is open; it opens again when it is asked again."""
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    async def _get(self, path: str) -> tuple[int, _Answer]:
        if self._http is None:  # reads certificates: not once a minute, and nobody waits for it
            self._http = await asyncio.to_thread(self._make_client)
        async with self._http.stream("GET", self._base + path) as response:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > MAX_BYTES:
                    break
            return response.status_code, _read(bytes(body))

    def _make_client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=self._transport,
            timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
            limits=httpx.Limits(max_keepalive_connections=0),
            follow_redirects=False,
        )


def _read(body: bytes) -> _Answer:
    try:
        return msgspec.json.decode(body, type=_Answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _Answer()


def _other(version: str) -> str:
    shown = "".join(one for one in version if one.isprintable())[:20]
    return f"leads to another Gladly Source ({shown}; this one is {__version__})"


def _why(exc: Exception) -> str:
    seen: BaseException | None = exc
    while seen is not None:
        if isinstance(seen, ssl.SSLError):
            return "has a certificate that cannot be verified"
        seen = seen.__cause__ or seen.__context__
    match exc:
        case httpx.InvalidURL() | UnicodeError():
            return "is no address that can be used"
        case httpx.ProxyError():
            return "cannot be asked: the proxy refuses"
        case httpx.TimeoutException():
            return "does not answer in time"
        case httpx.HTTPError() | OSError():
            return "cannot be reached"
    return "cannot be asked: the proxy or the certificates in the environment cannot be used"
