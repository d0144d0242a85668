"""What becomes of each test event: a model that follows the steps, and its table."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QTableView

from core.sender.progress import RESTS, Step
from gui import words
from gui.sender import steps
from gui.widgets.pill import StatusDelegate, WordRole
from gui.widgets.table import dress_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from PySide6.QtCore import QObject
    from PySide6.QtGui import QResizeEvent
    from PySide6.QtWidgets import QWidget

    from core.sender.progress import Progress
    from gui.look import Look

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
Role = Qt.ItemDataRole
#: narrower than so many letters, the sentence is told below the table only
WIDE = 78


class Column(IntEnum):
    """The columns from left to right."""

    NUMBER = 0
    EVENT = 1
    STEP = 2
    TIME = 3
    DELIVERY = 4
    SENTENCE = 5


#: width of a column in letters
LETTERS = {
    Column.NUMBER: 6,
    Column.EVENT: 12,
    Column.STEP: 17,
    Column.TIME: 10,
    Column.DELIVERY: 9,
}


class Outcome(msgspec.Struct, kw_only=True):
    """One event of a run."""

    event: str
    step: Step | None = None
    stopped: bool = False
    at: float | None = None
    sentence: str = ""
    delivery_id: int | None = None

    @property
    def forgone(self) -> bool:
        """Whether it was stopped before its turn."""
        return self.stopped and self.step is None


class OutcomeModel(QAbstractTableModel):
    """The events of the latest run, each with its latest step.

    Args:
        look: The colour of links.
    """

    def __init__(self, look: Look, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._rows: list[Outcome] = []
        look.changed.connect(self._on_look)

    def begin(self, events: Sequence[str]) -> None:
        """Forget the run before; these events are to be sent."""
        self.beginResetModel()
        self._rows = [Outcome(event=event) for event in events]
        self.endResetModel()

    def take(self, found: Iterable[Progress]) -> None:
        """Note steps, in the order in which they were made."""
        changed = [one.number for one in found if self._note(one)]
        if changed:
            self._tell(min(changed), max(changed))

    def stop(self) -> None:
        """Nobody sends or watches any more."""
        for row in self._rows:
            row.stopped = True
        if self._rows:
            self._tell(0, len(self._rows) - 1)

    def outcome(self, row: int) -> Outcome:
        """What became of one event."""
        return self._rows[row]

    def count(self, *which: Step) -> int:
        """How many events are at one of these steps; all, if none is named."""
        return sum(not which or row.step in which for row in self._rows)

    @property
    def under_way(self) -> int:
        """How many events are neither at an end nor at rest."""
        return sum(row.step not in RESTS and not row.stopped for row in self._rows)

    @property
    def unwatched(self) -> int:
        """How many events are still under way, but nobody looks any more."""
        return sum(row.stopped and row.step not in {None, *RESTS} for row in self._rows)

    @property
    def not_sent(self) -> int:
        """How many events were stopped before their turn."""
        return sum(row.forgone for row in self._rows)

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """One row an event."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        """See Column."""
        return 0 if parent.isValid() else len(Column)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole
    ) -> Any:  # noqa: ANN401 - Qt's own
        """The names of the columns."""
        if orientation is not Qt.Orientation.Horizontal or role != Role.DisplayRole:
            return None
        return (
            self.tr("No."),
            self.tr("Event"),
            self.tr("Step"),
            self.tr("Time"),
            self.tr("Delivery"),
            self.tr("What happened"),
        )[section]

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:  # noqa: ANN401 - Qt's own
        """A cell."""
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], Column(index.column())
        if role == Role.DisplayRole:
            return self._text(index.row(), row, column)
        if role == WordRole and column is Column.STEP:
            return self._word(row)
        if role == Role.ToolTipRole:
            return self._tip(row, column)
        if role == Role.ForegroundRole and column is Column.DELIVERY:
            return self._look.colour("accent")
        return None

    def _text(self, number: int, row: Outcome, column: Column) -> str:
        match column:
            case Column.NUMBER:
                return words.number(number + 1)
            case Column.EVENT:
                return row.event
            case Column.STEP:
                return self._word(row).text
            case Column.TIME:
                return "" if row.at is None else words.when(row.at)
            case Column.DELIVERY:
                return "" if row.delivery_id is None else f"d{row.delivery_id}"
            case Column.SENTENCE:
                return row.sentence

    def _tip(self, row: Outcome, column: Column) -> str | None:
        if column is Column.TIME and row.at is not None:
            return words.utc(row.at)
        if column is Column.DELIVERY and row.delivery_id is not None:
            return self.tr("Open this delivery in Events")
        return row.sentence or None

    def _word(self, row: Outcome) -> words.Word:
        if row.step is not None:
            return steps.step_word(row.step)
        return steps.not_sent() if row.forgone else steps.to_be_sent()

    def _note(self, progress: Progress) -> bool:
        if not 0 <= progress.number < len(self._rows):
            return False
        row = self._rows[progress.number]
        row.step, row.at, row.sentence = progress.step, progress.at, progress.sentence
        row.delivery_id = progress.delivery_id or row.delivery_id
        return True

    def _tell(self, first: int, last: int) -> None:
        end = self.index(last, len(Column) - 1)
        self.dataChanged.emit(self.index(first, 0), end)

    def _on_look(self) -> None:
        if self._rows:
            self._tell(0, len(self._rows) - 1)


class OutcomeView(QTableView):
    """The table of outcomes.

    Signals:
        open_delivery: A person wants to see the delivery of this id.
        looked_at: The row that is the current one now.

    Args:
        look: Colours.
        model: The outcomes.
    """

    open_delivery = Signal(int)
    looked_at = Signal(int)

    def __init__(self, look: Look, model: OutcomeModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._outcomes = model
        self.setModel(model)
        dress_table(self)
        self.setItemDelegateForColumn(Column.STEP, StatusDelegate(look, self))
        self.setAccessibleName(self.tr("What became of the test events"))
        letter = self.fontMetrics().averageCharWidth()
        for column, letters in LETTERS.items():
            self.setColumnWidth(column, letters * letter)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.clicked.connect(self._on_clicked)
        self.activated.connect(self._on_activated)

    def open_current(self) -> None:
        """Ask for the delivery of the current row."""
        self._on_activated(self.currentIndex())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the sentences to the line below where there is no room for them."""
        super().resizeEvent(event)
        narrow = self.width() < WIDE * self.fontMetrics().averageCharWidth()
        self.setColumnHidden(Column.SENTENCE, narrow)

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Tell which row is looked at."""
        super().currentChanged(current, previous)
        self.looked_at.emit(current.row())

    def _on_clicked(self, index: QModelIndex) -> None:
        if index.column() == Column.DELIVERY:
            self._on_activated(index)

    def _on_activated(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        delivery_id = self._outcomes.outcome(index.row()).delivery_id
        if delivery_id is not None:
            self.open_delivery.emit(delivery_id)
