"""What a page shows while it has nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QApplication

from gui.widgets.empty import EmptyState

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look


@pytest.fixture
def empty(qtbot: QtBot, look: Look) -> EmptyState:
    empty = EmptyState(look)
    qtbot.addWidget(empty)
    return empty


def test_it_offers_what_to_press(qtbot: QtBot, empty: EmptyState) -> None:
    empty.set_content("empty", "No events yet", "They appear here.", "Send a test")

    with qtbot.waitSignal(empty.activated):
        empty.button.click()

    assert empty.title.text() == "No events yet"
    assert empty.button.text() == "Send a test"


def test_without_text_and_action_there_is_only_the_title(empty: EmptyState) -> None:
    empty.set_content("ok", "Nothing needs attention")

    assert empty.text.isHidden()
    assert empty.button.isHidden()


def test_everything_stands_in_the_middle(empty: EmptyState) -> None:
    empty.set_content("empty", "No events yet", "They appear here.", "Send a test")
    empty.resize(800, 500)
    empty.layout().activate()
    empty.grab()
    QApplication.sendPostedEvents()

    for part in (empty.icon, empty.title, empty.text, empty.button):
        middle = part.mapTo(empty, part.rect().center()).x()
        assert abs(middle - 400) <= 2
