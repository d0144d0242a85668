"""Buttons in the house style."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QPalette

from gui.palettes import DARK, LIGHT
from gui.widgets.buttons import IconButton, dress, follow_icon, make_button

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look


def inks(icon) -> set[str]:
    image = icon.pixmap(32, 32).toImage()
    return {image.pixelColor(x, y).name() for x in range(32) for y in range(32)}


@pytest.mark.parametrize(
    ("kind", "colour"),
    [
        ("", "text"),
        ("primary", "on_accent"),
        ("danger", "bad"),
        ("quiet", "text"),
        ("link", "accent"),
    ],
)
def test_a_button_has_the_ink_of_its_kind(qtbot: QtBot, look: Look, kind: str, colour: str) -> None:
    button = make_button(look, "Do it", icon="stop", kind=kind)
    qtbot.addWidget(button)
    button.ensurePolished()

    assert button.palette().color(QPalette.ColorRole.ButtonText).name() == LIGHT[colour]
    assert LIGHT[colour] in inks(button.icon())


def test_a_button_can_become_another_kind(qtbot: QtBot, look: Look) -> None:
    button = make_button(look, "Do it")
    qtbot.addWidget(button)

    dress(button, "danger")

    assert button.palette().color(QPalette.ColorRole.ButtonText).name() == LIGHT["bad"]


def test_icons_follow_the_look(qtbot: QtBot, look: Look) -> None:
    button = make_button(look, "Do it", icon="stop")
    qtbot.addWidget(button)

    look.force("dark")

    assert DARK["text"] in inks(button.icon())


def test_the_last_icon_given_is_the_one_that_stays(qtbot: QtBot, look: Look) -> None:
    action = QAction("Do it")
    follow_icon(look, action, "stop")
    follow_icon(look, action, "stop", "bad")

    look.force("dark")

    assert DARK["bad"] in inks(action.icon())
    assert len(action.children()) == 1


def test_a_button_that_is_only_an_icon_says_what_it_does(qtbot: QtBot, look: Look) -> None:
    button = IconButton(look, "close", "Close the search")
    qtbot.addWidget(button)

    assert button.accessibleName() == button.toolTip() == "Close the search"
    assert button.focusPolicy() == Qt.FocusPolicy.StrongFocus
