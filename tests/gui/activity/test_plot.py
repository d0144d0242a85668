"""The plot: a cursor for mouse and keys, axes that read well, nothing that zooms by accident."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from gui.activity import figures as figuring
from tests.gui.activity.conftest import NOW, activity
from tests.gui.mouse import hover

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.activity.plot import Plot
    from gui.look import Look

HOUR = figuring.ranges()[0]


@pytest.fixture
def plot(qtbot: QtBot, look: Look) -> Plot:
    """A chart of the backlog over an hour."""
    from gui.activity.charts import BacklogChart  # noqa: PLC0415 - slow

    window = QWidget()
    qtbot.addWidget(window)
    window.resize(600, 240)
    chart = BacklogChart(look, window)
    chart.resize(600, 200)
    QLineEdit(window).setFocus()
    window.show()
    window.grab()  # axes find their width when they are painted
    since, until = HOUR.window(NOW)
    figures = figuring.figures_of(HOUR, activity(since, until, 60, _3={"backlog": 9}))
    chart.show_figures(figures)
    window.grab()
    chart.window_ = window
    return chart


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        ([Qt.Key.Key_Home], 0),
        ([Qt.Key.Key_End], 59),
        ([Qt.Key.Key_Home, Qt.Key.Key_Right, Qt.Key.Key_Right], 2),
        ([Qt.Key.Key_Home, Qt.Key.Key_Left], 0),
        ([Qt.Key.Key_End, Qt.Key.Key_Right], 59),
        ([Qt.Key.Key_Left], 59),
        ([Qt.Key.Key_Home, Qt.Key.Key_Escape], -1),
    ],
)
def test_keys_move_the_cursor(qtbot: QtBot, plot: Plot, keys: list[Qt.Key], place: int) -> None:
    told: list[int] = []
    plot.pointed.connect(told.append)

    for key in keys:
        qtbot.keyClick(plot, key)

    assert plot.cursor_at == place
    assert told[-1:] == [place]
    assert plot.cursor_item.isVisible() is (place >= 0)


def test_other_keys_are_left_to_the_window(qtbot: QtBot, plot: Plot) -> None:
    qtbot.keyClick(plot, Qt.Key.Key_F5)

    assert plot.cursor_at == -1


def test_the_mouse_points_at_the_part_below_it(qtbot: QtBot, plot: Plot) -> None:
    view = plot.getPlotItem().getViewBox()
    spot = view.mapViewToScene(QPointF(plot.figures.middles[30], 1))

    with qtbot.waitSignal(plot.pointed) as pointed:
        hover(plot.viewport(), plot.mapFromScene(spot))

    assert pointed.args == [30]
    region = plot.cursor_item.getRegion()
    assert region[0] == pytest.approx(plot.figures.starts[30])


def test_it_is_one_stop_for_the_tab_key_and_can_be_clicked(qtbot: QtBot, plot: Plot) -> None:
    assert plot.viewport().focusProxy() is plot
    assert plot.viewport().accessibleName() == plot.accessibleName() == "Backlog"

    qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(300, 80))

    qtbot.waitUntil(plot.hasFocus)


def test_beside_the_chart_there_is_no_cursor(qtbot: QtBot, plot: Plot) -> None:
    hover(plot.viewport(), QPoint(300, 80))
    qtbot.waitUntil(lambda: plot.cursor_at >= 0)

    hover(plot.viewport(), QPoint(2, 80))

    qtbot.waitUntil(lambda: plot.cursor_at == -1)


def test_the_wheel_scrolls_the_page_and_not_the_chart(plot: Plot) -> None:
    before = plot.viewRange()
    event = QWheelEvent(
        QPointF(100, 100),
        QPointF(100, 100),
        QPoint(0, 0),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )

    QApplication.sendEvent(plot.viewport(), event)

    assert not event.isAccepted()
    assert plot.viewRange() == before


def test_fewer_figures_take_the_cursor_away(plot: Plot) -> None:
    plot.point_at(59)

    plot.show_figures(figuring.Figures(HOUR, NOW))

    assert plot.cursor_at == -1


def test_the_axes_say_round_times_and_amounts(plot: Plot) -> None:
    low, high = plot.viewRange()[0]
    [(step, moments)] = plot.getAxis("bottom").tickValues(low, high, 600)
    [(spacing, amounts)] = plot.getAxis("left").tickValues(0, 10, 200)

    assert all(moment % 300 == 0 for moment in moments)
    assert len(plot.getAxis("bottom").tickStrings(moments, 1, step)) == len(moments)
    assert plot.getAxis("left").tickStrings(amounts, 1, spacing)[:2] == ["0", "5"]
