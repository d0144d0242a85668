"""Paints the rows of the event table, all in view at once.

Drawn cell by cell, by delegates under a stylesheet, they take more than twice as long, and while
a thousand events a second stream in, they are drawn ten times a second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QRect, Qt

from gui.deliveries.columns import EXACT, RIGHT_ALIGNED, Column
from gui.deliveries.model import NOT_LOADED
from gui.widgets.pill import PillPainter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter

    from gui.deliveries.columns import EventRow
    from gui.look import Look

#: logical pixels beside a text, and beside a pill
SIDE = 7
PILL_SIDE = 4
KEPT = 8192
LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
ONE_LINE = int(Qt.TextFlag.TextSingleLine)


class Line(NamedTuple):
    """A row in view: what it shows (None: not loaded), where, and how it stands out."""

    row: EventRow | None
    top: int
    selected: bool
    current: bool


class Cell(NamedTuple):
    """A column in view, and where."""

    column: int
    left: int
    width: int


class RowPainter:
    """Draws the lines and cells in view.

    Args:
        look: Colours and fonts.
    """

    def __init__(self, look: Look) -> None:
        self._look = look
        self._pills = PillPainter(look)
        self._short: dict[tuple[str, int, bool], str] = {}
        self._mono = look.mono()

    def forget(self) -> None:
        """Draw everything anew: colours or fonts changed."""
        self._pills.forget()
        self._short.clear()
        self._mono = self._look.mono()

    def paint(
        self,
        painter: QPainter,
        lines: Sequence[Line],
        cells: Sequence[Cell],
        height: int,
        width: int,
    ) -> None:
        """Draw all rows, whose font is the painter's; `width` is that of what is in view."""
        font = painter.font()
        self._grounds(painter, lines, height, width)
        for cell in cells:
            if cell.column == Column.STATUS:
                self._statuses(painter, lines, cell, height, font)
            else:
                self._texts(painter, lines, cell, height, font)

    def _grounds(self, painter: QPainter, lines: Sequence[Line], height: int, width: int) -> None:
        selection, accent = self._look.colour("selection"), self._look.colour("accent")
        edge = self._look.colour("hover")
        for line in lines:
            if line.selected:
                painter.fillRect(0, line.top, width, height, selection)
            painter.fillRect(0, line.top + height - 1, width, 1, edge)
            if line.current:
                painter.setPen(accent)
                painter.drawRect(0, line.top, width - 1, height - 2)

    def _statuses(
        self, painter: QPainter, lines: Sequence[Line], cell: Cell, height: int, font: QFont
    ) -> None:
        left, width = cell.left + PILL_SIDE, cell.width - 2 * PILL_SIDE
        for line in lines:
            if line.row is not None:
                rect = QRect(left, line.top, width, height)
                self._pills.paint(painter, rect, line.row.word(), font, selected=line.selected)

    def _texts(
        self, painter: QPainter, lines: Sequence[Line], cell: Cell, height: int, font: QFont
    ) -> None:
        exact = cell.column in EXACT
        painter.setFont(self._mono if exact else font)
        painter.setPen(self._ink(cell.column))
        metrics = painter.fontMetrics()
        left, width = cell.left + SIDE, cell.width - 2 * SIDE
        flags = (RIGHT if cell.column in RIGHT_ALIGNED else LEFT) | ONE_LINE
        for line in lines:
            text = NOT_LOADED if line.row is None else line.row.text(cell.column)
            if text:
                short = self._shortened(text, width, metrics, exact=exact)
                painter.drawText(left, line.top, width, height - 1, flags, short)

    def _ink(self, column: int) -> QColor:
        return self._look.colour("muted" if column in EXACT else "text")

    def _shortened(self, text: str, width: int, metrics: QFontMetrics, *, exact: bool) -> str:
        key = (text, width, exact)
        short = self._short.get(key)
        if short is None:
            if len(self._short) >= KEPT:
                self._short.clear()
            short = metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
            self._short[key] = short
        return short
