"""What travels through the program: webhooks, facts, deliveries, attempts, and their statuses.

Times are UTC epoch seconds (`float`) unless a name ends in `_ns` (epoch nanoseconds, `int`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec


class WebhookStatus(StrEnum):
    """Where a webhook stands."""

    #: stored, not yet looked at
    RECEIVED = "received"
    #: for a look-up in Gladly, or for events that may still be under way
    WAITING = "waiting"
    #: became a track event; of a merge, an alias call
    RESOLVED = "resolved"
    #: the tracking plan says: nothing to send
    SKIPPED = "skipped"
    #: authenticated and kept, but cannot become an event
    UNMAPPABLE = "unmappable"


class DeliveryStatus(StrEnum):
    """Where a delivery stands."""

    #: waits for its first attempt
    PENDING = "pending"
    #: leased by a forwarder
    SENDING = "sending"
    #: an attempt failed; waits for the next
    RETRYING = "retrying"
    #: Segment answered 2xx; proves receipt, not processing
    ACCEPTED = "accepted"
    #: seen coming back from Segment
    CONFIRMED = "confirmed"
    #: will not be tried again by itself
    DEAD = "dead"
    #: a person decided that it is not to be sent
    DISCARDED = "discarded"


class Channel(StrEnum):
    """How a webhook came to us."""

    WEBHOOK = "webhook"
    POLL = "poll"
    BOTH = "both"
    TEST = "test"
    BACKFILL = "backfill"


class Fact(StrEnum):
    """The four kinds of Gladly event that open, close and assign conversations."""

    CREATED = "CONVERSATION/CREATED"
    REOPENED = "CONVERSATION/REOPENED"
    CLOSED = "CONVERSATION/CLOSED"
    ASSIGNED = "CONVERSATION_ASSIGNEE/UPDATED"


class CustomerEvent(StrEnum):
    """The two kinds of Gladly event that say what became of a customer."""

    MERGED = "CUSTOMER/MERGED"
    DELETED = "CUSTOMER_PROFILE/DELETED"


class NewWebhook(msgspec.Struct, frozen=True, kw_only=True):
    """One inbound notification on its way into the inbox."""

    dedupe_key: str
    kind: str
    channel: Channel
    received_at: float
    body: bytes
    status: WebhookStatus
    reason: str = ""
    occurred_ns: int | None = None
    conversation_id: str | None = None
    customer_id: str | None = None


class Added(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a new webhook: its row, and whether it was there before."""

    id: int
    duplicate: bool


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the inbox. `body` is None once retention removed it."""

    id: int
    dedupe_key: str
    kind: str
    channel: Channel
    received_at: float
    occurred_ns: int | None
    conversation_id: str | None
    customer_id: str | None
    status: WebhookStatus
    reason: str
    attempts: int
    due_at: float | None
    body: bytes | None


class ConversationFact(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to a conversation, with the inbox row that told us.

    `agent_id` is the agent on the conversation: for an assignment the new one, else the one
    that Gladly names in `context`.
    """

    kind: Fact
    occurred_ns: int
    customer_id: str | None
    agent_id: str | None
    webhook_id: int
    received_at: float
    channel: Channel = Channel.WEBHOOK
    status: WebhookStatus = WebhookStatus.RECEIVED
    reason: str = ""
    attempts: int = 0


class Knowledge(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of one conversation: its facts, and the messageIds queued for it."""

    facts: tuple[ConversationFact, ...]
    queued: frozenset[str]


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """What the ids in a webhook stand for, as far as Gladly told us.

    Absent parts are None; `gone` names what Gladly no longer knows (404), `missing` what could
    not be looked up before patience ran out.
    """

    customer_id: str | None = None
    customer_name: str | None = None
    email: str | None = None
    phone: str | None = None
    external_customer_id: str | None = None
    custom_attributes: dict[str, Any] | None = None
    agent_name: str | None = None
    topic_ids: tuple[str, ...] | None = None
    topic_names: tuple[str, ...] | None = None
    gone: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


class NewDelivery(msgspec.Struct, frozen=True, kw_only=True):
    """A track, identify or alias call on its way into the outbox; `payload` is it as JSON."""

    webhook_id: int | None
    message_id: str
    type: str
    event: str
    conversation_id: str | None
    customer_id: str | None
    user_id: str | None
    payload: bytes
    looked_up: bytes
    search: str
    occurred_at: float
    received_at: float
    created_at: float
    channel: Channel
    status: DeliveryStatus = DeliveryStatus.PENDING
    reason: str = ""
    incomplete: bool = False
    replay_of: int | None = None
    #: alias of the further source it is for; empty for the one of `segment`
    source: str = ""


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the outbox, without its payload."""

    id: int
    webhook_id: int | None
    message_id: str
    type: str
    event: str
    conversation_id: str | None
    customer_id: str | None
    user_id: str | None
    occurred_at: float
    received_at: float
    created_at: float
    channel: Channel
    status: DeliveryStatus
    reason: str
    incomplete: bool
    attempts: int
    next_attempt_at: float | None
    last_code: str
    last_error: str
    accepted_at: float | None
    ambiguous_since: float | None
    replay_of: int | None
    #: when it was seen coming back from Segment
    confirmed_at: float | None = None
    #: alias of the further source it is for; empty for the one of `segment`
    source: str = ""


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery leased to a forwarder, with what it uploads."""

    id: int
    message_id: str
    payload: bytes
    tries: int
    queued_at: float


class Settlement(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of one attempt for the deliveries of a batch that share it.

    `queued_at`, where set, starts the days until giving up anew.
    """

    delivery_ids: tuple[int, ...]
    status: DeliveryStatus
    started_at: float
    duration_ms: int
    http_status: int | None
    code: str
    error: str
    batch_id: str
    next_attempt_at: float | None = None
    accepted_at: float | None = None
    ambiguous: bool = False
    queued_at: float | None = None


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One try to upload a delivery, as part of one batch request."""

    number: int
    started_at: float
    duration_ms: int
    http_status: int | None
    code: str
    error: str
    batch_id: str


class DeliveryDetail(msgspec.Struct, frozen=True, kw_only=True):
    """One delivery in full."""

    delivery: Delivery
    payload: bytes | None
    looked_up: bytes | None
    webhooks: tuple[Webhook, ...]
    attempts: tuple[Attempt, ...]


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """Rows per status, and when the oldest delivery that is still under way was created."""

    webhooks: dict[str, int]
    deliveries: dict[str, int]
    oldest_pending_at: float | None
