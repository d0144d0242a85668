"""What a discard and an erasure would reach, counted before they are asked for.

Coroutines over session.store; run away from Qt's thread.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec

from core.pipeline.operations import DISCARDABLE
from gui.deliveries.mentions import Person, person_of

if TYPE_CHECKING:
    from core.pipeline.operations import Selection
    from core.store.base import Filter
    from core.store.view import StoreView


#: so many deliveries tell well enough who somebody is
MOST_READ = 500


async def discardable(store: StoreView, selection: Selection) -> tuple[int, int]:
    """How many deliveries of a selection are still to be sent, and how many it has."""
    wanted = selection.filter
    narrowed = still_to_send(wanted)
    some = 0 if narrowed is None else (await store.span(narrowed)).count
    return some, (await store.span(wanted)).count


def still_to_send(wanted: Filter) -> Filter | None:
    """The filter for those that may be discarded; None when it lets none of them pass."""
    statuses = set(wanted.statuses).intersection(DISCARDABLE) if wanted.statuses else DISCARDABLE
    if not statuses:
        return None
    return msgspec.structs.replace(wanted, statuses=tuple(sorted(statuses)))


async def deliveries_of(store: StoreView, customer_id: str) -> int:
    """How many deliveries here are about a customer."""
    rows = await store.driver.read(
        lambda tx: tx.run("deliveries_of_customers", customers=json.dumps([customer_id]))
    )
    return len(rows)


async def person_in(store: StoreView, customer_id: str) -> Person:
    """By what a customer is known here, from their newest deliveries."""
    rows = await store.driver.read(
        lambda tx: tx.run("deliveries_of_customers", customers=json.dumps([customer_id]))
    )
    ids = sorted((int(row[0]) for row in rows), reverse=True)[:MOST_READ]
    details = [await store.delivery(one) for one in ids]
    return person_of(customer_id, [one for one in details if one is not None])
