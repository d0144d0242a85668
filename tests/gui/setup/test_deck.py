"""Cards are made when they are first wanted, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gui.setup.deck import Deck
from gui.setup.delivery_card import DeliveryCard
from gui.setup.welcome_card import WelcomeCard
from gui.setup.window_card import WindowCard

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.setup.card import Tools

KINDS = (WelcomeCard, DeliveryCard, WindowCard)


@pytest.fixture
def deck(qtbot: QtBot, tools: Tools) -> Deck:
    made = Deck(KINDS, lambda kind: kind(tools))
    made.made.connect(qtbot.addWidget)
    return made


def test_names_are_known_before_any_card_is_made(deck: Deck) -> None:
    assert deck.names == ["welcome", "delivery", "window"]
    assert deck.there() == ()


def test_a_card_is_made_once_and_told(qtbot: QtBot, deck: Deck) -> None:
    with qtbot.waitSignal(deck.made) as told:
        card = deck.card(1)

    assert told.args == [card]
    assert isinstance(card, DeliveryCard)
    with qtbot.assertNotEmitted(deck.made):
        assert deck.card(1) is card
    assert deck.there() == ((1, card),)
