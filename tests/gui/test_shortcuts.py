"""The list of keyboard shortcuts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QLabel, QWidget

from gui.shortcuts import ShortcutsDialog, rows_in, rows_of

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look


def action(text: str, *keys: str, parent: QWidget | None = None) -> QAction:
    made = QAction(text, parent)
    made.setShortcuts([QKeySequence(key) for key in keys])
    return made


def test_a_row_says_what_and_which_keys(qapp: object) -> None:
    del qapp
    actions = [action("&Quit…", "Ctrl+Q"), action("&Copy\tCtrl+C"), action("Find", "Ctrl+F", "F3")]

    assert rows_of(actions) == [("Quit", "Ctrl+Q"), ("Find", "Ctrl+F / F3")]


def test_a_page_brings_its_own(qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    page.addAction(action("Replay", "Ctrl+R", parent=page))
    shortcut = QShortcut(QKeySequence("Esc"), page)
    shortcut.setWhatsThis("Close the details")
    QShortcut(QKeySequence("F9"), page)  # says not what it does

    assert rows_in(page) == [("Replay", "Ctrl+R"), ("Close the details", "Esc")]


def test_the_dialog_lists_every_group(qtbot: QtBot, look: Look) -> None:
    dialog = ShortcutsDialog(
        look, [("File", [("Quit", "Ctrl+Q")]), ("View", [("Events", "Ctrl+1")])]
    )
    qtbot.addWidget(dialog)

    texts = [label.text() for label in dialog.findChildren(QLabel)]
    assert [text for text in ("File", "Quit", "Ctrl+Q", "View") if text not in texts] == []
    keys = next(label for label in dialog.findChildren(QLabel) if label.text() == "Ctrl+1")
    assert keys.accessibleName() == "Events: Ctrl+1"
