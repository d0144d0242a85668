"""A delivery in full, made by hand: what Gladly sent, what was looked up, what was tried."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from core.model import (
    Attempt,
    Channel,
    DeliveryDetail,
    DeliveryStatus,
    Webhook,
    WebhookStatus,
)
from tests.gui.deliveries.test_columns import DELIVERY, NOW

CLOSED = "CONVERSATION/CLOSED"
LOOKED_UP = {
    "customerId": "cust-1",
    "customerName": "Zoë Müller",
    "email": "zoe@example.com",
    "agentName": "Ada",
    "topics": ["t1"],
}
PROPERTIES = {
    "customerName": "Zoë Müller",
    "email": "zoe@example.com",
    "conversationId": "conv-1",
    "status": "CLOSED",
    "agentId": "agent-1",
    "agentName": "Ada",
    "topics": ["t1"],
}


def webhook(one: int = 3, **changes: Any) -> Webhook:
    """A close with its agent, as Gladly sends it."""
    content = {
        "id": f"e{one}",
        "type": CLOSED,
        "timestamp": "2026-05-28T20:26:39Z",
        "content": {
            "customerId": "cust-1",
            "conversationId": "conv-1",
            "context": {"assignee": {"agentId": "agent-1"}},
        },
    }
    made = Webhook(
        id=one,
        dedupe_key=f"e{one}",
        kind=CLOSED,
        channel=Channel.WEBHOOK,
        received_at=NOW,
        occurred_ns=int((NOW - 1) * 1e9),
        conversation_id="conv-1",
        customer_id="cust-1",
        status=WebhookStatus.RESOLVED,
        reason="",
        attempts=0,
        due_at=None,
        body=json.dumps(content).encode(),
    )
    return msgspec.structs.replace(made, **changes)


def attempt(number: int, **changes: Any) -> Attempt:
    """One that failed."""
    made = Attempt(
        number=number,
        started_at=NOW + number,
        duration_ms=1112,
        http_status=503,
        code="segment.http_503",
        error="Segment answered 503.",
        batch_id="b1",
    )
    return msgspec.structs.replace(made, **changes)


TAKEN = {"http_status": 200, "code": "segment.accepted", "error": ""}


def message(**changes: Any) -> dict[str, Any]:
    """What goes to Segment."""
    return {
        "properties": PROPERTIES,
        "timestamp": "2026-05-28T20:26:39+00:00",
        "userId": "cust-1",
        "type": "track",
        "event": "Conversation Closed",
        "messageId": "gs-1",
        **changes,
    }


def detail(
    *,
    sent: dict[str, Any] | None = None,
    looked_up: dict[str, Any] | None = None,
    attempts: tuple[Attempt, ...] = (),
    webhooks: tuple[Webhook, ...] | None = None,
    bare: bool = False,
    **changes: Any,
) -> DeliveryDetail:
    """A delivery with everything that belongs to it; `bare` is what retention leaves."""
    seen = LOOKED_UP if looked_up is None else looked_up
    return DeliveryDetail(
        delivery=msgspec.structs.replace(DELIVERY, **changes),
        payload=None if bare else json.dumps(sent or message()).encode(),
        looked_up=None if bare else json.dumps(seen).encode(),
        webhooks=(webhook(),) if webhooks is None else webhooks,
        attempts=attempts,
    )


def accepted(**changes: Any) -> DeliveryDetail:
    """One that was accepted at the second attempt."""
    stands = {
        "status": DeliveryStatus.ACCEPTED,
        "accepted_at": NOW + 2.5,
        "next_attempt_at": None,
        "attempts": (attempt(1), attempt(2, **TAKEN)),
    }
    return detail(**{**stands, **changes})
