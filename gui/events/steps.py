"""Replay and discard in steps, so that they can be watched and stopped; what they would do, first.

Coroutines over session.store and session.link; run away from Qt's thread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from core.model import DeliveryStatus
from core.pipeline.operations import Selection, Step
from gui.events.mentions import Person, person_of

if TYPE_CHECKING:
    from core.store.base import Filter
    from core.store.view import StoreView
    from gui.link import EngineLink

Deed = Literal["replay", "replay-new", "discard"]

#: deliveries a step
CHUNK = 200
#: so many deliveries tell well enough who somebody is
MOST_READ = 500
REPLAYABLE = frozenset(
    {
        DeliveryStatus.DEAD,
        DeliveryStatus.ACCEPTED,
        DeliveryStatus.CONFIRMED,
        DeliveryStatus.DISCARDED,
    }
)
DISCARDABLE = frozenset({DeliveryStatus.PENDING, DeliveryStatus.RETRYING, DeliveryStatus.DEAD})


async def go_on(
    store: StoreView, link: EngineLink, selection: Selection, deed: Deed, before: int | None
) -> Step:
    """Do the next few of a selection; `before` goes on where the last step ended.

    Ids are gone through in their order, everything else from the newest to the oldest.
    """
    following: int | None
    if selection.ids:
        start = before or 0
        chunk = selection.ids[start : start + CHUNK]
        following = start + CHUNK if start + CHUNK < len(selection.ids) else None
    else:
        page = await store.page(selection.filter, before, CHUNK)
        chunk, following = tuple(one.id for one in page.rows), page.before
    done = await _do(link, chunk, deed) if chunk else 0
    return Step(seen=len(chunk), done=done, before=following)


async def _do(link: EngineLink, ids: tuple[int, ...], deed: Deed) -> int:
    chosen = Selection(ids=ids)
    if deed == "discard":
        return await link.discard(chosen)
    return await link.replay(chosen, new_id=deed == "replay-new")


async def discardable(store: StoreView, selection: Selection) -> tuple[int, int]:
    """How many deliveries of a selection are still to be sent, and how many it has."""
    wanted = selection.filter
    narrowed = still_to_send(wanted)
    some = 0 if narrowed is None else (await store.span(narrowed)).count
    return some, (await store.span(wanted)).count


def still_to_send(wanted: Filter) -> Filter | None:
    """The filter for those that may be discarded; None when it lets none of them pass."""
    statuses = frozenset(wanted.statuses) & DISCARDABLE if wanted.statuses else DISCARDABLE
    if not statuses:
        return None
    return msgspec.structs.replace(wanted, statuses=tuple(sorted(statuses)))


async def deliveries_of(store: StoreView, customer_id: str) -> int:
    """How many deliveries here are about a customer."""
    rows = await store.driver.read(
        lambda tx: tx.run("deliveries_of_customer", customer_id=customer_id)
    )
    return len(rows)


async def person_in(store: StoreView, customer_id: str) -> Person:
    """By what a customer is known here, from their newest deliveries."""
    rows = await store.driver.read(
        lambda tx: tx.run("deliveries_of_customer", customer_id=customer_id)
    )
    ids = sorted((int(row[0]) for row in rows), reverse=True)[:MOST_READ]
    details = [await store.delivery(one) for one in ids]
    return person_of(customer_id, [one for one in details if one is not None])
