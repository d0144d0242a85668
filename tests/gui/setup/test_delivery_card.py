"""Delivery and retention: each number is its setting, and untouched ones stay exact."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.settings import Delivery, Retention, Settings
from gui.setup.delivery_card import DeliveryCard
from gui.setup.draft import Draft

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.setup.card import Tools


@pytest.fixture
def card(qtbot: QtBot, tools: Tools) -> DeliveryCard:
    made = DeliveryCard(tools)
    qtbot.addWidget(made)
    made.load(Draft())
    return made


def test_the_defaults_change_nothing(card: DeliveryCard) -> None:
    assert card.apply(card.draft).settings == Settings()


def test_a_number_is_applied(qtbot: QtBot, card: DeliveryCard) -> None:
    with qtbot.waitSignal(card.changed):
        card.spins["delivery.batch_events"].setValue(50)
    card.spins["delivery.give_up_days"].setValue(2.5)

    assert card.apply(card.draft).settings.delivery == Delivery(batch_events=50, give_up_days=2.5)


def test_a_number_finer_than_shown_stays_as_it_is(card: DeliveryCard) -> None:
    settings = Settings(delivery=Delivery(give_up_days=0.123))
    card.load(Draft(settings=settings))

    assert card.apply(card.draft).settings == settings


def test_content_cannot_outlive_its_rows(card: DeliveryCard) -> None:
    settings = Settings(retention=Retention(payload_days=200, metadata_days=180))
    card.load(Draft(settings=settings))

    assert "longer" in (card.problem() or "")
    card.spins["retention.payload_days"].setValue(30)
    assert card.problem() is None


def test_every_number_has_a_name_for_readers(card: DeliveryCard) -> None:
    assert all(spin.accessibleName() for spin in card.spins.values())
    assert card.heading()
