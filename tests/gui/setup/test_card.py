"""What every card does: load, follow the environment, complain at the first wrong field."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pytest
from PySide6.QtWidgets import QLineEdit

from gui.setup.card import SetupCard, Tools
from gui.setup.draft import Draft, Kept
from gui.setup.field import Field

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from gui.session import Session


class NameCard(SetupCard):
    """A card with two fields that must not be empty."""

    name: ClassVar[str] = "names"

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self.user, self.alias = QLineEdit(), QLineEdit()
        for edit, key in ((self.user, "listener.username"), (self.alias, "segment.alias")):
            field = Field(tools.look, key, edit, problem=lambda edit=edit: _empty(edit))
            self._column.addWidget(self._add_field(field, key))
            edit.textChanged.connect(self._on_edited)

    def heading(self) -> str:
        return "Names"

    def apply(self, draft: Draft) -> Draft:
        return draft.with_section("listener", username=self.user.text())

    def _fill(self, draft: Draft) -> None:
        self.user.setText(draft.settings.listener.username)
        self.alias.setText(draft.settings.segment.alias)


def _empty(edit: QLineEdit) -> str | None:
    return None if edit.text() else "Enter a name."


@pytest.fixture
def card(qtbot: QtBot, tools: Tools) -> NameCard:
    made = NameCard(tools)
    qtbot.addWidget(made)
    made.load(Draft())
    return made


def test_loading_is_no_edit(qtbot: QtBot, card: NameCard) -> None:
    with qtbot.assertNotEmitted(card.changed):
        card.load(Draft().with_section("listener", username="other"))

    assert card.user.text() == "other"


def test_editing_is_told_and_applied(qtbot: QtBot, card: NameCard) -> None:
    with qtbot.waitSignal(card.changed):
        card.user.setText("me")

    assert card.apply(card.draft).settings.listener.username == "me"
    assert card.draft.settings.listener.username == "gladly"


def test_the_first_wrong_field_gets_the_keyboard(qtbot: QtBot, card: NameCard) -> None:
    card.show()
    qtbot.waitExposed(card)
    card.activateWindow()
    card.alias.setText("")

    assert card.problem() == "Enter a name."
    card.show_problem()

    qtbot.waitUntil(card.alias.hasFocus)


def test_a_card_without_problems_says_none(card: NameCard) -> None:
    assert card.problem() is None
    card.show_problem()


def test_what_the_environment_sets_is_locked_and_skipped_by_the_keyboard(
    qtbot: QtBot,
    first_start: Callable[..., Session],
    make_tools: Callable[[Session], Tools],
) -> None:
    session = first_start(GLADLY_SOURCE_LISTENER__USERNAME="fixed")
    card = NameCard(make_tools(session))
    qtbot.addWidget(card)
    card.load(Draft(settings=session.settings))

    assert not card.user.isEnabled()
    assert "GLADLY_SOURCE_LISTENER__USERNAME" in card.user.accessibleDescription()
    assert card.alias.isEnabled()
    assert card.first() is card.alias


def test_knowing_where_secrets_are_changes_nothing_that_is_entered(card: NameCard) -> None:
    card.user.setText("typed")
    card.show_kept(Kept(known=True))

    assert card.user.text() == "typed"
    assert card.draft.kept.known


def test_a_plain_card_asks_nothing_of_the_wizard(card: NameCard) -> None:
    assert card.intro() == ""
    assert card.action() == ""
    assert card.act() is False
    assert card.busy is False
    assert card.skipped(Draft()) is False
    for nothing in (card.check, card.activate, card.deactivate, card.on_saved):
        nothing()
