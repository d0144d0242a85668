"""How events arrive: listener, public URL and webhook, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QLabel

from gui.setup.arrival_card import ArrivalCard
from gui.setup.draft import Draft, Kept, missing
from tests.gui.setup.conftest import PATIENCE

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.setup.card import Tools
    from tests.gui.setup.conftest import World


@pytest.fixture
def card(qtbot: QtBot, tools: Tools, free_port: int) -> ArrivalCard:
    made = ArrivalCard(tools)
    qtbot.addWidget(made)
    made.load(Draft(kept=Kept(known=True)).with_section("listener", port=free_port))
    made.show()
    return made


def test_a_first_start_needs_nothing_but_a_press(card: ArrivalCard) -> None:
    assert card.problem() is None
    assert card.saves
    assert card.stays
    assert card.apply(card.draft).has("webhook-password")
    assert card.skipped(card.apply(card.draft))


def test_the_port_is_looked_at_without_being_asked(qtbot: QtBot, card: ArrivalCard) -> None:
    with qtbot.waitSignal(card.listener.row.checked, timeout=PATIENCE):
        card.activate()
    card.deactivate()

    assert card.listener.row.outcome is not None
    assert card.listener.row.outcome.code == "port.free"


def test_commands_and_values_follow_what_is_typed(qtbot: QtBot, card: ArrivalCard) -> None:
    card.listener.port.setValue(8400)
    card.public.url.setText("hooks.example.com")

    assert card.public.command.line.text().endswith(":8400")
    texts = [label.text() for label in card.webhook.findChildren(QLabel)]
    assert "https://hooks.example.com/gladly/webhook" in texts
    assert not card.skipped(card.apply(card.draft))


def test_the_public_url_is_checked(qtbot: QtBot, card: ArrivalCard, world: World) -> None:
    card.public.url.setText("https://off.example.com")
    with qtbot.waitSignal(card.public.row.checked, timeout=PATIENCE):
        card.public.row.button.click()

    assert card.public.row.outcome is not None
    assert card.public.row.outcome.code == "public_url.unreachable"


def test_once_the_listener_runs_the_next_thing_is_the_way_to_it(
    qtbot: QtBot, card: ArrivalCard
) -> None:
    card.activateWindow()
    with qtbot.waitSignal(card.listener.row.checked, timeout=PATIENCE):
        card.on_saved()

    qtbot.waitUntil(card.public.url.hasFocus)


def test_a_wrong_public_url_is_refused(card: ArrivalCard) -> None:
    card.public.url.setText("ftp://hooks.example.com")

    assert card.problem() is not None


def test_settings_show_everything(qtbot: QtBot, tools: Tools) -> None:
    card = ArrivalCard(tools, full=True)
    qtbot.addWidget(card)
    card.load(Draft(kept=Kept(known=True)))
    card.show()

    assert card.listener.fields["listener.host"].isVisible()


def with_gladly(**gladly: object) -> Draft:
    url = "https://acme.gladly.com"
    return Draft(kept=Kept(known=True)).with_section("gladly", url=url, **gladly)


def test_without_an_api_token_there_is_only_the_webhook(card: ArrivalCard) -> None:
    assert card.way.way.value() == "webhook"
    assert not card.way.way.button("poll").isEnabled()
    assert card.way.needs.isVisible()
    assert card.apply(card.draft).settings.gladly.poll is None


def test_with_gladly_both_ways_are_taken_and_nothing_is_skipped(card: ArrivalCard) -> None:
    card.load(with_gladly())

    assert card.way.way.value() == "both"
    assert not card.way.needs.isVisible()
    assert not card.skipped(card.apply(card.draft))
    assert card.apply(card.draft).settings.gladly.poll is None


def test_by_polling_alone_nothing_of_the_webhook_is_asked(card: ArrivalCard) -> None:
    card.load(with_gladly())
    card.public.url.setText("ftp://wrong")
    card.way.way.set_value("poll")

    draft = card.apply(card.draft)
    assert not draft.settings.listener.enabled
    assert draft.settings.gladly.polls
    assert card.problem() is None
    assert not card.listener.isVisible()
    assert not card.webhook.isVisible()
    assert missing(draft) == ("write-key", "gladly-token")

    card.way.way.set_value("both")
    assert card.apply(card.draft).settings.listener.enabled
    assert card.listener.port.isVisible()
    assert card.problem() is not None


def test_by_webhook_alone_polling_is_switched_off(card: ArrivalCard) -> None:
    card.load(with_gladly())
    card.way.way.set_value("webhook")
    off = card.apply(card.draft)
    assert off.settings.gladly.poll is False

    card.load(off)
    assert card.way.way.value() == "webhook"
    card.way.way.set_value("both")
    assert card.apply(card.draft).settings.gladly.polls
