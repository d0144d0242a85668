"""All that can be read from a store, by a viewer as well as by the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.model import (
    Counts,
    DeliveryDetail,
    DeliveryStatus,
    NewDelivery,
    Webhook,
    WebhookStatus,
)
from core.store.activity import activity
from core.store.base import (
    Accepted,
    Activity,
    Arrivals,
    Filter,
    Page,
    Span,
    WebhookFilter,
    WebhookPage,
)
from core.store.engines import Engines
from core.store.ledger import Ledger
from core.store.pages import DELIVERY_BY_ID, DELIVERY_COLUMNS, effect_sql, webhook_page_sql
from core.store.parts import ACCEPTED_CODE, NAMES
from core.store.reconciliation import pruned_before, sums
from core.store.rows import attempt_of, delivery_of, replayable_of, webhook_of
from core.store.spans import span
from core.store.ways import Ways
from core.store.words import storable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.model import Delivery
    from core.store.base import Driver, Row, Tx
    from core.store.reconciliation import Question
    from core.sums import Sums

WEBHOOKS_SHOWN = 50
#: of accepted and confirmed rows, one is counted if there are fewer of it
FEW = 20_000
#: rows between two anchors of a span
STEP = 512


class StoreView:
    """Reads webhooks, deliveries and figures over one driver; changes nothing."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._ways = Ways(driver)
        self.ledger = Ledger(driver)
        self.engines = Engines(driver)

    @property
    def driver(self) -> Driver:
        """What runs the statements; for the operations in `core.store.upkeep`."""
        return self._driver

    @property
    def ids_in_order(self) -> bool:
        """Whether a row always has a larger id than those committed before it."""
        return self._driver.ids_in_order

    async def version(self) -> int:
        """A number that changes whenever anything in the store was changed; takes microseconds."""
        return await self._driver.version()

    async def page(self, wanted: Filter, before: int | None, limit: int) -> Page:
        """Deliveries that pass the filter, newest first, older than `before`."""

        def read(tx: Tx) -> list[Row]:
            way = self._ways.find(tx, wanted, below=before is not None)
            bound = "" if before is None else "< :before"
            text = way.select(DELIVERY_COLUMNS, bound, order="DESC", tail="LIMIT :limit")
            return tx.sql(text, {**way.parameters, "before": before, "limit": limit})

        deliveries = tuple(delivery_of(row) for row in await self._driver.read(read))
        return Page(rows=deliveries, before=deliveries[-1].id if len(deliveries) == limit else None)

    async def span(self, wanted: Filter, step: int = STEP) -> Span:
        """How many deliveries pass the filter, and which stand at every `step`-th position."""
        return await self._driver.read(lambda tx: span(tx, self._ways.find(tx, wanted), step))

    async def rows_from(self, wanted: Filter, first: int, limit: int) -> tuple[Delivery, ...]:
        """Deliveries that pass the filter, oldest first, from the id `first` on."""

        def read(tx: Tx) -> list[Row]:
            way = self._ways.find(tx, wanted)
            text = way.select(DELIVERY_COLUMNS, ">= :first", tail="LIMIT :limit")
            begin = max(first, way.first)
            return tx.sql(text, {**way.parameters, "first": begin, "limit": limit})

        return tuple(delivery_of(row) for row in await self._driver.read(read))

    async def newer(self, wanted: Filter, after: int, limit: int) -> tuple[Delivery, ...]:
        """Deliveries that pass the filter, oldest first, newer than the id `after`.

        Unless `ids_in_order`, a row may yet appear below one that was read.
        """
        return await self.rows_from(wanted, after + 1, limit)

    async def deliveries_by_id(self, ids: Sequence[int]) -> list[Delivery]:
        """Those of these deliveries that there are, in the order of the ids given."""
        rows = {one.id: one for one in await self.rows_from(Filter(ids=tuple(ids)), 0, len(ids))}
        return [rows[one] for one in ids if one in rows]

    async def known_events(self) -> list[str]:
        """The names of all events there are, in the order of the alphabet."""
        rows = await self._driver.read(lambda tx: tx.run("known_events", limit=NAMES))
        return [row[0] for row in rows]

    async def known_codes(self) -> list[str]:
        """The codes that last attempts may have ended with, in the order of the alphabet."""
        rows = await self._driver.read(lambda tx: tx.run("known_codes", limit=NAMES))
        return sorted([ACCEPTED_CODE, *(row[0] for row in rows)])

    async def further_sources(self) -> list[str]:
        """The aliases of further sources for which deliveries wait."""

        def find(tx: Tx) -> list[str]:
            found = [""]
            while (one := tx.run("next_source", after=found[-1])[0][0]) is not None:
                found.append(one)
            return found[1:]

        return await self._driver.read(find)

    async def activity(self, since: float, until: float, buckets: int) -> Activity:
        """What happened in equal parts of the time from `since` until `until`."""
        return await self._driver.read(lambda tx: activity(tx, since, until, buckets))

    async def sums(self, asked: Question) -> Sums:
        """What was seen and what became of it by day, and whether it adds up; takes seconds."""
        return await self._driver.read(lambda tx: sums(tx, asked))

    async def accepted_by_hour(self, since: float, until: float, *, edge: float) -> list[Accepted]:
        """How many of each event the main source accepted in each hour; `edge` is in seconds."""
        rows = await self._driver.read(
            lambda tx: tx.run("accepted_by_hour", since=since, until=until, edge=edge)
        )
        return [
            Accepted(event=row[0], hour=row[1] * 3600, count=row[2], early=row[3], late=row[4])
            for row in rows
        ]

    async def webhook_ids(self) -> tuple[int, int]:
        """The first and the last id of the inbox; 0 while it is empty."""
        first, last = (await self._driver.read(lambda tx: tx.run("webhook_ids")))[0]
        return first or 0, last or 0

    async def settled_webhooks(self) -> int:
        """The inbox id up to which nothing new appears; rows beyond it may be there already.

        Where several engines write, a lower id may be committed after a higher one.
        """
        return await self._driver.settled("webhook")

    async def arrivals(self, after: int, until: int) -> list[Arrivals]:
        """What opened and closed conversations, of these rows, without tests and imports.

        What is dated later than it was received counts as of then.

        Args:
            after: The id before the first row.
            until: The id of the last row.
        """
        rows = await self._driver.read(lambda tx: tx.run("arrivals", after=after, until=until))
        return [
            Arrivals(kind=row[0], quarter=row[1], count=row[2], last=row[3], received_at=row[4])
            for row in rows
        ]

    async def pruned_before(self) -> float:
        """Before which time retention removed rows (epoch seconds); 0 when it did not."""
        return await self._driver.read(pruned_before)

    async def webhook_page(
        self, wanted: WebhookFilter, before: int | None, limit: int
    ) -> WebhookPage:
        """Webhooks that pass the filter, newest first, older than `before`."""
        text, parameters = webhook_page_sql(wanted, before, limit)
        rows = await self._driver.read(lambda tx: tx.sql(text, parameters))
        webhooks = tuple(webhook_of(row) for row in rows)
        return WebhookPage(
            rows=webhooks, before=webhooks[-1].id if len(webhooks) == limit else None
        )

    async def delivery(self, one: int) -> DeliveryDetail | None:
        """One delivery in full."""

        def read(tx: Tx) -> DeliveryDetail | None:
            rows = tx.sql(DELIVERY_BY_ID, {"id": one})
            if not rows:
                return None
            delivery = delivery_of(rows[0])
            payload, looked_up = tx.run("delivery_content", id=one)[0]
            webhooks = tx.run(
                "webhooks_shown_with",
                webhook_id=delivery.webhook_id,
                conversation_id=delivery.conversation_id,
                limit=WEBHOOKS_SHOWN,
            )
            return DeliveryDetail(
                delivery=delivery,
                payload=payload,
                looked_up=looked_up,
                webhooks=tuple(webhook_of(row) for row in webhooks),
                attempts=tuple(attempt_of(row) for row in tx.run("attempts", id=one)),
            )

        return await self._driver.read(read)

    async def webhook(self, one: int) -> tuple[Webhook, list[int]] | None:
        """One webhook with the ids of the deliveries it led to."""

        def read(tx: Tx) -> tuple[Webhook, list[int]] | None:
            rows = tx.run("webhook", id=one)
            if not rows:
                return None
            webhook = webhook_of(rows[0])
            ids = tx.run(
                "deliveries_of_webhook",
                conversation_id=webhook.conversation_id,
                webhook_id=one,
            )
            return webhook, [row[0] for row in ids]

        return await self._driver.read(read)

    async def find(self, text: str) -> tuple[str, int] | None:
        """The row that a messageId or one of Gladly's event ids names: (table, id)."""
        name = storable(text)

        def read(tx: Tx) -> tuple[str, int] | None:
            if rows := tx.run("delivery_id_by_message", message_id=name):
                return "delivery", rows[0][0]
            if rows := tx.run("webhook_by_key", dedupe_key=name):
                return "webhook", rows[0][0]
            return None

        return await self._driver.read(read)

    async def counts(self) -> Counts:
        """Rows per status, and when the oldest delivery under way was created."""

        def read(tx: Tx) -> Counts:
            oldest = tx.run("oldest_under_way")
            return Counts(
                webhooks=_counted(tx, "webhooks", WebhookStatus.RESOLVED),
                deliveries=_over_counted(tx, _counted(tx, "deliveries", DeliveryStatus.ACCEPTED)),
                oldest_pending_at=oldest[0][0] if oldest else None,
            )

        return await self._driver.read(read)

    async def replayables(self, ids: Sequence[int]) -> list[NewDelivery]:
        """Those of these deliveries that could be queued once more."""

        def read(tx: Tx) -> list[NewDelivery]:
            return [
                replayable_of(row) for one in ids for row in tx.run("delivery_for_replay", id=one)
            ]

        return await self._driver.read(read)

    async def effect(
        self, wanted: Filter, over: Sequence[DeliveryStatus], since: float
    ) -> tuple[int, int, int, int]:
        """What a replay would do with all that pass the filter.

        Args:
            wanted: The filter.
            over: What may be put back.
            since: When Segment began to remember messageIds.

        Returns:
            How many were never accepted, accepted after `since`, accepted before; and how many
            cannot be put back, for where they stand or for want of a payload.
        """

        def read(tx: Tx) -> Row:
            way = self._ways.find(tx, wanted)
            names = {f"over{number}": str(one) for number, one in enumerate(over)}
            return tx.sql(effect_sql(way, over), {**way.parameters, **names, "since": since})[0]

        rows, fresh, dropped, again = await self._driver.read(read)
        return fresh, dropped, again, rows - fresh - dropped - again

    async def get_meta(self, name: str) -> str | None:
        """A remembered value, such as a cursor."""
        rows = await self._driver.read(lambda tx: tx.run("get_meta", name=name))
        return str(rows[0][0]) if rows else None


def _over_counted(tx: Tx, rows: dict[str, int]) -> dict[str, int]:
    """Tell confirmed from accepted: one of the two is mostly few, and the other is the rest."""
    accepted, confirmed = DeliveryStatus.ACCEPTED, DeliveryStatus.CONFIRMED
    both = rows.pop(accepted, 0)
    few = accepted if _up_to(tx, confirmed, FEW) == FEW > _up_to(tx, accepted, FEW) else confirmed
    found = _up_to(tx, few, both)
    told = {few: found, (accepted if few is confirmed else confirmed): both - found}
    return rows | {str(status): count for status, count in told.items() if count}


def _up_to(tx: Tx, status: DeliveryStatus, limit: int) -> int:
    return int(tx.run("count_up_to", status=status.value, limit=limit)[0][0])


def _counted(tx: Tx, table: str, usual: str) -> dict[str, int]:
    """Rows per status; those of the usual one are what is left of all, which is soon counted."""
    rows = {row[0]: row[1] for row in tx.run(f"count_{table}")}
    left = tx.run(f"all_{table}")[0][0] - sum(rows.values())
    return rows | {str(usual): left} if left else rows
