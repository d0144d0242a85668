"""What the event table reads, as coroutines over the store; run away from Qt's thread."""

from __future__ import annotations

import time
from bisect import bisect_right
from typing import TYPE_CHECKING

import msgspec

from core.model import Delivery
from core.store import feed
from gui.deliveries.blocks import BLOCK_ROWS, Bounds
from gui.deliveries.columns import EventRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from core.store.base import Filter, Span
    from core.store.view import StoreView

#: read beyond what a block is known to hold, in case rows have joined it
SLACK = 64
#: rows that one look at what is new takes along
NEWER = 512


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """The newest rows, newest first; `whole` when there are no others."""

    rows: tuple[EventRow, ...]
    whole: bool


class Survey(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows there are, laid out in blocks, and those around some ids.

    `top` is the id of the newest row; `seconds` is what finding out took.
    """

    lows: tuple[int, ...]
    sizes: tuple[int, ...]
    top: int
    blocks: dict[int, list[EventRow]]
    seconds: float


class Fresh(msgspec.Struct, frozen=True, kw_only=True):
    """What has changed: newer rows, oldest first, and how rows that are shown now stand."""

    newer: tuple[EventRow, ...]
    more: bool
    standing: dict[int, Delivery]
    seconds: float


async def opening(store: StoreView, wanted: Filter) -> Opening:
    """The newest rows, as soon as can be."""
    page = await store.page(wanted, None, BLOCK_ROWS)
    return Opening(rows=tuple(await _rows(store, page.rows)), whole=page.before is None)


async def survey(store: StoreView, wanted: Filter, around: Iterable[int] = ()) -> Survey:
    """Count, lay out, and read the newest blocks and those in which the ids `around` belong."""
    started = time.monotonic()
    span = await store.span(wanted, BLOCK_ROWS)
    chosen = {bisect_right(span.anchors, one) - 1 for one in around}
    newest = len(span.anchors) - 1
    chosen |= {newest, newest - 1}
    blocks = {
        index: await block(store, wanted, _bounds(span, index), BLOCK_ROWS)
        for index in sorted(chosen)
        if index >= 0
    }
    sizes = [span.step] * len(span.anchors)
    if sizes:
        sizes[-1] = span.count - span.step * newest
    return Survey(
        lows=span.anchors,
        sizes=tuple(sizes),
        top=span.top,
        blocks=blocks,
        seconds=time.monotonic() - started,
    )


async def block(store: StoreView, wanted: Filter, bounds: Bounds, size: int) -> list[EventRow]:
    """The rows of a block, oldest first."""
    rows = await store.rows_from(wanted, bounds.low, size + SLACK)
    inside = [one for one in rows if bounds.high is None or one.id < bounds.high]
    return await _rows(store, inside)


async def fresh(store: StoreView, wanted: Filter, top: int, shown: Sequence[int]) -> Fresh:
    """What is newer than `top`, and how the rows of the ids `shown` stand now."""
    started = time.monotonic()
    newer = await store.newer(wanted, top, NEWER)
    standing = await store.deliveries_by_id(shown) if shown else []
    return Fresh(
        newer=tuple(await _rows(store, newer)),
        more=len(newer) == NEWER,
        standing={one.id: one for one in standing},
        seconds=time.monotonic() - started,
    )


async def ids(
    store: StoreView, wanted: Filter, blocks: Mapping[int, tuple[Bounds, int]]
) -> dict[int, list[int]]:
    """The ids in these blocks (their bounds and sizes), oldest first."""
    found: dict[int, list[int]] = {}
    for number, (bounds, size) in blocks.items():
        rows = await store.rows_from(wanted, bounds.low, size + SLACK)
        found[number] = [one.id for one in rows if bounds.high is None or one.id < bounds.high]
    return found


async def _rows(store: StoreView, deliveries: Sequence[Delivery]) -> list[EventRow]:
    gists = await feed.gists(store, [one.id for one in deliveries])
    return [EventRow(one, gists.get(one.id, feed.NOTHING)) for one in deliveries]


def _bounds(span: Span, index: int) -> Bounds:
    newest = index + 1 == len(span.anchors)
    return Bounds(low=span.anchors[index], high=span.top + 1 if newest else span.anchors[index + 1])
