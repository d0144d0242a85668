"""The program's own icon, drawn: plain for the window, with a mark for each state of the tray."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QIcon,
    QLinearGradient,
    QPainter,
    QPainterPath,
    QPainterPathStroker,
    QPen,
    QPixmap,
)

from gui.mood import Mood

if TYPE_CHECKING:
    from PySide6.QtGui import QColor

    from gui.look import Look

#: everything is drawn on a square of this many units
GRID = 64.0
SIZES = (16, 20, 22, 24, 32, 48, 64, 128, 256)
#: the program's own colours, the same on light and dark; grey while it stands still
TILE = ("#6472ea", "#3744ae")
TILE_STOPPED = ("#7d828f", "#5c606b")
#: the name of the colour of each mark; all well has none
MARKS = {Mood.WORKING: "busy", Mood.ATTENTION: "bad", Mood.PAUSED: "warn", Mood.STOPPED: "idle"}


def make_emblem(look: Look, mood: Mood | None = None) -> QIcon:
    """The program's icon in all usual sizes; with a mood, its mark in the lower right corner."""
    icon = QIcon()
    for size in SIZES:
        icon.addPixmap(draw_emblem(look, size, mood))
    return icon


def draw_emblem(look: Look, size: int, mood: Mood | None = None) -> QPixmap:
    """The program's icon as a picture of `size` pixels."""
    picture = QPixmap(size, size)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(size / GRID, size / GRID)
    _draw_tile(painter, grey=mood is Mood.STOPPED)
    _draw_bubble(painter)
    if mood in MARKS:
        _draw_mark(painter, mood, look.colour(MARKS[mood]), look.colour("base"))
    painter.end()
    return picture


def _draw_tile(painter: QPainter, *, grey: bool) -> None:
    ground = QLinearGradient(0, 0, 0, GRID)
    for at, colour in enumerate(TILE_STOPPED if grey else TILE):
        ground.setColorAt(at, colour)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(ground))
    painter.drawRoundedRect(QRectF(2, 2, 60, 60), 15, 15)


def _draw_bubble(painter: QPainter) -> None:
    """A speech bubble with an arrow leaving it: conversations, on their way."""
    bubble = QPainterPath()
    bubble.addRoundedRect(QRectF(12, 14, 34, 28), 9, 9)
    tail = QPainterPath(QPointF(18, 38))
    tail.lineTo(18, 52)
    tail.lineTo(30, 40)
    tail.closeSubpath()
    shaft = QPainterPath(QPointF(24, 28))
    shaft.lineTo(53, 28)
    head = QPainterPath(QPointF(44.5, 18.5))
    head.lineTo(54, 28)
    head.lineTo(44.5, 37.5)
    arrow = QPainterPath(shaft)
    arrow.addPath(head)
    pen = QPen(Qt.GlobalColor.white, 5.5)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    gap = QPen(pen)
    gap.setWidthF(13)
    # The bubble is white, with a gap around the arrow that cuts through it.
    layer = bubble.united(tail).subtracted(_stroked(arrow, gap))
    painter.fillPath(layer, Qt.GlobalColor.white)
    painter.strokePath(arrow, pen)


def _stroked(path: QPainterPath, pen: QPen) -> QPainterPath:
    return QPainterPathStroker(pen).createStroke(path)


def _draw_mark(painter: QPainter, mood: Mood, colour: QColor, ink: QColor) -> None:
    """A disc with a shape of its own for each state: the colour alone says nothing."""
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
    painter.setBrush(Qt.GlobalColor.black)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawEllipse(QPointF(47, 47), 19, 19)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
    painter.setBrush(colour)
    painter.drawEllipse(QPointF(47, 47), 16, 16)
    painter.setBrush(ink)
    match mood:
        case Mood.WORKING:
            for x in (38.5, 47, 55.5):
                painter.drawEllipse(QPointF(x, 47), 3.2, 3.2)
        case Mood.ATTENTION:
            painter.drawRoundedRect(QRectF(44.5, 36, 5, 13.5), 2.5, 2.5)
            painter.drawEllipse(QPointF(47, 55), 3, 3)
        case Mood.PAUSED:
            painter.drawRoundedRect(QRectF(40, 39, 5, 16), 2, 2)
            painter.drawRoundedRect(QRectF(49, 39, 5, 16), 2, 2)
        case _:
            painter.drawRoundedRect(QRectF(40.5, 40.5, 13, 13), 2, 2)
