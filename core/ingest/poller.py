"""Worker: reads Gladly's Events API, so that what no webhook brought arrives all the same.

Facts about the API: Gladly's OpenAPI document, GET /api/v1/events (the last 24 hours, ascending by
timestamp, up to 15 seconds behind real time).
"""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing
from typing import TYPE_CHECKING, Protocol

import msgspec

from core.coverage import TOLD_SECONDS
from core.errors import GladlyError, GladlyUnavailable, StoreError
from core.model import Channel
from core.signals import Signal

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

    from core.gladly.payloads import Organization
    from core.health import Health
    from core.ingest.intake import Intake
    from core.model import Added, NewWebhook
    from core.store.sql_store import SqlStore

#: what the plan needs; Gladly offers more
ENTITIES = ("CONVERSATION", "CUSTOMER")
#: Gladly's feed is up to 15 s behind, and not in step with its clock
LOOK_BACK_SECONDS = 300.0
BEHIND_SECONDS = 15.0
PAGE = 100
#: the store remembers under this name up to when everything was read
CURSOR = "poll_cursor"
NS_PER_S = 1_000_000_000
NOT_EVENTS = "Gladly's answer is not a list of events."


class EventSource(Protocol):
    """What the poller needs of Gladly."""

    skew_seconds: float | None

    async def organization(self) -> Organization:
        """Ask anything, to learn Gladly's time."""

    def events(self, start_at: float, entities: Sequence[str]) -> AsyncGenerator[bytes]:
        """The events since then, one line each."""


class CatchUp(msgspec.Struct, frozen=True, kw_only=True):
    """What one reading came to: from when to when (epoch seconds), events read, and new ones.

    `asked_since` is what was wished for; `since` is later where Gladly no longer tells.
    """

    asked_since: float
    since: float
    until: float
    read: int = 0
    new: int = 0


class Polled(msgspec.Struct, frozen=True, kw_only=True):
    """An event that polling brought first: its inbox row and when it happened (epoch seconds)."""

    id: int
    kind: str
    conversation_id: str | None
    occurred_at: float


class Poller:
    """Reads what happened since the last time, every so many seconds.

    Args:
        source: Gladly.
        intake: Where events go: the inbox of the webhook.
        store: Keeps the cursor.
        seconds: Between two readings.
        health: Where the state of polling is told.
        clock: Epoch seconds.

    Attributes:
        first_told: Told of every event that polling brought first.
        covered: Told from when to when everything was read.
    """

    def __init__(
        self,
        source: EventSource,
        intake: Intake,
        store: SqlStore,
        *,
        seconds: float,
        health: Health,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._source = source
        self._intake = intake
        self._store = store
        self._seconds = seconds
        self._health = health
        self._clock = clock
        self._stopping = asyncio.Event()
        #: ends the reading that is under way
        self._limit: asyncio.Timeout | None = None
        self._turn = asyncio.Lock()
        self._asked_time = False
        #: keys of what was read lately: the look back reads it again and again
        self._seen: dict[str, int] = {}
        self.first_told: Signal[Polled] = Signal()
        self.covered: Signal[CatchUp] = Signal()

    def stop(self) -> None:
        """Read nothing more; what is being read is given up."""
        self._stopping.set()
        if self._limit is not None:
            self._limit.reschedule(0.0)

    async def run(self) -> None:
        """Read every so many seconds until `stop()`."""
        while not self._stopping.is_set():
            try:
                async with asyncio.timeout(None) as self._limit:
                    await self.catch_up()
            except TimeoutError:
                return  # stopped
            except GladlyError as exc:
                self._health.set("poll", "unavailable", f"Events cannot be read from Gladly: {exc}")
            except StoreError:
                pass  # the janitor says so, and the cursor stays where it is
            finally:
                self._limit = None
            try:
                await asyncio.wait_for(self._stopping.wait(), self._seconds)
            except TimeoutError:
                continue

    async def catch_up(self, since: float | None = None) -> CatchUp:
        """Read everything since then, or since the last reading; at most the last 24 hours.

        Raises:
            GladlyError: Gladly cannot be read; what was read before is kept.
            StoreError: It cannot be kept.
        """
        async with self._turn:
            if self._source.skew_seconds is None and not self._asked_time:
                await self._source.organization()
                self._asked_time = True
            now = self._clock() + (self._source.skew_seconds or 0.0)
            cursor = await self._cursor(now)
            asked = cursor - LOOK_BACK_SECONDS if since is None else since
            start = min(max(asked, now - TOLD_SECONDS), now - BEHIND_SECONDS)
            done = CatchUp(asked_since=asked, since=start, until=now)
            read, new = await self._read(start, cursor)
            await self._store.set_meta(CURSOR, repr(max(cursor, now)))
            self._forget(now)
            done = msgspec.structs.replace(done, read=read, new=new)
        self._health.set("poll", "ok", f"Gladly's events are read every {self._seconds:g} s.")
        self.covered.emit(done)
        return done

    async def _cursor(self, now: float) -> float:
        """Up to when everything was read; a new installation begins with what it last received."""
        text = await self._store.get_meta(CURSOR)
        if text is not None:
            return float(text)
        cursor = min(await self._store.last_received_at() or now, now)
        await self._store.set_meta(CURSOR, repr(cursor))
        return cursor

    async def _read(self, start: float, cursor: float) -> tuple[int, int]:
        """Store what happened since `start`; how many events that were, and how many new."""
        read = new = 0
        page: list[NewWebhook] = []
        async with aclosing(self._source.events(start, ENTITIES)) as lines:
            async for line in lines:
                read += 1
                if (event := self._event(line)) is not None:
                    page.append(event)
                if len(page) >= PAGE:
                    new += await self._keep(page)
                    cursor = await self._move(cursor, page)
                    page = []
        return read, new + await self._keep(page)

    def _event(self, line: bytes) -> NewWebhook | None:
        """What to store of a line; None for what was read before."""
        try:
            is_event = isinstance(msgspec.json.decode(line), dict)
        except (ValueError, RecursionError):
            is_event = False
        if not is_event:
            raise GladlyUnavailable(NOT_EVENTS, "Check gladly.url.")
        new = self._intake.read(line, Channel.POLL)
        return None if new is None or new.dedupe_key in self._seen else new

    async def _keep(self, page: list[NewWebhook]) -> int:
        """Store a page; how many of it were new."""
        if not page:
            return 0
        added = await self._intake.take_many(page)
        for new, one in zip(page, added, strict=True):
            self._seen[new.dedupe_key] = new.occurred_ns or 0
            if not one.duplicate:
                self._tell(new, one)
        return sum(not one.duplicate for one in added)

    def _tell(self, new: NewWebhook, added: Added) -> None:
        if new.occurred_ns is not None:
            self.first_told.emit(
                Polled(
                    id=added.id,
                    kind=new.kind,
                    conversation_id=new.conversation_id,
                    occurred_at=new.occurred_ns / NS_PER_S,
                )
            )

    async def _move(self, cursor: float, page: list[NewWebhook]) -> float:
        """Remember how far a long reading has come: events come in the order of their times."""
        newest = max((new.occurred_ns or 0 for new in page), default=0) / NS_PER_S
        if newest > cursor:
            await self._store.set_meta(CURSOR, repr(newest))
        return max(cursor, newest)

    def _forget(self, now: float) -> None:
        """What the next reading does not look back on need not be remembered."""
        oldest = (now - LOOK_BACK_SECONDS - BEHIND_SECONDS) * NS_PER_S
        self._seen = {key: at for key, at in self._seen.items() if at >= oldest}
