"""Aligned tables, and the few statistics that stand in them."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def show(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table: the first column to the left, numbers to the right."""
    texts = [list(columns), *([_text(cell) for cell in row] for row in rows)]
    widths = [max(len(row[place]) for row in texts) for place in range(len(columns))]
    print(f"\n{title}")
    for number, row in enumerate(texts):
        first, *others = (
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        print("  " + "  ".join((first, *others)).rstrip(), flush=True)
        if number == 0:
            print("  " + "  ".join("-" * width for width in widths))


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the ratios of rounds that ran side by side."""
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


def spread(values: Sequence[float]) -> str:
    """The smallest and the largest, to see how noisy it was."""
    return f"{_text(min(values))}-{_text(max(values))}"


def _text(cell: object) -> str:
    if not isinstance(cell, float):
        return f"{cell:,}" if isinstance(cell, int) else str(cell)
    for limit, digits in ((10, 2), (100, 1)):
        if abs(cell) < limit:
            return f"{cell:.{digits}f}"
    return f"{cell:,.0f}"
