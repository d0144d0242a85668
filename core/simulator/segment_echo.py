"""A Webhooks destination of the simulated Segment: posts what was accepted to a URL, signed."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections import Counter
from typing import TYPE_CHECKING, Any

import httpx
import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.credentials import Secret

PATIENCE_SECONDS = 5.0
RETRY_SECONDS = 0.2
#: the real one goes on for four hours
TRIES = 30
FIRST_SERVER_ERROR = 500


class EchoDestination:
    """Sends each event back as the real destination does.

    Args:
        url: Where to.
        secret: The shared secret; without one nothing is signed.
        batch: How many events go together; one goes as an object, more as an array, of which
            only the first is signed.
        whole_body: Sign the whole body in `X-Segment-Signature` instead.

    Attributes:
        answers: How many requests were answered with each status; 0 is no answer.
    """

    def __init__(
        self, url: str, secret: Secret | None, *, batch: int = 1, whole_body: bool = False
    ) -> None:
        self._url = url
        self._secret = secret.reveal().encode() if secret else b""
        self._batch = batch
        self._whole_body = whole_body
        self._waiting: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.answers: Counter[int] = Counter()

    def put(self, events: Iterable[dict[str, Any]]) -> None:
        """Have these sent back; on the loop of `run`."""
        for event in events:
            self._waiting.put_nowait(event)

    async def run(self) -> None:
        """Send what is put, until cancelled."""
        async with httpx.AsyncClient(timeout=PATIENCE_SECONDS, trust_env=False) as client:
            while True:
                events = [await self._waiting.get()]
                while len(events) < self._batch and not self._waiting.empty():
                    events.append(self._waiting.get_nowait())
                await self._deliver(client, events)

    async def _deliver(self, client: httpx.AsyncClient, events: list[dict[str, Any]]) -> None:
        body, headers = self.request(events)
        for _ in range(TRIES):
            try:
                status = (await client.post(self._url, content=body, headers=headers)).status_code
            except httpx.HTTPError:
                status = 0
            self.answers[status] += 1
            if 0 < status < FIRST_SERVER_ERROR:
                return
            await asyncio.sleep(RETRY_SECONDS)

    def request(self, events: list[dict[str, Any]]) -> tuple[bytes, dict[str, str]]:
        """Body and headers for these events."""
        body = msgspec.json.encode(events if self._batch > 1 else events[0])
        headers = {"content-type": "application/json", "user-agent": "Segment.io/1.0"}
        if self._secret and self._whole_body:
            headers["x-segment-signature"] = _signature(self._secret, body)
        elif self._secret:
            headers["x-signature"] = _signature(self._secret, msgspec.json.encode(events[0]))
        return body, headers


def _signature(secret: bytes, content: bytes) -> str:
    return hmac.new(secret, content, hashlib.sha1).hexdigest()
