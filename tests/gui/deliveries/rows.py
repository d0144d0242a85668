"""Rows for tests of the event table, made in memory."""

from __future__ import annotations

import msgspec

from core.store.feed import Gist
from gui.deliveries.columns import EventRow
from gui.deliveries.reads import Survey
from tests.gui.deliveries.test_columns import DELIVERY


def row(one: int, **changes: object) -> EventRow:
    """The delivery of this id."""
    delivery = msgspec.structs.replace(DELIVERY, id=one, **changes)
    return EventRow(delivery, Gist(customer=f"Customer {one}"))


def rows(first: int, last: int) -> list[EventRow]:
    """Rows from one id to another, oldest first."""
    return [row(one) for one in range(first, last + 1)]


def survey(count: int, *loaded: int, size: int = 256) -> Survey:
    """So many rows with ids from 1, of which some blocks are loaded."""
    lows = tuple(range(1, count + 1, size))
    sizes = tuple(min(size, count + 1 - low) for low in lows)
    blocks = {one: rows(lows[one], lows[one] + sizes[one] - 1) for one in loaded}
    return Survey(lows=lows, sizes=sizes, top=count, blocks=blocks, seconds=0.0)
