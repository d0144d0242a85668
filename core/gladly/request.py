"""How a request to Gladly is made: address, credentials, time limits; the one place for httpx.

Nothing here logs or raises a credential.
"""

from __future__ import annotations

import base64
from http import HTTPMethod
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import quote

import httpx

from core.errors import GladlyNotFound, GladlyRateLimited, GladlyUnavailable
from core.gladly.webhooks import WebhookChange

if TYPE_CHECKING:
    from collections.abc import Generator

    from core.gladly.answers import TryAgain

CONNECT_SECONDS: Final = 5.0
READ_SECONDS: Final = 10.0
#: ids that a URL would take for a step in the path
STEPS: Final = frozenset({"", ".", ".."})
NOTHING: Final = WebhookChange()


class Request(NamedTuple):
    """One request: what it is about, where it goes, and for a change what changes."""

    kind: str
    path: str
    method: HTTPMethod = HTTPMethod.GET
    change: WebhookChange = NOTHING


class Basic(httpx.Auth):
    """Basic credentials in UTF-8; being httpx's `auth`, they win over a URL's and over .netrc."""

    def __init__(self, agent_email: str, token: str) -> None:
        pair = f"{agent_email}:{token}".encode()
        self._header = f"Basic {base64.b64encode(pair).decode('ascii')}"

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the header; there is no second step."""
        request.headers["Authorization"] = self._header
        yield request


def open_http(
    url: str, auth: httpx.Auth, transport: httpx.AsyncBaseTransport | None
) -> httpx.AsyncClient:
    """Build the HTTP client; what stands in `url` beside scheme, host, port and path is dropped."""
    try:
        base = httpx.URL(url)
        return httpx.AsyncClient(
            base_url=base.copy_with(username=None, password=None, query=None, fragment=None),
            auth=auth,
            headers={"Accept": "application/json"},
            timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
            follow_redirects=False,
            transport=transport,
        )
    except (httpx.InvalidURL, ImportError, ValueError, OSError) as exc:
        raise GladlyUnavailable(
            "The address of Gladly, or the proxy or certificates in the environment, "
            f"cannot be used ({type(exc).__name__}).",
            "Check gladly.url, HTTPS_PROXY and SSL_CERT_FILE.",
        ) from exc


def unreachable(exc: Exception) -> GladlyUnavailable:
    """The error for a Gladly that does not answer."""
    return GladlyUnavailable(
        f"Gladly cannot be reached ({type(exc).__name__}).",
        "Check the network and gladly.url; it is tried again by itself.",
    )


def harmless(request: Request, again: TryAgain) -> bool:
    """Whether sending it again cannot do a thing twice."""
    return request.method is HTTPMethod.GET or isinstance(again.error, GladlyRateLimited)


def content_of(request: Request, seconds: float) -> dict[str, Any]:
    """What a change sends along, and how long it waits for a byte."""
    if request.method is HTTPMethod.GET:
        return {}
    timeout = httpx.Timeout(seconds, connect=CONNECT_SECONDS)
    if request.method is HTTPMethod.DELETE:
        return {"timeout": timeout}
    headers = {"Content-Type": "application/json"}
    return {"timeout": timeout, "content": request.change.encode(), "headers": headers}


def path_segment(text: str) -> str:
    """Return an id as one segment of a path, whatever is in it."""
    if text in STEPS:
        raise GladlyNotFound("Gladly knows nothing by this id.")
    return quote(text, safe="", errors="replace")
