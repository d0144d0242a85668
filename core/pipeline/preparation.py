"""What ought to be queued for one conversation, and what its webhooks then say."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from core.errors import EventRefused
from core.mapping import periods, transform
from core.model import Channel, DeliveryStatus, NewDelivery, WebhookStatus
from core.store.base import ERASED_REASON, Resolution, WebhookUpdate, version_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from core.mapping.periods import Wanted
    from core.mapping.plan import Plan
    from core.model import Context, ConversationFact, Knowledge
    from core.segment.message import MessageBuilder

log = logging.getLogger(__name__)

SETTLING = "Waits a moment for events that may still be under way."


class Preparation:
    """One conversation on its way through the resolver.

    Attributes:
        missing: Events that ought to exist and are not queued yet.

    Args:
        conversation_id: Gladly's id.
        known: All that is known of it.
        plans: What is sent to each source; by the first one it is judged what is missing.
        builder: Builds and checks Segment's message.
        settle_seconds: How long an event that rests on an assignment waits for others.
        clock: Epoch seconds.
    """

    def __init__(  # noqa: PLR0917 - all are needed, none has a default
        self,
        conversation_id: str,
        known: Knowledge,
        plans: Sequence[Plan],
        builder: MessageBuilder,
        settle_seconds: float,
        clock: Callable[[], float],
    ) -> None:
        self._conversation_id = conversation_id
        self._known = known
        self._plans = plans
        self._plan = plan = plans[0]
        self._builder = builder
        self._clock = clock
        self._judgement = periods.judge(known.facts, plan.opened_when)
        self._waits: dict[int, WebhookUpdate] = {}
        self._refused: dict[int, str] = {}
        self._deliveries: list[NewDelivery] = []
        self.missing = self._find_missing(settle_seconds)

    def wait(self, fact: ConversationFact, reason: str, due_at: float, attempts: int) -> None:
        """The event of this fact has to wait."""
        self._waits[fact.webhook_id] = WebhookUpdate(
            id=fact.webhook_id,
            status=WebhookStatus.WAITING,
            reason=reason,
            attempts=attempts,
            due_at=due_at,
        )

    def add(self, wanted: Wanted, context: Context) -> None:
        """Map one event for each source; what Segment would drop is noted instead."""
        for plan in self._plans:
            try:
                self._add(wanted, context, plan)
            except EventRefused as exc:
                webhook = wanted.fact.webhook_id
                if plan is self._plan:
                    self._refused[webhook] = str(exc)
                else:
                    extra = {"source": plan.alias, "webhook": webhook, "code": exc.code}
                    log.warning("a source does not get an event", extra=extra)

    def _add(self, wanted: Wanted, context: Context, plan: Plan) -> None:
        """Map one event for one source, and identify beside it."""
        test = wanted.fact.channel is Channel.TEST
        ids = (wanted, self._conversation_id, context, plan)
        call = transform.track(*ids, test=test)
        payload = self._builder.build(call)
        self._deliveries.append(self._delivery(wanted, context, plan, call, payload))
        extra = transform.identify_call(*ids, test=test) if plan.identify else None
        if extra is not None:
            with suppress(EventRefused):  # traits too large: the event goes without them
                payload = self._builder.build(extra)
                self._deliveries.append(self._delivery(wanted, context, plan, extra, payload))

    def customer_of(self, wanted: Wanted) -> str | None:
        """Gladly's id of the customer, as told with this event or with another one."""
        told = (wanted.fact, *self._known.facts)
        return next((fact.customer_id for fact in told if fact.customer_id), None)

    def resolution(self) -> Resolution:
        """Every webhook of the conversation gets what is now known about it."""
        current = {fact.webhook_id: fact for fact in self._known.facts}
        updates = (
            self._update(verdict, current[verdict.webhook_id])
            for verdict in self._judgement.verdicts
        )
        return Resolution(
            conversation_id=self._conversation_id,
            seen=version_of(self._known.facts),
            updates=tuple(update for update in updates if update is not None),
            deliveries=tuple(self._deliveries),
            withdrawn=tuple(self._withdrawn()),
        )

    def _withdrawn(self) -> Iterator[str]:
        """Opened events that were queued before a late close showed that they are none."""
        rules = ("opened", transform.identify_rule("opened"))
        wanted = (one.occurred_ns for one in self._judgement.wanted if one.rule == "opened")
        starts = (fact.occurred_ns for fact in self._known.facts if fact.kind in periods.STARTS)
        kept = set(self._message_ids(rules, wanted))
        queued = self._message_ids(rules, starts)
        return (one for one in queued if one in self._known.queued and one not in kept)

    def _message_ids(self, rules: Sequence[str], times_ns: Iterable[int]) -> Iterator[str]:
        """Of all sources; times are the same that are the same to the millisecond."""
        for occurred_ns in times_ns:
            for plan in self._plans:
                for rule in rules:
                    yield self._message_id(plan, rule, occurred_ns)

    def _message_id(self, plan: Plan, rule: str, occurred_ns: int) -> str:
        return transform.message_id(plan.alias, rule, self._conversation_id, occurred_ns)

    def _find_missing(self, settle_seconds: float) -> list[Wanted]:
        missing: list[Wanted] = []
        newest = max((fact.received_at for fact in self._known.facts), default=0.0)
        settled_at = newest + settle_seconds
        for wanted in self._judgement.wanted:
            # What was sent before a source was added is old news: it is not sent there any more.
            if self._message_id(self._plan, wanted.rule, wanted.occurred_ns) in self._known.queued:
                continue
            if wanted.fact.reason == ERASED_REASON:
                continue  # what was not sent of an erased person is not sent later, either
            # A time to come is a clock that was set back: not worth waiting for.
            if wanted.tentative and newest <= self._clock() < settled_at:
                self.wait(wanted.fact, SETTLING, settled_at, attempts=0)
            else:
                missing.append(wanted)
        return missing

    def _update(self, verdict: periods.Verdict, fact: ConversationFact) -> WebhookUpdate | None:
        one = fact.webhook_id
        if fact.reason == ERASED_REASON:
            return None
        if one in self._waits:
            return self._waits[one]
        refused = self._refused.get(one)
        was_refused = fact.status is WebhookStatus.UNMAPPABLE
        if refused or (was_refused and verdict.status is WebhookStatus.RESOLVED):
            return WebhookUpdate(
                id=one, status=WebhookStatus.UNMAPPABLE, reason=refused or fact.reason
            )
        if (fact.status, fact.reason) == (verdict.status, verdict.reason):
            return None
        return WebhookUpdate(id=one, status=verdict.status, reason=verdict.reason)

    def _delivery(
        self,
        wanted: Wanted,
        context: Context,
        plan: Plan,
        call: transform.Call,
        payload: bytes,
    ) -> NewDelivery:
        return NewDelivery(
            webhook_id=wanted.fact.webhook_id,
            message_id=call.message_id,
            type=call.type,
            event=call.event,
            conversation_id=self._conversation_id,
            customer_id=context.customer_id,
            user_id=call.user_id or call.anonymous_id,
            payload=payload,
            looked_up=_looked_up(context, plan),
            search=_search(call, self._conversation_id, context),
            occurred_at=wanted.occurred_ns / transform.NS_PER_S,
            received_at=wanted.told_at,
            created_at=self._clock(),
            channel=wanted.fact.channel,
            status=DeliveryStatus.PENDING,
            reason=_incomplete(context, test=wanted.fact.channel is Channel.TEST),
            incomplete=bool(context.missing),
            source=plan.source,
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


def _incomplete(context: Context, *, test: bool) -> str:
    if context.missing:
        return f"Incomplete: Gladly could not be asked for {', '.join(context.missing)}."
    if context.gone and test:
        return f"Gladly does not know this made-up {' and '.join(context.gone)}."
    if context.gone:
        return f"Gladly no longer knows the {' and the '.join(context.gone)}."
    return ""
