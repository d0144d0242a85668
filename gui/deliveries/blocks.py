"""Which rows there are, and those of them that are loaded: blocks of ids, oldest first. Pure.

A block is a range of ids. How many rows lie in it is known before they are loaded, so a table of
a million rows has its full height while only the blocks around the viewport are in memory. Rows
are counted from the oldest, so new ones, which come at the other end, disturb nothing.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: rows that are read at once
BLOCK_ROWS = 256
#: blocks in memory
KEPT = 24


class Identified(Protocol):
    """Whatever has the id of its row."""

    @property
    def id(self) -> int:
        """The row's id."""


R = TypeVar("R", bound=Identified)


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """The ids of a block: from `low` on, below `high` (None: no end)."""

    low: int
    high: int | None


class Blocks(Generic[R]):
    """Rows by position, 0 the oldest; unloaded ones are None.

    Args:
        size: Rows in a full block.
        kept: How many loaded blocks stay in memory.
    """

    def __init__(self, size: int = BLOCK_ROWS, kept: int = KEPT) -> None:
        self._size = size
        self._kept = kept
        #: lowest id of each block
        self._lows: list[int] = []
        #: how many rows there are up to and with each block
        self._ends: list[int] = []
        self._loaded: OrderedDict[int, list[R]] = OrderedDict()

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @property
    def count(self) -> int:
        """How many blocks there are."""
        return len(self._lows)

    @property
    def in_memory(self) -> int:
        """How many rows are loaded."""
        return sum(map(len, self._loaded.values()))

    def lay_out(self, lows: Sequence[int], sizes: Sequence[int]) -> None:
        """Begin anew with blocks that are not loaded."""
        self._loaded.clear()
        self._lows = list(lows)
        self._ends = list(itertools.accumulate(sizes))

    def at(self, position: int) -> R | None:
        """The row at a position, if there is one and it is loaded."""
        if not 0 <= position < len(self):
            return None
        block = bisect_right(self._ends, position)
        rows = self._loaded.get(block)
        return None if rows is None else rows[position - self._ends[block] + len(rows)]

    def block_at(self, position: int) -> int:
        """The block in which a position lies."""
        return bisect_right(self._ends, position)

    def bounds(self, block: int) -> Bounds:
        """The ids that belong to a block."""
        newest = block + 1 == len(self._lows)
        return Bounds(low=self._lows[block], high=None if newest else self._lows[block + 1])

    def start(self, block: int) -> int:
        """The position of a block's oldest row."""
        return self._ends[block - 1] if block else 0

    def size(self, block: int) -> int:
        """How many rows a block has."""
        return self._ends[block] - self.start(block)

    def missing(self, first: int, last: int) -> list[int]:
        """The blocks of positions `first` to `last` that are not loaded, newest first.

        Those that are loaded count as used.
        """
        if not self._lows or first > last:
            return []
        wanted = range(self.block_at(last), self.block_at(first) - 1, -1)
        for block in wanted:
            if block in self._loaded:
                self._loaded.move_to_end(block)
        return [block for block in wanted if block not in self._loaded and self.size(block)]

    def put(self, block: int, rows: list[R]) -> None:
        """The rows of a block, oldest first; the block has as many from now on."""
        self._grow(block, len(rows) - self.size(block))
        self._loaded[block] = rows
        self._loaded.move_to_end(block)
        while len(self._loaded) > self._kept:
            self._loaded.popitem(last=False)

    def resize(self, block: int, size: int) -> None:
        """A block turns out to have another size; its rows have to be loaded (again)."""
        self._loaded.pop(block, None)
        self._grow(block, size - self.size(block))

    def append(self, rows: Sequence[R]) -> None:
        """Add rows that are newer than all others, oldest first."""
        for start in range(0, len(rows), self._size):
            self._append(list(rows[start : start + self._size]))

    def remove(self, position: int) -> None:
        """Take out a loaded row."""
        block = bisect_right(self._ends, position)
        del self._loaded[block][position - self.start(block)]
        self._grow(block, -1)

    def replace(self, position: int, row: R) -> None:
        """Another content for a loaded row."""
        block = bisect_right(self._ends, position)
        self._loaded[block][position - self.start(block)] = row

    def position_of(self, one: int) -> int | None:
        """Where the row of an id lies, if it is loaded."""
        block = bisect_right(self._lows, one) - 1
        rows = self._loaded.get(block)
        if rows is None:
            return None
        found = _offset(rows, one)
        return None if found is None else self.start(block) + found

    def rows_of(self, block: int) -> Sequence[R] | None:
        """The rows of a block, oldest first, if they are loaded."""
        return self._loaded.get(block)

    def is_laid_out(self, lows: Sequence[int], sizes: Sequence[int]) -> bool:
        """Whether the blocks are these."""
        return self._lows == list(lows) and self._ends == list(itertools.accumulate(sizes))

    def loaded(self) -> Iterator[R]:
        """All rows in memory, in no order."""
        return itertools.chain.from_iterable(self._loaded.values())

    def _append(self, rows: list[R]) -> None:
        newest = len(self._lows) - 1
        last = self._loaded.get(newest)
        if last is None or len(last) + len(rows) > self._size:
            self._lows.append(rows[0].id)
            self._ends.append(len(self))
            self.put(newest + 1, rows)
        else:
            last += rows
            self._ends[newest] += len(rows)
            self._loaded.move_to_end(newest)

    def _grow(self, block: int, by: int) -> None:
        if by:
            self._ends[block:] = [end + by for end in self._ends[block:]]


def _offset(rows: Sequence[Identified], one: int) -> int | None:
    """Where an id stands in rows that are in the order of their ids."""
    low, high = 0, len(rows)
    while low < high:
        middle = (low + high) // 2
        if rows[middle].id < one:
            low = middle + 1
        else:
            high = middle
    return low if low < len(rows) and rows[low].id == one else None
