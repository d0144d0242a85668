"""Worker: says that this engine is there, and knows which others are."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import msgspec

from core.errors import StoreError
from core.sentences import duration, iso

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from core.store.engines import Heard, Me
    from core.store.sql_store import SqlStore

log = logging.getLogger(__name__)

BEAT_SECONDS: Final = 5.0
#: whoever was not heard of for so long is gone: two beats were missed
GONE_SECONDS: Final = 12.0
DROP_SECONDS: Final = 86_400.0


async def _nothing() -> None:
    """Nothing is wanted."""


class Presence:
    """Beats every five seconds by the store's clock, and frees what engines left that are gone.

    Args:
        store: Keeps the list of engines.
        me: What this engine says of itself.
        leads: What it does that only one engine does.
        webhook_at: When the webhook last brought something to this engine (epoch seconds).
        heard: Called with when the webhook last brought something to any engine.
        freed: Called when there is work that a gone engine left.
        beaten: Called after each beat; may raise StoreError.
    """

    def __init__(
        self,
        store: SqlStore,
        me: Me,
        *,
        leads: Callable[[], tuple[str, ...]] = tuple,
        webhook_at: Callable[[], float | None] = lambda: None,
        heard: Callable[[float], None] = lambda _: None,
        freed: Callable[[], None] = lambda: None,
        beaten: Callable[[], Awaitable[None]] = _nothing,
    ) -> None:
        self._store = store
        self._me = me
        self._leads = leads
        self._webhook_at = webhook_at
        self._notes = heard
        self._freed = freed
        self._beaten = beaten
        self._stopping = False
        self._news = asyncio.Event()
        self._beats_since: float | None = None
        self._beat_at = 0.0
        self._heard: list[Heard] = []

    def stop(self) -> None:
        """Beat no more."""
        self._stopping = True
        self._news.set()

    def hurry(self) -> None:
        """Beat now: there is something else to say."""
        self._news.set()

    async def run(self) -> None:
        """Beat until `stop()`."""
        while not self._stopping:
            self._news.clear()
            try:
                await self.beat()
            except StoreError:  # the janitor says so
                self._beats_since = None
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), BEAT_SECONDS)

    async def beat(self) -> None:
        """Say that this engine is there; look who else is.

        Raises:
            StoreError: It cannot be said.
        """
        now = self._store.clock()
        if self._beats_since is None or not 0 <= now - self._beat_at < GONE_SECONDS:
            self._beats_since = now
        self._beat_at = now
        self._me = msgspec.structs.replace(
            self._me,
            started_at=self._me.started_at or now,
            leads=self._leads(),
            webhook_at=self._webhook_at(),
        )
        await self._store.engines.beat(self._me, now)
        await self._store.engines.drop(now - DROP_SECONDS, self._me.id)
        if self._store.shared and now - self._beats_since > GONE_SECONDS:
            await self._free(now)
        self._heard = await self._store.engines.everybody()
        times = [one.engine.webhook_at for one in self._heard if one.engine.webhook_at is not None]
        if times:
            self._notes(max(times))
        await self._beaten()

    async def leave(self) -> None:
        """This engine ends: what it had leased is free, and it is on no list any more."""
        with suppress(StoreError):
            await self._store.free_webhook_leases(self._me.id)
            await self._store.engines.leave(self._me.id)

    def hears_a_listener(self) -> bool:
        """Whether Gladly's webhook can arrive at any of the engines that are there."""
        return any(one.engine.listens and one.seconds < GONE_SECONDS for one in self._heard)

    def leader(self) -> str | None:
        """The name of the engine that leads, as far as is known."""
        found = [one for one in self._heard if one.seconds < GONE_SECONDS and one.engine.leads]
        # One that hangs said so before another took its place.
        latest = min(found, key=lambda one: one.seconds, default=None)
        return None if latest is None else latest.engine.name

    async def _free(self, now: float) -> None:
        """After an outage the others have to be given time to say that they are there."""
        freed = await self._store.engines.free_leases_of_the_gone(
            self._me.id, gone=now - GONE_SECONDS, now=now
        )
        if freed:
            log.info("freed what engines left that are gone", extra={"rows": freed})
            self._freed()


def told(one: Heard) -> dict[str, object]:
    """What /status and `status --json` tell of an engine."""
    engine = one.engine
    return {
        "name": engine.name,
        "role": engine.role,
        "version": engine.version,
        "startedAt": iso(engine.started_at),
        "lastHeardSeconds": round(one.seconds, 1),
        "lastHeard": f"last heard {duration(one.seconds)} ago",
        "isGone": one.seconds >= GONE_SECONDS,
        "leads": list(engine.leads) if one.seconds < GONE_SECONDS else [],
    }
