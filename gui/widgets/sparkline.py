"""A small line of how a number went."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.words import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPaintEvent

    from gui.look import Look

LINE = 1.5
DOT = 2.2
FILL_ALPHA = 36


class Sparkline(QWidget):
    """Values from old to new as a thin line, from zero to the highest.

    Args:
        look: Colours.
        name: What the number is, for readers.
    """

    def __init__(self, look: Look, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._values: list[float] = []
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name or self.tr("Course of the number"))
        self._describe()
        look.changed.connect(self.update)

    def set_values(self, values: Sequence[float]) -> None:
        """Show these, the newest last."""
        fresh = [float(value) for value in values]
        if fresh == self._values:
            return
        self._values = fresh
        self._describe()
        self.update()

    def values(self) -> list[float]:
        """What is shown."""
        return list(self._values)

    def sizeHint(self) -> QSize:
        """As high as a line of text, as wide as a short word or two."""
        metrics = self.fontMetrics()
        return QSize(12 * metrics.averageCharWidth(), round(1.4 * metrics.height()))

    def minimumSizeHint(self) -> QSize:
        """Half as wide."""
        hint = self.sizeHint()
        return QSize(hint.width() // 2, hint.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the line, the ground below it, and a dot where it is now."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(DOT + 1, DOT + 1, -DOT - 1, -DOT - 1)
        painter.setPen(QPen(self._look.colour("line"), 1))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        points = self._points(box)
        if not points:
            return
        accent = self._look.colour("accent")
        line = QPainterPath(points[0])
        for point in points[1:]:
            line.lineTo(point)
        ground = QPainterPath(line)
        ground.lineTo(points[-1].x(), box.bottom())
        ground.lineTo(points[0].x(), box.bottom())
        soft = self._look.colour("accent")
        soft.setAlpha(FILL_ALPHA)
        painter.fillPath(ground, soft)
        pen = QPen(accent, LINE)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.strokePath(line, pen)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(accent)
        painter.drawEllipse(points[-1], DOT, DOT)

    def _points(self, box: QRectF) -> list[QPointF]:
        top = max(self._values, default=0.0) or 1.0
        step = box.width() / max(1, len(self._values) - 1)
        return [
            QPointF(box.left() + at * step, box.bottom() - max(0.0, value) / top * box.height())
            for at, value in enumerate(self._values)
        ]

    def _describe(self) -> None:
        if not self._values:
            self.setAccessibleDescription(self.tr("No values yet."))
            return
        text = self.tr("Now {now}, highest {high}, lowest {low}.").format(
            now=_short(self._values[-1]),
            high=_short(max(self._values)),
            low=_short(min(self._values)),
        )
        self.setAccessibleDescription(text)


def _short(value: float) -> str:
    return number(int(value)) if value == int(value) else f"{value:,.1f}"
