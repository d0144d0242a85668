"""The menus."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QMainWindow

from gui.commands import Commands
from gui.pages import ORDER

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look


@pytest.fixture
def commands(qtbot: QtBot, look: Look) -> Commands:
    window = QMainWindow()
    qtbot.addWidget(window)
    return Commands(look, window, demo=False)


def test_every_page_has_its_number_as_key(commands: Commands) -> None:
    assert [commands.shortcut(key) for key in ORDER] == [f"Ctrl+{n}" for n in range(1, 7)]


def test_no_two_actions_share_their_keys(commands: Commands) -> None:
    keys = [
        key.toString()
        for action in commands.by_name.values()
        for key in action.shortcuts()
        if not key.isEmpty()
    ]

    assert sorted(keys) == sorted(set(keys))


def test_no_two_entries_of_a_menu_share_their_letter(commands: Commands) -> None:
    for menu in commands._menus:
        letters = [
            text[text.index("&") + 1].lower()
            for action in menu.actions()
            if "&" in (text := action.text())
        ]
        assert sorted(letters) == sorted(set(letters)), menu.title()


def test_copy_is_shown_with_its_keys_but_leaves_them_to_fields_and_tables(
    commands: Commands,
) -> None:
    assert commands["copy"].text().endswith("\tCtrl+C")
    assert commands["copy"].shortcut().isEmpty()


def test_the_list_of_keys_has_every_action_with_keys(commands: Commands) -> None:
    listed = [action for _, actions in commands.groups() for action in actions]

    with_keys = [one for one in commands.by_name.values() if not one.shortcut().isEmpty()]
    assert listed == with_keys


def test_pause_turns_into_resume(commands: Commands) -> None:
    commands.set_paused(paused=True, possible=True)
    assert commands["pause"].text() == "&Resume sending"

    commands.set_paused(paused=False, possible=False)
    assert commands["pause"].text() == "&Pause sending"
    assert not commands["pause"].isEnabled()


def test_the_demo_offers_to_leave_instead_of_to_set_up(qtbot: QtBot, look: Look) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    names = set(Commands(look, window, demo=True).by_name)

    assert "leave-demo" in names
    assert not names & {"demo", "set-up"}
