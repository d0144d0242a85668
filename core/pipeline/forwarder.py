"""Worker: claims deliveries, packs them into batches, uploads, settles."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import Counter, deque
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Protocol, TypeVar

import msgspec

from core.errors import StoreError
from core.health import named
from core.model import Claimed, DeliveryStatus, Settlement
from core.pipeline.retry import DAY, DELIVERY_WAITS, Breaker, RetryPolicy
from core.segment import batch as batches
from core.segment.client import Answer, Result
from core.store.base import Lease

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from core.health import Health
    from core.settings import Delivery as DeliverySettings
    from core.signals import Signal
    from core.store.sql_store import SqlStore

log = logging.getLogger(__name__)

T = TypeVar("T")

LEASE_SECONDS = 300.0
IDLE_SECONDS = 5.0
STORE_PAUSE_SECONDS = 1.0
HASTEN_LIMIT = 10_000
SKEW_SECONDS = 60.0
PROBE_EVENTS = 10
#: so many rejections in a row, none accepted between, are not the events' fault
REJECTIONS = 50
REJECTIONS_ODD_KEY = 20


class Uploader(Protocol):
    """What the forwarder needs of a Segment client."""

    async def upload(self, payloads: Sequence[bytes], *, retry_count: int = 0) -> Answer:
        """Try once to upload the payloads as one batch."""


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """What one claim came to: deliveries per new status."""

    counts: dict[str, int]


class Forwarder:
    """Moves deliveries from the store to Segment, several batches at a time.

    Args:
        store: The outbox.
        uploader: The Segment client of this source.
        source: The alias of a further source; empty for the one of `segment`.
        settings: Batch size, linger, workers, when to give up.
        health: Where the state of Segment is told.
        settled: Told after every claim.
        owner: This engine's name in leases.
        clock: Epoch seconds; the store's own clock, unless a test has another.
        rng: Spreads retries.

    Attributes:
        name: `forwarder`, for a further source with its alias.
    """

    def __init__(
        self,
        store: SqlStore,
        uploader: Uploader,
        settings: DeliverySettings,
        *,
        health: Health,
        settled: Signal[Settled],
        source: str = "",
        owner: str | None = None,
        clock: Callable[[], float] | None = None,
        rng: Random | None = None,
    ) -> None:
        self._store = store
        self._uploader = uploader
        self._settings = settings
        self._source = source
        self.name = named("forwarder", source)
        self._segment = named("segment", source)
        self._health = health
        self._settled = settled
        self._clock = clock or store.clock
        self._rng = rng or Random()  # noqa: S311 - spreads retries, guards nothing
        self._policy = RetryPolicy(
            waits=DELIVERY_WAITS,
            give_up_after=settings.give_up_days * DAY,
            fewest_tries=len(DELIVERY_WAITS),
        )
        self._breaker = Breaker()
        self._probe = asyncio.Lock()
        self._uploads = asyncio.Semaphore(settings.workers)
        self._wake = asyncio.Event()
        self._resumed = asyncio.Event()
        self._stopping = False
        self._paused = False
        self._hasten = True
        self._rejections = 0
        self._owner = owner or uuid.uuid4().hex

    def wake(self) -> None:
        """Look now: something was queued."""
        self._wake.set()

    def resume(self) -> None:
        """End a pause, and try Segment now."""
        if self._paused:
            self._paused = False
            self._health.set(self._segment, "unknown", "Nothing was sent since the pause.")
        self.try_now()

    def try_now(self) -> None:
        """Try Segment now, whatever held uploads back but a pause."""
        self._breaker.held_until = 0.0
        self._hasten = True
        self._resumed.set()
        self._wake.set()

    @property
    def paused(self) -> bool:
        """Whether a person wants nothing to be sent."""
        return self._paused

    def pause(self) -> None:
        """Send nothing until `resume()`; what is being uploaded is finished, the rest waits."""
        self._paused = True
        self._say_paused()

    def stop(self) -> None:
        """Claim nothing more; what is being uploaded is finished."""
        self._stopping = True
        self._wake.set()
        self._resumed.set()

    async def run(self) -> None:
        """Work until `stop()`."""
        if self._paused:
            self._say_paused()
        else:
            self._health.set(self._segment, "unknown", "Nothing was sent yet.")
        async with asyncio.TaskGroup() as group:
            # Two for each upload at a time: one claims and settles while the other uploads.
            for number in range(2 * self._settings.workers):
                group.create_task(self._work(), name=f"forwarder-{number}")

    async def _work(self) -> None:
        while not self._stopping:
            try:
                await self._hold()
                if self._breaker.probing:
                    async with self._probe:
                        found = await self._round()
                else:
                    found = await self._round()
                if not found:
                    await self._idle()
            except StoreError:
                await asyncio.sleep(STORE_PAUSE_SECONDS)

    async def _hold(self) -> None:
        while self._held and not self._stopping:
            self._resumed.clear()
            wait = None if self._paused else self._breaker.held_for(self._clock())
            try:
                await asyncio.wait_for(self._resumed.wait(), wait)
            except TimeoutError:
                return

    async def _idle(self) -> None:
        """Wait for something to send, then linger so that a batch can gather."""
        if self._stopping:
            return
        self._wake.clear()
        due = await self._store.next_due_delivery(self._source)
        wait = IDLE_SECONDS if due is None else min(IDLE_SECONDS, max(0, due - self._clock()))
        if wait > 0:
            try:
                await asyncio.wait_for(self._wake.wait(), wait)
            except TimeoutError:
                return
        await asyncio.sleep(self._settings.linger_ms / 1000)

    async def _round(self) -> bool:
        """Claim and deliver until nothing is due; whether anything was."""
        if self._held:
            return True
        found = claimed = await self._claim()
        while claimed:
            claimed = await self._send(claimed)
        return bool(found)

    async def _claim(self, after: Sequence[Settlement] = ()) -> list[Claimed]:
        """What is due, as much as one upload takes; `after` is settled in the same commit."""
        now = self._clock()
        if self._hasten:
            # What failed before the start or during an outage need not wait out its hour.
            await self._store.hasten(now, HASTEN_LIMIT, self._source)
            self._hasten = False
        lease = Lease(owner=self._owner, until=now + LEASE_SECONDS)
        limit = PROBE_EVENTS if self._breaker.probing else self._settings.batch_events
        claimed = await self._store.claim(limit, lease, now, after=after, source=self._source)
        if len(claimed) == limit:
            self._wake.set()  # there may be more: let the other workers look, too
        return claimed

    async def _send(self, claimed: Sequence[Claimed]) -> list[Claimed]:
        """Upload and settle what was claimed; what was claimed with the last of it."""
        waiting = deque(batches.pack(claimed, self._settings.batch_events))
        following: list[Claimed] = []
        try:
            # One answer may hold back what else was claimed; nothing is sent against it.
            while waiting and not self._held:
                instead, results = await self._upload(waiting.popleft())
                waiting.extendleft(reversed(instead))
                if not results:
                    continue
                if waiting or self._held:
                    await self._persist(partial(self._store.settle, results, self._owner))
                else:
                    following = await self._persist(partial(self._claim, results))
                self._tell(results)
            if unsent := [one.id for batch in waiting for one in batch]:
                await self._persist(lambda: self._store.release(unsent, self._owner, self._clock()))
        except BaseException:
            await self._give_back(claimed)
            raise
        return following

    @property
    def _held(self) -> bool:
        """Whether nothing may be sent now."""
        return self._stopping or self._paused or self._breaker.held_for(self._clock()) > 0

    async def _give_back(self, claimed: Sequence[Claimed]) -> None:
        """Stopped amid an upload: rows already settled have lost their lease and stay settled."""
        ids = [one.id for one in claimed]
        await asyncio.shield(self._store.release(ids, self._owner, self._clock(), ambiguous=True))

    async def _upload(
        self, batch: list[Claimed]
    ) -> tuple[Sequence[list[Claimed]], Sequence[Settlement]]:
        """Upload one batch: the smaller ones to send in its place, or what became of it."""
        async with self._uploads:
            if self._held:
                return [batch], ()  # while it waited for its turn
            started = self._clock()
            answer = await self._uploader.upload(
                [one.payload for one in batch], retry_count=batch[0].tries
            )
        duration_ms = max(0, round((self._clock() - started) * 1000))
        if len(batch) == 1 or answer.result is not Result.REJECTED:
            answer = self._doubted(answer)
        self._note(answer)
        if answer.result is Result.REJECTED and len(batch) > 1:
            # One bad event spoils the batch for all: split until it is alone.
            return batches.halves(batch), ()
        return (), self._settlements(batch, answer, started, duration_ms)

    def _doubted(self, answer: Answer) -> Answer:
        """Segment answers 400 to a bad event, and to a key that is too short: which one is it?"""
        if answer.result is not Result.REJECTED:
            self._rejections = 0
            return answer
        self._rejections += 1
        if self._rejections < (REJECTIONS_ODD_KEY if answer.odd_key else REJECTIONS):
            return answer
        return msgspec.structs.replace(
            answer,
            result=Result.REFUSED,
            code="segment.refused",
            sentence="Segment rejects one event after the other: is the write key right? "
            "`gladly-source check write-key` tells.",
        )

    async def _persist(self, write: Callable[[], Awaitable[T]]) -> T:
        """Write an outcome; it is too late to lose it, so wait for a store that is away."""
        while True:
            try:
                return await write()
            except StoreError:
                if self._stopping:
                    raise
                await asyncio.sleep(STORE_PAUSE_SECONDS)

    def _tell(self, results: Sequence[Settlement]) -> None:
        counts: Counter[str] = Counter()
        for result in results:
            counts[result.status] += len(result.delivery_ids)
        if counts:
            self._settled.emit(Settled(counts=dict(counts)))

    def _note(self, answer: Answer) -> None:
        """Tell the breaker and the health page what the answer says about Segment."""
        self._heed(answer)
        if self._paused:
            self._say_paused()

    def _heed(self, answer: Answer) -> None:
        now = self._clock()
        match answer.result:
            case Result.ACCEPTED | Result.REJECTED:
                if self._breaker.succeeded():
                    log.info("segment takes events again")
                    self._hasten = True
                    self._resumed.set()
                self._say_reachable(answer)
            case Result.RETRY:
                self._breaker.failed(now, answer.retry_after)
                self._health.set(self._segment, "backing-off", answer.sentence)
            case Result.REFUSED:
                self._breaker.refuse(now)
                self._health.set(self._segment, "refused", answer.sentence)

    def _say_reachable(self, answer: Answer) -> None:
        if answer.skew is not None and abs(answer.skew) > SKEW_SECONDS:
            self._health.set(
                "clock",
                "skewed",
                f"This machine's clock differs from Segment's by {abs(answer.skew):.0f} s: "
                "set it, or times in Segment will be off.",
            )
        elif answer.skew is not None:
            self._health.set("clock", "ok", "This machine's clock agrees with Segment's.")
        self._health.set(self._segment, "ok", "Segment takes events.")

    def _say_paused(self) -> None:
        self._health.set(self._segment, "paused", "Paused by hand: events wait until resumed.")

    def _settlements(
        self, batch: Sequence[Claimed], answer: Answer, started: float, duration_ms: int
    ) -> list[Settlement]:
        """What became of a batch: one settlement for all that share status and next attempt."""
        alike: dict[tuple[DeliveryStatus, float | None], list[int]] = {}
        for one in batch:
            alike.setdefault(self._verdict(one, answer), []).append(one.id)
        now, batch_id = self._clock(), uuid.uuid4().hex[:12]
        return [
            Settlement(
                delivery_ids=tuple(ids),
                status=status,
                started_at=started,
                duration_ms=duration_ms,
                http_status=answer.http_status,
                code=answer.code,
                error="" if status is DeliveryStatus.ACCEPTED else answer.sentence,
                batch_id=batch_id,
                next_attempt_at=next_at,
                accepted_at=now if status is DeliveryStatus.ACCEPTED else None,
                ambiguous=answer.ambiguous,
                # A wrong key is no fault of the event: its days begin when the key is right.
                queued_at=now if answer.result is Result.REFUSED else None,
            )
            for (status, next_at), ids in alike.items()
        ]

    def _verdict(self, one: Claimed, answer: Answer) -> tuple[DeliveryStatus, float | None]:
        now = self._clock()
        if answer.result is Result.ACCEPTED:
            return DeliveryStatus.ACCEPTED, None
        if answer.result is Result.REJECTED:
            return DeliveryStatus.DEAD, None
        if answer.result is Result.REFUSED:
            # A wrong key is no fault of the event: it waits, however long that takes.
            return DeliveryStatus.RETRYING, self._breaker.held_until
        next_at = self._policy.next_attempt(
            one.tries + 1, now, one.queued_at, answer.retry_after, self._rng
        )
        return (DeliveryStatus.RETRYING if next_at else DeliveryStatus.DEAD), next_at
