"""From the bytes of a request to an inbox row and Gladly's answer."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from typing import TYPE_CHECKING

from core.errors import Unmappable
from core.gladly.payloads import (
    NO_CONVERSATION,
    NO_CUSTOMER,
    NO_TIME,
    NOT_BOTH,
    parse_webhook,
)
from core.model import Added, Channel, CustomerEvent, Fact, NewWebhook, WebhookStatus
from core.signals import Signal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.gladly.payloads import WebhookView
    from core.store.inbox import Told
    from core.store.sql_store import SqlStore

PING = "PING"
MAX_KEY = 200
#: kept as text columns; a longer one is cut, the body keeps the whole
MAX_ID = 500
HANDLED = frozenset(str(kind) for kind in (*Fact, *CustomerEvent))
#: what a webhook that was stored, or was here before, is answered
ANSWERS = ("stored", "duplicate", "unmappable", "ignored")
NOT_IN_PLAN = "{kind} is not part of the tracking plan."


class Intake:
    """Stores notifications, whatever is in them, and says what they were.

    Args:
        store: The inbox.
        stored: Told after each stored webhook with its row id.
        last_heard_at: When the webhook last brought something.
        taken: How many webhooks came, by channel and by what was answered, or would have been.
        clock: Epoch seconds.
    """

    def __init__(self, store: SqlStore, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._clock = clock
        self.stored: Signal[int] = Signal()
        self.last_ping_at: float | None = None
        self.last_heard_at: float | None = None
        self.taken = Counter({(Channel.WEBHOOK.value, word): 0 for word in ANSWERS})

    def note_ping(self) -> None:
        """Remember that somebody asked whether we answer."""
        self.last_ping_at = self._clock()

    def note_webhook(self, at: float) -> None:
        """The webhook brought something then (epoch seconds), be it to another engine."""
        self.last_heard_at = max(at, self.last_heard_at or at)

    def is_ping(self, body: bytes) -> bool:
        """Whether Gladly only asks whether we answer."""
        try:
            return parse_webhook(body).type == PING
        except Unmappable:
            return False

    async def take(self, body: bytes, channel: Channel) -> tuple[str, str | None]:
        """Store one body; returns what the answer says and the row's id.

        Raises:
            StoreError: It could not be committed: answer 503.
        """
        new = self.read(body, channel)
        if new is None:
            return "pong", None
        return self.stored_as(new, await self._store.add_webhook(new))

    def put(self, new: NewWebhook, tell: Told) -> None:
        """Begin to store; see Inbox.put.

        Raises:
            StoreError: It cannot even be begun.
        """
        self._store.put_webhook(new, tell)

    async def take_many(self, news: Sequence[NewWebhook]) -> list[Added]:
        """Store what was read from Gladly; what was told before is no news, under whatever id.

        Raises:
            StoreError: It could not be committed; none of it is stored.
        """
        added = await self._store.add_many(news)
        for new, one in zip(news, added, strict=True):
            self._answer(new, one)
        return added

    def read(self, body: bytes, channel: Channel) -> NewWebhook | None:
        """What to store of a body; None for a PING, which is only noted."""
        try:
            view = parse_webhook(body)
        except Unmappable as exc:
            return self._unreadable(body, channel, exc.title)
        if view.type == PING:
            self.note_ping()
            return None
        return self._readable(body, channel, view)

    def stored_as(self, new: NewWebhook, added: Added) -> tuple[str, str]:
        """Tell whoever looks on; what the answer says, and the row's id."""
        if new.channel is Channel.WEBHOOK:
            self.last_heard_at = new.received_at
        return self._answer(new, added), f"w{added.id}"

    def _answer(self, new: NewWebhook, added: Added) -> str:
        word = "duplicate" if added.duplicate else self._word(new)
        self.taken[new.channel.value, word] += 1
        if not added.duplicate:
            self.stored.emit(added.id)
        return word

    def _word(self, new: NewWebhook) -> str:
        match new.status:
            case WebhookStatus.UNMAPPABLE:
                return "unmappable"
            case WebhookStatus.SKIPPED:
                return "ignored"
            case _:
                return "stored"

    def _unreadable(self, body: bytes, channel: Channel, reason: str) -> NewWebhook:
        return NewWebhook(
            dedupe_key=_digest(body),
            kind="",
            channel=channel,
            received_at=self._clock(),
            body=body,
            status=WebhookStatus.UNMAPPABLE,
            reason=reason,
        )

    def _readable(self, body: bytes, channel: Channel, view: WebhookView) -> NewWebhook:
        lack = _lack(view)
        status = WebhookStatus.RECEIVED if lack is None else WebhookStatus.UNMAPPABLE
        reason = lack or ""
        if view.type not in HANDLED:
            status = WebhookStatus.SKIPPED
            reason = NOT_IN_PLAN.format(kind=view.type[:MAX_KEY])
        customer_id = view.customer_id or view.merged_into_id
        usable = view.id is not None and len(view.id) <= MAX_KEY
        return NewWebhook(
            dedupe_key=view.id if usable and view.id else _digest(body),
            kind=view.type[:MAX_KEY],
            channel=channel,
            received_at=self._clock(),
            occurred_ns=view.occurred_ns,
            conversation_id=view.conversation_id and view.conversation_id[:MAX_ID],
            customer_id=customer_id and customer_id[:MAX_ID],
            body=body,
            status=status,
            reason=reason,
        )


def _lack(view: WebhookView) -> str | None:
    """What an event of one of our kinds lacks to be of use, if anything."""
    match view.type:
        case CustomerEvent.DELETED:  # whatever its time: a person's data must go
            return None if view.customer_id else NO_CUSTOMER
        case CustomerEvent.MERGED if not (view.merged_id and view.merged_into_id):
            return NOT_BOTH
        case CustomerEvent.MERGED:
            pass
        case _ if view.conversation_id is None:
            return NO_CONVERSATION
    return NO_TIME if view.occurred_ns is None else None


def _digest(body: bytes) -> str:
    """The duplicate key of a body without a usable event id."""
    return "sha256:" + hashlib.sha256(body).hexdigest()
