"""A row of controls that wraps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QPushButton

from gui.widgets.toolbar import ButtonRow

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look


def test_it_wraps_and_never_asks_for_all_the_width(qtbot: QtBot, look: Look) -> None:
    row = ButtonRow(QPushButton(f"Button {at}") for at in range(8))
    qtbot.addWidget(row)
    one_line = row.heightForWidth(3000)

    row.add(QPushButton("One more"))

    assert row.minimumSizeHint().width() < row.sizeHint().width() / 4
    assert row.heightForWidth(200) > 3 * one_line
