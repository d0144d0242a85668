"""A framed section."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLabel

from gui.palettes import LIGHT
from gui.widgets.card import Card

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look


def test_it_has_title_text_and_content(qtbot: QtBot, look: Look) -> None:
    card = Card(look, "Segment", "Where events go.")
    qtbot.addWidget(card)
    content = QLabel("content")
    card.body.addWidget(content)

    assert (card.title.text(), card.text.text()) == ("Segment", "Where events go.")
    assert card.accessibleName() == "Segment"
    assert content.parentWidget() is card


def test_what_there_is_not_takes_no_room(qtbot: QtBot, look: Look) -> None:
    card = Card(look)
    qtbot.addWidget(card)

    assert card.title.isHidden()
    assert card.text.isHidden()


def test_it_is_raised_and_framed(qtbot: QtBot, look: Look) -> None:
    card = Card(look, "Segment")
    qtbot.addWidget(card)
    card.resize(300, 120)

    image = card.grab().toImage()

    assert image.pixelColor(150, 0).name() == LIGHT["line"]
    assert image.pixelColor(150, 110).name() == LIGHT["raised"]
