"""Believable webhooks and track events, each with ids of its own."""

from __future__ import annotations

import base64
import os
import time
from typing import TYPE_CHECKING

import msgspec

from core.mapping.transform import Call, from_ns
from core.model import Channel, Fact, NewDelivery
from core.segment.message import MessageBuilder
from core.simulator.timestamps import format_timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator

BODY_BYTES = 420
ID_BYTES = 22
BULK = 2000
NS_PER_S = 1_000_000_000
#: stands in the templates where an id goes
CONVERSATION, EVENT, CUSTOMER = "~conversation~~~~~~~~~", "~event~~~~~~~~~~~~~~~~", "~customer~" * 2
MESSAGE = "gs-" + "~" * 40


def new_id() -> str:
    """An id in Gladly's style: 22 characters."""
    return base64.urlsafe_b64encode(os.urandom(16)).rstrip(b"=").decode()


def webhooks() -> Iterator[tuple[bytes, bytes]]:
    """Conversation ids and CONVERSATION/CREATED bodies of 420 bytes; each makes a track event.

    The ids are as random as Gladly's (an index feels the difference), but made in bulk: what the
    load generator computes is missing to the program under test.
    """
    text = _webhook_template().encode()
    first, _, rest = text.partition(EVENT.encode())
    middle, _, last = rest.partition(CONVERSATION.encode())
    while True:
        noise = base64.urlsafe_b64encode(os.urandom(ID_BYTES * 3 // 4 * BULK))
        for start in range(0, len(noise) - 2 * ID_BYTES, 2 * ID_BYTES):
            event = noise[start : start + ID_BYTES]
            conversation = noise[start + ID_BYTES : start + 2 * ID_BYTES]
            yield conversation, b"".join((first, event, middle, conversation, last))


def _webhook_template() -> str:
    agent, customer = new_id(), new_id()
    event = {
        "id": EVENT,
        "type": str(Fact.CREATED),
        "timestamp": format_timestamp(time.time_ns(), 9),
        "initiator": {"id": customer, "type": "CUSTOMER"},
        "content": {
            "customerId": customer,
            "conversationId": CONVERSATION,
            "context": {"assignee": {"inboxId": new_id(), "agentId": agent}},
        },
    }
    text = msgspec.json.format(msgspec.json.encode(event), indent=1).decode()
    return text + " " * (BODY_BYTES - len(text))


def deliveries(count: int) -> Iterator[NewDelivery]:
    """Deliveries that wait for a forwarder, each a Conversation Opened."""
    now = time.time()
    payload = _payload(now).decode()
    for _ in range(count):
        conversation, customer = new_id(), new_id()
        message = "gs-" + os.urandom(20).hex()
        text = payload.replace(MESSAGE, message)
        text = text.replace(CONVERSATION, conversation).replace(CUSTOMER, customer)
        yield NewDelivery(
            webhook_id=None,
            message_id=message,
            type="track",
            event="Conversation Opened",
            conversation_id=conversation,
            customer_id=customer,
            user_id=customer,
            payload=text.encode(),
            looked_up=b'{"customerName":"Martha J Williams","agentName":"Grace O\'Neill"}',
            search=f"{message} {customer} {conversation} Martha J Williams Grace O'Neill",
            occurred_at=now,
            received_at=now,
            created_at=now,
            channel=Channel.WEBHOOK,
        )


def _payload(now: float) -> bytes:
    call = Call(
        type="track",
        event="Conversation Opened",
        message_id=MESSAGE,
        user_id=CUSTOMER,
        anonymous_id=None,
        timestamp=from_ns(int(now * NS_PER_S)),
        properties={
            "customerName": "Martha J Williams",
            "email": "martha.williams@example.com",
            "phone": "+12025550123",
            "conversationId": CONVERSATION,
            "status": "OPEN",
            "agentId": new_id(),
            "agentName": "Grace O'Neill",
        },
        context={"app": {"name": "gladly-source"}, "integration": {"name": "gladly-source"}},
    )
    return MessageBuilder().build(call)
