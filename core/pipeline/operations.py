"""What a person may ask of the store: replay, discard, erase; counted and explained first."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import msgspec

from core.errors import OperationError
from core.model import DeliveryStatus, NewDelivery
from core.pipeline.retry import DAY
from core.store import upkeep
from core.store.base import Filter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from core.model import Delivery
    from core.store.base import Erased
    from core.store.sql_store import SqlStore

PAGE = 500
ID_LIMIT = 100
REPLAYABLE = (
    DeliveryStatus.DEAD,
    DeliveryStatus.ACCEPTED,
    DeliveryStatus.CONFIRMED,
    DeliveryStatus.DISCARDED,
)


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """Which deliveries are meant: by id, or by status and time of arrival (epoch seconds)."""

    ids: tuple[int, ...] = ()
    statuses: tuple[DeliveryStatus, ...] = ()
    since: float | None = None
    until: float | None = None


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay would do.

    `dropped` were accepted within 24 hours: Segment drops them by their messageId. `again` were
    accepted before that: Segment counts them twice. `fresh` were never accepted. `impossible`
    are under way already, or their payload is gone.
    """

    fresh: int = 0
    dropped: int = 0
    again: int = 0
    impossible: int = 0

    @property
    def possible(self) -> int:
        """How many can be put back."""
        return self.fresh + self.dropped + self.again

    def sentences(self, *, new_id: bool) -> list[str]:
        """The effect in words, one sentence a line."""
        lines = [f"{self.possible} {_deliveries(self.possible)} can be put back to pending."]
        known = self.dropped + self.again
        if self.fresh:
            lines.append(f"Never accepted by Segment: {self.fresh}. Counted once.")
        if new_id and known:
            lines.append(
                f"Accepted before: {known}. With a new messageId Segment counts them twice."
            )
        elif self.dropped:
            lines.append(
                f"Accepted within 24 hours: {self.dropped}. Segment drops them by their messageId, "
                "so nothing changes there (--new-id sends them as new events)."
            )
        if self.again and not new_id:
            lines.append(
                f"Accepted more than 24 hours ago: {self.again}. Segment no longer knows their "
                "messageId and counts them twice."
            )
        if self.impossible:
            lines.append(
                f"Left alone: {self.impossible}. Under way already, or removed by retention."
            )
        return lines


class Operations:
    """Replay, discard and erase over a store that can be written.

    Args:
        store: The store.
        clock: Epoch seconds.
        wake: Called when something was put back to pending.
        forget: Called with the id of a customer who is being erased.
    """

    def __init__(
        self,
        store: SqlStore,
        *,
        clock: Callable[[], float] = time.time,
        wake: Callable[[], None] = lambda: None,
        forget: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._forget = forget
        self._store = store
        self._clock = clock
        self._wake = wake

    async def preview(self, selection: Selection) -> Effect:
        """What a replay of the selection would do, without doing it."""
        counts = dict.fromkeys(("fresh", "dropped", "again", "impossible"), 0)
        async for page in self._pages(selection):
            for delivery in page:
                counts[await self._effect(delivery)] += 1
        return Effect(**counts)

    async def replay(self, selection: Selection, *, new_id: bool = False) -> int:
        """Put the selection back to pending; how many were.

        With `new_id` those that Segment took before are queued once more under a new messageId,
        and the rows they came from stay as they are.
        """
        done = 0
        async for page in self._pages(selection):
            over = [one for one in page if one.status in REPLAYABLE]
            again = [one.id for one in over if new_id and one.accepted_at is not None]
            same = [one.id for one in over if one.id not in again]
            reason = "Put back to pending by hand."
            done += await self._store.requeue(same, self._clock(), reason)
            for one in again:
                done += await self._copy(one)
        if done:
            self._wake()
        return done

    async def discard(self, selection: Selection) -> int:
        """Decide that the selection is not to be sent; how many were still to be."""
        done = 0
        async for page in self._pages(selection):
            done += await self._store.discard([one.id for one in page], "Discarded by hand.")
        return done

    async def erase(self, customer_id: str) -> Erased:
        """Remove a person's data from the store.

        Raises:
            OperationError: No customer is named.
        """
        if not customer_id.strip():
            raise OperationError("No customer is named.", "Give the customer's id in Gladly.")
        self._forget(customer_id)
        return await upkeep.erase(self._store, customer_id)

    async def _pages(self, selection: Selection) -> AsyncIterator[list[Delivery]]:
        if selection.ids:
            yield await self._named(selection.ids)
            return
        wanted = Filter(statuses=selection.statuses, since=selection.since, until=selection.until)
        before: int | None = None
        while True:
            # Newest first by id: what is put back meanwhile cannot come round again.
            page = await self._store.page(wanted, before, PAGE)
            if page.rows:
                yield list(page.rows)
            if (before := page.before) is None:
                return

    async def _named(self, ids: tuple[int, ...]) -> list[Delivery]:
        """The deliveries of these ids; all of them, before anything is done to one."""
        deliveries = []
        for one in dict.fromkeys(ids):
            detail = await self._store.delivery(one)
            if detail is None:
                raise OperationError(
                    f"There is no delivery d{one}.", "See `gladly-source events` for ids."
                )
            deliveries.append(detail.delivery)
        return deliveries

    async def _effect(self, delivery: Delivery) -> str:
        if delivery.status not in REPLAYABLE:
            return "impossible"
        if await self._store.replayable(delivery.id) is None:
            return "impossible"
        if delivery.accepted_at is None:
            return "fresh"
        return "dropped" if self._clock() - delivery.accepted_at < DAY else "again"

    async def _copy(self, one: int) -> int:
        original = await self._store.replayable(one)
        if original is None:
            return 0
        for number in range(1, ID_LIMIT + 1):
            if await self._store.enqueue(_renamed(original, number, self._clock())):
                return 1
        raise OperationError(f"The delivery d{one} was sent again {ID_LIMIT} times already.")


def _renamed(original: NewDelivery, number: int, now: float) -> NewDelivery:
    message_id = f"{original.message_id.split('-r')[0]}-r{number}"
    message = msgspec.json.decode(original.payload)
    message["messageId"] = message_id
    return msgspec.structs.replace(
        original,
        message_id=message_id,
        payload=_ascii(message),
        created_at=now,
        reason="Sent again by hand under a new messageId.",
    )


def _ascii(message: object) -> bytes:
    """JSON as the library writes it, so that its length is the length on the wire."""
    return json.dumps(message).encode("ascii")


def _deliveries(count: int) -> str:
    return "delivery" if count == 1 else "deliveries"
