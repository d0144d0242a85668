"""One GET to a service outside: the answer, or why there was none, in our own words."""

from __future__ import annotations

import ssl
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, NamedTuple

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from core.doctor.subject import Outside

CONNECT_SECONDS = 5.0
READ_SECONDS = 6.0
MAX_BYTES = 1_000_000
FIRST_REDIRECT, FIRST_CLIENT_ERROR = 300, 400
CAPTIVE_PORTAL = 511


class Unreached(Exception):
    """There was no answer; caught by every check that asks.

    Args:
        kind: `address`, `tls`, `proxy`, `timeout` or `unreachable`.
        words: The end of a sentence that begins with the service's name.
        hint: The next thing to do.
    """

    def __init__(self, kind: str, words: str, hint: str) -> None:
        super().__init__(words)
        self.kind = kind
        self.words = words
        self.hint = hint


class Reply(NamedTuple):
    """What came back."""

    url: httpx.URL
    status: int
    headers: Mapping[str, str]
    body: bytes
    #: the service's clock minus ours in seconds, to about one; None when it did not say
    skew: float | None

    @property
    def elsewhere(self) -> str | None:
        """The other host that a redirect names."""
        if not FIRST_REDIRECT <= self.status < FIRST_CLIENT_ERROR:
            return None
        try:
            target = self.url.join(self.headers.get("location", ""))
            host = target.host
        except (httpx.InvalidURL, UnicodeError):
            return "an address that makes no sense"
        return host if host != self.url.host else None


async def get(url: str, outside: Outside, *, target: str | None = None) -> Reply:
    """GET without credentials; no redirect is followed.

    Args:
        url: The address; httpx logs it.
        outside: Carries the request.
        target: Asked for instead of the address's path: what stands here is never logged.

    Raises:
        Unreached: No answer came.
    """
    extensions = {} if target is None else {"target": target.encode("ascii")}
    try:
        async with (
            _client(outside) as client,
            client.stream("GET", url, extensions=extensions) as response,
        ):
            skew = _skew(response.headers, outside.wall)
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > MAX_BYTES:
                    break
            return Reply(httpx.URL(url), response.status_code, response.headers, bytes(body), skew)
    except (httpx.InvalidURL, UnicodeError):
        raise Unreached(
            "address", "is no address that can be used.", "Look for a typing mistake in it."
        ) from None
    except (httpx.HTTPError, OSError) as exc:
        # No cause: what a transport says may quote the address.
        raise _why(exc) from None


def host_of(url: str) -> str:
    """The host of an address, for sentences."""
    try:
        return httpx.URL(url).host
    except (httpx.InvalidURL, UnicodeError):
        return "the address that is set"


def _client(outside: Outside) -> httpx.AsyncClient:
    try:
        return httpx.AsyncClient(
            transport=outside.transport,
            timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
            follow_redirects=False,
        )
    except (httpx.InvalidURL, ImportError, ValueError, OSError):
        raise Unreached(
            "proxy",
            "cannot be asked: the proxy or the certificates in the environment cannot be used.",
            "Check HTTPS_PROXY and SSL_CERT_FILE.",
        ) from None


def _why(exc: Exception) -> Unreached:
    seen: BaseException | None = exc
    while seen is not None:
        if isinstance(seen, ssl.SSLError):
            return Unreached(
                "tls",
                "cannot be trusted: its certificate cannot be verified.",
                "Check this computer's clock, and whether a company proxy opens encrypted traffic.",
            )
        seen = seen.__cause__ or seen.__context__
    if isinstance(exc, httpx.ProxyError):
        return Unreached("proxy", "cannot be reached: the proxy refuses.", "Check HTTPS_PROXY.")
    if isinstance(exc, httpx.TimeoutException):
        return Unreached("timeout", "does not answer in time.", "Check network and firewall.")
    return Unreached(
        "unreachable", "cannot be reached.", "Check network, firewall and the host's name."
    )


def _skew(headers: httpx.Headers, wall: Callable[[], float]) -> float | None:
    try:
        served = parsedate_to_datetime(headers["date"]).timestamp()
        # A cache between hands out an old date, and says how old.
        return served + float(headers.get("age", "0")) - wall()
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
