"""A page that scrolls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QApplication, QPushButton, QVBoxLayout, QWidget

from gui.palettes import LIGHT
from gui.widgets.scroll import Scroller

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from gui.look import Look

#: the offscreen platform says so whenever a window with a smallest size is shown
pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


@pytest.fixture
def scroller(qtbot: QtBot, look: Look) -> Iterator[Scroller]:
    """Forty buttons, much higher than the window."""
    content = QWidget()
    column = QVBoxLayout(content)
    for at in range(40):
        column.addWidget(QPushButton(f"Button {at}"))
    window = QWidget()
    qtbot.addWidget(window)
    scroller = Scroller(content, window)
    scroller.resize(300, 200)
    window.resize(300, 200)
    window.show()
    yield scroller
    window.close()


def test_it_is_never_narrower_than_its_content(scroller: Scroller) -> None:
    assert scroller.minimumSizeHint().width() > scroller.widget().minimumSizeHint().width()
    assert scroller.minimumSizeHint().height() < 200


def test_it_stands_on_the_ground_of_the_window(scroller: Scroller) -> None:
    assert scroller.window().grab().toImage().pixelColor(2, 2).name() == LIGHT["window"]


def test_what_gets_the_focus_comes_into_sight(scroller: Scroller) -> None:
    last = scroller.widget().findChildren(QPushButton)[-1]

    QApplication.instance().focusChanged.emit(None, last)

    assert scroller.verticalScrollBar().value() > 0


def test_focus_elsewhere_moves_nothing(scroller: Scroller) -> None:
    QApplication.instance().focusChanged.emit(None, scroller)
    QApplication.instance().focusChanged.emit(scroller, None)

    assert scroller.verticalScrollBar().value() == 0
