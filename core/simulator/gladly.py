"""A Gladly that stands in for the real one: look-ups, Events API, webhooks, exports, the truth."""

from __future__ import annotations

import random
import time
from collections import deque
from typing import TYPE_CHECKING, Any, ClassVar, get_args

import msgspec
from starlette.routing import Route

from core.simulator import gladly_lookups, traffic, webhook_api
from core.simulator.base import BAD_REQUEST, Simulator, json_response
from core.simulator.fault_layer import ADMIN_PREFIX
from core.simulator.faults import GLADLY_FAULTS
from core.simulator.gladly_exports import ExportApi, Exports
from core.simulator.gladly_feed import MAX_EVENTS_KEPT, EventsFeed
from core.simulator.gladly_gate import Gate, errors_body
from core.simulator.gladly_state import Directory
from core.simulator.people import World, make_world
from core.simulator.sender import Sending, WebhookSender
from core.simulator.timestamps import NS_PER_SECOND, timestamp_ns
from core.simulator.webhooks import (
    DEFAULT_EVENTS,
    Credentials,
    Webhook,
    WebhookChange,
    WebhookRegistry,
)

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from core.simulator.events import Event
    from core.simulator.faults import Strike
    from core.simulator.traffic import Expected, OpenedWhen

API = "/api/v1"
DEMO_EMAIL = "integrations@example.com"
DEMO_TOKEN = "simulated-gladly-token"  # noqa: S105 - opens nothing but the simulator
REAL_LIMIT = 10


class _Published(msgspec.Struct):
    events: list[dict[str, Any]]


class GladlySimulator(Simulator):
    """REST look-ups, the Events API, webhooks and export files of one organisation.

    What lies back further than the Events API tells of is given with `load`: at most as many
    events as are kept, of any age. The export files are made from them.

    Args:
        world: Its people; None invents some.
        email: Agent e-mail of the API user.
        token: Its API token.
        faults: Faults to begin with.
        seed: Of all dice here.
        requests_per_second: The rate limit of the organisation; 0 = none.
        events_lag: Seconds that the Events API may be behind.
        same_ids: Whether an event has the same id in the Events API and in webhooks.
        ping_credentials: Whether a PING carries the webhook's credentials and headers.
        sending: How webhooks are sent.
        exports: How the export jobs are.
        now: The clock, epoch seconds.

    Attributes:
        world: Its people, as they were in the beginning.
        history: The latest events, in the order in which they were told.
        directory: Customers and conversations as they are now.
        webhooks: The webhooks.
        sender: What sends them, with its counters.
        exports: The export jobs.
        clock: The clock.
    """

    fault_names: ClassVar[frozenset[str]] = GLADLY_FAULTS
    fault_path: ClassVar[str] = API

    def __init__(
        self,
        world: World | None = None,
        *,
        email: str = DEMO_EMAIL,
        token: str = DEMO_TOKEN,
        faults: Iterable[str] = (),
        seed: int = 0,
        requests_per_second: int = REAL_LIMIT,
        events_lag: float = 0.0,
        same_ids: bool = True,
        ping_credentials: bool = True,
        sending: Sending | None = None,
        exports: Exports | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.world = world or make_world(seed)
        self.clock = now
        self.history: deque[Event] = deque(maxlen=MAX_EVENTS_KEPT)
        self.directory = Directory(self.world)
        self.webhooks = WebhookRegistry(random.Random(), now)  # noqa: S311 - ids, not secrets
        self.sender = WebhookSender(self.webhooks, sending or Sending(), self._tell)
        self._feed = EventsFeed(lag=events_lag, same_ids=same_ids, now=now, seed=seed)
        self.exports = ExportApi(self.history, self.directory, exports or Exports(), now=now)
        self._gate = Gate((email, token), requests_per_second, now)
        api = webhook_api.WebhookApi(
            self.webhooks, self.sender, now=now, ping_credentials=ping_credentials
        )
        super().__init__(self._routes(api), faults=faults, seed=seed)

    @property
    def lookups(self) -> Counter[str]:
        """Requests that were let through, by kind of path."""
        return self._gate.lookups

    @property
    def rate_limited(self) -> int:
        """Requests beyond the real rate limit."""
        return self._gate.rate_limited

    @property
    def unauthorized(self) -> int:
        """Requests without the right credentials."""
        return self._gate.unauthorized

    def publish(self, event: Event) -> None:
        """Let `event` happen now, and send the webhooks; safe from any thread."""
        with self._changed:
            self._remember(event, self.clock())
            self.sender.submit(event)
            self._changed.notify_all()

    def load(self, events: Iterable[Event]) -> None:
        """Let `events` have happened at their own times; sends no webhooks."""
        with self._changed:
            for event in events:
                self._remember(event, timestamp_ns(event["timestamp"]) / NS_PER_SECOND)
            self._changed.notify_all()

    def add_webhook(
        self,
        url: str,
        *,
        username: str | None = None,
        password: str | None = None,
        headers: Mapping[str, str] | None = None,
        events: Sequence[str] = DEFAULT_EVENTS,
        name: str = "",
    ) -> Webhook:
        """Save an enabled webhook without a PING.

        Raises:
            WebhookRefused: The URL or an event is not allowed, or there are too many.
        """
        credentials = None if username is None else Credentials(username, password or "")
        change = WebhookChange(
            name=name,
            url=url,
            events=[str(kind) for kind in events],
            enabled=True,
            credentials=credentials,
            headers=dict(headers or {}),
        )
        webhook = self.webhooks.draft(change)
        self.webhooks.save(webhook)
        return webhook

    def truth(self, opened_when: OpenedWhen = "assigned") -> set[Expected]:
        """What should reach Segment of all that happened here."""
        with self._changed:
            return traffic.truth(self.history, opened_when)

    async def background(self) -> None:
        """Send webhooks, until cancelled."""
        await self.sender.run()

    def reset(self) -> None:
        """Forget everything that happened; webhooks and faults stay."""
        with self._changed:
            self.history.clear()
            self._feed.clear()
            self.exports.reset()
            self._gate.reset()
            self.sender.reset()
            self.directory.reset()
            super().reset()

    def state(self, *, events: bool = False) -> dict[str, Any]:
        """Counts; with `events`, also what happened and what should reach Segment."""
        with self._changed:
            expected = {when: self.truth(when) for when in get_args(traffic.OpenedWhen)}
            state: dict[str, Any] = {
                "requests": self.request_count,
                "lookups": self.lookups,
                "rateLimited": self.rate_limited,
                "unauthorized": self.unauthorized,
                "events": len(self.history),
                "faults": self.faults.texts(),
                "webhooks": [webhook.public() for webhook in self.webhooks.all()],
                "sender": self.sender.counts(),
                "truth": {when: len(found) for when, found in expected.items()},
            }
            if events:
                state["history"] = list(self.history)
                state["expected"] = {when: sorted(found) for when, found in expected.items()}
            return state

    def _remember(self, event: Event, recorded_at: float) -> None:
        self.history.append(event)
        self.directory.apply(event)
        self._feed.add(event, recorded_at=recorded_at)

    def _tell(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _routes(self, api: webhook_api.WebhookApi) -> list[Route]:
        guard = self._gate.guard
        pages = {**gladly_lookups.pages(self.directory), "/events": ("events", self._feed.get)}
        routes = [
            Route(API + path, guard(kind, handler), methods=["GET"])
            for path, (kind, handler) in pages.items()
        ]
        exports = [
            Route(API + path, guard(kind, handler), methods=methods)
            for path, (kind, handler, methods) in self.exports.pages().items()
        ]
        return [
            *routes,
            *exports,
            Route(webhook_api.PATH, guard("webhooks", api.collection), methods=["GET", "POST"]),
            Route(
                f"{webhook_api.PATH}/{{id}}",
                guard("webhooks", api.one),
                methods=["GET", "PATCH", "DELETE"],
            ),
            Route(f"{ADMIN_PREFIX}/publish", self._post_publish, methods=["POST"]),
        ]

    async def _post_publish(self, request: Request) -> Response:
        try:
            published = msgspec.json.decode(await request.body(), type=_Published)
        except msgspec.DecodeError as exc:
            return json_response({"error": str(exc)}, BAD_REQUEST)
        for event in published.events:
            self.publish(event)
        return json_response({"published": len(published.events)})

    def _refusal(self, status: int, strike: Strike) -> bytes:
        detail = f"simulated {status}"
        return msgspec.json.encode(errors_body(strike, code="simulated", detail=detail))
