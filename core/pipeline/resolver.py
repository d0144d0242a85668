"""Worker: looks at received webhooks and queues the track events that ought to exist."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from random import Random
from typing import TYPE_CHECKING, TypeVar

import msgspec

from core.errors import GladlyError, StoreError
from core.model import Context, CustomerEvent, WebhookStatus
from core.pipeline import facts as fact_finding
from core.pipeline import merges
from core.pipeline.departures import Departures
from core.pipeline.lookups import GuardedLookup, Lookup, NoLookup
from core.pipeline.preparation import Preparation
from core.pipeline.retry import LOOKUP_WAITS, RetryPolicy
from core.store.base import Lease, Resolution, WebhookUpdate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from core.health import Health
    from core.mapping.periods import Wanted
    from core.mapping.plan import Plan
    from core.model import ConversationFact, Knowledge, Webhook
    from core.segment.message import MessageBuilder
    from core.signals import Signal
    from core.store.sql_store import SqlStore

T = TypeVar("T")
log = logging.getLogger(__name__)

CLAIM = 64
LEASE_SECONDS = 600.0
IDLE_SECONDS = 5.0
#: so that a rush is looked at in few large steps
GATHER_SECONDS = 0.02
#: conversations looked at without letting the listener have a turn, and written in one piece
TURN = 8
STORE_PAUSE_SECONDS = 1.0
#: conversations that may be looked up at once; Gladly's budget is the real limit
LOOKUPS_AT_ONCE = 64
HASTEN_LIMIT = 10_000
CUSTOMER_EVENTS = frozenset(CustomerEvent)
MISHANDLED = "a conversation was mishandled"


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """How long the resolver waits for what.

    Args:
        settle_seconds: An Opened that rests on an assignment waits so long for a close that may
            still be under way.
        give_up_seconds: Look-ups are tried so long; then the event goes with what is known.
    """

    settle_seconds: float
    give_up_seconds: float


class Queued(msgspec.Struct, frozen=True, kw_only=True):
    """How many deliveries were queued, and how many webhooks were looked at."""

    deliveries: int
    webhooks: int


class Resolver:
    """Turns the inbox into the outbox.

    Args:
        store: Inbox and outbox.
        lookup: Gladly, or NoLookup.
        plans: What is sent to each source, the one of `segment` first.
        builder: Builds and checks Segment's message.
        rules: How long to wait.
        health: Where Gladly's state is told.
        queued: Told after every round.
        forget: Called with the id of a customer who was merged or deleted.
        clock: Epoch seconds; the store's own clock, unless a test has another.
        owner: This engine's name in leases.
    """

    def __init__(
        self,
        store: SqlStore,
        lookup: Lookup,
        plans: Sequence[Plan],
        builder: MessageBuilder,
        rules: Rules,
        *,
        health: Health,
        queued: Signal[Queued],
        owner: str,
        forget: Callable[[str], None] = lambda _: None,
        clock: Callable[[], float] | None = None,
        rng: Random | None = None,
    ) -> None:
        self._store = store
        self._forget = forget
        self._clock = clock or store.clock
        self._departures = Departures(store, self._part_with, self._clock)
        self._departed = 0
        self._guarded: GuardedLookup | None = None
        if not isinstance(lookup, NoLookup):
            self._guarded = GuardedLookup(lookup, health, self._clock)
            self._guarded.recovered.connect(self._hasten)
        self._plans = plans
        self._builder = builder
        self._rules = rules
        self._queued = queued
        self._owner = owner
        self._rng = rng or Random()  # noqa: S311 - spreads retries, guards nothing
        self._policy = RetryPolicy(waits=LOOKUP_WAITS, give_up_after=rules.give_up_seconds)
        self._room = asyncio.Semaphore(LOOKUPS_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._lost_leases = False
        self._hasten_now = False
        self._busy: set[str] = set()
        self._again: set[str] = set()
        self._wake = asyncio.Event()
        self._stopping = False

    def wake(self) -> None:
        """Look now: something arrived."""
        self._wake.set()

    def stop(self) -> None:
        """Look at nothing more."""
        self._stopping = True
        self._wake.set()
        self._abandon()

    async def run(self) -> None:
        """Work until `stop()`; look-ups under way are then abandoned, their webhooks stay."""
        self._lost_leases = True  # those of a run that crashed
        async with asyncio.TaskGroup() as group:
            while not self._stopping:
                # Before anything is looked at: what arrives from here on is not slept over.
                self._wake.clear()
                try:
                    if self._hasten_now:
                        self._hasten_now = False
                        await self._store.hasten_webhooks(self._clock(), HASTEN_LIMIT)
                    if self._lost_leases:
                        await self._store.free_webhook_leases(self._owner)
                        self._lost_leases = False
                    await self._departures.scrub()
                    if not await self._round(group):
                        await self._idle()
                except StoreError:
                    self._lost_leases = True
                    await asyncio.sleep(STORE_PAUSE_SECONDS)
            self._abandon()

    def _hasten(self, _: None) -> None:
        """Gladly is back: what waits for it need not wait out its time."""
        self._hasten_now = True
        self._wake.set()

    def _abandon(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()

    async def _idle(self) -> None:
        due = await self._store.next_due_webhook(self._clock())
        wait = IDLE_SECONDS if due is None else min(IDLE_SECONDS, due - self._clock())
        if wait > 0 and not self._stopping:
            try:
                await asyncio.wait_for(self._wake.wait(), wait)
            except TimeoutError:
                return
            await asyncio.sleep(GATHER_SECONDS)

    async def _round(self, group: asyncio.TaskGroup) -> bool:
        """Claim once; whether there was anything."""
        now = self._clock()
        lease = Lease(owner=self._owner, until=now + LEASE_SECONDS)
        webhooks = await self._store.claim_webhooks(CLAIM, lease, now)
        if not webhooks:
            return False
        people = [one for one in webhooks if one.kind in CUSTOMER_EVENTS]
        if people:
            await self._hear_of(people, group)
            webhooks = [one for one in webhooks if one.kind not in CUSTOMER_EVENTS]
        facts, again, others = fact_finding.sort(webhooks)
        knowledge, repeated, bad = await self._learn(facts)
        knowledge |= await self._store.knowledge(again)
        resolutions = [*others, *bad, *fact_finding.repeated(repeated)]
        to_look_up: list[str] = []
        for number, (conversation_id, known) in enumerate(knowledge.items()):
            if number % TURN == TURN - 1:
                await asyncio.sleep(0)  # mapping takes its time, and Gladly waits for answers
            if (resolution := self._without_lookup(conversation_id, known)) is not None:
                resolutions.append(resolution)
            else:
                to_look_up.append(conversation_id)
        pieces = await asyncio.gather(
            *(self._store.resolve(piece) for piece in _pieces(resolutions))
        )
        queued = sum(number for number, _ in pieces)
        self._queued.emit(Queued(deliveries=queued, webhooks=len(webhooks)))
        stale = [conversation_id for _, changed in pieces for conversation_id in changed]
        for conversation_id in (*to_look_up, *stale):
            await self._start(group, conversation_id)
        return True

    async def _hear_of(self, people: Sequence[Webhook], group: asyncio.TaskGroup) -> None:
        """Customers that were merged, at once; those that were deleted, beside other work."""
        merged = [one for one in people if one.kind == CustomerEvent.MERGED]
        settled = [self._settled(one) for one in merged]
        queued = await self._store.settle_merges(settled, fact_finding.REPEATED)
        self._queued.emit(Queued(deliveries=queued, webhooks=len(merged)))
        if self._departures.put(one for one in people if one.kind == CustomerEvent.DELETED):
            self._keep(group.create_task(self._part(), name="departures"))

    def _settled(self, merge: Webhook) -> merges.Settled:
        try:
            for customer_id in merges.customers_of(merge):
                self._forget(customer_id)
            return merges.settle(merge, self._plans, self._builder, self._clock())
        except Exception:
            # One merge that we mishandle must not hold up everything else.
            log.exception("a merge was mishandled", extra={"webhook": merge.id})
            return self._mishandled(merge.id, merge.attempts), ()

    def _part_with(self, customer_id: str) -> None:
        """Forget a customer; what is being looked up at this moment is looked up once more."""
        self._departed += 1
        self._forget(customer_id)

    async def _part(self) -> None:
        try:
            await self._departures.work()
        except StoreError:
            self._lost_leases = True
        self._queued.emit(Queued(deliveries=0, webhooks=0))

    async def _learn(
        self, facts: Sequence[tuple[str, ConversationFact]]
    ) -> tuple[dict[str, Knowledge], dict[int, int], list[Resolution]]:
        """All facts in one step; one by one where that fails, so that one cannot spoil the rest."""
        knowledge: dict[str, Knowledge] = {}
        repeated: dict[int, int] = {}
        bad: list[Resolution] = []
        try:
            pieces = await asyncio.gather(*(self._store.learn(piece) for piece in _pieces(facts)))
        except StoreError:
            raise
        except Exception:
            log.exception("facts could not be learnt together")
        else:
            for known, known_before in pieces:
                knowledge.update(known)
                repeated.update(known_before)
            return knowledge, repeated, bad
        for one in facts:
            try:
                known, known_before = await self._store.learn([one])
            except StoreError:
                raise
            except Exception:
                log.exception("a fact could not be learnt")
                bad.append(fact_finding.unreadable(one[1].webhook_id))
            else:
                knowledge.update(known)
                repeated.update(known_before)
        return knowledge, repeated, bad

    def _without_lookup(self, conversation_id: str, known: Knowledge) -> Resolution | None:
        """What needs no look-up is resolved at once; None where one is needed or under way."""
        if conversation_id in self._busy:
            return None
        try:
            prepared = self._prepare(conversation_id, known)
            if prepared.missing and self._guarded is not None:
                return None
            for wanted in prepared.missing:
                prepared.add(wanted, Context(customer_id=prepared.customer_of(wanted)))
            return prepared.resolution()
        except Exception:
            # One conversation that we mishandle must not hold up the others.
            log.exception(MISHANDLED, extra={"conversation": conversation_id})
            return self._set_aside(known)

    def _set_aside(self, known: Knowledge) -> Resolution:
        """What we mishandled says so, and is looked at once more later."""
        updates = tuple(
            self._mishandled(fact.webhook_id, fact.attempts)
            for fact in known.facts
            if fact.status in {WebhookStatus.RECEIVED, WebhookStatus.WAITING}
        )
        return Resolution(conversation_id=None, seen=(), updates=updates)

    def _mishandled(self, webhook_id: int, attempts: int) -> WebhookUpdate:
        return WebhookUpdate(
            id=webhook_id,
            status=WebhookStatus.WAITING,
            reason=fact_finding.OUR_MISTAKE,
            attempts=attempts + 1,
            due_at=self._clock() + LEASE_SECONDS,
        )

    def _prepare(self, conversation_id: str, known: Knowledge) -> Preparation:
        return Preparation(
            conversation_id,
            known,
            self._plans,
            self._builder,
            self._rules.settle_seconds,
            self._clock,
        )

    async def _start(self, group: asyncio.TaskGroup, conversation_id: str) -> None:
        if conversation_id in self._busy:
            self._again.add(conversation_id)
            return
        self._busy.add(conversation_id)
        await self._room.acquire()
        if self._stopping:
            self._busy.discard(conversation_id)
            self._room.release()
            return
        self._keep(group.create_task(self._look_up(conversation_id), name="look-up"))

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _look_up(self, conversation_id: str) -> None:
        """Resolve one conversation; once more when it changed meanwhile."""
        try:
            while True:
                self._again.discard(conversation_id)
                if await self._resolve_one(conversation_id):
                    continue
                if conversation_id not in self._again:
                    return
        except StoreError:
            self._lost_leases = True
        except Exception:
            log.exception(MISHANDLED, extra={"conversation": conversation_id})
            with contextlib.suppress(StoreError):
                known = await self._store.knowledge([conversation_id])
                await self._store.resolve([self._set_aside(known[conversation_id])])
        finally:
            self._busy.discard(conversation_id)
            self._room.release()

    async def _resolve_one(self, conversation_id: str) -> bool:
        """Look up, map, queue; whether the facts changed meanwhile, or somebody was deleted."""
        departed = self._departed
        known = (await self._store.knowledge([conversation_id]))[conversation_id]
        prepared = self._prepare(conversation_id, known)
        for wanted in prepared.missing:
            context = await self._context(conversation_id, wanted, prepared)
            if context is not None:
                prepared.add(wanted, context)
        if departed != self._departed:
            return True  # what was looked up may be of a person who is no more
        queued, stale = await self._store.resolve([prepared.resolution()])
        self._queued.emit(Queued(deliveries=queued, webhooks=0))
        return bool(stale)

    async def _context(
        self, conversation_id: str, wanted: Wanted, prepared: Preparation
    ) -> Context | None:
        """The look-up for one event, or None when it has to wait because Gladly cannot answer."""
        fact = wanted.fact
        ids = (conversation_id, prepared.customer_of(wanted), wanted.agent_id)
        want_topics = wanted.rule == "closed"
        if self._guarded is None:
            return await NoLookup().context(*ids, want_topics=want_topics)
        try:
            return await self._guarded.context(*ids, want_topics=want_topics)
        except GladlyError as exc:
            attempts = fact.attempts + 1
            next_at = self._policy.next_attempt(
                attempts, self._clock(), wanted.told_at, self._guarded.held_for, self._rng
            )
            if next_at is None:
                return await self._guarded.partial_context(*ids, want_topics=want_topics)
            prepared.wait(fact, f"Waits for a look-up: {exc.title}", next_at, attempts)
            return None


def _pieces(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    """The rows in pieces short enough that the inbox need not wait long behind one."""
    return (rows[start : start + TURN] for start in range(0, len(rows), TURN))
