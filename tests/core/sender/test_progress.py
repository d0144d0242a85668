"""How far a test event is, by its rows."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from core.model import Channel, Delivery, DeliveryStatus, Fact, Webhook, WebhookStatus
from core.sender.progress import ENDS, RESTS, Progress, Step, stand
from tests.fakes.rows import NOW

WEBHOOK = Webhook(
    id=3,
    dedupe_key="e1",
    kind=Fact.CREATED,
    channel=Channel.TEST,
    received_at=NOW,
    occurred_ns=None,
    conversation_id="c1",
    customer_id=None,
    status=WebhookStatus.RECEIVED,
    reason="",
    attempts=0,
    due_at=None,
    body=None,
)
DELIVERY = Delivery(
    id=7,
    webhook_id=3,
    message_id="gs-1",
    type="track",
    event="Conversation Opened",
    conversation_id="c1",
    customer_id=None,
    user_id=None,
    occurred_at=NOW,
    received_at=NOW,
    created_at=NOW,
    channel=Channel.TEST,
    status=DeliveryStatus.PENDING,
    reason="",
    incomplete=False,
    attempts=1,
    next_attempt_at=None,
    last_code="",
    last_error="Segment is away.",
    accepted_at=None,
    ambiguous_since=None,
    replay_of=None,
)


def webhook(status: WebhookStatus, **changes: Any) -> Webhook:
    return msgspec.structs.replace(WEBHOOK, status=status, **changes)


def deliveries(*statuses: DeliveryStatus) -> list[Delivery]:
    return [msgspec.structs.replace(DELIVERY, status=one) for one in statuses]


@pytest.mark.parametrize(
    ("status", "step"),
    [
        (WebhookStatus.RECEIVED, Step.STORED),
        (WebhookStatus.WAITING, Step.WAITING),
        (WebhookStatus.SKIPPED, Step.SKIPPED),
        (WebhookStatus.UNMAPPABLE, Step.UNMAPPABLE),
        (WebhookStatus.RESOLVED, Step.SKIPPED),
    ],
)
def test_before_there_is_a_delivery_the_webhook_tells(status: WebhookStatus, step: Step):
    assert stand(webhook(status, reason="Because."), []) == (step, "Because.")


@pytest.mark.parametrize(
    ("statuses", "step"),
    [
        ([DeliveryStatus.PENDING], Step.MAPPED),
        ([DeliveryStatus.SENDING, DeliveryStatus.ACCEPTED], Step.MAPPED),
        ([DeliveryStatus.RETRYING, DeliveryStatus.ACCEPTED], Step.RETRYING),
        ([DeliveryStatus.ACCEPTED, DeliveryStatus.CONFIRMED], Step.ACCEPTED),
        ([DeliveryStatus.ACCEPTED, DeliveryStatus.DEAD], Step.DEAD),
        ([DeliveryStatus.DISCARDED], Step.DEAD),
    ],
)
def test_of_several_deliveries_the_worst_tells(statuses: list[DeliveryStatus], step: Step):
    found, sentence = stand(webhook(WebhookStatus.RESOLVED), deliveries(*statuses))

    assert found is step
    assert sentence


def test_ends_are_rests_and_a_delivery_can_be_opened():
    progress = Progress(
        number=0, step=Step.MAPPED, at=NOW, sentence="", deliveries=(DELIVERY,), webhook_id=3
    )

    assert ENDS < RESTS
    assert progress.delivery_id == 7
    assert msgspec.structs.replace(progress, deliveries=()).delivery_id is None
