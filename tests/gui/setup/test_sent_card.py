"""What is sent: each choice in the settings, and the preview that follows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QLabel

from core.settings import Gladly, Mapping_, Settings
from gui.setup.draft import Draft
from gui.setup.sent_card import SentCard

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.setup.card import Tools

WITH_GLADLY = Settings(gladly=Gladly(url="https://acme.gladly.com", agent_email="a@b.example"))


@pytest.fixture
def card(qtbot: QtBot, tools: Tools) -> SentCard:
    made = SentCard(tools)
    qtbot.addWidget(made)
    made.load(Draft(settings=WITH_GLADLY))
    made.resize(900, 600)
    made.show()
    qtbot.waitUntil(lambda: made.privacy.ready and made.preview.tabs.count() == 3)
    return made


def message(card: SentCard, kind: str = "opened") -> dict:
    return json.loads(card.preview.view(kind).text())


def test_the_defaults_change_nothing(card: SentCard) -> None:
    assert card.apply(card.draft).settings == WITH_GLADLY
    assert card.problem() is None


def test_every_choice_is_applied(qtbot: QtBot, card: SentCard) -> None:
    with qtbot.waitSignal(card.changed):
        card.opened.set_value("created")
    card.user_id.setCurrentIndex(1)
    card.identify.setChecked(True)
    card.merges.setChecked(True)
    card.privacy.box("email").setCurrentIndex(1)
    card.privacy.box("phone").setCurrentIndex(2)
    card.names.setCurrentIndex(2)

    assert card.apply(card.draft).settings.mapping == Mapping_(
        opened_when="created",
        names="live-chat",
        user_id="external",
        identify=True,
        merges=True,
        hash=("email",),
        drop=("phone",),
    )


def test_anonymous_ids_are_spoken_of_where_a_customer_may_have_no_id(card: SentCard) -> None:
    def said() -> str:
        labels = [one for one in card.findChildren(QLabel) if one.isVisibleTo(card)]
        return " ".join(one.text() for one in labels)

    assert "anonymousId" not in said()

    card.user_id.setCurrentIndex(1)
    assert "anonymousId" in said()
    card.user_id.setCurrentIndex(2)
    assert "anonymousId" in said()
    card.user_id.setCurrentIndex(0)
    assert "anonymousId" not in said()


def test_an_alias_says_which_user_id_it_needs(card: SentCard) -> None:
    assert "alias" not in card._merges_field._hint.text()

    card.user_id.setCurrentIndex(2)

    assert "none is sent" in card._merges_field._hint.text()


def test_the_preview_follows_at_once(qtbot: QtBot, card: SentCard) -> None:
    card.privacy.box("email").setCurrentIndex(1)
    qtbot.waitUntil(lambda: len(message(card)["properties"]["email"]) == 64)

    card.names.setCurrentIndex(1)
    qtbot.waitUntil(lambda: message(card)["event"] == "Gladly Conversation Created")
    assert "Gladly Conversation Closed" in card._names_field._hint.text()


def test_settings_are_shown(qtbot: QtBot, tools: Tools) -> None:
    mapping = Mapping_(
        names="live-chat", user_id="email-sha256", drop=("phone",), identify=True, merges=True
    )
    settings = Settings(mapping=mapping)
    card = SentCard(tools)
    qtbot.addWidget(card)
    card.load(Draft(settings=settings))
    assert card.apply(card.draft).settings == settings  # before the names are known

    qtbot.waitUntil(lambda: card.privacy.ready)

    assert card.apply(card.draft).settings == settings
    assert card.privacy.drop() == ("phone",)


def test_a_property_of_another_profile_does_not_stay_behind(card: SentCard) -> None:
    card.names.setCurrentIndex(1)
    card.privacy.box("customAttributes").setCurrentIndex(2)
    card.names.setCurrentIndex(0)

    assert card.apply(card.draft).settings.mapping.drop == ()


def test_where_it_is_narrow_the_preview_stands_below(qtbot: QtBot, card: SentCard) -> None:
    def left() -> int:
        return card.preview.mapTo(card, card.preview.rect().topLeft()).x()

    assert left() > card._plan.width() / 2

    card.resize(400, 900)

    qtbot.waitUntil(lambda: left() < 60)
    assert card._plan.minimumHeight() > 0
