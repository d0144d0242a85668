"""A chart on its card: title, legend, the chart, what it says, and the read-out of the cursor."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from gui.widgets.card import Card
from gui.widgets.elided import ElidedLabel
from gui.widgets.labels import Text, set_tone

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from gui.activity.plot import Plot
    from gui.look import Look

LINE = 1.6


class Mark(StrEnum):
    """How something is drawn in a chart."""

    BAR = "bar"
    LINE = "line"
    #: a line with a dot for each part
    DOTS = "dots"
    #: a dashed line with a triangle for each part
    DASHES = "dashes"


class Sample(QWidget):
    """What to look for in the chart, as drawn there.

    Args:
        look: Colours.
        mark: How it is drawn.
        colour: In which colour of the look.
    """

    def __init__(self, look: Look, mark: Mark, colour: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look, self._mark, self._colour = look, mark, colour
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """As high as a letter."""
        side = self.fontMetrics().ascent()
        return QSize(side if self._mark is Mark.BAR else 2 * side, side)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = self._look.colour(self._colour)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self._mark is Mark.BAR:
            painter.fillRect(box, colour)
            return
        dashed = self._mark is Mark.DASHES
        style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
        painter.setPen(QPen(colour, LINE, style))
        middle = box.center()
        painter.drawLine(QPointF(box.left(), middle.y()), QPointF(box.right(), middle.y()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        size = box.height() / 4
        if dashed:
            corners = [(0, -size), (size, size), (-size, size)]
            painter.drawPolygon(QPolygonF([middle + QPointF(x, y) for x, y in corners]))
        elif self._mark is Mark.DOTS:
            painter.drawEllipse(middle, size, size)


class ChartCard(Card):
    """One chart with its words.

    Args:
        look: Colours and fonts.
        title: What it shows.
        plot: The chart.
    """

    def __init__(self, look: Look, title: str, plot: Plot, parent: QWidget | None = None) -> None:
        super().__init__(look, title, parent=parent)
        self._look = look
        self.plot = plot
        self.legend = QHBoxLayout()
        self.legend.setSpacing(6)
        self.header.addLayout(self.legend)
        self.summary = Text()
        self.read_out = ElidedLabel(" ")
        set_tone(self.read_out, "muted")
        self.body.setSpacing(2)
        self.body.addWidget(plot, 1)
        self.body.addSpacing(4)
        self.body.addWidget(self.summary)
        self.body.addWidget(self.read_out)

    def add_key(self, mark: Mark, colour: str, text: str) -> None:
        """Tell how something is drawn."""
        label = ElidedLabel(text)
        set_tone(label, "muted")
        if self.legend.count():
            self.legend.addSpacing(6)
        self.legend.addWidget(Sample(self._look, mark, colour))
        self.legend.addWidget(label)

    def say(self, summary: str) -> None:
        """Say what the chart shows."""
        self.summary.setText(summary)
        self.plot.setAccessibleDescription(summary)

    def read(self, text: str) -> None:
        """Say what is at the cursor; nothing when it is nowhere."""
        self.read_out.setText(text or " ")
