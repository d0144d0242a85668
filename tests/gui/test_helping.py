"""What the Help menu opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QDialog, QLabel

from gui import helping
from gui.about import AboutDialog, TextDialog
from gui.helping import HelpDesk
from gui.pages import HEALTH
from gui.shortcuts import ShortcutsDialog
from gui.window import MainWindow
from tests.fakes.shell import FakePage, FakeSession, fake_pages

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from gui.look import Look

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


@pytest.fixture
def window(qtbot: QtBot, look: Look, tmp_path: Path) -> Iterator[MainWindow]:
    made = MainWindow(FakeSession(tmp_path), look, fake_pages())  # type: ignore[arg-type]
    qtbot.addWidget(made, before_close_func=MainWindow.let_go)
    HelpDesk(made, look)
    made.restore()
    made.show()
    yield made
    for dialog in made.findChildren(QDialog):
        dialog.close()


def opened(window: MainWindow) -> list[QDialog]:
    return [dialog for dialog in window.findChildren(QDialog) if dialog.isVisible()]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("handbook", TextDialog),
        ("shortcuts", ShortcutsDialog),
        ("about", AboutDialog),
        ("news", AboutDialog),
    ],
)
def test_each_entry_opens_its_dialog_once(
    window: MainWindow, name: str, kind: type[QDialog]
) -> None:
    window.commands[name].trigger()
    window.commands[name].trigger()

    dialogs = opened(window)
    assert [type(dialog) for dialog in dialogs] == [kind]
    assert not dialogs[0].isModal()


def test_a_dialog_that_was_closed_opens_again(qtbot: QtBot, window: MainWindow) -> None:
    window.commands["about"].trigger()
    opened(window)[0].close()
    qtbot.waitUntil(lambda: opened(window) == [])

    window.commands["about"].trigger()

    assert len(opened(window)) == 1


def test_whats_new_turns_to_its_tab_even_when_about_is_open(window: MainWindow) -> None:
    window.commands["about"].trigger()
    dialog = opened(window)[0]
    assert isinstance(dialog, AboutDialog)
    assert dialog.tabs.currentIndex() == 0

    window.commands["news"].trigger()
    assert dialog.tabs.currentIndex() == 1


def test_the_shortcuts_are_those_of_the_menus(window: MainWindow) -> None:
    window.commands["shortcuts"].trigger()

    shown = {label.text() for label in opened(window)[0].findChildren(QLabel)}
    expected = {
        text
        for _, actions in window.commands.groups()
        for text in (action.shortcut().toString() for action in actions)
    }
    assert expected <= shown


def test_diagnostics_are_saved_from_the_health_page(window: MainWindow) -> None:
    asked: list[None] = []
    page = window.open_page(HEALTH)
    assert isinstance(page, FakePage)
    page.save_diagnostics = lambda: asked.append(None)  # type: ignore[attr-defined]
    window.open_page("events")

    window.commands["diagnostics"].trigger()

    assert window.stack.key == HEALTH
    assert len(asked) == 1


def test_the_log_folder_is_opened_outside(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    urls: list[str] = []
    monkeypatch.setattr(
        helping.QDesktopServices, "openUrl", lambda url: urls.append(url.toLocalFile())
    )
    window.commands["log"].trigger()

    assert urls == [str(window.session.home.log_folder)]
