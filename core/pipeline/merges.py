"""From a webhook that tells of merged customers to the alias call, or why there is none. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import EventRefused, Unmappable
from core.gladly.payloads import NO_TIME, NOT_BOTH
from core.mapping import transform
from core.model import Channel, DeliveryStatus, NewDelivery, WebhookStatus
from core.pipeline.facts import view_of
from core.store.base import WebhookUpdate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.gladly.payloads import WebhookView
    from core.mapping.plan import Plan
    from core.model import Webhook
    from core.segment.message import MessageBuilder

OFF = "Customers were merged: alias calls are switched off (mapping.merges)."
OTHER_IDS = (
    "Customers were merged: an alias needs mapping.user_id = gladly, "
    "because no other id of a merged customer can be looked up any more."
)
SAME = "Customers were merged: both are the same, so there is nothing to say."

Settled = tuple[WebhookUpdate, tuple[NewDelivery, ...]]


def customers_of(webhook: Webhook) -> tuple[str, ...]:
    """The customers that a merge touched, as far as the body names them."""
    try:
        view = view_of(webhook)
    except Unmappable:
        return ()
    return tuple(one for one in (view.merged_id, view.merged_into_id) if one)


def settle(webhook: Webhook, plans: Sequence[Plan], builder: MessageBuilder, now: float) -> Settled:
    """What the webhook then says, and the alias calls to queue, one for each source that asks."""
    try:
        ids = _ids(view_of(webhook))
        reasons = {plan.alias: _why_not(ids, plan) for plan in plans}
        asking = [plan for plan in plans if reasons[plan.alias] is None]
        calls = tuple(_delivery(webhook, ids, plan, builder, now) for plan in asking)
    except (Unmappable, EventRefused) as exc:
        return _said(webhook, WebhookStatus.UNMAPPABLE, exc.title), ()
    if not calls:
        return _said(webhook, WebhookStatus.SKIPPED, reasons[plans[0].alias] or ""), ()
    return _said(webhook, WebhookStatus.RESOLVED, ""), calls


def _ids(view: WebhookView) -> tuple[str, str, int]:
    """Who was merged, into whom, and when (epoch nanoseconds)."""
    if not (view.merged_id and view.merged_into_id):
        raise Unmappable(NOT_BOTH)
    if view.occurred_ns is None:
        raise Unmappable(NO_TIME)
    return view.merged_id, view.merged_into_id, view.occurred_ns


def _why_not(ids: tuple[str, str, int], plan: Plan) -> str | None:
    if not plan.merges:
        return OFF
    if plan.user_id != "gladly":
        return OTHER_IDS
    return SAME if ids[0] == ids[1] else None


def _delivery(
    webhook: Webhook, ids: tuple[str, str, int], plan: Plan, builder: MessageBuilder, now: float
) -> NewDelivery:
    merged_id, into_id, occurred_ns = ids
    call = transform.alias_call(*ids, plan, test=webhook.channel is Channel.TEST)
    return NewDelivery(
        webhook_id=webhook.id,
        message_id=call.message_id,
        type=call.type,
        event=call.event,
        conversation_id=None,
        customer_id=into_id,
        user_id=into_id,
        payload=builder.build(call),
        looked_up=b"{}",
        search=f"{into_id} {merged_id}",
        occurred_at=occurred_ns / transform.NS_PER_S,
        received_at=webhook.received_at,
        created_at=now,
        channel=webhook.channel,
        status=DeliveryStatus.PENDING,
        source=plan.source,
    )


def _said(webhook: Webhook, status: WebhookStatus, reason: str) -> WebhookUpdate:
    return WebhookUpdate(id=webhook.id, status=status, reason=reason)
