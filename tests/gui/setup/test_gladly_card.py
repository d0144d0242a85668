"""The Gladly card: all or nothing, and the organisation by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.settings import Gladly, Settings
from core.simulator.gladly import DEMO_EMAIL, DEMO_TOKEN
from gui.setup.draft import Draft, Kept
from gui.setup.gladly_card import GladlyCard
from tests.gui.setup.conftest import PATIENCE

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from core.simulator.gladly import GladlySimulator
    from gui.setup.card import Tools


@pytest.fixture
def card(qtbot: QtBot, tools: Tools) -> GladlyCard:
    made = GladlyCard(tools)
    qtbot.addWidget(made)
    made.load(Draft(kept=Kept(known=True)))
    made.show()
    return made


def fill(card: GladlyCard, address: str = "acme", token: str = DEMO_TOKEN) -> None:
    card.address.setText(address)
    card.email.setText(DEMO_EMAIL)
    card.token.set_text(token)


def test_empty_it_may_be_skipped_and_says_what_is_then_missing(card: GladlyCard) -> None:
    assert card.problem() is None
    assert card.action() == "Skip for &now"
    assert "ids only" in card.missing.title.text()
    assert "e-mail" in card.missing.hint.text()
    assert card.skipped(card.apply(card.draft))


def test_filled_it_is_no_longer_skipped(qtbot: QtBot, card: GladlyCard) -> None:
    with qtbot.waitSignal(card.action_changed):
        fill(card)

    assert card.action() == ""
    assert card.missing.isHidden()
    assert card.problem() is None
    gladly = card.apply(card.draft).settings.gladly
    assert (gladly.url, gladly.agent_email) == ("https://acme.gladly.com", DEMO_EMAIL)
    assert not card.skipped(card.apply(card.draft))


@pytest.mark.parametrize(
    ("missing", "words"),
    [("address", "the address"), ("email", "agent e-mail"), ("token", "API token")],
)
def test_half_filled_it_names_what_is_missing(card: GladlyCard, missing: str, words: str) -> None:
    fill(card)
    control = getattr(card, missing)
    control.set_text("") if missing == "token" else control.setText("")

    assert words in (card.problem() or "")
    assert "leave all three empty" in (card.problem() or "")


@pytest.mark.parametrize(
    ("address", "email"), [("http://acme.gladly.com", DEMO_EMAIL), ("acme", "nobody")]
)
def test_what_cannot_be_right_is_refused(card: GladlyCard, address: str, email: str) -> None:
    fill(card, address)
    card.email.setText(email)

    assert card.problem() is not None


def test_the_address_is_shown_as_it_will_be_used(card: GladlyCard) -> None:
    fill(card)
    card._address_field.left.emit()

    assert card.address.text() == "https://acme.gladly.com"


def test_a_kept_token_needs_no_other(card: GladlyCard) -> None:
    fill(card, token="")
    card.show_kept(Kept(known=True, places={"gladly-token": "OS keyring"}))

    assert card.problem() is None
    assert "is kept" in card.token.edit.placeholderText()


def test_without_a_keyring_a_way_must_be_chosen(card: GladlyCard) -> None:
    fill(card)
    card.show_kept(Kept(known=True, problem="There is none."))

    assert "no keyring" in (card.problem() or "")
    card.vault.keep.setChecked(True)
    assert card.problem() is None


def test_a_broken_secret_file_is_told(card: GladlyCard) -> None:
    fill(card, token="")
    card.show_kept(Kept(known=True, broken={"gladly-token": "It cannot be read."}))

    assert card.problem() == "It cannot be read."


def test_the_check_names_the_organisation(
    qtbot: QtBot, card: GladlyCard, gladly: GladlySimulator
) -> None:
    with qtbot.waitSignal(card.row.checked, timeout=PATIENCE):
        fill(card, gladly.url)  # type: ignore[attr-defined]

    assert card.row.outcome is not None
    assert card.row.outcome.code == "gladly.admitted"
    with qtbot.waitSignals([card.row.checked, card.row.checked], timeout=PATIENCE):
        card.row.button.click()


def test_a_wrong_token_turns_red_and_another_one_puts_the_light_out(
    qtbot: QtBot, card: GladlyCard, gladly: GladlySimulator
) -> None:
    fill(card, gladly.url, "wrong")  # type: ignore[attr-defined]
    with qtbot.waitSignal(card.row.checked, timeout=PATIENCE):
        card.check()

    assert card.row.outcome is not None
    assert card.row.outcome.code == "gladly.unauthorized"
    card.token.set_text(DEMO_TOKEN)
    assert card.row.outcome is None


def test_settings_are_shown_and_the_token_masked(card: GladlyCard) -> None:
    gladly = Gladly(url="https://acme.gladly.com", agent_email=DEMO_EMAIL)
    card.load(Draft(settings=Settings(gladly=gladly)).with_secret("gladly-token", "typed"))

    assert card.address.text() == gladly.url
    assert card.token.text() == "typed"
    assert card.heading()
    card.token._reveal.click()
    card.deactivate()
    assert not card.token.is_revealed()


@pytest.mark.parametrize("address", ["http://acme.gladly.com", "https://[::1"])
def test_no_token_is_sent_while_a_field_is_wrong(card: GladlyCard, address: str) -> None:
    fill(card, address)
    card.row.button.click()

    assert not card.row.busy
    assert card.row.outcome is None
