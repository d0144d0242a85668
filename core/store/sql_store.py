"""The store: all behaviour, over a driver; SQL text in resources/sql/queries.sql."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec

from core.model import (
    Added,
    Channel,
    Claimed,
    ConversationFact,
    Knowledge,
    NewDelivery,
    NewWebhook,
    Settlement,
    Webhook,
    WebhookStatus,
)
from core.store.base import (
    Lease,
    Resolution,
    WebhookUpdate,
    fact_version,
)
from core.store.inbox import NS_PER_MS, Inbox, Told, add_many, plain, seen_again
from core.store.rows import knowledge_of, webhook_of
from core.store.view import StoreView
from core.store.words import storable, words_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.store.base import Driver, Row, Tx

#: seconds; nothing ever waits longer, unless the clock was set back
LONGEST_WAIT = 7200.0


class SqlStore(StoreView):
    """Webhooks, facts, deliveries and attempts over one driver.

    Every write returns after its commit and raises StoreError when it could not be committed.

    Attributes:
        commit_seconds: How long webhooks took to be on disk.
    """

    def __init__(self, driver: Driver) -> None:
        super().__init__(driver)
        self._inbox = Inbox(driver)
        self.commit_seconds = self._inbox.commit_seconds

    async def open(self) -> None:
        """Open for use; see the driver for its errors."""
        await self._driver.open()

    async def close(self) -> None:
        """Commit what waits, then let go."""
        self._inbox.flush()
        await self._driver.close()

    @property
    def shared(self) -> bool:
        """Whether other engines may work on it, too; see Driver.shared."""
        return self._driver.shared

    def clock(self) -> float:
        """Epoch seconds by which leases are counted; see Driver.clock."""
        return self._driver.clock()

    async def add_webhook(self, new: NewWebhook) -> Added:
        """Put one notification into the inbox; a known one only notes the second channel."""
        return await self._inbox.add(new)

    def put_webhook(self, new: NewWebhook, tell: Told) -> None:
        """Begin to put one notification into the inbox; see Inbox.put."""
        self._inbox.put(new, tell)

    async def add_many(self, news: Sequence[NewWebhook]) -> list[Added]:
        """Put what was read from Gladly into the inbox, all or nothing; see inbox.add_many."""
        return await self._driver.write(lambda tx: add_many(tx, news))

    async def channels_of(self, ids: Sequence[int]) -> dict[int, Channel]:
        """By which channels these inbox rows came."""

        def read(tx: Tx) -> dict[int, Channel]:
            rows = {one: tx.run("channel_of", id=one) for one in ids}
            return {one: Channel(found[0][0]) for one, found in rows.items() if found}

        return await self._driver.read(read)

    async def has_unread(self, until: int) -> bool:
        """Whether a webhook up to this row was not looked at, other than from export files."""
        return bool(await self._driver.read(lambda tx: tx.run("unread", until=until)))

    async def unresolved(self, channel: Channel, most: int) -> int:
        """How many webhooks of this channel are not resolved; `most` if there are more."""
        terms = {"channel": channel.value, "most": most}
        rows = await self._driver.read(lambda tx: tx.run("count_unresolved", **terms))
        count: int = rows[0][0]
        return count

    async def last_received_at(self) -> float | None:
        """When the newest notification that is no test was received."""
        rows = await self._driver.read(lambda tx: tx.run("last_received_at"))
        return rows[0][0] if rows else None

    async def claim_webhooks(self, limit: int, lease: Lease, now: float) -> list[Webhook]:
        """Lease webhooks that want looking at: due waiting ones first, then new ones."""

        def claim(tx: Tx) -> list[Row]:
            terms = {"owner": lease.owner, "lease_until": lease.until, "now": now}
            rows = tx.run("claim_waiting", limit=limit, **terms)
            if len(rows) < limit:
                rows += tx.run("claim_received", limit=limit - len(rows), **terms)
            return rows

        rows = await self._driver.write(claim)
        return sorted((webhook_of(row) for row in rows), key=lambda webhook: webhook.id)

    async def free_webhook_leases(self, owner: str | None = None) -> None:
        """Give back what `owner` had leased; None means anybody, when no other engine runs."""
        await self._driver.write(lambda tx: tx.change("free_webhook_leases", owner=owner))

    async def hasten_webhooks(self, now: float, limit: int) -> int:
        """Make webhooks due that wait for a later look."""
        return await self._driver.write(
            lambda tx: tx.change("hasten_webhooks", now=now, limit=limit)
        )

    async def next_due_webhook(self, now: float) -> float | None:
        """When the next waiting webhook that nobody is looking at wants looking at."""
        rows = await self._driver.read(lambda tx: tx.run("next_due_webhook", now=now))
        return rows[0][0] if rows else None

    async def learn(
        self, facts: Sequence[tuple[str, ConversationFact]]
    ) -> tuple[dict[str, Knowledge], dict[int, int]]:
        """Add facts by conversation; all that is then known of those conversations.

        Adding is commutative and idempotent, so order and repetition drop out.

        Returns:
            Knowledge by conversation id, and for webhooks that told nothing new the webhook
            that had told it first.
        """

        def add(tx: Tx) -> tuple[dict[str, Knowledge], dict[int, int]]:
            tx.keep(conversation_id for conversation_id, _ in facts)
            told = tx.run_each("add_fact", [_told(*one) for one in facts])
            repeated: dict[int, int] = {}
            for (_, fact), rows in zip(facts, told, strict=True):
                if rows and rows[0][0] != fact.webhook_id:  # none: erased since it was claimed
                    repeated[fact.webhook_id] = rows[0][0]
                    seen_again(tx, rows[0][0], fact.channel)
            conversations = dict.fromkeys(conversation_id for conversation_id, _ in facts)
            return knowledge_of(tx, conversations), repeated

        return await self._driver.write(add)

    async def knowledge(self, conversation_ids: Sequence[str]) -> dict[str, Knowledge]:
        """All that is known of these conversations."""
        return await self._driver.read(lambda tx: knowledge_of(tx, dict.fromkeys(conversation_ids)))

    async def resolve(self, resolutions: Sequence[Resolution]) -> tuple[int, list[str]]:
        """Queue deliveries and settle their webhooks, each resolution in one piece.

        Returns:
            How many deliveries were queued, and the conversations whose facts have changed
            since they were read (nothing was done for those).
        """

        def apply(tx: Tx) -> tuple[int, list[str]]:
            conversations = [
                one.conversation_id for one in resolutions if one.conversation_id is not None
            ]
            tx.keep(conversations)
            stale = _changed(tx, resolutions)
            fresh = [one for one in resolutions if one.conversation_id not in stale]
            for message_id in (one for resolution in fresh for one in resolution.withdrawn):
                for row in tx.run("withdraw", message_id=message_id):
                    tx.change("drop_content", id=row[0])
            queued = _add_deliveries(tx, [new for one in fresh for new in one.deliveries])
            updates = [plain(update) for one in fresh for update in one.updates]
            tx.change_each("settle_webhook", updates)
            return sum(queued), stale

        return await self._driver.write(apply)

    async def settle_merges(
        self, merges: Sequence[tuple[WebhookUpdate, tuple[NewDelivery, ...]]], repeated: str
    ) -> int:
        """Settle webhooks that told of merges, and queue their alias calls; how many were new.

        A webhook that told what another one had told before is skipped; `repeated` says why.
        """

        def apply(tx: Tx) -> int:
            queued = 0
            for update, news in merges:
                added = sum(_add_deliveries(tx, news))
                queued += added
                again = news and not added
                settled = _told_again(tx, update, news[0], repeated) if again else update
                tx.change("settle_webhook", **plain(settled))
            return queued

        return await self._driver.write(apply)

    async def enqueue(self, new: NewDelivery) -> bool:
        """Queue one delivery that no webhook asked for; False when its messageId is known."""
        return bool(await self._driver.write(lambda tx: _add_delivery(tx, new)))

    async def enqueue_each(self, news: Sequence[NewDelivery]) -> list[bool]:
        """Queue each of these; False for those whose messageId is known."""

        def add(tx: Tx) -> list[bool]:
            return _add_deliveries(tx, news)

        return await self._driver.write(add)

    async def claim(
        self,
        limit: int,
        lease: Lease,
        now: float,
        *,
        after: Sequence[Settlement] = (),
        source: str = "",
    ) -> list[Claimed]:
        """Lease a source's deliveries that are due, oldest first; settle `after` with it."""

        def claim(tx: Tx) -> list[Row]:
            _settle(tx, after, lease.owner)
            terms = {"owner": lease.owner, "lease_until": lease.until, "now": now}
            return tx.run("claim", limit=limit, source=source, **terms)

        rows = await self._driver.write(claim, simple=not after)
        claimed = [
            Claimed(id=row[0], message_id=row[1], payload=row[2], tries=row[3], queued_at=row[4])
            for row in rows
        ]
        return sorted(claimed, key=lambda delivery: delivery.id)

    async def next_due_delivery(self, source: str = "") -> float | None:
        """When the next delivery of a source is due."""
        rows = await self._driver.read(lambda tx: tx.run("next_due_delivery", source=source))
        return rows[0][0] if rows else None

    async def settle(self, results: Sequence[Settlement], owner: str) -> int:
        """Write outcomes and their attempts; rows whose lease was lost stay as they are."""
        return await self._driver.write(lambda tx: _settle(tx, results, owner))

    async def confirm(self, message_ids: Sequence[str], now: float) -> int:
        """Note that Segment sent these messages back to us; how many are confirmed by that.

        One that is being sent is confirmed when its attempt is settled, whatever that came to.
        One that was never sent, or not since it was put back, is left alone: what came back is
        older. So is a discarded one, which a person decided on.
        """
        wanted = json.dumps([storable(one) for one in message_ids])

        def confirm(tx: Tx) -> int:
            tx.change("note_echo", message_ids=wanted, now=now)
            return tx.change("confirm", message_ids=wanted, now=now)

        return await self._driver.write(confirm)

    async def release(
        self, ids: Sequence[int], owner: str, now: float, *, ambiguous: bool = False
    ) -> None:
        """Give leased deliveries back untried."""
        since = now if ambiguous else None

        def release(tx: Tx) -> None:
            for one in ids:
                tx.change("release", id=one, owner=owner, now=now, ambiguous_since=since)

        await self._driver.write(release)

    async def reap(self, now: float, before: float) -> int:
        """Give back deliveries whose lease ran out before `before`."""
        latest = now + LONGEST_WAIT
        return await self._driver.write(
            lambda tx: tx.change("reap", now=now, before=before, latest=latest)
        )

    async def clamp(self, now: float) -> int:
        """Make due what waits longer than anything ever does: the clock was set back."""

        def clamp(tx: Tx) -> int:
            terms = {"now": now, "latest": now + LONGEST_WAIT}
            return tx.change("clamp_deliveries", **terms) + tx.change("clamp_webhooks", **terms)

        return await self._driver.write(clamp)

    async def hasten(self, now: float, limit: int, source: str = "") -> int:
        """Make deliveries of a source due that wait for a later try."""
        terms = {"now": now, "limit": limit, "source": source}
        return await self._driver.write(lambda tx: tx.change("hasten", **terms))

    async def requeue(self, ids: Sequence[int], now: float, reason: str) -> int:
        """Put deliveries back to pending under the same messageId; how many could be."""

        def requeue(tx: Tx) -> int:
            return sum(tx.change("requeue", id=one, now=now, reason=reason) for one in ids)

        return await self._driver.write(requeue)

    async def discard(self, ids: Sequence[int], reason: str) -> int:
        """Decide that deliveries are not to be sent; how many were still to be."""

        def discard(tx: Tx) -> int:
            return sum(tx.change("discard", id=one, reason=reason) for one in ids)

        return await self._driver.write(discard)

    async def set_meta(self, name: str, value: str) -> None:
        """Remember a value."""
        await self._driver.write(lambda tx: tx.change("set_meta", name=name, value=value))


def _told(conversation_id: str, fact: ConversationFact) -> dict[str, object]:
    return {
        "conversation_id": conversation_id,
        "occurred_ms": fact.occurred_ns // NS_PER_MS,
        "occurred_ns": fact.occurred_ns,
        "kind": fact.kind.value,
        "customer_id": fact.customer_id,
        "agent_id": fact.agent_id,
        "webhook_id": fact.webhook_id,
        "received_at": fact.received_at,
        "channel": fact.channel.value,
    }


def _changed(tx: Tx, resolutions: Sequence[Resolution]) -> list[str]:
    """The conversations whose facts are not those that the decision was made on."""
    asked = [
        (one.conversation_id, one.seen) for one in resolutions if one.conversation_id is not None
    ]
    found = tx.run_each("fact_versions", [{"conversation_id": one} for one, _ in asked])
    pairs = zip(asked, found, strict=True)
    return [one for (one, seen), rows in pairs if seen != fact_version(rows)]


def _add_delivery(tx: Tx, new: NewDelivery) -> int:
    return sum(_add_deliveries(tx, [new]))


def _add_deliveries(tx: Tx, news: Sequence[NewDelivery]) -> list[bool]:
    """Queue each of these; False for those whose messageId is known."""
    rows = [plain(new) for new in news]
    contents = [
        {name: row.pop(name) for name in ("search", "looked_up", "payload")} for row in rows
    ]
    found = tx.run_each("add_delivery", rows)
    tx.change_each(
        "add_content",
        [
            {"id": added[0][0], **content, **msgspec.structs.asdict(words_of(new))}
            for new, content, added in zip(news, contents, found, strict=True)
            if added
        ],
    )
    return [bool(added) for added in found]


def _told_again(tx: Tx, update: WebhookUpdate, new: NewDelivery, repeated: str) -> WebhookUpdate:
    """What is noted on a webhook whose call was queued for another one."""
    rows = tx.run("webhook_of_message", message_id=new.message_id)
    if not rows or rows[0][0] == update.id:  # none: erased meanwhile
        return update
    first = rows[0][0]
    seen_again(tx, first, new.channel)
    # Retention may have removed the first one.
    if [row[0] for row in tx.run("channel_of", id=first)] == [Channel.BOTH]:
        tx.change("set_channel", id=update.id, channel=Channel.BOTH.value)
    return msgspec.structs.replace(update, status=WebhookStatus.SKIPPED, reason=repeated)


def _settle(tx: Tx, results: Sequence[Settlement], owner: str) -> int:
    settled = 0
    for result in results:
        parameters = _settlement(result, owner)
        tx.change("add_attempts", **parameters)
        settled += tx.change("settle_deliveries", **parameters)
    return settled


def _settlement(result: Settlement, owner: str) -> dict[str, object]:
    parameters = plain(result)
    parameters["ids"] = json.dumps(parameters.pop("delivery_ids"))
    parameters["owner"] = owner
    ambiguous = parameters.pop("ambiguous")
    parameters["ambiguous_since"] = result.started_at if ambiguous else None
    return parameters
