"""The Export API: a job for every day of the last two weeks, with its files as JSON Lines.

Source: the paths `/api/v1/export/…` of Gladly's OpenAPI document. "Daily schedules will run jobs
during the night (UTC time)"; jobs and files live 14 days; only a COMPLETED or FAILED job can be
deleted. Unproven, so chosen here: that a daily job covers a UTC day, how long after its end the
job is done, what a query that cannot be read is answered, and which customers are in a file (here:
those of its items who can still be read).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias, get_args

import msgspec
from starlette.responses import Response, StreamingResponse

from core.simulator import export_items
from core.simulator.base import BAD_REQUEST, json_response
from core.simulator.gladly_gate import NOT_FOUND, errors_response
from core.simulator.people import derived_id
from core.simulator.timestamps import NS_PER_SECOND, format_timestamp, timestamp_ns, to_ns

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator

    from starlette.requests import Request

    from core.simulator.events import Event
    from core.simulator.gladly_gate import Handler
    from core.simulator.gladly_state import Directory

Status: TypeAlias = Literal["PENDING", "IN_PROGRESS", "COMPLETED", "FAILED"]

FILES = ("agents.jsonl", "conversation_items.jsonl", "customers.jsonl", "topics.jsonl")
DAYS_KEPT = 14
DAY_NS = 86_400 * NS_PER_SECOND
DEFAULT_READY_SECONDS = 4 * 3600.0
_NO_CONTENT = 204
_SCHEDULE = derived_id("the daily schedule")


class Exports(msgspec.Struct, frozen=True, kw_only=True):
    """How the export jobs are.

    Attributes:
        statuses: The status of the jobs of these days (`2026-04-13`); all others are COMPLETED.
        skew_ms: How much later an item is than its event, in milliseconds; may be negative.
            Unproven that they differ at all.
        ready_after: Seconds from the end of a day to its job.
        days: How many days back there are jobs, at most 14.
    """

    statuses: Mapping[str, Status] = {}
    skew_ms: int = 0
    ready_after: float = DEFAULT_READY_SECONDS
    days: int = DAYS_KEPT


class _Job(NamedTuple):
    id: str
    status: Status
    start: int
    updated: int

    @property
    def end(self) -> int:
        return self.start + DAY_NS

    @property
    def files(self) -> tuple[str, ...]:
        return FILES if self.status == "COMPLETED" else ()

    def public(self) -> dict[str, Any]:
        """As the API gives it out."""
        return {
            "id": self.id,
            "scheduleId": _SCHEDULE,
            "status": self.status,
            "updatedAt": format_timestamp(self.updated),
            "parameters": {
                "type": "CONVERSATIONS",
                "startAt": format_timestamp(self.start),
                "endAt": format_timestamp(self.end),
            },
            "files": list(self.files),
        }


class ExportApi:
    """GET /api/v1/export/schedules, and jobs with their files.

    Args:
        history: What happened, of any age.
        directory: Who is who now.
        exports: How the jobs are.
        now: The clock.

    Attributes:
        statuses: As in `exports`; may be changed, from any thread.
    """

    def __init__(
        self,
        history: Iterable[Event],
        directory: Directory,
        exports: Exports,
        *,
        now: Callable[[], float],
    ) -> None:
        self._history = history
        self._directory = directory
        self._exports = exports
        self._now = now
        self._deleted: set[str] = set()
        self.statuses: dict[str, Status] = dict(exports.statuses)

    def reset(self) -> None:
        """Bring deleted jobs back, with the statuses of the beginning."""
        self._deleted.clear()
        self.statuses = dict(self._exports.statuses)

    def pages(self) -> dict[str, tuple[str, Handler, list[str]]]:
        """Every page: its path, its kind, what answers it, and the methods."""
        job = "/export/jobs/{id}"
        return {
            "/export/schedules": ("export-schedules", self.schedules, ["GET"]),
            "/export/jobs": ("export-jobs", self.jobs, ["GET"]),
            job: ("export-job", self.job, ["GET", "DELETE"]),
            f"{job}/files/{{name}}": ("export-file", self.file, ["GET"]),
        }

    async def schedules(self, request: Request) -> Response:
        """Answer GET /api/v1/export/schedules: by default an organisation has a daily one."""
        today = to_ns(self._now()) // DAY_NS * DAY_NS
        schedule = {
            "id": _SCHEDULE,
            "frequency": "DAILY",
            "type": "CONVERSATIONS",
            "nextStartAt": format_timestamp(today),
            "updatedAt": format_timestamp(today - DAYS_KEPT * DAY_NS),
        }
        return json_response([schedule])

    async def jobs(self, request: Request) -> Response:
        """Answer GET /api/v1/export/jobs."""
        try:
            wanted = _query(request, to_ns(self._now()))
        except _Invalid as exc:
            attr, detail = exc.args
            return errors_response(request, BAD_REQUEST, attr=attr, code="invalid", detail=detail)
        return json_response([job.public() for job in self._jobs() if wanted.takes(job)])

    async def job(self, request: Request) -> Response:
        """Answer GET and DELETE of one job."""
        job = self._find(request)
        if job is None:
            return _missing(request)
        if request.method == "GET":
            return json_response(job.public())
        if job.status not in {"COMPLETED", "FAILED"}:
            detail = (
                f"unable to delete job with status [{job.status}]."
                " Please try again after it has finished"
            )
            error = {"attr": "status", "code": "temporary_failure", "detail": detail}
            return errors_response(request, BAD_REQUEST, **error)
        self._deleted.add(job.id)
        return Response(status_code=_NO_CONTENT)

    async def file(self, request: Request) -> Response:
        """Answer GET of one file, line by line."""
        job, name = self._find(request), request.path_params["name"]
        if job is None or name not in job.files:
            return _missing(request)
        lines = (msgspec.json.encode(line) + b"\n" for line in self._lines(job, name))
        return StreamingResponse(_stream(lines), media_type="application/x-ndjson")

    def _jobs(self) -> Iterator[_Job]:
        """The jobs that Gladly still has, oldest first; today's does not exist yet."""
        now = to_ns(self._now())
        ready = to_ns(self._exports.ready_after)
        today = now // DAY_NS * DAY_NS
        # A job that took long may be of the day before the oldest that is still kept.
        for back in range(DAYS_KEPT + 1, 0, -1):
            start = today - back * DAY_NS
            updated = start + DAY_NS + ready
            day = format_timestamp(start)[:10]
            job = _Job(
                derived_id(f"job {day}"),
                self.statuses.get(day, "COMPLETED"),
                start,
                updated,
            )
            kept = now - self._exports.days * DAY_NS <= updated <= now
            if kept and job.id not in self._deleted:
                yield job

    def _find(self, request: Request) -> _Job | None:
        wanted = request.path_params["id"]
        return next((job for job in self._jobs() if job.id == wanted), None)

    def _lines(self, job: _Job, name: str) -> Iterable[Mapping[str, Any]]:
        match name:
            case "agents.jsonl":
                return tuple(self._directory.agents.values())
            case "topics.jsonl":
                return tuple(self._directory.topics.values())
            case "conversation_items.jsonl":
                return self._items(job)
            case _:
                people = self._directory.customers
                wanted = dict.fromkeys(str(item["customerId"]) for item in self._items(job))
                return [export_items.customer_line(people[one]) for one in wanted if one in people]

    def _items(self, job: _Job) -> list[export_items.Item]:
        everything = export_items.items(tuple(self._history), skew_ms=self._exports.skew_ms)
        return [item for item in everything if job.start <= _at(item) < job.end]


class _Invalid(Exception):
    """A parameter is refused: its name and why."""


class _Query(NamedTuple):
    status: str | None
    start: int
    end: int

    def takes(self, job: _Job) -> bool:
        """Whether the job is asked for; both ends of the time are included."""
        return self.status in {None, job.status} and self.start <= job.updated <= self.end


def _query(request: Request, now: int) -> _Query:
    oldest = now - DAYS_KEPT * DAY_NS
    query = _Query(
        request.query_params.get("status"),
        _time(request, "startAt", oldest),
        _time(request, "endAt", now),
    )
    if query.status is not None and query.status not in get_args(Status):
        raise _Invalid("status", f"unknown status {query.status}")
    if query.start < oldest:
        raise _Invalid("startAt", "startAt cannot be more than 14 days ago")
    if query.end < query.start:
        raise _Invalid("endAt", "endAt cannot be before startAt")
    if query.end > now:
        raise _Invalid("endAt", "endAt cannot be in the future")
    return query


def _time(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    try:
        # An unescaped + arrives as a blank.
        return timestamp_ns(text.replace(" ", "+"))
    except ValueError as exc:
        raise _Invalid(name, f"{name} must be an ISO 8601 time") from exc


def _missing(request: Request) -> Response:
    return errors_response(request, NOT_FOUND, code="not_exist", detail="entity does not exist")


def _at(item: Mapping[str, Any]) -> int:
    return timestamp_ns(item["timestamp"])


async def _stream(lines: Iterator[bytes]) -> AsyncIterator[bytes]:
    for line in lines:
        yield line
