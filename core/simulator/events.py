"""Writes the bodies of Gladly's events as its OpenAPI document describes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from core.model import Fact
from core.simulator.people import new_id
from core.simulator.timestamps import MAX_DIGITS, format_timestamp

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

Event: TypeAlias = dict[str, Any]

TOPIC_ADDED = "CONVERSATION/TOPIC_ADDED"
TOPIC_REMOVED = "CONVERSATION/TOPIC_REMOVED"
CUSTOMER_MERGED = "CUSTOMER/MERGED"
PROFILE_DELETED = "CUSTOMER_PROFILE/DELETED"
PING = "PING"
ALL_DIGITS: tuple[int, ...] = (0, 2, 3, 3, 3, 6, 9)


class Conversation(msgspec.Struct, kw_only=True):
    """A conversation while it lives; `agent_id` is who is on it now."""

    id: str
    customer_id: str
    inbox_id: str
    agent_id: str | None = None


class EventMaker:
    """Writes events about conversations and keeps these up to date.

    Args:
        dice: Where ids and the precision of timestamps come from.
        digits: The fraction digits a timestamp may be cut to.
    """

    def __init__(self, dice: random.Random, digits: Sequence[int] = ALL_DIGITS) -> None:
        self._dice = dice
        self._digits = digits

    def created(self, conversation: Conversation, at_ns: int) -> Event:
        """A conversation begins."""
        return self._lived(Fact.CREATED, conversation, at_ns, by_customer=True)

    def reopened(self, conversation: Conversation, at_ns: int) -> Event:
        """A closed conversation begins again."""
        return self._lived(Fact.REOPENED, conversation, at_ns, by_customer=True)

    def closed(self, conversation: Conversation, at_ns: int) -> Event:
        """A conversation ends."""
        return self._lived(Fact.CLOSED, conversation, at_ns)

    def assigned(self, conversation: Conversation, at_ns: int, agent_id: str | None) -> Event:
        """An agent takes a conversation, or, with None, gives it back to its inbox."""
        before = _context(conversation)
        conversation.agent_id = agent_id
        reason = "MANUAL" if agent_id else "REROUTED_UNASSIGN"
        extra = {"reason": reason, "assignee": _context(conversation)["assignee"]}
        event = self._lived(Fact.ASSIGNED, conversation, at_ns, extra)
        event["content"]["context"] = before
        return event

    def topic_added(self, conversation: Conversation, at_ns: int, topic_id: str) -> Event:
        """A topic is put on a conversation."""
        return self._lived(TOPIC_ADDED, conversation, at_ns, {"topicId": topic_id})

    def merged(self, source_id: str, destination_id: str, at_ns: int) -> Event:
        """A customer, without open conversations, becomes part of another."""
        content = {
            "destinationCustomerId": destination_id,
            "destinationConversationId": "",
            "sourceCustomerId": source_id,
            "sourceConversationId": "",
        }
        return self._event(CUSTOMER_MERGED, at_ns, content, self._initiator(None))

    def deleted(self, customer_id: str, at_ns: int) -> Event:
        """A customer is gone. This type names no initiator."""
        return self._event(PROFILE_DELETED, at_ns, {"customerId": customer_id}, None)

    def ping(self, at_ns: int) -> Event:
        """What a webhook gets when it is switched on."""
        return self._event(PING, at_ns, {}, None)

    def _lived(
        self,
        kind: str,
        conversation: Conversation,
        at_ns: int,
        extra: Event | None = None,
        *,
        by_customer: bool = False,
    ) -> Event:
        content = {
            "customerId": conversation.customer_id,
            "conversationId": conversation.id,
            **(extra or {}),
            "context": _context(conversation),
        }
        initiator = (
            {"id": conversation.customer_id, "type": "CUSTOMER"}
            if by_customer
            else self._initiator(conversation.agent_id)
        )
        return self._event(kind, at_ns, content, initiator)

    def _initiator(self, agent_id: str | None) -> Event:
        if agent_id is None:
            return {"id": new_id(self._dice), "type": "SYSTEM"}
        return {"id": agent_id, "type": "AGENT"}

    def _event(self, kind: str, at_ns: int, content: Event, initiator: Event | None) -> Event:
        digits = self._dice.choice(self._digits) if self._digits else MAX_DIGITS
        event: Event = {
            "id": new_id(self._dice),
            "type": str(kind),
            "timestamp": format_timestamp(at_ns, digits),
            "content": content,
        }
        return event if initiator is None else {**event, "initiator": initiator}


def _context(conversation: Conversation) -> Event:
    assignee = {"inboxId": conversation.inbox_id}
    if conversation.agent_id is not None:
        assignee["agentId"] = conversation.agent_id
    return {"assignee": assignee}
