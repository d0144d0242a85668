"""The table of events: a window on as many rows as there are, of which few are in memory."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from gui.deliveries import columns
from gui.deliveries.blocks import Blocks, Bounds
from gui.deliveries.columns import RIGHT_ALIGNED, Column, EventRow, updated

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PySide6.QtCore import QObject

    from core.model import Delivery
    from core.store.base import Filter
    from gui.deliveries.reads import Survey

Index = QModelIndex | QPersistentModelIndex

#: a Word, for StatusDelegate
WORD_ROLE = Qt.ItemDataRole.UserRole + 1
#: the delivery's id; None while the row is not loaded
ID_ROLE = Qt.ItemDataRole.UserRole + 2
DISPLAY = Qt.ItemDataRole.DisplayRole
TOOL_TIP = Qt.ItemDataRole.ToolTipRole
ALIGNMENT = Qt.ItemDataRole.TextAlignmentRole
SPOKEN = Qt.ItemDataRole.AccessibleTextRole
SELDOM = frozenset({TOOL_TIP, SPOKEN, ID_ROLE})
NOT_LOADED = "…"
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
NOWHERE = QModelIndex()


class EventModel(QAbstractTableModel):
    """Deliveries, newest on top; rows that are not loaded say "…".

    It reads nothing by itself: EventReader fills it. Rows of the table are counted from the
    newest, positions of the store from the oldest.

    Signals:
        grew: So many newer rows were put on top.
    """

    grew = Signal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._blocks: Blocks[EventRow] = Blocks()
        self._cached: tuple[int, EventRow | None] = (-1, None)
        self._day = time.localtime().tm_yday
        #: the id of the newest row
        self.top = 0

    @property
    def in_memory(self) -> int:
        """How many rows are loaded."""
        return self._blocks.in_memory

    def row(self, number: int) -> EventRow | None:
        """The row as a table counts, if it is loaded."""
        if number != self._cached[0]:
            self._cached = (number, self._blocks.at(len(self._blocks) - 1 - number))
        return self._cached[1]

    def row_of(self, one: int) -> int | None:
        """Where the row of an id stands, if it is loaded."""
        position = self._blocks.position_of(one)
        return None if position is None else len(self._blocks) - 1 - position

    def missing(self, first: int, last: int) -> list[int]:
        """The blocks in which rows `first` to `last` lie and that are not loaded."""
        total = len(self._blocks)
        first, last = max(0, first), min(last, total - 1)
        return self._blocks.missing(total - 1 - last, total - 1 - first)

    def ids(self, runs: Sequence[tuple[int, int]]) -> tuple[list[int], dict[int, list[int]]]:
        """The ids of rows (first and last of each run), as far as they are loaded.

        Returns:
            Those ids, and for blocks that are not loaded the places in them that are meant.
        """
        known: list[int] = []
        unknown: dict[int, list[int]] = {}
        for number in itertools.chain.from_iterable(range(one, end + 1) for one, end in runs):
            position = len(self._blocks) - 1 - number
            row = self._blocks.at(position)
            if row is not None:
                known.append(row.id)
            else:
                block = self._blocks.block_at(position)
                unknown.setdefault(block, []).append(position - self._blocks.start(block))
        return known, unknown

    def bounds(self, block: int) -> Bounds:
        """The ids that belong to a block."""
        bounds = self._blocks.bounds(block)
        return Bounds(low=bounds.low, high=self.top + 1 if bounds.high is None else bounds.high)

    def size(self, block: int) -> int:
        """How many rows a block has."""
        return self._blocks.size(block)

    def show_first(self, rows: Sequence[EventRow]) -> None:
        """Begin with these rows, newest first; all others are unknown as yet."""
        self.beginResetModel()
        self._forget()
        self._blocks.lay_out((), ())
        self._blocks.append(rows[::-1])
        self.top = rows[0].id if rows else 0
        self.endResetModel()

    def replace(self, survey: Survey) -> None:
        """Begin anew with all rows, of which some are loaded."""
        self.beginResetModel()
        self._forget()
        self._blocks.lay_out(survey.lows, survey.sizes)
        for block, rows in survey.blocks.items():
            self._blocks.put(block, rows)
        self.top = survey.top
        self.endResetModel()

    def same_as(self, survey: Survey) -> bool:
        """Whether the rows there are and those in memory are what was found."""
        return self._blocks.is_laid_out(survey.lows, survey.sizes) and all(
            self._blocks.rows_of(block) == rows for block, rows in survey.blocks.items()
        )

    def put(self, block: int, rows: list[EventRow]) -> None:
        """Load a block; it turns out to have as many rows as are given."""
        blocks, old, new = self._blocks, self._blocks.size(block), len(rows)
        bottom = len(blocks) - blocks.start(block)
        self._forget()
        if new < old:
            self.beginRemoveRows(NOWHERE, bottom - (old - new), bottom - 1)
            blocks.resize(block, new)
            self.endRemoveRows()
        if known := rows[max(0, new - old) :]:
            blocks.put(block, known)
            self._changed(bottom - old, bottom - old + len(known) - 1)
        if new > old:
            self.beginInsertRows(NOWHERE, bottom, bottom + new - old - 1)
            blocks.put(block, rows)
            self.endInsertRows()

    def add_newer(self, rows: Sequence[EventRow]) -> None:
        """Put rows on top; oldest first."""
        if not rows:
            return
        self.beginInsertRows(NOWHERE, 0, len(rows) - 1)
        self._forget()
        self._blocks.append(rows)
        self.top = rows[-1].id
        self.endInsertRows()
        self.grew.emit(len(rows))

    def update(
        self, shown: Sequence[int], standing: Mapping[int, Delivery], wanted: Filter
    ) -> bool:
        """Show how rows stand now; those that are gone, or no longer wanted, leave.

        Returns:
            Whether a row left.
        """
        left = False
        for one in shown:
            number, delivery = self.row_of(one), standing.get(one)
            if number is None:
                continue
            if delivery is None or (wanted.statuses and delivery.status not in wanted.statuses):
                self._remove(number)
                left = True
            elif (row := self.row(number)) is not None and row.delivery != delivery:
                self._forget()
                self._blocks.replace(len(self._blocks) - 1 - number, updated(row, delivery))
                self._changed(number, number)
        return left

    def begin_day(self) -> bool:
        """Make the texts anew if a day has begun since: "14:03" was yesterday; whether it has."""
        day = time.localtime().tm_yday
        if day == self._day:
            return False
        self._day = day
        for row in self._blocks.loaded():
            row.forget_texts()
        if len(self._blocks):
            self._changed(0, len(self._blocks) - 1)
        return True

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """How many rows there are, loaded or not."""
        return 0 if parent.isValid() else len(self._blocks)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        """How many columns there are, shown or not."""
        return 0 if parent.isValid() else len(Column)

    def data(self, index: Index, role: int = DISPLAY) -> Any:  # noqa: ANN401 - Qt's
        """What a cell says."""
        column = index.column()
        if role == DISPLAY:
            row = self.row(index.row())
            return NOT_LOADED if row is None else row.text(column)
        if role == ALIGNMENT:
            return RIGHT if column in RIGHT_ALIGNED else LEFT
        if role == WORD_ROLE:
            row = self.row(index.row()) if column == Column.STATUS else None
            return None if row is None else row.word()
        if role in SELDOM:
            return self._seldom(index, role)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = DISPLAY) -> Any:  # noqa: ANN401 - Qt's
        """The title of a column."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(Column):
            return None
        if role == DISPLAY:
            return columns.title(section)
        if role == TOOL_TIP:
            return columns.meaning(section)
        if role == ALIGNMENT:
            return RIGHT if section in RIGHT_ALIGNED else LEFT
        return None

    def _seldom(self, index: Index, role: int) -> object:
        row = self.row(index.row())
        if row is None:
            return self.tr("Loading") if role == SPOKEN else None
        if role == ID_ROLE:
            return row.id
        column = index.column()
        if role == SPOKEN:
            return f"{columns.title(column)}: {row.text(column) or self.tr('none')}"
        return columns.tooltip(row, column) or None

    def _remove(self, number: int) -> None:
        self.beginRemoveRows(NOWHERE, number, number)
        self._forget()
        self._blocks.remove(len(self._blocks) - 1 - number)
        self.endRemoveRows()

    def _changed(self, first: int, last: int) -> None:
        self.dataChanged.emit(self.index(first, 0), self.index(last, len(Column) - 1))

    def _forget(self) -> None:
        self._cached = (-1, None)
