"""Parting with a person whom Gladly deleted: all of them goes, and what is to be sent is sent.

Erasure by hand (`core.store.upkeep`) discards what was not sent yet. Here such a delivery keeps
its ids until Segment has it; the webhook that told of the deletion waits so long, and is looked
at again. Each look does all that can be done by then, so that it may be repeated, or break off
anywhere. Conversations stay known by their own ids: without them a late event could not be
understood, and one told again would be sent again.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from core.model import CustomerEvent, DeliveryStatus, WebhookStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from core.store.base import Row, Tx
    from core.store.sql_store import SqlStore

    Rows = list[dict[str, object]]
    #: who was merged and into whom, by a merge's body
    ReadMerge = Callable[[bytes], tuple[str, str] | None]
    #: the message without the person and the id it goes under, by payload and customer id;
    #: None when nothing is left to say
    Bare = Callable[[bytes, str | None], tuple[bytes, str] | None]

T = TypeVar("T")

#: rows a transaction, so that other writes wait for some milliseconds only
STEP: Final = 250
#: remembered until deleted content is beyond recovery, too
SCRUB: Final = "scrub"
BARE_REASON: Final = "Deleted in Gladly: it goes with the ids only."
WITHHELD_REASON: Final = "Deleted in Gladly: no traits are left to send."
PARTED_REASON: Final = "Deleted in Gladly: erased here."
MAX_MERGES: Final = 50
_UNDER_WAY = (DeliveryStatus.PENDING, DeliveryStatus.SENDING, DeliveryStatus.RETRYING)
_LEFT = (*_UNDER_WAY, DeliveryStatus.DEAD)
_UNSETTLED = (WebhookStatus.RECEIVED, WebhookStatus.WAITING)


class Traces(msgspec.Struct, frozen=True, kw_only=True):
    """Where a person stands in the store.

    `people` are their ids: their own, and those of customers merged into them. `unsettled`
    webhooks may still lead to events; `merges` are needed to find the merged again.
    """

    people: tuple[str, ...]
    webhooks: tuple[int, ...] = ()
    merges: tuple[int, ...] = ()
    unsettled: int = 0
    conversations: tuple[str, ...] = ()
    deliveries: tuple[int, ...] = ()
    under_way: int = 0
    dead: int = 0

    @property
    def over(self) -> bool:
        """Whether nothing of the person is still to be sent."""
        return not (self.unsettled or self.under_way or self.dead)


async def trace(store: SqlStore, customer_id: str, read_merge: ReadMerge) -> Traces:
    """Find a customer and those merged into them; reads only, so that nobody waits."""
    return await store.driver.read(lambda tx: _Search(tx, read_merge).traces(customer_id))


class _Search:
    """One search for a person."""

    def __init__(self, tx: Tx, read_merge: ReadMerge) -> None:
        self._tx = tx
        self._read_merge = read_merge
        self._people: list[str] = []
        self._settled: dict[int, None] = {}
        self._merges: dict[int, None] = {}
        self._unsettled: set[int] = set()

    def traces(self, customer_id: str) -> Traces:
        """Everything of this customer and of those merged into them."""
        self._people = [customer_id]
        for one in self._people:  # grows meanwhile
            self._search(one)
        deliveries = dict(self._deliveries())
        stands = [status for status, kind in deliveries.values() if kind != "identify"]
        return Traces(
            people=tuple(self._people),
            webhooks=tuple(self._settled),
            merges=tuple(self._merges),
            unsettled=len(self._unsettled),
            conversations=tuple(self._conversations()),
            deliveries=tuple(deliveries),
            under_way=sum(status in _UNDER_WAY for status in stands),
            dead=sum(status == DeliveryStatus.DEAD for status in stands),
        )

    def _search(self, customer_id: str) -> None:
        # As a whole word: nobody whose id merely contains this one is taken along. Not as the
        # name of a member: this comes from outside, and every body has a "content".
        one_word = re.escape(customer_id.encode())
        whole = re.compile(rb"(?<![\w-])" + one_word + rb"(?![\w-])(?!\"\s*:)")
        for one, owner, kind, status, body in self._tx.run(
            "webhooks_of_person", customer_id=customer_id
        ):
            if owner != customer_id and not whole.search(body):
                continue
            if status in _UNSETTLED:
                if kind != CustomerEvent.DELETED:
                    self._unsettled.add(one)
                continue
            (self._merges if kind == CustomerEvent.MERGED else self._settled)[one] = None
            if kind == CustomerEvent.MERGED and body is not None:
                self._follow(customer_id, body)

    def _follow(self, customer_id: str, body: bytes) -> None:
        ids = self._read_merge(body)
        if ids is None or ids[1] != customer_id or len(self._people) > MAX_MERGES:
            return
        if ids[0] not in self._people:
            self._people.append(ids[0])

    def _conversations(self) -> dict[str, None]:
        rows = (self._tx.run("conversations_of_person", customer_id=one) for one in self._people)
        return dict.fromkeys(row[0] for some in rows for row in some)

    def _deliveries(self) -> Iterator[tuple[int, tuple[str, str]]]:
        for one in self._people:
            for row in self._tx.run("deliveries_of_person", customer_id=one):
                yield row[0], (row[1], row[2])
        for webhook in self._merges:
            for row in self._tx.run("aliases_of_webhook", id=webhook):
                yield row[0], (row[1], row[2])


async def strip(store: SqlStore, traces: Traces, bare: Bare) -> None:
    """Wipe what was sent, and leave what is still to be sent with the ids only."""
    for some in _steps(traces.deliveries):
        await store.driver.write(_stripping(some, bare))
    for some in _steps(traces.webhooks):
        await store.driver.write(partial(_change, "wipe_webhook", [{"id": one} for one in some]))


async def part(store: SqlStore, traces: Traces, webhook_id: int, reason: str) -> bool:
    """Forget the person's ids, and settle the webhook that told of the deletion.

    False when something is to be sent again after all, such as by hand: then it stays as it is.
    """
    for some in _steps(traces.deliveries):
        if not await store.driver.write(_parting(some)):
            return False
    for some in _steps(traces.webhooks + traces.merges):
        rows: Rows = [{"id": one, "reason": PARTED_REASON} for one in some]
        await store.driver.write(partial(_change, "part_with_webhook", rows))
    for talks in _steps(traces.conversations):
        await store.driver.write(partial(_part_with_facts, talks, traces.people))
    note: Rows = [{"id": webhook_id, "reason": reason}]
    await store.driver.write(partial(_change, "note_departure", note))
    return True


async def scrub(store: SqlStore) -> None:
    """Make what was deleted unrecoverable, if that was not done since.

    Raises:
        StoreError: It cannot be done now; it stays noted.
    """
    if await store.get_meta(SCRUB) == "due":
        await store.driver.tidy()
        await store.driver.scrub()
        await store.set_meta(SCRUB, "done")


def _steps(ids: Sequence[T]) -> Iterator[Sequence[T]]:
    return (ids[start : start + STEP] for start in range(0, len(ids), STEP))


def _change(name: str, rows: Rows, tx: Tx) -> None:
    tx.change_each(name, rows)
    tx.change("set_meta", name=SCRUB, value="due")


def _part_with_facts(conversations: Sequence[str], people: Sequence[str], tx: Tx) -> None:
    tx.keep(conversations)
    rows: Rows = [{"id": one, "customer_id": who} for one in conversations for who in people]
    _change("part_with_facts", rows, tx)


def _stripping(ids: Sequence[int], bare: Bare) -> Callable[[Tx], None]:
    def step(tx: Tx) -> None:
        for one in ids:
            for row in tx.run("delivery_left", id=one):
                _strip(tx, one, row, bare)
        tx.change("set_meta", name=SCRUB, value="due")

    return step


def _strip(tx: Tx, one: int, row: Row, bare: Bare) -> None:
    status, _, customer_id, payload = row
    tx.change("erase_errors", id=one)
    if status not in _LEFT:
        tx.change("wipe_delivery", id=one)
        tx.change("erase_content", id=one)
        return
    left = None if payload is None else bare(payload, customer_id)
    if left is None:
        tx.change("erase_content", id=one)
        tx.change("withhold_delivery", id=one, reason=WITHHELD_REASON)
        return
    tx.change("strip_content", id=one, payload=left[0])
    tx.change("strip_delivery", id=one, user_id=left[1], reason=BARE_REASON)


def _parting(ids: Sequence[int]) -> Callable[[Tx], bool]:
    def step(tx: Tx) -> bool:
        left = [row[0] for one in ids for row in tx.run("delivery_left", id=one)]
        if any(status in _LEFT for status in left):
            return False
        rows: Rows = [{"id": one} for one in ids]
        tx.change_each("erase_errors", rows)
        tx.change_each("erase_content", rows)
        _change("part_with_delivery", [{**row, "reason": PARTED_REASON} for row in rows], tx)
        return True

    return step
