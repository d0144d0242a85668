"""Where a secret rests, and the ways on without a keyring."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QGuiApplication

from gui.setup.draft import Kept
from gui.setup.vault_note import VaultNote
from gui.widgets.copy import CopyButton

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look

NONE = Kept(known=True, problem="There is no usable OS keyring here.")


@pytest.fixture
def note(qtbot: QtBot, look: Look) -> VaultNote:
    made = VaultNote(look, "write-key")
    qtbot.addWidget(made)
    made.show()
    return made


def test_before_anybody_has_looked_it_says_that_it_looks(note: VaultNote) -> None:
    note.show_kept(Kept())

    assert note._busy.isVisible()
    assert not note._where.isVisible()


def test_with_a_keyring_it_is_named_and_no_other_way_is_shown(note: VaultNote) -> None:
    note.show_kept(Kept(known=True))

    assert note._where.isVisible()
    assert "never in a file" in note._where_text.text()
    assert not note.notice.isVisible()
    assert not note.keep.isVisible()


def test_without_a_keyring_both_ways_are_shown(qtbot: QtBot, note: VaultNote) -> None:
    note.show_kept(NONE)

    assert note.notice.isVisible()
    assert note.keep.isVisible()
    assert not note._where.isVisible()
    with qtbot.waitSignal(note.look_again):
        note.notice.button.click()


def test_the_variables_can_be_copied(note: VaultNote) -> None:
    note.show_kept(NONE)
    copied = []
    for button in note.findChildren(CopyButton):
        button.click()
        copied.append(QGuiApplication.clipboard().text())

    assert copied == ["GLADLY_SOURCE_WRITE_KEY", "GLADLY_SOURCE_WRITE_KEY_FILE"]


def test_a_secret_of_the_environment_needs_no_keyring(note: VaultNote) -> None:
    places = {"write-key": "GLADLY_SOURCE_WRITE_KEY"}
    note.show_kept(Kept(known=True, problem="There is no keyring.", places=places))

    assert not note.notice.isVisible()
    assert not note._where.isVisible()


def test_a_secret_for_this_run_says_so(note: VaultNote) -> None:
    note.show_kept(Kept(known=True, for_now=True))

    assert "until you close the app" in note._where_text.text()
