"""Builders of what goes into the store: webhooks, facts, deliveries, outcomes."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec

from core.model import (
    Channel,
    ConversationFact,
    DeliveryStatus,
    Fact,
    NewDelivery,
    NewWebhook,
    Settlement,
    WebhookStatus,
)
from core.store.base import Lease

NOW = 1_780_000_000.0
_numbers = itertools.count(1)


def new_webhook(**changes: Any) -> NewWebhook:
    """A notification with a key of its own."""
    number = next(_numbers)
    new = NewWebhook(
        dedupe_key=f"event-{number}",
        kind=Fact.CREATED,
        channel=Channel.WEBHOOK,
        received_at=NOW,
        body=b'{"id": "event"}',
        status=WebhookStatus.RECEIVED,
        occurred_ns=int(NOW) * 10**9,
        conversation_id="c1",
        customer_id="customer-1",
    )
    return msgspec.structs.replace(new, **changes)


def new_fact(**changes: Any) -> ConversationFact:
    """A conversation's start, told by webhook 1."""
    fact = ConversationFact(
        kind=Fact.CREATED,
        occurred_ns=int(NOW) * 10**9,
        customer_id="customer-1",
        agent_id=None,
        webhook_id=1,
        received_at=NOW,
    )
    return msgspec.structs.replace(fact, **changes)


def new_delivery(**changes: Any) -> NewDelivery:
    """A track call with a messageId of its own."""
    number = next(_numbers)
    message_id = changes.get("message_id", f"gs-{number:040x}")
    new = NewDelivery(
        webhook_id=1,
        message_id=message_id,
        type="track",
        event="Conversation Opened",
        conversation_id="c1",
        customer_id="customer-1",
        user_id="customer-1",
        payload=msgspec.json.encode({"type": "track", "messageId": message_id}),
        looked_up=b"{}",
        search="",
        occurred_at=NOW,
        received_at=NOW,
        created_at=NOW,
        channel=Channel.WEBHOOK,
    )
    return msgspec.structs.replace(new, **changes)


def outcome(delivery_id: int, status: DeliveryStatus, **changes: Any) -> Settlement:
    """How one attempt ended."""
    settlement = Settlement(
        delivery_ids=(delivery_id,),
        status=status,
        started_at=NOW,
        duration_ms=12,
        http_status=200 if status is DeliveryStatus.ACCEPTED else 500,
        code="ok" if status is DeliveryStatus.ACCEPTED else "http.500",
        error="",
        batch_id="batch-1",
        accepted_at=NOW if status is DeliveryStatus.ACCEPTED else None,
    )
    return msgspec.structs.replace(settlement, **changes)


def lease(owner: str = "engine-1", until: float = NOW + 60) -> Lease:
    """A claim for a minute."""
    return Lease(owner=owner, until=until)
