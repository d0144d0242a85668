"""Worker: looks at received webhooks and queues the track events that ought to exist."""

from __future__ import annotations

import asyncio
import logging
import time
from random import Random
from typing import TYPE_CHECKING, Protocol

import msgspec

from core.errors import EventRefused, GladlyError, GladlyUnauthorized, StoreError, Unmappable
from core.gladly.payloads import WebhookView, parse_webhook
from core.mapping import periods, transform
from core.model import (
    Channel,
    Context,
    ConversationFact,
    DeliveryStatus,
    Fact,
    Knowledge,
    NewDelivery,
    Webhook,
    WebhookStatus,
)
from core.pipeline.retry import LOOKUP_WAITS, RetryPolicy
from core.store.base import Lease, Resolution, WebhookUpdate
from core.store.sql_store import version_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.health import Health
    from core.mapping.periods import Judgement, Wanted
    from core.mapping.plan import Plan
    from core.segment.message import MessageBuilder
    from core.signals import Signal
    from core.store.sql_store import SqlStore

log = logging.getLogger(__name__)

CLAIM = 500
LEASE_SECONDS = 600.0
IDLE_SECONDS = 5.0
STORE_PAUSE_SECONDS = 1.0
#: conversations that may be looked up at once; Gladly's budget is the real limit
LOOKUPS_AT_ONCE = 64
NOT_IN_PLAN = "{kind} is not part of the tracking plan."
REPEATED = "The same event came under another id before."
SETTLING = "Waits a moment for events that may still be under way."


class Lookup(Protocol):
    """What the resolver needs of Gladly."""

    async def context(
        self,
        conversation_id: str | None,
        customer_id: str | None,
        agent_id: str | None,
        *,
        want_topics: bool,
    ) -> Context:
        """What the ids stand for; raises GladlyError."""

    async def partial_context(
        self,
        conversation_id: str | None,
        customer_id: str | None,
        agent_id: str | None,
        *,
        want_topics: bool,
    ) -> Context:
        """As much of it as can be had."""


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


class NoLookup:
    """Stands in where no Gladly address is set: events go out with the ids alone."""

    async def context(
        self,
        conversation_id: str | None,
        customer_id: str | None,
        agent_id: str | None,
        *,
        want_topics: bool,
    ) -> Context:
        """The ids and nothing else."""
        return Context(customer_id=customer_id)

    partial_context = context


class Resolver:
    """Turns the inbox into the outbox.

    Args:
        store: Inbox and outbox.
        lookup: Gladly, or NoLookup.
        plan: What is sent.
        builder: Builds and checks Segment's message.
        rules: How long to wait.
        health: Where Gladly's state is told.
        queued: Told after every round.
        clock: Epoch seconds.
        owner: This engine's name in leases.
    """

    def __init__(
        self,
        store: SqlStore,
        lookup: Lookup,
        plan: Plan,
        builder: MessageBuilder,
        rules: Rules,
        *,
        health: Health,
        queued: Signal[Queued],
        owner: str,
        clock: Callable[[], float] = time.time,
        rng: Random | None = None,
    ) -> None:
        self._store = store
        self._lookup = lookup
        self._plan = plan
        self._builder = builder
        self._rules = rules
        self._health = health
        self._queued = queued
        self._clock = clock
        self._owner = owner
        self._rng = rng or Random()  # noqa: S311 - spreads retries, guards nothing
        self._policy = RetryPolicy(waits=LOOKUP_WAITS, give_up_after=rules.give_up_seconds)
        self._room = asyncio.Semaphore(LOOKUPS_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._lost_leases = False
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
                try:
                    if self._lost_leases:
                        await self._store.free_webhook_leases(self._owner)
                        self._lost_leases = False
                    if not await self._round(group):
                        await self._idle()
                except StoreError:
                    self._lost_leases = True
                    await asyncio.sleep(STORE_PAUSE_SECONDS)
            self._abandon()

    def _abandon(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()

    async def _idle(self) -> None:
        self._wake.clear()
        due = await self._store.next_due_webhook()
        wait = IDLE_SECONDS if due is None else min(IDLE_SECONDS, due - self._clock())
        if wait > 0 and not self._stopping:
            try:
                await asyncio.wait_for(self._wake.wait(), wait)
            except TimeoutError:
                return

    async def _round(self, group: asyncio.TaskGroup) -> bool:
        """Claim once; whether there was anything."""
        now = self._clock()
        lease = Lease(owner=self._owner, until=now + LEASE_SECONDS)
        webhooks = await self._store.claim_webhooks(CLAIM, lease, now)
        if not webhooks:
            return False
        facts, others = _sort(webhooks)
        knowledge, repeated = await self._store.learn(facts)
        resolutions = [
            *others,
            *(
                Resolution(
                    conversation_id=None,
                    seen=(),
                    updates=(WebhookUpdate(id=one, status=WebhookStatus.SKIPPED, reason=REPEATED),),
                )
                for one in repeated
            ),
        ]
        to_look_up: list[str] = []
        for conversation_id, known in knowledge.items():
            if (resolution := self._without_lookup(conversation_id, known)) is not None:
                resolutions.append(resolution)
            else:
                to_look_up.append(conversation_id)
        queued, stale = await self._store.resolve(resolutions)
        self._queued.emit(Queued(deliveries=queued, webhooks=len(webhooks)))
        for conversation_id in (*to_look_up, *stale):
            await self._start(group, conversation_id)
        return True

    def _without_lookup(self, conversation_id: str, known: Knowledge) -> Resolution | None:
        """What needs no look-up is resolved at once; None where one is needed or under way."""
        if conversation_id in self._busy:
            return None
        judgement = periods.judge(known.facts, self._plan.opened_when)
        missing, waits = self._missing(conversation_id, known, judgement)
        if missing and not isinstance(self._lookup, NoLookup):
            return None
        deliveries: list[NewDelivery] = []
        refused: dict[int, str] = {}
        for wanted in missing:
            context = Context(customer_id=wanted.fact.customer_id)
            self._prepare(wanted, conversation_id, context, deliveries, refused)
        return _resolution(conversation_id, known, judgement, waits, deliveries, refused)

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
        task = group.create_task(self._look_up(conversation_id), name="look-up")
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
        finally:
            self._busy.discard(conversation_id)
            self._room.release()

    async def _resolve_one(self, conversation_id: str) -> bool:
        """Look up, map, queue; whether the facts changed meanwhile."""
        known = (await self._store.knowledge([conversation_id]))[conversation_id]
        judgement = periods.judge(known.facts, self._plan.opened_when)
        missing, waits = self._missing(conversation_id, known, judgement)
        deliveries: list[NewDelivery] = []
        refused: dict[int, str] = {}
        for wanted in missing:
            context = await self._context(conversation_id, wanted, waits)
            if context is not None:
                self._prepare(wanted, conversation_id, context, deliveries, refused)
        resolution = _resolution(conversation_id, known, judgement, waits, deliveries, refused)
        queued, stale = await self._store.resolve([resolution])
        self._queued.emit(Queued(deliveries=queued, webhooks=0))
        return bool(stale)

    def _missing(
        self, conversation_id: str, known: Knowledge, judgement: Judgement
    ) -> tuple[list[Wanted], dict[int, WebhookUpdate]]:
        """Events not queued yet, and the webhooks whose event has to settle first."""
        missing: list[Wanted] = []
        waits: dict[int, WebhookUpdate] = {}
        newest = max((fact.received_at for fact in known.facts), default=0.0)
        settled_at = newest + self._rules.settle_seconds
        for wanted in judgement.wanted:
            message_id = transform.message_id(
                self._plan.alias, wanted.rule, conversation_id, wanted.occurred_ns
            )
            if message_id in known.queued:
                continue
            if wanted.tentative and settled_at > self._clock():
                waits[wanted.fact.webhook_id] = WebhookUpdate(
                    id=wanted.fact.webhook_id,
                    status=WebhookStatus.WAITING,
                    reason=SETTLING,
                    due_at=settled_at,
                )
            else:
                missing.append(wanted)
        return missing, waits

    async def _context(
        self, conversation_id: str, wanted: Wanted, waits: dict[int, WebhookUpdate]
    ) -> Context | None:
        """The look-up for one event, or None and a wait when Gladly cannot answer for now."""
        fact = wanted.fact
        ids = (conversation_id, fact.customer_id, wanted.agent_id)
        want_topics = wanted.rule == "closed"
        try:
            context = await self._lookup.context(*ids, want_topics=want_topics)
        except GladlyError as exc:
            self._say(exc)
            next_at = self._policy.next_attempt(
                fact.attempts + 1, self._clock(), wanted.told_at, None, self._rng
            )
            if next_at is None:
                return await self._lookup.partial_context(*ids, want_topics=want_topics)
            waits[fact.webhook_id] = WebhookUpdate(
                id=fact.webhook_id,
                status=WebhookStatus.WAITING,
                reason=f"Waits for a look-up: {exc.title}",
                attempts=fact.attempts + 1,
                due_at=next_at,
            )
            return None
        if not isinstance(self._lookup, NoLookup):
            self._health.set("gladly", "ok", "Gladly answers.")
        return context

    def _say(self, exc: GladlyError) -> None:
        refused = isinstance(exc, GladlyUnauthorized)
        self._health.set("gladly", "refused" if refused else "unavailable", str(exc))

    def _prepare(
        self,
        wanted: Wanted,
        conversation_id: str,
        context: Context,
        deliveries: list[NewDelivery],
        refused: dict[int, str],
    ) -> None:
        """Map one event; what Segment would drop is noted with the reason instead."""
        test = wanted.fact.channel is Channel.TEST
        calls = [transform.track(wanted, conversation_id, context, self._plan, test=test)]
        if self._plan.identify:
            extra = transform.identify_call(wanted, conversation_id, context, self._plan, test=test)
            calls += [extra] if extra is not None else []
        for call in calls:
            try:
                payload = self._builder.build(call)
            except EventRefused as exc:
                refused[wanted.fact.webhook_id] = str(exc)
                return
            deliveries.append(
                NewDelivery(
                    webhook_id=wanted.fact.webhook_id,
                    message_id=call.message_id,
                    type=call.type,
                    event=call.event,
                    conversation_id=conversation_id,
                    customer_id=context.customer_id,
                    user_id=call.user_id or call.anonymous_id,
                    payload=payload,
                    looked_up=_looked_up(context, self._plan),
                    search=_search(call, conversation_id, context),
                    occurred_at=wanted.occurred_ns / transform.NS_PER_S,
                    received_at=wanted.told_at,
                    created_at=self._clock(),
                    channel=wanted.fact.channel,
                    status=DeliveryStatus.PENDING,
                    reason=_incomplete(context),
                    incomplete=bool(context.missing),
                )
            )


def view_of(webhook: Webhook) -> WebhookView:
    """The webhook's ids and times.

    Raises:
        Unmappable: The body says nothing that could be used.
    """
    if webhook.body is None:
        raise Unmappable("The body was removed by retention.")
    return parse_webhook(webhook.body)


def _sort(
    webhooks: Sequence[Webhook],
) -> tuple[list[tuple[str, ConversationFact]], list[Resolution]]:
    """Webhooks that tell a fact, and resolutions for those that do not."""
    facts: list[tuple[str, ConversationFact]] = []
    others: list[Resolution] = []
    for webhook in webhooks:
        try:
            conversation_id, fact = fact_of(webhook)
            facts.append((conversation_id, fact))
        except Unmappable as exc:
            others.append(_other(webhook.id, WebhookStatus.UNMAPPABLE, exc.title))
        except ValueError:
            reason = NOT_IN_PLAN.format(kind=webhook.kind)
            others.append(_other(webhook.id, WebhookStatus.SKIPPED, reason))
    return facts, others


def fact_of(webhook: Webhook) -> tuple[str, ConversationFact]:
    """The conversation id and the fact that a webhook tells.

    Raises:
        Unmappable: It lacks the conversation or a readable time.
        ValueError: Its kind is not one of the four.
    """
    kind = Fact(webhook.kind)
    view = view_of(webhook)
    if view.conversation_id is None:
        raise Unmappable("The body names no conversation.")
    if view.occurred_ns is None:
        raise Unmappable("The body has no readable timestamp.")
    return view.conversation_id, ConversationFact(
        kind=kind,
        occurred_ns=view.occurred_ns,
        customer_id=view.customer_id,
        agent_id=view.agent_id,
        webhook_id=webhook.id,
        received_at=webhook.received_at,
        channel=webhook.channel,
    )


def _other(webhook_id: int, status: WebhookStatus, reason: str) -> Resolution:
    update = WebhookUpdate(id=webhook_id, status=status, reason=reason)
    return Resolution(conversation_id=None, seen=(), updates=(update,))


def _resolution(  # noqa: PLR0917 - the parts of one decision
    conversation_id: str,
    known: Knowledge,
    judgement: Judgement,
    waits: dict[int, WebhookUpdate],
    deliveries: Sequence[NewDelivery],
    refused: dict[int, str],
) -> Resolution:
    """Every webhook of the conversation gets what is now known about it."""
    current = {fact.webhook_id: fact for fact in known.facts}
    updates: list[WebhookUpdate] = []
    for verdict in judgement.verdicts:
        one = verdict.webhook_id
        fact = current[one]
        if one in waits:
            updates.append(waits[one])
        elif one in refused or (
            fact.status is WebhookStatus.UNMAPPABLE and verdict.status is WebhookStatus.RESOLVED
        ):
            reason = refused.get(one, fact.reason)
            updates.append(WebhookUpdate(id=one, status=WebhookStatus.UNMAPPABLE, reason=reason))
        elif (fact.status, fact.reason) != (verdict.status, verdict.reason):
            updates.append(WebhookUpdate(id=one, status=verdict.status, reason=verdict.reason))
    return Resolution(
        conversation_id=conversation_id,
        seen=version_of(known.facts),
        updates=tuple(updates),
        deliveries=tuple(deliveries),
    )


def _looked_up(context: Context, plan: Plan) -> bytes:
    """What was looked up, for the viewer; without what the plan drops or hashes."""
    private = plan.drop | plan.hash
    names = plan.profile.properties
    shown = {
        "customerId": context.customer_id,
        "customerName": context.customer_name,
        "email": context.email,
        "phone": context.phone,
        "externalCustomerId": context.external_customer_id,
        "customAttributes": context.custom_attributes,
        "agentName": context.agent_name,
        "topics": context.topic_ids,
        "topicNames": None if "topics" in private else context.topic_names,
        "gone": context.gone or None,
        "missing": context.missing or None,
    }
    return msgspec.json.encode(
        {
            name: value
            for name, value in shown.items()
            if value is not None and not {name, names.get(name, name)} & private
        }
    )


def _search(call: transform.Call, conversation_id: str, context: Context) -> str:
    """The words by which the viewer finds this delivery."""
    words = [
        call.message_id,
        call.user_id,
        context.customer_id,
        conversation_id,
        *(value for value in call.properties.values() if isinstance(value, str)),
    ]
    return " ".join(dict.fromkeys(word for word in words if word))


def _incomplete(context: Context) -> str:
    if context.missing:
        return f"Incomplete: Gladly could not be asked for {', '.join(context.missing)}."
    if context.gone:
        return f"Gladly no longer knows the {' and the '.join(context.gone)}."
    return ""
