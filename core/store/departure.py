"""Parting with a person whom Gladly deleted: all of them goes, and what is to be sent is sent.

Erasure by hand (`core.store.upkeep`) discards what was not sent yet. Here such a delivery keeps
its ids until Segment has it; the webhook that told of the deletion waits so long, and is looked
at again. Each look does all that can be done by then, so that it may be repeated, or break off
anywhere. Conversations stay known by their own ids: without them a late event could not be
understood, and one told again would be sent again.
"""

from __future__ import annotations

import itertools
import json
import re
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from core.model import CustomerEvent, DeliveryStatus, WebhookStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

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
#: customers looked for at one go
PEOPLE: Final = 50
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


async def trace(
    store: SqlStore, customer_ids: Sequence[str], read_merge: ReadMerge
) -> dict[str, Traces]:
    """Find customers, each with those merged into them; reads only, so that nobody waits.

    All tables are gone through once for `PEOPLE` of them, however few rows name them.
    """
    return await store.driver.read(lambda tx: _Search(tx, read_merge).traces(customer_ids))


class _Stands:
    """Where one id stands; `merged` are the ids of those who became this customer."""

    def __init__(self) -> None:
        self.settled: dict[int, None] = {}
        self.merges: dict[int, None] = {}
        self.unsettled: dict[int, None] = {}
        self.conversations: dict[str, None] = {}
        self.deliveries: dict[int, tuple[str, str]] = {}
        self.merged: dict[str, None] = {}


class _Search:
    """One search for people."""

    def __init__(self, tx: Tx, read_merge: ReadMerge) -> None:
        self._tx = tx
        self._read_merge = read_merge
        self._found: dict[str, _Stands] = {}

    def traces(self, customer_ids: Sequence[str]) -> dict[str, Traces]:
        """Everything of these customers and of those merged into them."""
        while True:
            people = {one: self._closure(one) for one in customer_ids}
            every = dict.fromkeys(one for some in people.values() for one in some)
            unknown = [one for one in every if one not in self._found]
            if not unknown:
                return {one: self._traces(some) for one, some in people.items()}
            for some in _steps(unknown, PEOPLE):
                self._scan(some)

    def _closure(self, customer_id: str) -> list[str]:
        """The customer and all those merged into them, as far as it was searched for them."""
        people = [customer_id]
        for one in people:  # grows meanwhile
            merged = self._found[one].merged if one in self._found else ()
            new = (other for other in merged if other not in people)
            people.extend(list(new)[: MAX_MERGES + 1 - len(people)])
        return people

    def _traces(self, people: Sequence[str]) -> Traces:
        stands = [self._found[one] for one in people]
        deliveries = {one: row for each in stands for one, row in each.deliveries.items()}
        left = [status for status, kind in deliveries.values() if kind != "identify"]
        return Traces(
            people=tuple(people),
            webhooks=_first_last(each.settled for each in stands),
            merges=_first_last(each.merges for each in stands),
            unsettled=len(_first_last(each.unsettled for each in stands)),
            conversations=_first_last(each.conversations for each in stands),
            deliveries=_first_last(each.deliveries for each in stands),
            under_way=sum(status in _UNDER_WAY for status in left),
            dead=sum(status == DeliveryStatus.DEAD for status in left),
        )

    def _scan(self, people: Sequence[str]) -> None:
        """Go through all tables for these."""
        wanted = json.dumps(list(people))
        stands = {one: _Stands() for one in people}
        self._found.update(stands)
        whole = {one: _whole_word(one) for one in people}
        for row, owner, kind, status, body in self._tx.run(
            "webhooks_of_customers", customers=wanted
        ):
            # What belongs to somebody else stays theirs, whatever it names; a merge is of both.
            open_to_all = body is not None and (owner is None or kind == CustomerEvent.MERGED)
            for one in people:
                if owner == one or (open_to_all and whole[one].search(body)):
                    self._take_webhook(one, row, kind, status, body)
        for row, customer_id, user_id, status, kind, conversation_id in self._tx.run(
            "deliveries_of_customers", customers=wanted
        ):
            for one in {customer_id, user_id} & stands.keys():
                stands[one].deliveries[row] = (status, kind)
            if customer_id in stands and conversation_id is not None:
                stands[customer_id].conversations[conversation_id] = None
        for conversation_id, customer_id in self._tx.run(
            "conversations_of_customers", customers=wanted
        ):
            stands[customer_id].conversations[conversation_id] = None
        for one, each in stands.items():
            self._take_aliases(each)
            self._take_earlier(one, each)

    def _take_webhook(self, one: str, row: int, kind: str, status: str, body: bytes | None) -> None:
        stands = self._found[one]
        if status in _UNSETTLED:
            if kind != CustomerEvent.DELETED:
                stands.unsettled[row] = None
            return
        if kind != CustomerEvent.MERGED:
            stands.settled[row] = None
            return
        stands.merges[row] = None
        ids = None if body is None else self._read_merge(body)
        if ids is not None and ids[1] == one != ids[0]:
            stands.merged[ids[0]] = None

    def _take_aliases(self, stands: _Stands) -> None:
        for webhook in stands.merges:
            for row, status, kind in self._tx.run("aliases_of_webhook", id=webhook):
                stands.deliveries[row] = (status, kind)

    def _take_earlier(self, one: str, stands: _Stands) -> None:
        """Whoever had the conversations before: with a merge, Gladly hands them on.

        Of a merge that only a look-up told of (301) there is no webhook. A conversation that
        was last known as somebody else's leads nowhere: then it is the other one who remains.
        """
        for conversation_id in stands.conversations:
            rows = self._tx.run("customers_of_conversation", conversation_id=conversation_id)
            if rows and rows[-1][0] == one:
                stands.merged.update((row[0], None) for row in rows if row[0] != one)


def _whole_word(customer_id: str) -> re.Pattern[bytes]:
    """As a whole word: nobody whose id merely contains this one is taken along.

    Not as the name of a member: this comes from outside, and every body has a "content".
    """
    return re.compile(rb"(?<![\w-])" + re.escape(customer_id.encode()) + rb"(?![\w-])(?!\"\s*:)")


def _first_last(found: Iterable[Iterable[T]]) -> tuple[T, ...]:
    """Each once, those of the first last: by these the others are found again after a crash."""
    return tuple(reversed(dict.fromkeys(itertools.chain.from_iterable(found))))


async def strip(store: SqlStore, traces: Traces, bare: Bare) -> None:
    """Wipe what was sent, and leave what is still to be sent with the ids only."""
    for some in _steps(traces.deliveries):
        await store.driver.write(_stripping(some, bare))
    for some in _steps(traces.webhooks):
        await store.driver.write(partial(_change, "wipe_webhook", [{"id": one} for one in some]))


async def part(store: SqlStore, traces: Traces, webhook_id: int, reason: str) -> bool:
    """Forget the person's ids, and settle the webhook that told of the deletion.

    False when something is to be sent again after all, such as by hand: then it keeps its ids.
    What leads from the person to those merged into them goes last.
    """
    if not await store.driver.read(partial(_over, traces.deliveries)):
        return False
    for some in _steps(traces.webhooks):
        await store.driver.write(_parting_with_webhooks(some))
    for talks in _steps(traces.conversations):
        await store.driver.write(partial(_part_with_facts, talks, traces.people))
    for some in _steps(traces.deliveries):
        if not await store.driver.write(_parting(some)):
            return False
    for some in _steps(traces.merges):
        await store.driver.write(_parting_with_webhooks(some))
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


def _steps(ids: Sequence[T], step: int | None = None) -> Iterator[Sequence[T]]:
    step = step or STEP
    return (ids[start : start + step] for start in range(0, len(ids), step))


def _change(name: str, rows: Rows, tx: Tx) -> None:
    _note(tx, tx.change_each(name, rows))


def _note(tx: Tx, changed: int) -> None:
    """Something was deleted: it has to be made unrecoverable, which costs a walk of the index."""
    if changed > 0:
        tx.change("set_meta", name=SCRUB, value="due")


def _part_with_facts(conversations: Sequence[str], people: Sequence[str], tx: Tx) -> None:
    tx.keep(conversations)
    rows: Rows = [{"id": one, "customer_id": who} for one in conversations for who in people]
    _change("part_with_facts", rows, tx)


def _stripping(ids: Sequence[int], bare: Bare) -> Callable[[Tx], None]:
    def step(tx: Tx) -> None:
        _note(
            tx,
            sum(
                _strip(tx, one, row, bare) for one in ids for row in tx.run("delivery_left", id=one)
            ),
        )

    return step


def _strip(tx: Tx, one: int, row: Row, bare: Bare) -> int:
    """How many rows were changed; none if it was done before."""
    status, _, customer_id, payload = row
    changed = tx.change("erase_errors", id=one)
    if status not in _LEFT:
        return changed + tx.change("wipe_delivery", id=one) + tx.change("erase_content", id=one)
    left = None if payload is None else bare(payload, customer_id)
    if left is None:
        changed += tx.change("erase_content", id=one)
        return changed + tx.change("withhold_delivery", id=one, reason=WITHHELD_REASON)
    changed += tx.change("strip_content", id=one, payload=left[0])
    return changed + tx.change("strip_delivery", id=one, user_id=left[1], reason=BARE_REASON)


def _over(ids: Sequence[int], tx: Tx) -> bool:
    """Whether none of these deliveries is still to be sent."""
    left = (row[0] for one in ids for row in tx.run("delivery_left", id=one))
    return all(status not in _LEFT for status in left)


def _parting_with_webhooks(ids: Sequence[int]) -> Callable[[Tx], None]:
    return partial(
        _change, "part_with_webhook", [{"id": one, "reason": PARTED_REASON} for one in ids]
    )


def _parting(ids: Sequence[int]) -> Callable[[Tx], bool]:
    def step(tx: Tx) -> bool:
        if not _over(ids, tx):
            return False
        rows: Rows = [{"id": one} for one in ids]
        _change("erase_errors", rows, tx)
        _change("erase_content", rows, tx)
        _change("part_with_delivery", [{**row, "reason": PARTED_REASON} for row in rows], tx)
        return True

    return step
