"""The few pages of Segment's Public API that are asked for: workspace, sources, counts by hour."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.routing import Route

from core.simulator.base import json_response
from core.simulator.segment_rules import parse_time

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

DEMO_PUBLIC_TOKEN = "public-api-demo-token"  # noqa: S105 - known to everybody
BETA = "application/vnd.segment.v1beta+json"
RECEIVED, FAILED = "successfully-received", "failed-on-ingest"
UNAUTHORIZED, NOT_FOUND, UNACCEPTABLE, BAD_INPUT = 401, 404, 406, 422
HOUR = 3600


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A source of the simulated workspace; `kind` is what it is called in the catalogue."""

    id: str
    name: str
    write_keys: tuple[str, ...]
    kind: str = "HTTP API"
    enabled: bool = True

    def public(self) -> dict[str, Any]:
        """As the API shows it."""
        slug = self.kind.lower().replace(" ", "-")
        return {
            "id": self.id,
            "slug": self.name.lower().replace(" ", "_"),
            "name": self.name,
            "workspaceId": "workspace-1",
            "enabled": self.enabled,
            "writeKeys": list(self.write_keys),
            "metadata": {"id": f"metadata-{slug}", "name": self.kind, "slug": slug},
            "settings": {},
            "labels": [],
        }


class PublicPages:
    """Answers whoever has the token.

    Args:
        token: The bearer token.
        sources: The sources of the workspace; the first is the one whose events are counted.
        workspace: What the workspace is called.

    Attributes:
        counts: How many events there were, by step, event and hour (epoch seconds).
    """

    def __init__(
        self, token: str, sources: tuple[Source, ...], workspace: str = "Simulated workspace"
    ) -> None:
        self._token = token
        self.sources = sources
        self.workspace = workspace
        self.counts: Counter[tuple[str, str, int]] = Counter()

    def routes(self) -> list[Route]:
        """The pages."""
        return [
            Route("/", self._admitted(self._workspace), methods=["GET"]),
            Route("/sources", self._admitted(self._sources), methods=["GET"]),
            Route("/delivery-overview/{step}", self._admitted(self._counts), methods=["GET"]),
        ]

    def count(self, step: str, event: str, at: float) -> None:
        """Note that an event got to a step."""
        self.counts[step, event, int(at // HOUR) * HOUR] += 1

    def _admitted(
        self, answer: Callable[[Request], Response]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def admitted(request: Request) -> Response:
            if request.headers.get("authorization") != f"Bearer {self._token}":
                return _refusal(UNAUTHORIZED, "the token is not valid")
            return answer(request)

        return admitted

    def _workspace(self, _: Request) -> Response:
        workspace = {"id": "workspace-1", "slug": "simulated", "name": self.workspace}
        return json_response({"data": {"workspace": workspace}})

    def _sources(self, request: Request) -> Response:
        count = int(request.query_params.get("pagination.count", "10"))
        first = int(request.query_params.get("pagination.cursor", "0"))
        shown = [one.public() for one in self.sources[first : first + count]]
        pagination: dict[str, Any] = {"current": str(first), "totalEntries": len(self.sources)}
        if first + count < len(self.sources):
            pagination["next"] = str(first + count)
        return json_response({"data": {"sources": shown, "pagination": pagination}})

    def _counts(self, request: Request) -> Response:
        asked = request.query_params
        if request.headers.get("accept") != BETA:
            return _refusal(UNACCEPTABLE, "this page exists in beta only")
        if asked.get("sourceId") not in {one.id for one in self.sources}:
            return _refusal(NOT_FOUND, "there is no such source")
        try:
            since, until = parse_time(asked["startTime"]), parse_time(asked["endTime"])
        except (KeyError, ValueError):
            return _refusal(BAD_INPUT, "startTime and endTime are needed")
        if asked.get("granularity") != "HOUR" or asked.get("groupBy.0") != "eventName":
            return _refusal(BAD_INPUT, "this simulator counts by eventName and HOUR only")
        series: dict[str, list[dict[str, Any]]] = {}
        for (step, event, hour), count in sorted(self.counts.items()):
            if step == request.path_params["step"] and since <= hour < until:
                at = datetime.fromtimestamp(hour, UTC).isoformat().replace("+00:00", "Z")
                series.setdefault(event, []).append({"time": at, "count": count})
        dataset = [
            {"eventName": event, "total": sum(one["count"] for one in points), "series": points}
            for event, points in series.items()
        ]
        total = sum(one["total"] for one in dataset)
        pagination = {"current": "0"}
        return json_response(
            {"data": {"total": total, "dataset": dataset, "pagination": pagination}}
        )


def _refusal(status: int, message: str) -> Response:
    return json_response({"errors": [{"type": "refused", "message": message}]}, status)
