"""What stands before every page of Gladly's API: credentials, the rate limit, error bodies."""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

from core.simulator.base import basic_credentials, json_response

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from core.simulator.faults import Strike

    Handler = Callable[[Request], Awaitable[Response]]

UNAUTHORIZED = 401
RATE_LIMITED = 429
NOT_FOUND = 404


def errors_body(strike: Strike | None, **error: object) -> dict[str, Any]:
    """Gladly's error body; `errors` is an object where the fault errors-object strikes."""
    as_object = strike is not None and strike.shape("errors-object") is not None
    return {"errors": error if as_object else [error]}


def errors_response(request: Request, status: int, **error: object) -> Response:
    """Refuse a request as Gladly does, with `attr`, `code`, `detail` and perhaps `meta`."""
    return json_response(errors_body(request.scope.get("strike"), **error), status)


class Gate:
    """Lets requests pass that carry the right credentials, so many per second.

    Args:
        credentials: Agent e-mail and API token.
        limit: Requests per second of the whole organisation; 0 = no limit.
        now: The clock.

    Attributes:
        lookups: Requests that were let through, by kind of path.
        rate_limited: Requests beyond the limit.
        unauthorized: Requests without the right credentials.
    """

    def __init__(self, credentials: tuple[str, str], limit: int, now: Callable[[], float]) -> None:
        self._credentials = credentials
        self._limit = limit
        self._now = now
        self._lock = threading.Lock()
        self._second = 0
        self._used = 0
        self.lookups: Counter[str] = Counter()
        self.rate_limited = 0
        self.unauthorized = 0

    def reset(self) -> None:
        """Start counting anew."""
        self.lookups.clear()
        self.rate_limited = self.unauthorized = 0

    def guard(self, kind: str, handler: Handler) -> Handler:
        """Put the gate before `handler`; what passes counts as a look-up of `kind`."""

        async def guarded(request: Request) -> Response:
            left = self._take()
            response = await self._answer(request, kind, handler, passed=left is not None)
            if self._limit:
                response.headers["Ratelimit-Limit-Second"] = str(self._limit)
                response.headers["Ratelimit-Remaining-Second"] = str(left or 0)
            return response

        return guarded

    async def _answer(
        self, request: Request, kind: str, handler: Handler, *, passed: bool
    ) -> Response:
        if not passed:
            self.rate_limited += 1
            detail = "API rate limit exceeded"
            return errors_response(request, RATE_LIMITED, code="rate_limited", detail=detail)
        if basic_credentials(request.headers.get("authorization")) != self._credentials:
            self.unauthorized += 1
            detail = "invalid credentials"
            return errors_response(request, UNAUTHORIZED, code="unauthorized", detail=detail)
        self.lookups[kind] += 1
        return await handler(request)

    def _take(self) -> int | None:
        """How many requests are left in this second; None if this one is too many."""
        with self._lock:
            second = int(self._now())
            if second != self._second:
                self._second, self._used = second, 0
            if self._limit and self._used >= self._limit:
                return None
            self._used += 1
            return self._limit - self._used
