"""The coverage bar: 24 hours in cells of five minutes.

The webhook has the upper lane, polling the lower one; what nobody covered is hatched over both,
with a mark above it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QBrush,
    QHelpEvent,
    QPainter,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from core.coverage import Cover
from gui.activity import ticks
from gui.activity.day import Day, cell_in_words, day_in_words
from gui.words import utc

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPaintEvent

    from gui.look import Look

#: height of the bar and of the marks above it, in lines of text
BAR, MARKS = 1.5, 0.4
#: the widest text below the bar
MARK = "Nov 21MM"
#: cells in an hour
HOUR = 12
LEAST = 6.0
LINE = 1.2
RIM = 3


def paint_cover(painter: QPainter, look: Look, cover: Cover, box: QRectF) -> None:
    """Draw who covered a time: lanes and hatching tell it, and the colour once more."""
    half = box.height() / 2
    match cover:
        case Cover.BOTH:
            painter.fillRect(box, look.colour("good"))
        case Cover.WEBHOOK:
            painter.fillRect(box, look.colour("idle_soft"))
            painter.fillRect(box.adjusted(0, 0, 0, -half), look.colour("busy"))
        case Cover.POLL:
            painter.fillRect(box, look.colour("idle_soft"))
            painter.fillRect(box.adjusted(0, half, 0, 0), look.colour("busy"))
        case Cover.NOBODY:
            painter.fillRect(box, look.colour("bad_soft"))
            painter.fillRect(box, QBrush(look.colour("bad"), Qt.BrushStyle.BDiagPattern))
        case Cover.UNKNOWN:
            painter.setPen(QPen(look.colour("edge"), LINE, Qt.PenStyle.DotLine))
            middle = box.center().y()
            painter.drawLine(QPointF(box.left(), middle), QPointF(box.right(), middle))
            painter.setPen(Qt.PenStyle.NoPen)


class CoverSample(QWidget):
    """What to look for in the bar, as drawn there.

    Args:
        look: Colours.
        cover: Who covered.
    """

    def __init__(self, look: Look, cover: Cover, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look, self._cover = look, cover
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """As high as a letter."""
        side = self.fontMetrics().ascent()
        return QSize(round(1.6 * side), side)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it."""
        paint_cover(QPainter(self), self._look, self._cover, QRectF(self.rect()))


class CoverageBar(QWidget):
    """Who covered the last 24 hours; a cursor for mouse and keys tells it cell by cell.

    Args:
        look: Colours.

    Signals:
        pointed: The cursor stands on this cell; -1 on none.
    """

    pointed = Signal(int)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.day: Day | None = None
        self.cursor_at = -1
        self.setAccessibleName(self.tr("Coverage of the last 24 hours"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.update)

    def show_day(self, day: Day) -> None:
        """Draw this; the cursor stays at its time."""
        moment = None if self.day is None or self.cursor_at < 0 else self.day.window(self.cursor_at)
        self.day = day
        place = None if moment is None else day.at(moment[0])
        if moment is not None:
            self._move_to(-1 if place is None else place, aloud=False)
        self._describe()
        self.update()

    def say(self, place: int) -> str:
        """One cell in words; nothing for no cell."""
        if self.day is None or not 0 <= place < len(self.day.cells):
            return ""
        return cell_in_words(self.day, place)

    def sizeHint(self) -> QSize:
        """Marks, bar, and a line of times."""
        line = self.fontMetrics().height()
        return QSize(24 * line, round((MARKS + BAR + 1) * line) + 2 * RIM)

    def minimumSizeHint(self) -> QSize:
        """Half as wide."""
        hint = self.sizeHint()
        return QSize(hint.width() // 2, hint.height())

    def box(self) -> QRectF:
        """Where the bar is drawn."""
        line = self.fontMetrics().height()
        return QRectF(RIM, RIM + MARKS * line, self.width() - 2 * RIM, BAR * line)

    def place_at(self, x: float) -> int:
        """The cell at this distance from the left; -1 for none."""
        box = self.box()
        if self.day is None or not self.day.cells or not box.left() <= x < box.right():
            return -1
        return int((x - box.left()) / box.width() * len(self.day.cells))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the bar, the marks above what nobody covered, the times, and the cursor."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.day is None or not self.day.cells:
            paint_cover(painter, self._look, Cover.UNKNOWN, self.box())
        else:
            self._paint_stretches(painter, self.day)
            self._paint_times(painter, self.day)
            self._paint_cursor(painter)
        if self.hasFocus():
            painter.setPen(QPen(self._look.colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), RIM, RIM)

    def event(self, event: QEvent) -> bool:
        """A tooltip for each cell, with the exact time."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = self.place_at(event.pos().x())
            text = self.say(place)
            if self.day is not None and text:
                text = f"{text}\n{utc(self.day.window(place)[0])}"
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The cursor follows the mouse."""
        super().mouseMoveEvent(event)
        self._move_to(self.place_at(event.position().x()), aloud=False)

    def leaveEvent(self, event: QEvent) -> None:
        """No mouse, no cursor."""
        super().leaveEvent(event)
        self._move_to(-1, aloud=False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move by five minutes, page keys by an hour, up and down to the next change."""
        last = len(self.day.cells) - 1 if self.day is not None else -1
        here = self.cursor_at if self.cursor_at >= 0 else last
        places = {
            Qt.Key.Key_Left: max(0, here - 1),
            Qt.Key.Key_Right: min(last, here + 1),
            Qt.Key.Key_PageUp: max(0, here - HOUR),
            Qt.Key.Key_PageDown: min(last, here + HOUR),
            Qt.Key.Key_Up: self._change_before(here),
            Qt.Key.Key_Down: self._change_after(here),
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
            Qt.Key.Key_Escape: -1,
        }
        place = places.get(Qt.Key(event.key()))
        if place is None or last < 0 or (place < 0 and self.cursor_at < 0):
            event.ignore()
            return
        self._move_to(place, aloud=True)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keys will move from: now."""
        super().focusInEvent(event)
        if self.cursor_at < 0 and self.day is not None and self.day.cells:
            self._move_to(len(self.day.cells) - 1, aloud=False)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """No focus, no cursor."""
        super().focusOutEvent(event)
        self._move_to(-1, aloud=False)

    def _change_before(self, here: int) -> int:
        """Where the stretch before this cell begins."""
        stretches = self.day.stretches() if self.day is not None else []
        return max((first for first, _, _ in stretches if first < here), default=0)

    def _change_after(self, here: int) -> int:
        """Where the next stretch begins."""
        stretches = self.day.stretches() if self.day is not None else []
        return min((first for first, _, _ in stretches if first > here), default=here)

    def _move_to(self, place: int, *, aloud: bool) -> None:
        if place == self.cursor_at:
            return
        self.cursor_at = place
        self._describe()
        self.update()
        self.pointed.emit(place)
        if aloud and place >= 0:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, self.say(place)))

    def _describe(self) -> None:
        whole = "" if self.day is None else day_in_words(self.day)
        text = self.say(self.cursor_at) or whole
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)

    def _left(self, place: float) -> float:
        """Where a cell begins; on a whole pixel, so that neighbours touch."""
        box, count = self.box(), len(self.day.cells) if self.day is not None else 1
        return round(box.left() + place / count * box.width())

    def _paint_stretches(self, painter: QPainter, day: Day) -> None:
        box, side = self.box(), self.fontMetrics().height() * MARKS / 2
        for first, after, cover in day.stretches():
            left, right = self._left(first), self._left(after)
            stretch = QRectF(left, box.top(), right - left, box.height())
            paint_cover(painter, self._look, cover, stretch)
            if cover is Cover.NOBODY:
                tip = QPointF(stretch.center().x(), box.top() - 1)
                painter.setBrush(self._look.colour("bad"))
                corners = [tip, tip + QPointF(-side, -2 * side), tip + QPointF(side, -2 * side)]
                painter.drawPolygon(QPolygonF(corners))

    def _paint_times(self, painter: QPainter, day: Day) -> None:
        box, metrics = self.box(), self.fontMetrics()
        step = ticks.step_for(
            day.end - day.start, int(box.width() // metrics.horizontalAdvance(MARK))
        )
        for moment in ticks.times(day.start, day.end, step):
            text = ticks.time_text(moment, step)
            x = box.left() + (moment - day.start) / (day.end - day.start) * box.width()
            wide = metrics.horizontalAdvance(text) + 1
            left = min(max(x - wide / 2, box.left()), box.right() - wide)
            painter.setPen(QPen(self._look.colour("edge"), 1))
            painter.drawLine(QPointF(x, box.bottom()), QPointF(x, box.bottom() + RIM))
            painter.setPen(self._look.colour("muted"))
            place = QRectF(left, box.bottom() + RIM - 1, wide, metrics.height())
            painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), text)
        painter.setPen(Qt.PenStyle.NoPen)

    def _paint_cursor(self, painter: QPainter) -> None:
        if self.cursor_at < 0:
            return
        box = self.box()
        left, right = self._left(self.cursor_at), self._left(self.cursor_at + 1)
        wide = max(LEAST, right - left + 2)
        frame = QRectF((left + right - wide) / 2, box.top() - 1, wide, box.height() + 2)
        painter.setPen(QPen(self._look.colour("text"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(frame)
        painter.setPen(Qt.PenStyle.NoPen)
