"""From webhooks to facts about conversations; what tells none is settled with a reason. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import Unmappable
from core.gladly.payloads import NO_CONVERSATION, NO_TIME, WebhookView, parse_webhook
from core.model import ConversationFact, Fact, Webhook, WebhookStatus
from core.store.base import Resolution, WebhookUpdate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NOT_IN_PLAN = "{kind} is not part of the tracking plan."
UNREADABLE = "It cannot be kept as a fact: the log says more."
OUR_MISTAKE = "A mistake of ours: the log says more. It will be tried again."
REPEATED = "The same event came under another id before."


def view_of(webhook: Webhook) -> WebhookView:
    """The webhook's ids and times.

    Raises:
        Unmappable: The body says nothing that could be used.
    """
    if webhook.body is None:
        raise Unmappable("The body was removed by retention.")
    return parse_webhook(webhook.body)


def sort(
    webhooks: Sequence[Webhook],
) -> tuple[list[tuple[str, ConversationFact]], list[str], list[Resolution]]:
    """Webhooks that tell a fact, conversations to look at again, resolutions for the rest.

    A webhook without a body has waited so long that retention removed it: its fact is known.
    """
    facts: list[tuple[str, ConversationFact]] = []
    again: list[str] = []
    others: list[Resolution] = []
    for webhook in webhooks:
        if webhook.body is None and webhook.conversation_id is not None:
            again.append(webhook.conversation_id)
            continue
        try:
            conversation_id, fact = fact_of(webhook)
            facts.append((conversation_id, fact))
        except Unmappable as exc:
            others.append(_other(webhook.id, WebhookStatus.UNMAPPABLE, exc.title))
        except ValueError:
            reason = NOT_IN_PLAN.format(kind=webhook.kind)
            others.append(_other(webhook.id, WebhookStatus.SKIPPED, reason))
    return facts, again, others


def fact_of(webhook: Webhook) -> tuple[str, ConversationFact]:
    """The conversation id and the fact that a webhook tells.

    Raises:
        Unmappable: It lacks the conversation or a readable time.
        ValueError: Its kind is not one of the four.
    """
    kind = Fact(webhook.kind)
    view = view_of(webhook)
    if view.conversation_id is None:
        raise Unmappable(NO_CONVERSATION)
    if view.occurred_ns is None:
        raise Unmappable(NO_TIME)
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


def unreadable(webhook_id: int) -> Resolution:
    """A resolution for a webhook that the store would not take as a fact."""
    return _other(webhook_id, WebhookStatus.UNMAPPABLE, UNREADABLE)


def repeated(webhook_ids: Iterable[int]) -> list[Resolution]:
    """Resolutions for webhooks that told what another one had told before."""
    return [_other(one, WebhookStatus.SKIPPED, REPEATED) for one in webhook_ids]
