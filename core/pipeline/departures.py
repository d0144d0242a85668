"""Parts with people whom Gladly deleted: one after the other, each as often as it takes."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from core.errors import StoreError, Unmappable
from core.gladly.payloads import NO_CUSTOMER, parse_webhook
from core.mapping.bare import bare
from core.model import Channel, WebhookStatus
from core.pipeline.facts import OUR_MISTAKE
from core.store import departure
from core.store.base import Resolution, WebhookUpdate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from core.model import Webhook
    from core.store.departure import Traces
    from core.store.sql_store import SqlStore

log = logging.getLogger(__name__)

#: customers looked for at once
BATCH: Final = departure.PEOPLE
SCRUB_AGAIN_SECONDS: Final = 60.0
#: seconds until the next look, by how many there were
WAITS: Final = (1.0, 2.0, 5.0, 15.0, 60.0, 300.0, 1800.0)
TEST_ONLY: Final = "A test event says that somebody was deleted: it erases nobody's data."
AGAIN: Final = "Deleted in Gladly: an event was put back to pending, it goes with the ids only."
UNKNOWN: Final = "Deleted in Gladly: nothing of this person was here."


class Departures:
    """Takes webhooks that tell of a deleted customer, and erases the person here.

    What is still to be sent goes with the ids only, and the webhook waits until it has gone.

    Args:
        store: Inbox and outbox.
        forget: Called with every id of the person before anything else is done.
        clock: Epoch seconds; the store's own clock, unless a test has another.
    """

    def __init__(
        self,
        store: SqlStore,
        forget: Callable[[str], None],
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._store = store
        self._forget = forget
        self._clock = clock or store.clock
        self._pending: list[Webhook] = []
        self._in_hand: set[int] = set()
        self._working = False
        self._scrub_at = 0.0

    def put(self, webhooks: Iterable[Webhook]) -> bool:
        """Take webhooks; whether `work` has to be called, because nobody is at it.

        Those in hand already were claimed again because their lease ended: once is enough.
        """
        new = [one for one in webhooks if one.id not in self._in_hand]
        self._in_hand.update(one.id for one in new)
        self._pending.extend(new)
        return bool(self._pending) and not self._working

    async def work(self) -> None:
        """Look at all that was put, and at what is put meanwhile.

        Raises:
            StoreError: It could not be written; what was put has to be claimed again.
        """
        self._working = True
        try:
            while self._pending:
                some, self._pending = self._pending[:BATCH], self._pending[BATCH:]
                await self._look_at(some)
                self._in_hand.difference_update(one.id for one in some)
                self._scrub_at = 0.0
                await self._scrub()
        finally:
            self._pending.clear()
            self._in_hand.clear()
            self._working = False

    async def scrub(self) -> None:
        """Do now what a crash, or somebody who was reading, kept from being done."""
        if not self._working and self._clock() >= self._scrub_at:
            await self._scrub()

    async def _scrub(self) -> None:
        self._scrub_at = float("inf")
        try:
            await departure.scrub(self._store)
        except StoreError:  # the store keeps in mind that it is due
            self._scrub_at = self._clock() + SCRUB_AGAIN_SECONDS

    async def _look_at(self, webhooks: Sequence[Webhook]) -> None:
        """Look for all their customers at once; one by one if that fails."""
        named = [one for one in webhooks if await self._names_somebody(one)]
        try:
            found = await self._trace(named)
        except StoreError:
            raise
        except Exception:
            log.exception("deleted customers could not be looked for together")
            found = {}
        for webhook in named:
            await self._safely_part(webhook, found)

    async def _names_somebody(self, webhook: Webhook) -> bool:
        if not webhook.customer_id:
            await self._say(webhook, WebhookStatus.UNMAPPABLE, NO_CUSTOMER)
            return False
        if webhook.channel is Channel.TEST:
            await self._say(webhook, WebhookStatus.SKIPPED, TEST_ONLY)
            return False
        return True

    async def _trace(self, webhooks: Sequence[Webhook]) -> dict[str, Traces]:
        ids = list(dict.fromkeys(one.customer_id for one in webhooks if one.customer_id))
        for one in ids:
            self._forget(one)
        return await departure.trace(self._store, ids, read_merge) if ids else {}

    async def _safely_part(self, webhook: Webhook, found: Mapping[str, Traces]) -> None:
        try:
            traces = found.get(webhook.customer_id or "")
            if traces is None:
                traces = (await self._trace([webhook]))[webhook.customer_id or ""]
            await self._part(webhook, traces)
        except StoreError:
            raise
        except Exception:
            # One that we mishandle must not hold up the others.
            log.exception("a deleted customer was mishandled", extra={"webhook": webhook.id})
            await self._wait(webhook, OUR_MISTAKE)

    async def _part(self, webhook: Webhook, traces: Traces) -> None:
        for one in traces.people:
            self._forget(one)
        await departure.strip(self._store, traces, bare)
        if not traces.over:
            await self._wait(webhook, _left(traces))
        elif not await departure.part(self._store, traces, webhook.id, _told(traces)):
            await self._wait(webhook, AGAIN)

    async def _wait(self, webhook: Webhook, reason: str) -> None:
        wait = WAITS[min(webhook.attempts, len(WAITS) - 1)]
        due_at = self._clock() + wait
        await self._say(webhook, WebhookStatus.WAITING, reason, due_at)

    async def _say(
        self, webhook: Webhook, status: WebhookStatus, reason: str, due_at: float | None = None
    ) -> None:
        update = WebhookUpdate(
            id=webhook.id,
            status=status,
            reason=reason,
            attempts=webhook.attempts + 1,
            due_at=due_at,
        )
        await self._store.resolve([Resolution(conversation_id=None, seen=(), updates=(update,))])


def read_merge(body: bytes) -> tuple[str, str] | None:
    """Which customer became which, if that is what a webhook's body tells."""
    try:
        view = parse_webhook(body)
    except Unmappable:
        return None
    return (view.merged_id, view.merged_into_id) if view.merged_id and view.merged_into_id else None


def _told(traces: Traces) -> str:
    webhooks, deliveries = len(traces.webhooks) + len(traces.merges), len(traces.deliveries)
    if not webhooks + deliveries:
        return UNKNOWN
    return (
        "Deleted in Gladly: this person's data was erased here "
        f"({_count(webhooks, 'webhook', 'webhooks')}, "
        f"{_count(deliveries, 'delivery', 'deliveries')})."
    )


def _left(traces: Traces) -> str:
    """Why it is not over yet."""
    if traces.under_way or traces.unsettled:
        number = _count(traces.under_way + traces.unsettled, "event", "events")
        return f"Deleted in Gladly: the ids stay until {number} went out with them alone."
    number = _count(traces.dead, "event", "events")
    return (
        f"Deleted in Gladly: the ids stay with {number} that Segment did not take: "
        "replay or discard it under Needs attention."
    )


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
