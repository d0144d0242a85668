"""From rows of the store to the records of core.model; the order of columns is in pages.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.model import (
    Attempt,
    Channel,
    ConversationFact,
    Delivery,
    DeliveryStatus,
    Fact,
    Knowledge,
    NewDelivery,
    Webhook,
    WebhookStatus,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from core.store.base import Row, Tx


def webhook_of(row: Row) -> Webhook:
    """A webhook from a row of WEBHOOK_COLUMNS."""
    return Webhook(
        id=row[0],
        dedupe_key=row[1],
        kind=row[2],
        channel=Channel(row[3]),
        received_at=row[4],
        occurred_ns=row[5],
        conversation_id=row[6],
        customer_id=row[7],
        status=WebhookStatus(row[8]),
        reason=row[9],
        attempts=row[10],
        due_at=row[11],
        body=row[12],
    )


def delivery_of(row: Row) -> Delivery:
    """A delivery from a row of DELIVERY_COLUMNS."""
    return Delivery(
        id=row[0],
        webhook_id=row[1],
        message_id=row[2],
        type=row[3],
        event=row[4],
        conversation_id=row[5],
        customer_id=row[6],
        user_id=row[7],
        occurred_at=row[8],
        received_at=row[9],
        created_at=row[10],
        channel=Channel(row[11]),
        status=DeliveryStatus(row[12]),
        reason=row[13],
        incomplete=bool(row[14]),
        attempts=row[15],
        next_attempt_at=row[16],
        last_code=row[17],
        last_error=row[18],
        accepted_at=row[19],
        ambiguous_since=row[20],
        replay_of=row[21],
        confirmed_at=row[22],
        source=row[23],
    )


def attempt_of(row: Row) -> Attempt:
    """An attempt from a row of `attempts`."""
    return Attempt(
        number=row[0],
        started_at=row[1],
        duration_ms=row[2],
        http_status=row[3],
        code=row[4],
        error=row[5],
        batch_id=row[6],
    )


def knowledge_of(tx: Tx, conversation_ids: Iterable[str]) -> dict[str, Knowledge]:
    """All that the store knows of these conversations."""
    asked: list[dict[str, object]] = [{"conversation_id": one} for one in conversation_ids]
    found = zip(asked, tx.run_each("facts", asked), tx.run_each("queued_ids", asked), strict=True)
    return {str(one["conversation_id"]): _knowledge(facts, queued) for one, facts, queued in found}


def _knowledge(rows: Sequence[Row], queued: Sequence[Row]) -> Knowledge:
    facts = tuple(
        ConversationFact(
            kind=Fact(row[0]),
            occurred_ns=row[1],
            customer_id=row[2],
            agent_id=row[3],
            webhook_id=row[4],
            received_at=row[5],
            channel=Channel(row[6]),
            status=WebhookStatus(row[7] or WebhookStatus.SKIPPED),
            reason=row[8] or "",
            attempts=row[9] or 0,
        )
        for row in rows
    )
    return Knowledge(facts=facts, queued=frozenset(row[0] for row in queued))


def replayable_of(row: Row) -> NewDelivery:
    """A delivery as it could be queued once more, from a row of `delivery_for_replay`."""
    return NewDelivery(
        replay_of=row[0],
        webhook_id=row[1],
        message_id=row[2],
        type=row[3],
        event=row[4],
        conversation_id=row[5],
        customer_id=row[6],
        user_id=row[7],
        occurred_at=row[8],
        received_at=row[9],
        created_at=row[9],
        channel=Channel(row[10]),
        incomplete=bool(row[11]),
        search=row[12],
        looked_up=row[13],
        payload=row[14],
        source=row[15],
    )
