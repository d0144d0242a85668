"""The coverage bar: told by shape and word, cell by cell, for mouse, keys and readers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFocusEvent, QHelpEvent, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QToolTip, QWidget

from core.coverage import CELL_SECONDS, Cover
from gui.activity.bar import CoverageBar, CoverSample, paint_cover
from gui.activity.day import Day
from tests.gui.activity.test_day import NOW, day, gap
from tests.gui.mouse import hover

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from gui.look import Look

LAST = 287
Key = Qt.Key


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    """Where the bar stands; something else has the focus."""
    made = QWidget()
    qtbot.addWidget(made)
    QPushButton(made)
    return made


@pytest.fixture
def bar(window: QWidget, look: Look, zone: Callable[[str], None]) -> CoverageBar:
    """A day with an hour that nobody covered."""
    zone("UTC")
    made = CoverageBar(look, window)
    made.resize(900, made.sizeHint().height())
    made.show_day(day(gap(2, 1)))
    window.show()
    return made


def middle(bar: CoverageBar, place: int) -> QPoint:
    """The middle of a cell."""
    box = bar.box()
    return QPointF(box.left() + (place + 0.5) / 288 * box.width(), box.center().y()).toPoint()


def drawn(look: Look, cover: Cover) -> QImage:
    """One kind of cover as a grey picture: without its colours."""
    picture = QImage(20, 20, QImage.Format.Format_RGB32)
    picture.fill(look.colour("raised"))
    painter = QPainter(picture)
    paint_cover(painter, look, cover, QRectF(0, 0, 20, 20))
    painter.end()
    return picture.convertToFormat(QImage.Format.Format_Grayscale8)


def outline(picture: QImage) -> str:
    """Which parts are the lighter ones."""
    greys = [QColor(picture.pixel(x, y)).lightness() for y in range(20) for x in range(20)]
    level = (min(greys) + max(greys)) / 2
    return "".join("#" if grey < level else "." for grey in greys)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_kind_of_cover_is_told_by_colour_alone(look: Look, scheme: str) -> None:
    look.force(scheme)  # type: ignore[arg-type]

    shapes = {outline(drawn(look, cover)) for cover in Cover}

    assert len(shapes) == len(Cover)


def test_the_whole_bar_is_a_sentence_for_readers(bar: CoverageBar) -> None:
    assert bar.accessibleName() == "Coverage of the last 24 hours"
    assert bar.accessibleDescription().startswith("Last 24 hours: webhook and polling 7 h")


def test_keys_go_through_the_cells_and_readers_hear_each(qtbot: QtBot, bar: CoverageBar) -> None:
    told: list[int] = []
    bar.pointed.connect(told.append)

    for key in (Key.Key_Left, Key.Key_PageUp, Key.Key_Home, Key.Key_Right, Key.Key_PageDown):
        QTest.keyClick(bar, key)

    assert told == [LAST - 1, LAST - 13, 0, 1, 13]
    assert bar.accessibleDescription() == bar.say(13) == "21:40 to 21:45: not known"
    QTest.keyClick(bar, Key.Key_End)
    QTest.keyClick(bar, Key.Key_Right)
    assert bar.cursor_at == LAST
    QTest.keyClick(bar, Key.Key_Escape)
    assert bar.cursor_at == -1
    assert bar.accessibleDescription().startswith("Last 24 hours")


def test_up_and_down_go_to_the_next_change(bar: CoverageBar) -> None:
    QTest.keyClick(bar, Key.Key_Up)
    QTest.keyClick(bar, Key.Key_Up)

    assert bar.say(bar.cursor_at).startswith("18:30 to 18:35: nobody")
    QTest.keyClick(bar, Key.Key_Down)
    assert bar.say(bar.cursor_at).startswith("19:30 to 19:35: webhook only")
    QTest.keyClick(bar, Key.Key_Down)
    assert bar.say(bar.cursor_at).startswith("19:30 to 19:35")


def test_the_cursor_comes_and_goes_with_the_focus(bar: CoverageBar) -> None:
    QApplication.sendEvent(bar, QFocusEvent(QEvent.Type.FocusIn))
    assert bar.cursor_at == LAST

    QApplication.sendEvent(bar, QFocusEvent(QEvent.Type.FocusOut))
    assert bar.cursor_at == -1


def test_the_cursor_follows_the_mouse(qtbot: QtBot, bar: CoverageBar) -> None:
    with qtbot.waitSignal(bar.pointed) as told:
        hover(bar, middle(bar, 100))
    assert told.args == [100]

    QApplication.sendEvent(bar, QEvent(QEvent.Type.Leave))
    assert bar.cursor_at == -1


def test_each_cell_has_a_tooltip_with_the_exact_time(
    bar: CoverageBar, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _place, text, _of: shown.append(text))

    for place in (middle(bar, LAST), QPoint(0, 0)):
        QApplication.sendEvent(bar, QHelpEvent(QEvent.Type.ToolTip, place, place))

    assert shown == ["20:30 to 20:35: webhook only\n2026-05-28 20:30:00.000 UTC", ""]


def test_the_cursor_stays_at_its_time_when_time_goes_on(bar: CoverageBar) -> None:
    QTest.keyClick(bar, Key.Key_PageUp)
    said = bar.say(bar.cursor_at)

    bar.show_day(day(now=NOW + 60 + CELL_SECONDS))

    assert bar.cursor_at == LAST - 13
    assert bar.say(bar.cursor_at).split(":")[:3] == said.split(":")[:3]
    bar.show_day(day(now=NOW + 30 * 3600))
    assert bar.cursor_at == -1


def test_what_nobody_covered_has_a_mark_above_it(bar: CoverageBar, look: Look) -> None:
    picture = bar.grab().toImage()
    above = round(bar.box().top() - 6)

    marked = {
        x for x in range(picture.width()) if picture.pixelColor(x, above) == look.colour("bad")
    }

    places = {bar.place_at(x) for x in marked}
    assert marked
    assert all(bar.day is not None and bar.day.cells[one] is Cover.NOBODY for one in places)


def test_before_anything_is_known_there_are_no_cells(qtbot: QtBot, look: Look) -> None:
    empty = CoverageBar(look)
    qtbot.addWidget(empty)
    empty.show_day(Day(now=NOW))
    empty.show()

    QTest.keyClick(empty, Key.Key_Left)

    assert (empty.cursor_at, empty.say(0), empty.place_at(50)) == (-1, "", -1)
    assert empty.accessibleDescription().startswith("Nothing is known yet.")
    assert not empty.grab().isNull()


def test_light_and_dark_are_followed(bar: CoverageBar, look: Look) -> None:
    light = bar.grab().toImage().pixelColor(middle(bar, 200))

    look.force("dark")

    assert bar.grab().toImage().pixelColor(middle(bar, 200)) == look.colour("good") != light


@pytest.mark.parametrize("cover", list(Cover))
def test_the_legend_is_drawn_as_the_bar_is(qtbot: QtBot, look: Look, cover: Cover) -> None:
    sample = CoverSample(look, cover)
    qtbot.addWidget(sample)
    sample.resize(sample.sizeHint())

    picture = sample.grab().toImage()

    colours = {
        picture.pixelColor(x, y).name()
        for x in range(picture.width())
        for y in range(picture.height())
    }
    assert len(colours) >= (1 if cover is Cover.BOTH else 2)
