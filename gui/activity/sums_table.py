"""The table of sums on screen: a press on a number shows what was counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QFont, QFontMetrics, QPalette, QPen
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStyleOptionViewItem, QTableView

from gui.activity.sums_model import NUMBERS, Column, SumsModel
from gui.widgets.pill import CELL_SIDE, PillPainter, StatusDelegate, WordRole, as_word
from gui.widgets.table import dress_list

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QResizeEvent
    from PySide6.QtWidgets import QWidget

    from gui.look import Look

#: rows that are seen without scrolling, at least
SEEN = 5
#: columns that are left out while they count nothing
RARE = (Column.ERASED,)
#: the same, where there is no room
SOMETIMES = (
    Column.UNMAPPABLE,
    Column.WAITING,
    Column.PENDING,
    Column.RETRYING,
    Column.DISCARDED,
)
#: in heights of a line: the least for a verdict, and what is left free beside a text
VERDICT, AIR = 5, 1.35
#: titles are a little bolder than their font says
TITLE = 1.04
#: where the second sum begins
SECOND = Column.ACCEPTED
PRESS = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space})


class SumsDelegate(StatusDelegate):
    """Paints numbers that can be pressed like links, and zeros faintly.

    Args:
        look: Colours.
        model: Whose cells.
    """

    def __init__(self, look: Look, model: SumsModel, parent: QWidget | None = None) -> None:
        super().__init__(look, parent)
        self._look, self._model = look, model

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Ink and underline."""
        super().initStyleOption(option, index)
        if index.column() not in NUMBERS:
            return
        one = self._model.rows()[index.row()]
        if self._model.place_of(index) is not None:
            option.palette.setColor(QPalette.ColorRole.Text, self._look.colour("accent"))
            option.font.setUnderline(True)
        elif not self._model.count(one, Column(index.column())):
            option.palette.setColor(QPalette.ColorRole.Text, self._look.colour("muted"))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """A line before the second sum, and one below all days together."""
        super().paint(painter, option, index)
        box = option.rect
        painter.save()
        painter.setPen(QPen(self._look.colour("line"), 1))
        if index.column() == SECOND:
            painter.drawLine(box.topLeft(), box.bottomLeft())
        if self._model.is_total(index.row()):
            painter.drawLine(box.bottomLeft(), box.bottomRight())
        painter.restore()


class SumsTable(QTableView):
    """Days and numbers; arrows move from cell to cell, Return or a click opens one.

    Args:
        look: Colours.
        model: The sums.

    Signals:
        wanted: A person wants to see what a number counts; its Place.
        fitted: Columns may have come or gone.
    """

    wanted = Signal(object)
    fitted = Signal()

    def __init__(self, look: Look, model: SumsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._pills = PillPainter(look)
        self.setModel(model)
        self.setAccessibleName(self.tr("Reconciliation by day"))
        self.setItemDelegate(SumsDelegate(look, model, self))
        dress_list(self)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.setMouseTracking(True)
        header = self.horizontalHeader()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setMinimumSectionSize(1)
        self.clicked.connect(self._on_pressed)

    def fit(self) -> None:
        """Columns as wide as what is in them; where that is too much, empty ones are left out."""
        self._leave_out(RARE)
        widths = {column: self._width(column) for column in Column}
        if self._taken(widths) > self.viewport().width():
            self._leave_out(RARE + SOMETIMES)
        spare = self.viewport().width() - self._taken(widths)
        shown = [column for column in Column if not self.isColumnHidden(column)]
        more, rest = divmod(max(0, spare), len(shown))
        for column in shown:
            room = widths[column] + more + (rest if column is Column.VERDICT else 0)
            self.setColumnWidth(column, room)
        header = self.horizontalHeader().sizeHint().height()
        rows = min(SEEN, self._model.rowCount()) * self.verticalHeader().defaultSectionSize()
        bar = self.horizontalScrollBar().sizeHint().height() if spare < 0 else 0
        self.setMinimumHeight(header + rows + bar + 2 * self.frameWidth())
        self.fitted.emit()

    @property
    def leaves_out(self) -> bool:
        """Whether columns are left out that would be there with more room."""
        return any(map(self.isColumnHidden, SOMETIMES))

    def sizeHint(self) -> QSize:
        """No more than is needed; it takes what room there is."""
        return QSize(super().sizeHint().width(), self.minimumHeight())

    def _leave_out(self, columns: Sequence[Column]) -> None:
        """Hide those of these columns that count nothing."""
        total = self._model.sums.total if self._model.sums is not None else None
        for column in Column:
            none = total is None or (column in columns and not self._model.count(total, column))
            self.setColumnHidden(column, column in columns and none)

    def _taken(self, widths: Mapping[Column, int]) -> int:
        return sum(width for one, width in widths.items() if not self.isColumnHidden(one))

    def _width(self, column: Column) -> int:
        """Room for the title and for every cell."""
        metrics = self.fontMetrics()
        bold = QFont(self.font())
        bold.setBold(True)
        title = QFontMetrics(self.horizontalHeader().font())
        if column is Column.VERDICT:
            pills = [self._pill(row, bold) for row in range(self._model.rowCount())]
            return max([metrics.height() * VERDICT, *pills])
        texts = [
            (QFontMetrics(bold) if self._model.is_total(row) else metrics).horizontalAdvance(text)
            for row in range(self._model.rowCount())
            if (text := str(self._model.index(row, column).data()))
        ]
        wide = max([title.horizontalAdvance(self._model.titles()[column]) * TITLE, *texts])
        return round(wide + metrics.height() * AIR)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More or less room."""
        super().resizeEvent(event)
        self.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the number that the keys stand on."""
        if Qt.Key(event.key()) in PRESS and self._model.place_of(self.currentIndex()):
            self._on_pressed(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """A hand over what can be pressed."""
        super().mouseMoveEvent(event)
        self._point(
            pressable=self._model.place_of(self.indexAt(event.position().toPoint())) is not None
        )

    def leaveEvent(self, event: QEvent) -> None:
        """No hand."""
        super().leaveEvent(event)
        self._point(pressable=False)

    def _pill(self, row: int, font: QFont) -> int:
        """Room for a verdict, which is bold where it is that of all days."""
        word = as_word(self._model.index(row, Column.VERDICT).data(WordRole))
        drawn = font if self._model.is_total(row) else self.font()
        return 0 if word is None else self._pills.size(word, drawn).width() + 2 * CELL_SIDE

    def _point(self, *, pressable: bool) -> None:
        shape = Qt.CursorShape
        self.viewport().setCursor(shape.PointingHandCursor if pressable else shape.ArrowCursor)

    @Slot("QModelIndex")
    def _on_pressed(self, index: QModelIndex) -> None:
        place = self._model.place_of(index)
        if place is not None:
            self.wanted.emit(place)
