"""A turning arc and a word while something is under way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QHBoxLayout, QWidget

from gui.widgets.labels import Text

if TYPE_CHECKING:
    from PySide6.QtGui import QHideEvent, QPaintEvent, QShowEvent

    from gui.look import Look

FRAME_MS = 60
STEP = 24
CIRCLE = 360
ARC = 100
UNITS = 16  # QPainter counts sixteenths of a degree


class Spinner(QWidget):
    """The turning arc; it turns only while it is to be seen.

    Args:
        look: Colours.
    """

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._angle = 0
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self._on_frame)
        look.changed.connect(self.update)

    def is_turning(self) -> bool:
        """Whether the timer runs."""
        return self._timer.isActive()

    def sizeHint(self) -> QSize:
        """As large as an icon."""
        side = self._look.icon_size()
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        """As large as an icon."""
        return self.sizeHint()

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to turn."""
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stand still."""
        super().hideEvent(event)
        self._timer.stop()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw a ring and the arc on it."""
        side = min(self.width(), self.height())
        width = max(1.5, side / 9)
        rect = QRectF(0, 0, side, side).adjusted(width, width, -width, -width)
        rect.moveCenter(QRectF(self.rect()).center())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(self._look.colour("line"), width)
        painter.setPen(pen)
        painter.drawEllipse(rect)
        pen.setColor(self._look.colour("accent"))
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawArc(rect, -self._angle * UNITS, ARC * UNITS)

    def _on_frame(self) -> None:
        self._angle = (self._angle + STEP) % CIRCLE
        self.update()


class BusyLabel(QWidget):
    """Says what is under way; hidden while nothing is.

    Args:
        look: Colours.
    """

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spinner = Spinner(look, self)
        self.label = Text(tone="muted", parent=self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.spinner, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.label, 1)
        self.hide()

    def start(self, text: str) -> None:
        """Say that this is under way."""
        self.label.setText(text)
        self.setAccessibleName(text)
        self.show()

    def stop(self) -> None:
        """It is over."""
        self.hide()
