"""One chart over time, on pyqtgraph: axes in local time, a cursor for mouse and keys.

The one module that imports pyqtgraph, which takes numpy and half a second: import it off Qt's
thread, when a chart is wanted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyqtgraph as pg  # type: ignore[import-untyped]
from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPen
from PySide6.QtWidgets import QFrame, QWidget

from gui.activity import ticks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent

    from gui.activity.figures import Figures
    from gui.look import Look

#: of a bar, the rest is the gap to the next
BAR = 0.8
GRID_ALPHA = 0.5
#: a chart is never lower than so many lines of text
LINES = 6
#: room above the highest mark
HEADROOM = 1.04
CURSOR_ALPHA = 40
#: letters of room for a mark of the time axis
MARK = "Nov 21MM"
ROW_MARKS = 4


class TimeAxis(pg.AxisItem):  # type: ignore[misc]
    """Round times in the local zone."""

    def __init__(self) -> None:
        super().__init__("bottom")

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[int, list[float]]]:
        """Where the marks stand."""
        room = QFontMetricsF(self.style["tickFont"]).horizontalAdvance(MARK)
        step = ticks.step_for(high - low, int(size // max(1.0, room)))
        return [(step, ticks.times(low, high, step))]

    def tickStrings(self, values: Sequence[float], _scale: float, spacing: float) -> list[str]:
        """What they say."""
        return [ticks.time_text(value, int(spacing)) for value in values]


class AmountAxis(pg.AxisItem):  # type: ignore[misc]
    """Round numbers from zero up."""

    def __init__(self) -> None:
        super().__init__("left")

    def tickValues(self, _low: float, high: float, _size: float) -> list[tuple[float, list[float]]]:
        """Where the marks stand."""
        values = [value for value in ticks.amounts(high, ROW_MARKS) if value <= high * 1.001]
        return [(values[1] if len(values) > 1 else 1.0, values)]

    def tickStrings(self, values: Sequence[float], _scale: float, spacing: float) -> list[str]:
        """What they say."""
        return [ticks.amount_text(value, spacing) for value in values]


class Plot(pg.PlotWidget):  # type: ignore[misc]
    """The ground of a chart; what is drawn on it is added by `gui.activity.charts`.

    Args:
        look: Colours and fonts.
        name: What it shows, for readers.

    Signals:
        pointed: The cursor stands on this part of the time; -1 on none.
    """

    pointed = Signal(int)

    def __init__(self, look: Look, name: str, parent: QWidget | None = None) -> None:
        axes = {"bottom": TimeAxis(), "left": AmountAxis()}
        super().__init__(parent, axisItems=axes, enableMenu=False)
        self._look = look
        self.figures: Figures | None = None
        self.cursor_at = -1
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setAccessibleName(name)  # it hands the focus on, and counts as a control
        self.setMouseTracking(True)
        self.setMouseEnabled(x=False, y=False)
        self.hideButtons()
        self.cursor_item = pg.LinearRegionItem(movable=False, pen=QPen(Qt.PenStyle.NoPen))
        self.cursor_item.setZValue(-1)
        self.cursor_item.hide()
        self.addItem(self.cursor_item)

    def close(self) -> bool:
        """Close as any widget does: pyqtgraph's own takes the scene apart, and crashes."""
        return QWidget.close(self)

    def colour(self, name: str, alpha: int = 255) -> QColor:
        """A colour of the look, perhaps let through."""
        colour = self._look.colour(name)
        colour.setAlpha(alpha)
        return colour

    def dress(self) -> None:
        """Draw in the colours and fonts of now."""
        self.setBackground(self.colour("raised"))
        for side in ("bottom", "left"):
            axis: Any = self.getAxis(side)
            axis.setStyle(tickFont=self.font(), tickLength=0)
            axis.setPen(pg.mkPen(self.colour("line")))
            axis.setTextPen(pg.mkPen(self.colour("muted")))
        self.showGrid(x=False, y=True, alpha=GRID_ALPHA)
        self.cursor_item.setBrush(self.colour("accent", CURSOR_ALPHA))

    def show_span(self, figures: Figures, highest: float) -> None:
        """Set the axes for these figures."""
        self.figures = figures
        self.setXRange(figures.since, figures.since + figures.range.seconds, padding=0)
        self.setYRange(0, HEADROOM * ticks.amounts(highest, ROW_MARKS)[-1], padding=0)
        if self.cursor_at >= len(figures.buckets):
            self.point_at(-1)
        self._place_cursor()

    def point_at(self, place: int) -> None:
        """Stand on a part of the time, without telling; -1 on none."""
        self.cursor_at = place
        self._place_cursor()

    def sizeHint(self) -> QSize:
        """Some lines of text high; it takes what room there is."""
        line = self.fontMetrics().lineSpacing()
        return QSize(2 * LINES * line, LINES * line)

    def minimumSizeHint(self) -> QSize:
        """Lower than that, it says nothing."""
        return self.sizeHint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The cursor follows the mouse."""
        super().mouseMoveEvent(event)
        self._move_to(self._place_at(event.position()))

    def leaveEvent(self, event: Any) -> None:  # noqa: ANN401 - pyqtgraph's parent is untyped
        """No mouse, no cursor."""
        super().leaveEvent(event)
        self._move_to(-1)

    def wheelEvent(self, event: Any) -> None:  # noqa: ANN401 - pyqtgraph's parent is untyped
        """The wheel is for the page, not for the chart."""
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows, Home and End move the cursor, Escape takes it away."""
        count = len(self.figures.buckets) if self.figures is not None else 0
        last = count - 1
        here = self.cursor_at
        places = {
            Qt.Key.Key_Left: last if here < 0 else max(0, here - 1),
            Qt.Key.Key_Right: last if here < 0 else min(last, here + 1),
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
            Qt.Key.Key_Escape: -1,
        }
        place = places.get(Qt.Key(event.key()))
        if place is None or not count:
            event.ignore()
            return
        self._move_to(place)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keys will move from."""
        super().focusInEvent(event)
        if self.cursor_at < 0 and self.figures is not None and self.figures.buckets:
            self._move_to(len(self.figures.buckets) - 1)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """No focus, no cursor."""
        super().focusOutEvent(event)
        self._move_to(-1)

    def _place_at(self, position: QPointF) -> int:
        view = self.getPlotItem().getViewBox()
        spot = self.mapToScene(position.toPoint())
        if self.figures is None or not view.sceneBoundingRect().contains(spot):
            return -1
        place = self.figures.at(view.mapSceneToView(spot).x())
        return -1 if place is None else place

    def _move_to(self, place: int) -> None:
        if place != self.cursor_at:
            self.point_at(place)
            self.pointed.emit(place)

    def _place_cursor(self) -> None:
        figures = self.figures
        shown = figures is not None and 0 <= self.cursor_at < len(figures.buckets)
        self.cursor_item.setVisible(shown)
        if shown and figures is not None:
            start = figures.buckets[self.cursor_at].start
            self.cursor_item.setRegion((start, start + figures.range.width))
