"""Only a typed yes lets a test event go to a production source."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt

from gui.sender.confirm import ConfirmCard

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look


@pytest.fixture
def card(qtbot: QtBot, look: Look) -> ConfirmCard:
    made = ConfirmCard(look)
    qtbot.addWidget(made)
    made.ask(50, "api.segment.io")
    return made


def test_it_says_how_many_go_where(card: ConfirmCard):
    assert card.isVisible()
    assert "50 test events reach" in card.text.text()
    assert "api.segment.io" in card.text.text()
    card.ask(1, "x")
    assert "1 test event reaches" in card.text.text()


@pytest.mark.parametrize("text", ["", "y", "yess", "no"])
def test_anything_but_yes_sends_nothing(qtbot: QtBot, card: ConfirmCard, text: str):
    qtbot.keyClicks(card.line, text)

    with qtbot.assertNotEmitted(card.confirmed):
        qtbot.keyClick(card.line, Qt.Key.Key_Return)
    assert not card.send.isEnabled()
    assert card.isVisible()


@pytest.mark.parametrize("by_key", [True, False])
def test_yes_sends(qtbot: QtBot, card: ConfirmCard, *, by_key: bool):
    qtbot.keyClicks(card.line, " Yes ")

    with qtbot.waitSignal(card.confirmed):
        if by_key:
            qtbot.keyClick(card.line, Qt.Key.Key_Return)
        else:
            card.send.click()
    assert not card.isVisible()


@pytest.mark.parametrize("by_key", [True, False])
def test_one_may_change_ones_mind(qtbot: QtBot, card: ConfirmCard, *, by_key: bool):
    with qtbot.waitSignal(card.declined):
        if by_key:
            qtbot.keyClick(card, Qt.Key.Key_Escape)
        else:
            card.cancel.click()
    assert not card.isVisible()
    card.ask(1, "x")
    qtbot.keyClick(card, Qt.Key.Key_A)
    assert card.isVisible()
    assert card.line.text() == ""
