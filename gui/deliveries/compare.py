"""Shows property by property what went to Segment, and where each value came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gui.widgets.labels import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gui.deliveries.provenance import Compared
    from gui.look import Look

ICONS = {"webhook": "webhook", "lookup": "lookup", "plan": "mapping", "nowhere": "unknown"}
LEFT_OUT = "—"
ROW_HEIGHT = 1.7


class CompareView(QWidget):
    """A table: name, value, and where it came from.

    Args:
        look: Icons and fonts.
    """

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._rows: tuple[Compared, ...] = ()
        self.table = QTableWidget(0, 3, self)
        self.table.setHorizontalHeaderLabels(
            [self.tr("Property"), self.tr("Value"), self.tr("From")]
        )
        self.table.setAccessibleName(self.tr("Where every value came from"))
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setWordWrap(False)
        self.why = Text(tone="muted", parent=self)
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.table, 1)
        column.addWidget(self.why)
        self.setFocusProxy(self.table)
        self.table.currentCellChanged.connect(self._on_current)
        look.changed.connect(self._fill)
        self._on_current()

    def set_rows(self, rows: Sequence[Compared]) -> None:
        """Show these; nothing moves where they are the same."""
        if tuple(rows) != self._rows:
            self._rows = tuple(rows)
            self._fill()

    @Slot()
    def _on_current(self) -> None:
        number = self.table.currentRow()
        if 0 <= number < len(self._rows):
            row = self._rows[number]
            self.why.setText(f"{row.name}: {row.why}")
        else:
            self.why.setText(self.tr("Choose a row to see where its value came from."))

    @Slot()
    def _fill(self) -> None:
        froms = {
            "webhook": self.tr("Webhook"),
            "lookup": self.tr("Looked up"),
            "plan": self.tr("Plan"),
            "nowhere": self.tr("Not known"),
        }
        height = round(self.fontMetrics().height() * ROW_HEIGHT)
        self.table.verticalHeader().setDefaultSectionSize(height)
        self.table.setRowCount(len(self._rows))
        for number, row in enumerate(self._rows):
            left_out = not row.value
            self._put(number, 0, row.name, muted=left_out)
            self._put(number, 1, row.value or LEFT_OUT, muted=left_out)
            origin = self._put(number, 2, froms[row.origin], muted=left_out)
            origin.setIcon(self._look.icon(ICONS[row.origin], "muted"))
            origin.setToolTip(row.why)
        self._on_current()

    def _put(self, row: int, column: int, text: str, *, muted: bool) -> QTableWidgetItem:
        item = QTableWidgetItem(text)
        item.setToolTip(text)
        item.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        if column == 1 and not muted:
            item.setFont(self._look.mono())
        if muted:
            item.setForeground(self._look.colour("muted"))
        self.table.setItem(row, column, item)
        return item
