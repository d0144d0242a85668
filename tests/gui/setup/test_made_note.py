"""A password that ends with the app: what to do about it, and a way to copy it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QGuiApplication

from gui.setup.made_note import MadeNote

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.setup.card import Tools


@pytest.fixture
def held() -> list[str]:
    """The password as it stands; nothing while it is empty."""
    return []


@pytest.fixture
def note(qtbot: QtBot, tools: Tools, held: list[str]) -> MadeNote:
    made = MadeNote(tools, lambda: "".join(held))
    qtbot.addWidget(made)
    return made


def test_where_a_keyring_keeps_it_there_is_nothing_to_say(note: MadeNote) -> None:
    note.refresh(wanted=False)

    assert note.isHidden()


def test_a_password_that_is_there_can_be_copied(note: MadeNote, held: list[str]) -> None:
    held.append("made for you")
    note.refresh(wanted=True)

    assert note.isVisible()
    assert "at the next start" in note.said.text()
    assert not note.make.isVisible()
    note.copy.click()
    assert QGuiApplication.clipboard().text() == "made for you"


def test_a_password_that_is_not_there_can_be_made(qtbot: QtBot, note: MadeNote) -> None:
    note.refresh(wanted=True)

    assert not note.copy.isVisible()
    assert "webhook in Gladly" in note.said.text()
    with qtbot.waitSignal(note.make_wanted):
        note.make.click()
