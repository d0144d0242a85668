"""Sends webhooks as Gladly does: 15 s to answer, four retries, then the webhook is switched off."""

from __future__ import annotations

import asyncio
import random
import threading
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

import httpx
import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.simulator.events import Event
    from core.simulator.webhooks import Webhook, WebhookRegistry

RETRY_SECONDS = (30.0, 300.0, 1800.0, 3600.0)
ANSWER_SECONDS = 15.0
DEFAULT_CONCURRENCY = 8


class Sending(msgspec.Struct, frozen=True, kw_only=True):
    """How webhooks are sent.

    `time_scale` multiplies the waits between retries. `shuffle` is for how many seconds at most
    an event is held back, at random. `duplicate` and `drop` are the probabilities that an event
    is sent twice, or never on this channel.
    """

    time_scale: float = 1.0
    shuffle: float = 0.0
    duplicate: float = 0.0
    drop: float = 0.0
    concurrency: int = DEFAULT_CONCURRENCY
    timeout: float = ANSWER_SECONDS
    seed: int = 0


class _Notice(NamedTuple):
    """One event on its way to one webhook."""

    webhook_id: str
    body: bytes
    delay: float


class WebhookSender:
    """Delivers events to the webhooks that asked for them, while `run()` runs.

    Args:
        webhooks: Where to send; read again at every attempt.
        sending: How to send.
        changed: Called after every change of the counters.

    Attributes:
        sent: Attempts made.
        delivered: Notices answered 2xx.
        failures: Attempts answered otherwise, or not in time.
        last_failure: What the last of them came to, in words; `last_status` its status, if any.
        repeated: Notices sent a second time on purpose.
        dropped: Events never sent on this channel, on purpose.
        given_up: Notices that were never answered 2xx.
        pending: Notices not yet delivered or given up.
    """

    def __init__(
        self, webhooks: WebhookRegistry, sending: Sending, changed: Callable[[], None]
    ) -> None:
        self._webhooks = webhooks
        self._sending = sending
        self._changed = changed
        self._dice = random.Random(sending.seed)  # noqa: S311 - drills must be repeatable
        self._lock = threading.Lock()
        self._waiting: deque[_Notice] = deque()
        self._wake: Callable[[], object] | None = None
        self.last_failure = ""
        self.last_status: int | None = None
        self.reset()

    def reset(self) -> None:
        """Set the counters back; what is pending stays so."""
        self.sent = self.delivered = self.failures = 0
        self.repeated = self.dropped = self.given_up = 0
        self.pending = len(self._waiting)

    def counts(self) -> dict[str, int]:
        """Every counter by name."""
        names = ("sent", "delivered", "failures", "repeated", "dropped", "given_up", "pending")
        return {name: getattr(self, name) for name in names}

    def submit(self, event: Event) -> None:
        """Send `event` to every webhook that wants it; safe from any thread."""
        targets = [w for w in self._webhooks.all() if w.enabled and event["type"] in w.events]
        with self._lock:
            if targets and self._dice.random() < self._sending.drop:
                self.dropped += 1
                return
            for webhook in targets:
                self._enqueue(webhook.id, msgspec.json.encode(event))
        if self._wake is not None:
            self._wake()

    def _enqueue(self, webhook_id: str, body: bytes) -> None:
        twice = self._dice.random() < self._sending.duplicate
        for _ in range(2 if twice else 1):
            delay = self._dice.uniform(0, self._sending.shuffle)
            self._waiting.append(_Notice(webhook_id, body, delay))
            self.pending += 1
        self.repeated += twice

    async def ping(self, webhook: Webhook, body: bytes, *, with_credentials: bool) -> bool:
        """Whether a PING is answered 2xx."""
        async with self._client() as client:
            return await self._post(client, webhook, body, with_credentials=with_credentials)

    async def run(self) -> None:
        """Deliver what is submitted, until cancelled; what is under way then is lost."""
        loop = asyncio.get_running_loop()
        news = asyncio.Event()
        self._wake = lambda: loop.call_soon_threadsafe(news.set)
        slots = asyncio.Semaphore(self._sending.concurrency)
        try:
            async with self._client() as client, asyncio.TaskGroup() as group:
                while True:
                    while self._waiting:
                        notice = self._waiting.popleft()
                        group.create_task(self._deliver(client, slots, notice))
                    await news.wait()
                    news.clear()
        finally:
            self._wake = None
            with self._lock:
                self.pending = len(self._waiting)

    async def _deliver(
        self, client: httpx.AsyncClient, slots: asyncio.Semaphore, notice: _Notice
    ) -> None:
        if notice.delay:
            await asyncio.sleep(notice.delay)
        delivered = await self._try_repeatedly(client, slots, notice)
        with self._lock:
            self.pending -= 1
            self.delivered += delivered
            self.given_up += not delivered
        self._changed()

    async def _try_repeatedly(
        self, client: httpx.AsyncClient, slots: asyncio.Semaphore, notice: _Notice
    ) -> bool:
        for wait in (0.0, *RETRY_SECONDS):
            await asyncio.sleep(wait * self._sending.time_scale)
            async with slots:
                webhook = self._webhooks.get(notice.webhook_id)
                if webhook is None or not webhook.enabled:
                    return False
                if await self._attempt(client, webhook, notice.body):
                    return True
        self._webhooks.switch_off(notice.webhook_id)
        return False

    async def _attempt(self, client: httpx.AsyncClient, webhook: Webhook, body: bytes) -> bool:
        self.sent += 1
        answered = await self._post(client, webhook, body, with_credentials=True)
        self.failures += not answered
        self._changed()
        return answered

    async def _post(
        self, client: httpx.AsyncClient, webhook: Webhook, body: bytes, *, with_credentials: bool
    ) -> bool:
        headers = {"content-type": "application/json"}
        auth = httpx.Auth()
        if with_credentials:
            headers |= webhook.headers
        if with_credentials and webhook.credentials is not None:
            auth = httpx.BasicAuth(webhook.credentials.username, webhook.credentials.password)
        try:
            async with asyncio.timeout(self._sending.timeout):
                response = await client.post(webhook.url, content=body, headers=headers, auth=auth)
        except TimeoutError:
            self._note_failure("there was no answer in time")
            return False
        except (httpx.HTTPError, httpx.InvalidURL):
            self._note_failure("nothing answers there")
            return False
        if not response.is_success:
            self._note_failure(f"the answer was {response.status_code}", response.status_code)
        return response.is_success

    def _note_failure(self, words: str, status: int | None = None) -> None:
        self.last_failure, self.last_status = words, status

    def _client(self) -> httpx.AsyncClient:
        # One limit only: the whole attempt, in _post. No proxies: loopback is meant.
        return httpx.AsyncClient(timeout=None, trust_env=False)  # noqa: S113 - see above
