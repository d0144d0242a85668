"""A line to search with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt

from gui.widgets.find_bar import FindBar

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look

#: the offscreen platform says so whenever a window with a smallest size is shown
pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


@pytest.fixture
def bar(qtbot: QtBot, look: Look) -> FindBar:
    bar = FindBar(look)
    qtbot.addWidget(bar)
    bar.open("refund")
    return bar


def test_buttons_go_on_and_back(qtbot: QtBot, bar: FindBar) -> None:
    with qtbot.waitSignal(bar.wanted) as onwards:
        bar._next.click()
    with qtbot.waitSignal(bar.wanted) as backwards:
        bar._back.click()

    assert (onwards.args, backwards.args) == (["refund", False], ["refund", True])


def test_escape_closes(qtbot: QtBot, bar: FindBar) -> None:
    with qtbot.waitSignal(bar.closed):
        qtbot.keyClick(bar.edit, Qt.Key.Key_Escape)

    assert bar.isHidden()


def test_the_cross_closes(qtbot: QtBot, bar: FindBar) -> None:
    with qtbot.waitSignal(bar.closed):
        bar._close.click()


def test_every_letter_searches(qtbot: QtBot, bar: FindBar) -> None:
    bar.edit.clear()

    with qtbot.waitSignals([bar.wanted, bar.wanted]):
        qtbot.keyClicks(bar.edit, "ab")


def test_other_keys_are_left_alone(qtbot: QtBot, bar: FindBar) -> None:
    with qtbot.assertNotEmitted(bar.wanted):
        qtbot.keyClick(bar, Qt.Key.Key_F5)
