"""What a person may ask of the store: replay, discard, erase; counted and explained first."""

from __future__ import annotations

import heapq
import json
from typing import TYPE_CHECKING, Protocol

import msgspec

from core.errors import OperationError
from core.model import DeliveryStatus, NewDelivery
from core.pipeline.departures import read_merge
from core.pipeline.retry import DAY
from core.store import departure, upkeep
from core.store.base import Filter, Page

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from core.store.base import Erased
    from core.store.sql_store import SqlStore

#: rows a step, so that other writes wait for some milliseconds only; copies take longer
PAGE = 250
COPIES = 50
ID_LIMIT = 100
REPLAYABLE = (
    DeliveryStatus.DEAD,
    DeliveryStatus.ACCEPTED,
    DeliveryStatus.CONFIRMED,
    DeliveryStatus.DISCARDED,
)
DISCARDABLE = (DeliveryStatus.PENDING, DeliveryStatus.RETRYING, DeliveryStatus.DEAD)


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """Which deliveries are meant: by id, or all that pass a filter.

    `statuses`, `since` and `until` are a short way to say a filter, where `wanted` is None.
    """

    ids: tuple[int, ...] = ()
    statuses: tuple[DeliveryStatus, ...] = ()
    since: float | None = None
    until: float | None = None
    wanted: Filter | None = None

    @property
    def filter(self) -> Filter:
        """The filter that says which; ids go before everything else."""
        if self.ids:
            return Filter(ids=self.ids)
        if self.wanted is not None:
            return self.wanted
        return Filter(statuses=self.statuses, since=self.since, until=self.until)


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """How far an operation has come: rows looked at, rows changed, and where it goes on.

    `before` is None at the end.
    """

    seen: int = 0
    done: int = 0
    before: int | None = None


class Watch(Protocol):
    """Is told the sums after each page; False ends the operation there."""

    def __call__(self, step: Step, /) -> object:
        """Hear how far it has come."""


def unwatched(_: Step, /) -> None:
    """Nobody looks on."""


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
        clock: Epoch seconds; the store's own clock, unless a test has another.
        wake: Called when something was put back to pending.
        forget: Called with the id of a customer who is being erased.
    """

    def __init__(
        self,
        store: SqlStore,
        *,
        clock: Callable[[], float] | None = None,
        wake: Callable[[], None] = lambda: None,
        forget: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._forget = forget
        self._store = store
        self._clock = clock or store.clock
        self._wake = wake

    async def preview(self, selection: Selection) -> Effect:
        """What a replay of the selection would do, without doing it."""
        wanted = await self._wanted(selection)
        fresh, dropped, again, impossible = await self._store.effect(
            wanted, REPLAYABLE, self._clock() - DAY
        )
        return Effect(fresh=fresh, dropped=dropped, again=again, impossible=impossible)

    async def replay(
        self,
        selection: Selection,
        *,
        new_id: bool = False,
        progress: Watch = unwatched,
    ) -> int:
        """Put the selection back to pending; how many were.

        With `new_id` those that Segment took before are queued once more under a new messageId,
        and the rows they came from stay as they are. Cancelled, it ends after a page; what was
        put back by then stays so.
        """

        async def step(before: int | None) -> Step:
            return await self.replay_step(selection, before, new_id=new_id)

        return await through(step, progress)

    async def discard(self, selection: Selection, *, progress: Watch = unwatched) -> int:
        """Decide that the selection is not to be sent; how many were still to be."""

        async def step(before: int | None) -> Step:
            return await self.discard_step(selection, before)

        return await through(step, progress)

    async def replay_step(
        self, selection: Selection, before: int | None, *, new_id: bool = False
    ) -> Step:
        """Replay one page of the selection, newest first, older than `before`."""
        page = await self._page(selection, before)
        over = [one for one in page.rows if one.status in REPLAYABLE]
        again = [one.id for one in over if new_id and one.accepted_at is not None]
        same = [one.id for one in over if not (new_id and one.accepted_at is not None)]
        done = await self._store.requeue(same, self._clock(), "Put back to pending by hand.")
        done += await self._copy(again)
        if done:
            self._wake()
        return Step(seen=len(page.rows), done=done, before=page.before)

    async def discard_step(self, selection: Selection, before: int | None) -> Step:
        """Discard one page of the selection, newest first, older than `before`."""
        page = await self._page(selection, before)
        done = await self._store.discard([one.id for one in page.rows], "Discarded by hand.")
        return Step(seen=len(page.rows), done=done, before=page.before)

    async def erase(self, customer_id: str) -> Erased:
        """Remove a person's data from the store, also of those merged into them.

        Raises:
            OperationError: No customer is named.
        """
        if not customer_id.strip():
            raise OperationError("No customer is named.", "Give the customer's id in Gladly.")
        found = await departure.trace(self._store, [customer_id], read_merge)
        # Whoever was merged last goes first: what leads to them is there as long as they are.
        people = found[customer_id].people[::-1]
        for one in people:
            self._forget(one)
        return await upkeep.erase(self._store, *people)

    async def _page(self, selection: Selection, before: int | None) -> Page:
        # Newest first by id: what is put back meanwhile cannot come round again.
        wanted = selection.filter if before is not None else await self._wanted(selection)
        if not selection.ids:
            return await self._store.page(wanted, before, PAGE)
        left = {one for one in selection.ids if before is None or one < before}
        chosen = heapq.nlargest(PAGE, left)
        rows = await self._store.deliveries_by_id(chosen)
        return Page(rows=tuple(rows), before=chosen[-1] if len(left) > PAGE else None)

    async def _wanted(self, selection: Selection) -> Filter:
        """The filter of the selection, whose ids all exist.

        Raises:
            OperationError: There is no such delivery.
        """
        found = {one.id for one in await self._store.deliveries_by_id(selection.ids)}
        for one in selection.ids:
            if one not in found:
                raise OperationError(
                    f"There is no delivery d{one}.", "See `gladly-source events` for ids."
                )
        return selection.filter

    async def _copy(self, ids: Sequence[int]) -> int:
        """Queue deliveries once more under the first messageIds that are free."""
        done = 0
        for start in range(0, len(ids), COPIES):
            originals = await self._store.replayables(ids[start : start + COPIES])
            await self._enqueue_renamed(originals)
            done += len(originals)
        return done

    async def _enqueue_renamed(self, left: Sequence[NewDelivery]) -> None:
        for number in range(1, ID_LIMIT + 1):
            if not left:
                return
            copies = [_renamed(one, number, self._clock()) for one in left]
            queued = await self._store.enqueue_each(copies)
            left = [one for one, new in zip(left, queued, strict=True) if not new]
        if left:
            raise OperationError(
                f"The delivery d{left[0].replay_of} was sent again {ID_LIMIT} times already."
            )


async def through(step: Callable[[int | None], Awaitable[Step]], progress: Watch) -> int:
    """Go on step by step until the end or told to stop; how many rows were changed."""
    seen = done = 0
    before: int | None = None
    while True:
        one = await step(before)
        seen, done, before = seen + one.seen, done + one.done, one.before
        told = progress(Step(seen=seen, done=done, before=before))
        if before is None or told is False:
            return done


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
