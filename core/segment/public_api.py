"""Asks Segment's Public API: which workspace and sources a token sees, and what Segment counted.

Plain GETs with a bearer token; answers are `{"data": …}`, lists come in pages
(`pagination.count`, `pagination.cursor`, `pagination.next`). Sources, as generated from Segment's
own description of the API: github.com/segmentio/public-api-sdk-python, docs/WorkspacesApi.md,
docs/SourcesApi.md, docs/DeliveryOverviewApi.md and segment_public_api/models/
(source_v1.py, get_delivery_overview_metrics_beta_output.py), and
docs.segmentapis.com/tag/Delivery-Overview.

Not said there, and therefore not relied on: whether a repeated messageId is counted again, and
what exactly the official Gladly source is called in the catalogue.

httpx is imported here because the library that uploads (`segment-analytics-python`) knows only the
tracking API, and Segment's SDK for this one is not on the package index.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

import httpx
import msgspec

from core.errors import PublicApiRefused, PublicApiUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.credentials import Secret

HOSTS = {"us": "https://api.segmentapis.com", "eu": "https://eu1.api.segmentapis.com"}
#: the pages of counts exist in beta only
BETA = "application/vnd.segment.v1beta+json"
RECEIVED, FAILED = "successfully-received", "failed-on-ingest"
SECONDS = 8.0
CONNECT_SECONDS = 4.0
PAGE = 200
MOST_PAGES = 50
MOST_BYTES = 8_000_000
OK, TOO_MANY = 200, 429
REFUSED = (401, 403)
_OFFICIAL = "gladly"

T = TypeVar("T")


class Metadata(msgspec.Struct, frozen=True):
    """What kind of source it is."""

    name: str = ""
    slug: str = ""


class Source(msgspec.Struct, frozen=True, rename="camel"):
    """One source of the workspace; `write_keys` is empty for a token that may not see them."""

    id: str
    slug: str = ""
    name: str | None = None
    enabled: bool = True
    write_keys: tuple[str, ...] = ()
    metadata: Metadata = Metadata()

    @property
    def title(self) -> str:
        """What it is called."""
        return self.name or self.slug or self.id

    @property
    def official(self) -> bool:
        """Whether it is of the kind that Gladly's own integration sends to."""
        return _OFFICIAL in {self.metadata.slug.lower(), self.metadata.name.lower()}


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """How many of one event Segment counted in the hour that begins at `hour` (epoch seconds)."""

    event: str
    hour: int
    count: int


class _Next(msgspec.Struct, frozen=True):
    next: str | None = None


class _Workspace(msgspec.Struct, frozen=True):
    name: str


class _WorkspacePage(msgspec.Struct, frozen=True):
    workspace: _Workspace


class _SourcesPage(msgspec.Struct, frozen=True):
    sources: tuple[Source, ...]
    pagination: _Next = _Next()


class _Point(msgspec.Struct, frozen=True):
    time: datetime
    count: float


class _Series(msgspec.Struct, frozen=True, rename="camel"):
    event_name: str | None = None
    series: tuple[_Point, ...] = ()


class _CountsPage(msgspec.Struct, frozen=True):
    dataset: tuple[_Series, ...]
    pagination: _Next = _Next()


class _Data(msgspec.Struct, frozen=True):
    data: msgspec.Raw


class PublicApi:
    """Reads one workspace in one region.

    Args:
        token: The Public API token.
        url: Base address of the API.
        transport: Carries requests; None is the network.

    Every call raises PublicApiRefused when the token is not admitted, and PublicApiUnavailable
    when there is no answer that can be used.
    """

    def __init__(
        self, token: Secret, url: str, *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._token = token
        self._url = url.rstrip("/")
        self._transport = transport

    async def workspace(self) -> str:
        """What the workspace is called."""
        return (await self._get("/", {}, _WorkspacePage)).workspace.name

    async def sources(self) -> list[Source]:
        """All sources of the workspace."""
        found: list[Source] = []
        asked = {"pagination.count": str(PAGE)}
        for _ in range(MOST_PAGES):
            page = await self._get("/sources", asked, _SourcesPage)
            found += page.sources
            if not page.pagination.next:
                break
            asked["pagination.cursor"] = page.pagination.next
        return found

    async def counts(self, step: str, source_id: str, since: float, until: float) -> list[Counted]:
        """How many events got to a step (RECEIVED, FAILED) in each hour, by event."""
        asked = {
            "sourceId": source_id,
            "startTime": _iso(since),
            "endTime": _iso(until),
            "granularity": "HOUR",
            "groupBy.0": "eventName",
            "pagination.count": str(PAGE),
        }
        found: list[Counted] = []
        for _ in range(MOST_PAGES):
            page = await self._get(f"/delivery-overview/{step}", asked, _CountsPage, accept=BETA)
            found += [
                Counted(
                    event=series.event_name or "",
                    hour=int(point.time.timestamp()),
                    count=round(point.count),
                )
                for series in page.dataset
                for point in series.series
            ]
            if not page.pagination.next:
                break
            asked["pagination.cursor"] = page.pagination.next
        return found

    async def _get(
        self,
        path: str,
        asked: Mapping[str, str],
        kind: type[T],
        *,
        accept: str = "application/json",
    ) -> T:
        headers = {"authorization": f"Bearer {self._token.reveal()}", "accept": accept}
        timeout = httpx.Timeout(SECONDS, connect=CONNECT_SECONDS)
        try:
            async with (
                asyncio.timeout(SECONDS),
                httpx.AsyncClient(transport=self._transport, timeout=timeout) as client,
                client.stream("GET", self._url + path, params=asked, headers=headers) as response,
            ):
                body = await _bounded(response)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, ImportError):
            # No cause: what a transport says may quote what was sent.
            raise PublicApiUnavailable(
                "Segment's Public API cannot be reached.", "Check network, firewall and proxy."
            ) from None
        if response.status_code != OK:
            raise _refusal(response.status_code)
        try:
            return msgspec.json.decode(msgspec.json.decode(body, type=_Data).data, type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise PublicApiUnavailable(
                "What answers is not Segment's Public API, or not as it was.",
                "Try again later; a proxy or a captive portal may stand between.",
            ) from None


async def _bounded(response: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > MOST_BYTES:
            break
    return bytes(body)


def _refusal(status: int) -> PublicApiRefused | PublicApiUnavailable:
    if status in REFUSED:
        return PublicApiRefused(
            f"Segment's Public API refuses the token ({status}).",
            "Make a new one in Segment (Settings, Workspace settings, Access Management, Tokens) "
            "and keep it with `gladly-source secret set public-api-token`.",
        )
    if status == TOO_MANY:
        return PublicApiUnavailable(
            "Segment's Public API asks for fewer requests (429).", "Try again in a minute."
        )
    return PublicApiUnavailable(
        f"Segment's Public API answers {status}.", "Nothing is held up by that; try again later."
    )


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
