"""The first page: set up, or look at the demo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLabel

from gui.setup.draft import Draft
from gui.setup.welcome_card import WelcomeCard

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.setup.card import Tools


def test_it_says_in_three_sentences_what_this_is(qtbot: QtBot, tools: Tools) -> None:
    card = WelcomeCard(tools)
    qtbot.addWidget(card)
    card.load(Draft())

    assert card.intro().count(". ") + 1 == 3
    assert card.action() == "&Set up"
    assert card.problem() is None
    texts = [label.text() for label in card.findChildren(QLabel)]
    assert any("write key" in text for text in texts)
    assert any("The step How events arrive helps" in text for text in texts)


def test_the_demo_is_one_press_away(qtbot: QtBot, tools: Tools) -> None:
    card = WelcomeCard(tools)
    qtbot.addWidget(card)

    with qtbot.waitSignal(card.demo_wanted):
        card.demo.click()
