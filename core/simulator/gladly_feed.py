"""The Events API: the events of the last 24 hours as a stream, somewhat behind real time."""

from __future__ import annotations

import random
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from starlette.responses import Response, StreamingResponse

from core.simulator.base import BAD_REQUEST
from core.simulator.events import CUSTOMER_MERGED, Event
from core.simulator.gladly_gate import errors_response
from core.simulator.people import derived_id
from core.simulator.timestamps import timestamp_ns, to_ns

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from starlette.requests import Request

MAX_AGE_SECONDS = 24 * 3600.0
MAX_EVENTS_KEPT = 100_000
ENTITIES = frozenset(
    {
        "AGENT_AVAILABILITY", "AGENT_STATUS", "CONTACT", "CONVERSATION", "CUSTOMER",
        "PAYMENT_REQUEST", "TASK",
    }
)  # fmt: skip


class _Entry(NamedTuple):
    at_ns: int
    visible_at: float
    event: Event


class _Query(NamedTuple):
    start: int
    end: int
    entities: frozenset[str]


class EventsFeed:
    """GET /api/v1/events.

    Each event shows up after a time of its own between 0 and `lag`, so a later one may show up
    first. `startAt` is included, `endAt` is not. Of the CUSTOMER entity the document lists only
    CUSTOMER/MERGED, and CONVERSATION_STATUS/UPDATED is not in it at all: so it is here.

    Args:
        lag: Seconds that an event may be behind.
        same_ids: Whether an event has the id under which webhooks tell of it.
        now: The clock.
        seed: Of the dice behind the lag.
    """

    def __init__(self, *, lag: float, same_ids: bool, now: Callable[[], float], seed: int) -> None:
        self._lag = lag
        self._same_ids = same_ids
        self._now = now
        self._dice = random.Random(seed)  # noqa: S311 - drills must be repeatable
        self._entries: deque[_Entry] = deque(maxlen=MAX_EVENTS_KEPT)

    def clear(self) -> None:
        """Forget all events."""
        self._entries.clear()

    def add(self, event: Event, *, recorded_at: float) -> None:
        """Show `event` from some time after `recorded_at` on."""
        if _entity(event["type"]) is None:
            return
        shown = event if self._same_ids else {**event, "id": derived_id(event["id"])}
        visible_at = recorded_at + self._dice.uniform(0, self._lag)
        self._entries.append(_Entry(timestamp_ns(event["timestamp"]), visible_at, shown))

    async def get(self, request: Request) -> Response:
        """Answer GET /api/v1/events."""
        now = self._now()
        try:
            wanted = _query(request, now)
        except _Invalid as exc:
            attr, detail = exc.args
            return errors_response(request, BAD_REQUEST, attr=attr, code="invalid", detail=detail)
        found = sorted(
            (
                entry
                for entry in tuple(self._entries)
                if wanted.start <= entry.at_ns < wanted.end
                and entry.visible_at <= now
                and _entity(entry.event["type"]) in wanted.entities
            ),
            key=lambda entry: entry.at_ns,
        )
        lines = (msgspec.json.encode(entry.event) + b"\n" for entry in found)
        return StreamingResponse(_stream(lines), media_type="application/x-jsonlines")


class _Invalid(Exception):
    """A parameter is refused: its name and why."""


def _query(request: Request, now: float) -> _Query:
    query = _Query(
        _time(request, "startAt", None), _time(request, "endAt", now), _entities(request)
    )
    if query.start < to_ns(now - MAX_AGE_SECONDS):
        raise _Invalid("startAt", "startAt must be within the last 24 hours")
    if query.end <= query.start:
        raise _Invalid("startAt", "endAt must occur after startAt")
    return query


def _time(request: Request, name: str, default: float | None) -> int:
    text = request.query_params.get(name)
    if text is None and default is not None:
        return to_ns(default)
    try:
        # An unescaped + arrives as a blank.
        return timestamp_ns((text or "").replace(" ", "+"))
    except ValueError as exc:
        problem = "is required" if text is None else "must be an ISO 8601 time"
        raise _Invalid(name, f"{name} {problem}") from exc


def _entities(request: Request) -> frozenset[str]:
    entities = frozenset(request.query_params.getlist("entities"))
    if not entities:
        raise _Invalid("entities", "at least one entity is required")
    if unknown := sorted(entities - ENTITIES):
        raise _Invalid("entities", f"unknown entity {unknown[0]}")
    return entities


def _entity(kind: str) -> str | None:
    """The entity under which the Events API lists a type of event; None if it does not."""
    name = kind.partition("/")[0]
    if name == "CONVERSATION_ASSIGNEE":
        return "CONVERSATION"
    if name == "CUSTOMER":
        return name if kind == CUSTOMER_MERGED else None
    return name if name in ENTITIES else None


async def _stream(lines: Iterator[bytes]) -> AsyncIterator[bytes]:
    for line in lines:
        yield line
