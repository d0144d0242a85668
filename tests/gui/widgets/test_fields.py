"""Fields where the stylesheet alone cannot do it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLineEdit, QSpinBox

from gui.palettes import LIGHT
from gui.widgets.fields import dress_spin, set_problem

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look


def test_a_number_does_not_stick_to_its_frame(qtbot: QtBot, look: Look) -> None:
    spin = QSpinBox()
    qtbot.addWidget(spin)

    dress_spin(spin)

    assert spin.lineEdit().textMargins().left() > 0


def test_a_wrong_line_is_marked_and_told(qtbot: QtBot, look: Look) -> None:
    line = QLineEdit("?")
    qtbot.addWidget(line)
    line.resize(200, 40)

    set_problem(line, "This is no address.")

    assert line.grab().toImage().pixelColor(100, 0).name() == LIGHT["bad"]
    assert line.accessibleDescription() == line.toolTip() == "This is no address."


def test_a_mark_goes_when_all_is_well(qtbot: QtBot, look: Look) -> None:
    line = QLineEdit("?")
    qtbot.addWidget(line)
    set_problem(line, "This is no address.")

    set_problem(line, "")

    assert line.grab().toImage().pixelColor(50, 0).name() != LIGHT["bad"]
    assert line.toolTip() == ""
