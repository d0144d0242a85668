"""The list of concerns on screen: one is chosen, with the mouse or the arrow keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QHeaderView, QSizePolicy, QTableView

from gui.attention.model import Column, ConcernModel
from gui.widgets.pill import StatusDelegate
from gui.widgets.table import dress_list

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent
    from PySide6.QtWidgets import QWidget

    from gui.attention.concerns import Concern
    from gui.look import Look

#: of a row, in heights of a line
ROW_HEIGHT = 2.0
#: rows that are in view without scrolling, at least and at most
FEWEST, MOST = 2, 5
#: columns that are shown only where so many letters fit in a line
NEEDS = {Column.SINCE: 80, Column.NEXT: 60}


class ConcernList(QTableView):
    """What needs attention.

    Args:
        look: Colours and icons.
        model: The concerns.

    Signals:
        chosen: The Concern the person is on, or None.
    """

    chosen = Signal(object)

    def __init__(self, look: Look, model: ConcernModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._key = ""
        self._told: Concern | None = None
        self._rows = MOST
        self.setModel(model)
        self.setItemDelegateForColumn(Column.STATUS, StatusDelegate(look, self))
        self.setAccessibleName(self.tr("What needs attention"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self._set_up()
        self._size_rows()
        self.selectionModel().currentRowChanged.connect(self._on_current)

    def show_concerns(self, concerns: Sequence[Concern]) -> None:
        """Show these; the person stays where they are, as long as that is there."""
        key = self._key
        before = self.currentIndex().row()
        self._model.show_concerns(concerns)
        number = self._model.row_of(key)
        if number is None:
            number = min(max(0, before), len(concerns) - 1)
        if number >= 0 and self.currentIndex().row() != number:
            self.selectRow(number)
        self._tell()
        self.updateGeometry()

    def concern(self) -> Concern | None:
        """The concern the person is on."""
        number = self.currentIndex().row()
        return self._model.concerns[number] if 0 <= number < len(self._model.concerns) else None

    def tick(self) -> None:
        """Time has passed."""
        self._model.tick()

    def set_room(self, height: int) -> None:
        """Take no more than this height, in whole rows."""
        row = self.verticalHeader().defaultSectionSize()
        rows = (height - self.horizontalHeader().sizeHint().height()) // row
        self._rows = max(FEWEST, min(MOST, rows))
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """As high as the rows there are, if there is room."""
        return QSize(super().sizeHint().width(), self._height(self._rows))

    def minimumSizeHint(self) -> QSize:
        """Never less than a row or two."""
        return QSize(0, self._height(FEWEST))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where it is narrow, the reason goes before the times."""
        super().resizeEvent(event)
        letters = self.viewport().width() // self.fontMetrics().averageCharWidth()
        for column, least in NEEDS.items():
            self.setColumnHidden(column, letters < least)

    def changeEvent(self, event: QEvent) -> None:
        """Another font: other heights."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._size_rows()

    def _height(self, most: int) -> int:
        rows = min(most, max(1, self._model.rowCount()))
        header = self.horizontalHeader().sizeHint().height()
        row = self.verticalHeader().defaultSectionSize()
        return header + rows * row + 2 * self.frameWidth()

    def _set_up(self) -> None:
        dress_list(self)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        header = self.horizontalHeader()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(1)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(Column.WHY, QHeaderView.ResizeMode.Stretch)

    def _size_rows(self) -> None:
        height = round(ROW_HEIGHT * self.fontMetrics().height())
        self.verticalHeader().setMinimumSectionSize(1)
        self.verticalHeader().setDefaultSectionSize(height)

    @Slot()
    def _on_current(self) -> None:
        concern = self.concern()
        if concern is not None:
            self._key = concern.key
        self._tell()

    def _tell(self) -> None:
        concern = self.concern()
        if concern != self._told:
            self._told = concern
            self.chosen.emit(concern)
