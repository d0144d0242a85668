"""Counts the rows of a way and marks every so-many-th, without fetching them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.store.base import Span

if TYPE_CHECKING:
    from core.store.base import Row, Tx
    from core.store.ways import Way


def span(tx: Tx, way: Way, step: int) -> Span:
    """How many rows come this way, and the ids at every `step`-th position."""
    if way.seekable:
        return _hopped(tx, way, step)
    return _numbered(tx, way, step)


def _hopped(tx: Tx, way: Way, step: int) -> Span:
    """From mark to mark along the index, ten times as fast as numbering each row."""
    first = way.select("id", tail="LIMIT 1")
    following = way.select("id", "> mark.id", tail=f"LIMIT 1 OFFSET {step - 1:d}")
    rows = tx.sql(
        f"WITH RECURSIVE mark (id) AS (SELECT id FROM ({first}) AS first UNION ALL "  # noqa: S608 - composed
        f"SELECT (SELECT id FROM ({following}) AS following) FROM mark WHERE mark.id IS NOT NULL) "
        "SELECT id FROM mark WHERE id IS NOT NULL",
        way.parameters,
    )
    anchors = tuple(row[0] for row in rows)
    if not anchors:
        return Span(count=0, anchors=(), step=step, top=0)
    last = way.select("id", ">= :last")
    text = f"SELECT COUNT(*), MAX(id) FROM ({last}) AS last"  # noqa: S608 - composed
    left, top = tx.sql(text, {**way.parameters, "last": anchors[-1]})[0]
    return Span(count=(len(anchors) - 1) * step + left, anchors=anchors, step=step, top=top)


def _numbered(tx: Tx, way: Way, step: int) -> Span:
    """For ways that can only be gone from their beginning."""
    rows: list[Row] = tx.sql(
        "SELECT id, place FROM (SELECT id, ROW_NUMBER() OVER (ORDER BY id) AS place, "  # noqa: S608 - composed
        f"LEAD(id) OVER (ORDER BY id) AS following FROM ({way.select('id')}) AS found) AS numbered "
        "WHERE (place - 1) % :step = 0 OR following IS NULL ORDER BY place",
        {**way.parameters, "step": step},
    )
    anchors = tuple(one for one, place in rows if (place - 1) % step == 0)
    top, count = rows[-1] if rows else (0, 0)
    return Span(count=count, anchors=anchors, step=step, top=top)
