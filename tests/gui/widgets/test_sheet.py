"""A page that is exactly as high as its text needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.widgets.labels import Text
from gui.widgets.sheet import Sheet

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

WORDS = "Every event is kept on this computer until Segment has accepted it. " * 8


def page(text: Text) -> QWidget:
    made = QWidget()
    column = QVBoxLayout(made)
    column.addWidget(text)
    column.addStretch(1)
    return made


def test_wrapped_text_gets_the_height_it_needs_at_this_width(qtbot: QtBot) -> None:
    sheet = Sheet(page(Text(WORDS)))
    qtbot.addWidget(sheet)
    sheet.resize(900, 400)
    sheet.show()
    wide = sheet.needed

    sheet.resize(300, 400)

    assert sheet.needed > wide
    assert sheet.widget().width() == sheet.viewport().width()
    assert sheet.widget().height() == max(sheet.needed, sheet.viewport().height())


def test_what_fits_does_not_scroll(qtbot: QtBot) -> None:
    sheet = Sheet(page(Text(WORDS)))
    qtbot.addWidget(sheet)
    sheet.resize(900, 400)
    sheet.show()

    assert sheet.verticalScrollBar().maximum() == 0


def test_text_that_comes_later_finds_room(qtbot: QtBot) -> None:
    text = Text("")
    sheet = Sheet(page(text), margins=(0, 0, 0, 0))
    qtbot.addWidget(sheet)
    sheet.resize(200, 100)
    sheet.show()

    text.setText(WORDS * 3)

    qtbot.waitUntil(lambda: sheet.verticalScrollBar().maximum() > 0)
