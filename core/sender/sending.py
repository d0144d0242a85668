"""Sends test events through the listener, the whole way, or straight to Segment."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from http import HTTPStatus
from typing import TYPE_CHECKING

import httpx
import msgspec

from core.control import ControlClient
from core.errors import OperationError
from core.mapping.plan import make_plan
from core.segment.client import Result, SegmentClient
from core.sender.preview import ids_only, map_bodies
from core.sender.progress import Progress, Step
from core.sender.watch import Watch
from core.sentences import exact

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
    from contextlib import AbstractAsyncContextManager

    from core.credentials import Secrets
    from core.home import Home
    from core.sender.bodies import Body
    from core.sender.preview import LookUp, Mapped
    from core.settings import Settings
    from core.store.sql_store import SqlStore

TEST_HEADER = "X-Gladly-Source-Test"
WAIT_SECONDS = 20.0
LOOK_SECONDS = 0.1
#: after this long without news the store is looked at less often
CALM_SECONDS = 5.0
CALM_LOOK_SECONDS = 0.5
ANSWER_SECONDS = 15.0
PER_BATCH = 100
#: what the listener's answer means, where it is more than "stored"
ANSWERS = {
    "stored": "Stored: the listener answered 200.",
    "duplicate": "The listener knows an event of this id already and keeps that one.",
}


class Sender:
    """Sends bodies as test events and tells what becomes of each.

    Args:
        home: The home whose engine gets them.
        settings: Its settings.
        secrets: Where the webhook's credentials and the write key are found.
        reading: Opens the store to watch it; None where there is none.
        url: The webhook's address on this machine, where the caller knows it.
        moment: Writes the times in what is said of an event.
    """

    def __init__(
        self,
        home: Home,
        settings: Settings,
        secrets: Secrets,
        *,
        reading: Callable[[], AbstractAsyncContextManager[SqlStore | None]],
        url: str | None = None,
        moment: Callable[[float], str] = exact,
    ) -> None:
        self._home = home
        self._settings = settings
        self._secrets = secrets
        self._reading = reading
        self._url = url
        self._moment = moment

    async def through(
        self,
        bodies: Sequence[Body],
        *,
        per_second: float | None = None,
        patience: float = WAIT_SECONDS,
    ) -> AsyncGenerator[Progress, None]:
        """Post to our own listener with the real credentials, and watch the store.

        Ends when nothing more happens by itself, or `patience` seconds after the last post.

        Raises:
            GladlySourceError: Nothing answers, or it refuses.
        """
        url = await asyncio.to_thread(self._address) if self._url is None else self._url
        headers = await asyncio.to_thread(self._credentials)
        headers |= {TEST_HEADER: "1", "Content-Type": "application/json"}
        timeout = httpx.Timeout(ANSWER_SECONDS)
        async with (
            httpx.AsyncClient(trust_env=False, timeout=timeout, headers=headers) as client,
            self._reading() as store,
        ):
            run = _Run(client, url, bodies, _Pace(per_second), Watch(self._moment))
            while not run.over(patience, store):
                async for progress in run.post():
                    yield progress
                for progress in await run.look(store):
                    yield progress
                await asyncio.sleep(run.rest())
            for progress in await run.watch.give_up(store, patience):
                yield progress

    async def direct(
        self,
        bodies: Sequence[Body],
        *,
        per_second: float | None = None,
        look_up: LookUp = ids_only,
    ) -> AsyncGenerator[Progress, None]:
        """Map here and upload, without listener and store.

        Raises:
            GladlySourceError: There is no write key, or the plan contradicts itself.
        """
        plan = make_plan(self._settings.mapping, self._settings.segment.alias)
        key = await asyncio.to_thread(self._secrets.require, "write-key")
        client = SegmentClient(key, self._settings.segment.url)
        mapped = map_bodies(bodies, plan, look_up)
        pace, sent = _Pace(per_second), 0
        while sent < len(mapped):
            await asyncio.sleep(pace.wait(sent))
            size = 1
            while sent + size < len(mapped) and size < PER_BATCH and not pace.wait(sent + size):
                size += 1
            for progress in await _upload(client, mapped[sent : sent + size], sent):
                yield progress
            sent += size

    def _address(self) -> str:
        running = ControlClient.find(self._home)
        if running is not None and running.address.listener:
            return running.address.listener
        listener = self._settings.listener
        host = listener.host
        if host in {"0.0.0.0", "::"}:  # noqa: S104 - not bound here, only asked
            host = "127.0.0.1"
        return f"http://{f'[{host}]' if ':' in host else host}:{listener.port}{listener.path}"

    def _credentials(self) -> dict[str, str]:
        listener = self._settings.listener
        if listener.auth == "none":
            return {}
        password = None
        if listener.auth != "header":
            password = self._secrets.obtain("webhook-password")
        if listener.auth == "header" or (listener.auth == "both" and password is None):
            return {listener.header: self._secrets.require("webhook-token").reveal()}
        secret = password or self._secrets.require("webhook-password")
        pair = base64.b64encode(f"{listener.username}:{secret.reveal()}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}


class _Pace:
    """When each event is due."""

    def __init__(self, per_second: float | None) -> None:
        self._apart = 1 / per_second if per_second else 0.0
        self._began = time.monotonic()

    def wait(self, number: int) -> float:
        """Seconds until this event is to be sent; 0 when it may be sent now."""
        return max(0.0, self._began + number * self._apart - time.monotonic())


class _Run:
    """Events on their way through the listener: posted one by one, watched all together."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        url: str,
        bodies: Sequence[Body],
        pace: _Pace,
        watch: Watch,
    ) -> None:
        self.watch = watch
        self._client = client
        self._url = url
        self._bodies = bodies
        self._pace = pace
        self._posted = 0
        self._moved = time.monotonic()
        self._posted_at = 0.0

    def over(self, patience: float, store: SqlStore | None) -> bool:
        """Whether nothing more is to be sent, and nothing more to be waited for."""
        if self._posted < len(self._bodies):
            return False
        late = time.monotonic() > self._posted_at + patience
        return late or store is None or self.watch.at_rest

    async def post(self) -> AsyncIterator[Progress]:
        """Post what is due, for as long as the store may wait to be looked at."""
        until = time.monotonic() + LOOK_SECONDS
        while self._posted < len(self._bodies) and time.monotonic() < until:
            if self._pace.wait(self._posted):
                return
            stored = await self._post(self._posted)
            self._posted += 1
            self._moved = self._posted_at = time.monotonic()
            yield stored

    async def look(self, store: SqlStore | None) -> list[Progress]:
        """What has become of those that were posted."""
        found = [] if store is None else await self.watch.look(store)
        if found:
            self._moved = time.monotonic()
        return found

    def rest(self) -> float:
        """Seconds until there is something to do."""
        if self._posted < len(self._bodies):
            return min(self._pace.wait(self._posted), LOOK_SECONDS)
        calm = time.monotonic() > self._moved + CALM_SECONDS
        return CALM_LOOK_SECONDS if calm else LOOK_SECONDS

    async def _post(self, number: int) -> Progress:
        content = json.dumps(self._bodies[number]).encode()
        try:
            answer = await self._client.post(self._url, content=content)
        except httpx.HTTPError as exc:
            raise OperationError(
                f"Nothing answers on {self._url}.",
                "Start `gladly-source serve` on this home first.",
            ) from exc
        stored = _stored(answer, number, self._bodies[number])
        if stored.webhook_id is not None:
            self.watch.follow(number, stored.webhook_id)
        return stored


def _stored(answer: httpx.Response, number: int, body: Body) -> Progress:
    """What the listener's answer says."""
    if answer.status_code == HTTPStatus.UNAUTHORIZED:
        raise OperationError(
            "The listener refuses our own credentials (401).",
            "The engine runs with another password: restart it.",
        )
    if answer.status_code != HTTPStatus.OK:
        raise OperationError(
            f"The listener answered {answer.status_code}.", "See `gladly-source check`."
        )
    content = msgspec.json.decode(answer.content)
    row = content.get("id")
    said = ANSWERS.get(content["status"], f"The listener answered {content['status']}.")
    return Progress(
        number=number,
        step=Step.STORED if row else Step.SKIPPED,
        at=time.time(),
        sentence=said,
        webhook_id=int(row[1:]) if row else None,
        event=str(body.get("type", "")),
        label=row or "",
    )


async def _upload(client: SegmentClient, mapped: Sequence[Mapped], first: int) -> list[Progress]:
    """Upload what these bodies became as one batch; each one's outcome."""
    payloads = [payload for one in mapped for payload in one.payloads]
    answer = await client.upload(payloads) if payloads else None
    told = []
    for number, one in enumerate(mapped, first):
        message = one.messages[0] if one.payloads else {}
        step, sentence = Step.SKIPPED, one.reason
        if answer is not None and message:
            sentence = answer.sentence
            step = Step.ACCEPTED if answer.result is Result.ACCEPTED else Step.DEAD
        told.append(
            Progress(
                number=number,
                step=step,
                at=time.time(),
                sentence=sentence,
                event=message.get("event", ""),
                label=message.get("messageId", ""),
            )
        )
    return told
