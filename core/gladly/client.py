"""Gladly's REST API: credentials, rate budget, retries, and errors in our own words.

Nothing here logs or raises what a customer wrote, a credential,
or the text of an answer.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import Counter
from contextlib import aclosing, contextmanager
from http import HTTPMethod
from typing import TYPE_CHECKING, Final, Self, TypeVar

import httpx

from core.errors import (
    CustomerMerged,
    GladlyError,
    GladlyNotFound,
    GladlyRefused,
)
from core.gladly import answers
from core.gladly.answers import Answer, TryAgain
from core.gladly.budget import Priority, RequestBudget, SystemClock
from core.gladly.exports import ExportJob
from core.gladly.lines import Lines
from core.gladly.payloads import Agent, Conversation, CustomerProfile, Organization, Topic
from core.gladly.request import (
    NOTHING,
    Basic,
    Request,
    content_of,
    harmless,
    open_http,
    path_segment,
    unreachable,
)
from core.gladly.timestamps import format_timestamp
from core.gladly.webhooks import GladlyWebhook, WebhookChange

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
    from types import TracebackType

    from core.credentials import Secret
    from core.gladly.budget import Clock
    from core.settings import Gladly as Settings

T = TypeVar("T")
log = logging.getLogger(__name__)

#: bounds one request from connecting to the last byte, however slowly bytes trickle in
TOTAL_SECONDS: Final = 20.0
#: the same of a change: before it answers, Gladly may wait 15 s for our answer to its PING
CHANGE_SECONDS: Final = 40.0
TRIES: Final = 3
BACKOFF_SECONDS: Final = 0.5
#: a longer wait is the caller's to plan, not ours to sit through
PATIENCE_SECONDS: Final = 30.0
MAX_ANSWER_BYTES: Final = 5 * 1024 * 1024
#: one event; real ones have a few hundred bytes
MAX_LINE_BYTES: Final = 1024 * 1024
#: a stream is looked at in pieces of so many bytes
PIECE_BYTES: Final = 64 * 1024
#: what is unpacked on the way is as large as whoever sends it likes
PLAIN: Final = {"Accept-Encoding": "identity"}
WEBHOOKS: Final = "/api/v1/webhooks"
EXPORT_JOBS: Final = "/api/v1/export/jobs"


class GladlyClient:
    """Reads an organisation's resources, and manages its webhooks.

    Every method may raise GladlyUnauthorized (401, 403), GladlyNotFound (404), GladlyRateLimited
    (429) and GladlyUnavailable (5xx, network, time-out, an answer that is not what was asked for).
    429, 5xx and network failures are tried three times, with exponential back-off and full jitter;
    a change only after 429, for after the others nobody knows whether it happened. A change may
    also raise GladlyRefused (400).

    Args:
        url: The organisation's address, such as https://organization.gladly.com.
        agent_email: The API user's e-mail address.
        token: The API token.
        budget: What we allow ourselves; told of every answer.
        transport: For tests; without one, httpx's own, through the environment's proxy if any.
        clock: Where waiting comes from.
        rng: Where jitter comes from.
        wall: Epoch seconds, for `skew_seconds` and `last_ok_at`.
        total_seconds: The bound of one request.
        change_seconds: The bound of one that changes something.

    Attributes:
        requests: Requests sent, by kind: organization, agents, topics, conversation, customer,
            events, exports, webhooks.
        skew_seconds: Gladly's clock minus ours, to about a second; None before the first answer.
        last_ok_at: When Gladly last answered as it should, in epoch seconds.
        last_error: The latest failure, None once all is well again.
    """

    def __init__(
        self,
        url: str,
        agent_email: str,
        token: str,
        *,
        budget: RequestBudget,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Clock | None = None,
        rng: random.Random | None = None,
        wall: Callable[[], float] = time.time,
        total_seconds: float = TOTAL_SECONDS,
        change_seconds: float = CHANGE_SECONDS,
    ) -> None:
        self._budget = budget
        self._clock = clock or SystemClock()
        self._rng = rng or random.Random()  # noqa: S311 - jitter is no secret
        self._wall = wall
        self._total_seconds = total_seconds
        self._change_seconds = change_seconds
        self._http = open_http(url, Basic(agent_email, token), transport)
        self.requests: Counter[str] = Counter()
        self.skew_seconds: float | None = None
        self.last_ok_at: float | None = None
        self.last_error: GladlyError | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def organization(self) -> Organization:
        """Return the organisation; the cheapest check that the credentials work."""
        return await self._get("organization", "/api/v1/organization", Organization)

    async def agents(self) -> tuple[Agent, ...]:
        """Return all agents."""
        return await self._get("agents", "/api/v1/agents", tuple[Agent, ...])

    async def topics(self) -> tuple[Topic, ...]:
        """Return all topics, the disabled ones too."""
        return await self._get("topics", "/api/v1/topics", tuple[Topic, ...])

    async def conversation(
        self, conversation_id: str, priority: Priority = Priority.LOOKUP
    ) -> Conversation:
        """Return one conversation."""
        path = f"/api/v1/conversations/{path_segment(conversation_id)}"
        return await self._get("conversation", path, Conversation, priority=priority)

    async def customer(self, customer_id: str) -> CustomerProfile:
        """Return one customer.

        Raises:
            CustomerMerged: The customer lives on under another id (Gladly's OpenAPI document,
                GET /api/v1/customer-profiles/{customerId}, 301).
        """
        path = f"/api/v1/customer-profiles/{path_segment(customer_id)}"
        return await self._get("customer", path, CustomerProfile)

    def events(self, start_at: float, entities: Sequence[str]) -> AsyncGenerator[bytes]:
        """What happened since `start_at` (epoch seconds), one JSON text each, oldest first.

        GET /api/v1/events of Gladly's OpenAPI document. One request that look-ups go before; it
        is not tried again, because whoever reads knows how far it came.
        """
        asked = {"startAt": format_timestamp(start_at), "entities": list(entities)}
        return self._stream("events", "/api/v1/events", asked)

    async def export_jobs(self) -> tuple[ExportJob, ...]:
        """Return the export jobs of the last 14 days (GET /api/v1/export/jobs)."""
        return await self._get(
            "exports", EXPORT_JOBS, tuple[ExportJob, ...], priority=Priority.POLL
        )

    def export_file(self, job_id: str, name: str) -> AsyncGenerator[bytes]:
        """The lines of an export job's file, but for those beyond every reason.

        GET /api/v1/export/jobs/{jobId}/files/{filename}; one request, not tried again.
        """
        path = f"{EXPORT_JOBS}/{path_segment(job_id)}/files/{path_segment(name)}"
        return self._stream("exports", path, {}, pass_over_long=True)

    async def _stream(
        self,
        kind: str,
        path: str,
        asked: Mapping[str, str | Sequence[str]],
        *,
        pass_over_long: bool = False,
    ) -> AsyncGenerator[bytes]:
        """Yield the lines of an answer as they come."""
        lines = Lines(MAX_LINE_BYTES)
        try:
            async with aclosing(self._chunks(kind, path, asked)) as chunks:
                async for chunk in chunks:
                    for start in range(0, len(chunk), PIECE_BYTES):
                        for line in lines.feed(chunk[start : start + PIECE_BYTES]):
                            yield line
                        if lines.too_long and not pass_over_long:
                            raise answers.too_large()
                        await asyncio.sleep(0)  # others have a turn, however fast it comes
        except TryAgain as exc:
            self.last_error = exc.error
            raise exc.error from exc.__cause__
        except GladlyError as exc:
            self.last_error = exc
            raise
        if rest := lines.end():
            yield rest
        self._note_ok()

    async def _chunks(
        self, kind: str, path: str, asked: Mapping[str, str | Sequence[str]]
    ) -> AsyncGenerator[bytes]:
        if self._budget.blocked_seconds > PATIENCE_SECONDS:
            raise answers.rate_limited()
        await self._budget.acquire(Priority.POLL)
        self.requests[kind] += 1
        try:
            async with self._http.stream("GET", path, params=asked, headers=PLAIN) as response:
                head = Answer(response.status_code, dict(response.headers), b"")
                self._observe(head)
                answers.judge(head, kind, self._wall())
                async for chunk in response.aiter_bytes():
                    yield chunk
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as exc:
            raise unreachable(exc) from exc

    async def webhooks(self, priority: Priority = Priority.LOOKUP) -> tuple[GladlyWebhook, ...]:
        """Return all webhooks of the organisation."""
        return await self._get("webhooks", WEBHOOKS, tuple[GladlyWebhook, ...], priority=priority)

    async def create_webhook(self, wanted: WebhookChange) -> None:
        """Make a webhook; sent once: after a failure that says nothing, look before the next."""
        await self._change(HTTPMethod.POST, WEBHOOKS, wanted)

    async def change_webhook(self, webhook_id: str, change: WebhookChange) -> None:
        """Set what `change` says."""
        await self._change(HTTPMethod.PATCH, f"{WEBHOOKS}/{path_segment(webhook_id)}", change)

    async def delete_webhook(self, webhook_id: str) -> None:
        """Delete a webhook; Gladly wants it disabled first."""
        await self._change(HTTPMethod.DELETE, f"{WEBHOOKS}/{path_segment(webhook_id)}")

    async def _change(self, method: HTTPMethod, path: str, change: WebhookChange = NOTHING) -> None:
        request = Request(answers.WEBHOOKS, path, method, change)
        with self._noting():
            await self._answer(request, Priority.LOOKUP)

    async def _get(
        self, kind: str, path: str, shape: type[T], *, priority: Priority = Priority.LOOKUP
    ) -> T:
        """GET `path` within the budget, again if that may help, and decode the answer."""
        with self._noting():
            return answers.decode(await self._answer(Request(kind, path), priority), shape)

    @contextmanager
    def _noting(self) -> Iterator[None]:
        """Note how it went; a plain no is an answer as it should be."""
        try:
            yield
        except (CustomerMerged, GladlyNotFound, GladlyRefused):
            self._note_ok()
            raise
        except GladlyError as exc:
            self.last_error = exc
            raise
        self._note_ok()

    def _note_ok(self) -> None:
        self.last_ok_at = self._wall()
        self.last_error = None

    async def _answer(self, request: Request, priority: Priority) -> bytes:
        """Return the body of a 200."""
        attempt = 0
        while True:
            attempt += 1
            try:
                return await self._attempt(request, priority)
            except TryAgain as exc:
                delay = self._backoff(attempt, exc)
                if attempt == TRIES or delay > PATIENCE_SECONDS or not harmless(request, exc):
                    raise exc.error from exc.__cause__
                log.info(
                    "trying a request to Gladly again",
                    extra={"kind": request.kind, "code": exc.error.code, "attempt": attempt},
                )
            await self._clock.sleep(delay)

    def _backoff(self, attempt: int, again: TryAgain) -> float:
        """Return seconds to wait: what Gladly asks for, or full jitter if that is longer."""
        jitter = self._rng.uniform(0.0, BACKOFF_SECONDS * 2.0**attempt)
        return max(again.after or 0.0, jitter)

    async def _attempt(self, request: Request, priority: Priority) -> bytes:
        """Send one request."""
        if self._budget.blocked_seconds > PATIENCE_SECONDS:
            raise answers.rate_limited()
        await self._budget.acquire(priority)
        self.requests[request.kind] += 1
        reads = request.method is HTTPMethod.GET
        try:
            async with asyncio.timeout(self._total_seconds if reads else self._change_seconds):
                answer = await self._exchange(request)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError) as exc:
            raise TryAgain(unreachable(exc)) from exc
        self._observe(answer)
        return answers.judge(
            answer,
            request.kind,
            self._wall(),
            changes=not reads,
            hide=request.change.secrets(),
        )

    async def _exchange(self, request: Request) -> Answer:
        """Send the request and read the answer, up to the limit."""
        async with self._http.stream(
            request.method, request.path, **content_of(request, self._change_seconds)
        ) as response:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > MAX_ANSWER_BYTES:
                    raise answers.too_large()
            return Answer(response.status_code, dict(response.headers), bytes(body))

    def _observe(self, answer: Answer) -> None:
        """Learn the rate limit and the time from the headers."""
        self._budget.observe(answer.remaining, answer.limit)
        now = self._wall()
        served_at = answer.served_at
        if served_at is not None:
            self.skew_seconds = served_at - now
        if answer.status == httpx.codes.TOO_MANY_REQUESTS:
            self._budget.penalise(answer.retry_after(now) or 1.0)


def connect(
    settings: Settings,
    token: Secret,
    clock: Clock | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
    wall: Callable[[], float] = time.time,
) -> GladlyClient:
    """The client that these settings ask for; raises GladlyUnavailable for an unusable address."""
    clock = clock or SystemClock()
    return GladlyClient(
        settings.url or "",
        settings.agent_email or "",
        token.reveal(),
        budget=RequestBudget(settings.requests_per_second, clock),
        clock=clock,
        transport=transport,
        wall=wall,
    )
