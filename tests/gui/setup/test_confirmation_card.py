"""Confirmation: the shared secret is made and copied, and the Public API is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QGuiApplication

from core.health import State
from core.settings import Confirm, Listener, Segment, Settings
from core.simulator.segment_public import DEMO_PUBLIC_TOKEN
from gui.setup.confirmation_card import ConfirmationCard
from gui.setup.draft import Draft, Kept
from tests.gui.setup.conftest import KEY, PATIENCE

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from core.simulator.segment import SegmentSimulator
    from gui.setup.card import Tools
    from tests.fakes import MemorySecrets

NOWHERE = Kept(known=True)


@pytest.fixture
def card(qtbot: QtBot, tools: Tools) -> ConfirmationCard:
    made = ConfirmationCard(tools)
    qtbot.addWidget(made)
    made.load(Draft(kept=NOWHERE))
    return made


def test_it_is_off_and_changes_nothing(card: ConfirmationCard) -> None:
    draft = card.apply(card.draft)

    assert draft.settings == Settings()
    assert draft.secrets == {}
    assert card.problem() is None
    assert card.heading()


def test_switched_on_a_shared_secret_is_made_and_can_be_copied(card: ConfirmationCard) -> None:
    card.echo.setChecked(True)
    card.copy.click()
    draft = card.apply(card.draft)

    secret = draft.secrets["echo-secret"].reveal()
    assert draft.settings.confirm == Confirm(echo=True)
    assert len(secret) >= 32
    assert QGuiApplication.clipboard().text() == secret
    assert card.problem() is None


def test_a_kept_secret_is_shown_and_not_made_anew(
    qtbot: QtBot, tools: Tools, vault: MemorySecrets
) -> None:
    vault.values["echo-secret"] = "kept-one"
    card = ConfirmationCard(tools)
    qtbot.addWidget(card)
    kept = Kept(known=True, places={"echo-secret": "OS keyring"})
    card.load(Draft(settings=Settings(confirm=Confirm(echo=True)), kept=kept))
    qtbot.waitUntil(lambda: card.secret.text() == "kept-one", timeout=PATIENCE)

    assert card.apply(card.draft).secrets == {}


def test_while_the_keyring_cannot_be_read_none_is_made(card: ConfirmationCard) -> None:
    card.load(Draft(kept=Kept(known=True, problem="It is locked.")))

    card.echo.setChecked(True)

    assert card.secret.text() == ""
    assert card.problem() == "Enter a long secret."


def test_the_address_to_copy_is_the_public_one(card: ConfirmationCard) -> None:
    on = Confirm(echo=True)
    card.load(Draft(settings=Settings(confirm=on), kept=NOWHERE))
    assert card.missing.isVisibleTo(card)

    listener = Listener(public_url="https://g.example")
    card.load(Draft(settings=Settings(confirm=on, listener=listener), kept=NOWHERE))

    assert card.url.line.text() == "https://g.example/segment/echo"
    assert not card.missing.isVisibleTo(card)


def test_the_token_is_wanted_only_when_the_api_is(card: ConfirmationCard) -> None:
    card.public_api.setChecked(True)
    wanted = card.problem()
    card.token.set_text("a-token")

    draft = card.apply(card.draft)
    assert wanted == "Paste the token."
    assert card.problem() is None
    assert draft.settings.confirm == Confirm(public_api=True)
    assert draft.secrets["public-api-token"].reveal() == "a-token"


def test_the_check_names_the_source(
    qtbot: QtBot, card: ConfirmationCard, segment: SegmentSimulator
) -> None:
    settings = Settings(segment=Segment(host=segment.url))  # type: ignore[attr-defined]
    card.load(Draft(settings=settings, kept=NOWHERE).with_secret("write-key", KEY))
    card.public_api.setChecked(True)
    card.token.set_text(DEMO_PUBLIC_TOKEN)

    card.row.button.click()
    qtbot.waitUntil(lambda: card.row.outcome is not None, timeout=PATIENCE)

    assert card.row.outcome is not None
    assert card.row.outcome.code == "public_api.proven"


def test_without_a_token_nobody_is_asked(card: ConfirmationCard) -> None:
    card.public_api.setChecked(True)

    card.check()

    assert not card.row.busy


def test_it_says_whether_anything_has_come_back(
    card: ConfirmationCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "next event" in card.said.text()

    state = State(name="echo", word="ok", sentence="Events come back from Segment.", since=1.0)
    monkeypatch.setattr(card.tools.session, "states", (state,))
    card.tools.session.health_changed.emit(state)

    assert card.said.text() == "Events come back from Segment."


def test_secrets_are_hidden_when_the_card_is_left(card: ConfirmationCard) -> None:
    card.echo.setChecked(True)
    card.secret._reveal.setChecked(True)

    card.deactivate()

    assert not card.secret.is_revealed()
