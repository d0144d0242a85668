"""About, What's new, and the handbook."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton

from core import __version__
from gui import about
from gui.about import (
    CHANGELOG,
    README,
    AboutDialog,
    Reader,
    TextDialog,
    read_text,
    slug,
    versions,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from gui.look import Look
    from gui.session import Session

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


def test_the_texts_of_the_project_are_found() -> None:
    assert "Unreleased" in read_text(CHANGELOG)
    assert "Gladly Source" in read_text(README)
    assert read_text("nowhere.md") == ""


def test_about_shows_versions_and_folders(
    qtbot: QtBot, look: Look, make_session: Callable[..., Session]
) -> None:
    session = make_session(start=False)
    dialog = AboutDialog(session, look)
    qtbot.addWidget(dialog)
    dialog.show()

    labels = dialog.findChildren(QLabel)
    said = [label.accessibleName() for label in labels]
    assert f"Version {__version__}" in [label.text() for label in labels]
    assert f"Home: {session.home.path}" in said


def test_whats_new_is_the_changelog(
    qtbot: QtBot, look: Look, make_session: Callable[..., Session]
) -> None:
    dialog = AboutDialog(make_session(start=False), look, news=True)
    qtbot.addWidget(dialog)
    reader = dialog.findChild(Reader)
    assert reader is not None

    assert dialog.tabs.currentWidget() is reader
    qtbot.waitUntil(lambda: "Added" in reader.toPlainText())


def test_versions_can_be_copied(
    qtbot: QtBot, look: Look, make_session: Callable[..., Session]
) -> None:
    dialog = AboutDialog(make_session(start=False), look)
    qtbot.addWidget(dialog)
    button = next(one for one in dialog.findChildren(QPushButton) if "versions" in one.text())

    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    expected = "\n".join(f"{name} {value}" for name, value in versions())
    assert expected == QGuiApplication.clipboard().text()


def test_a_text_that_is_missing_is_said(
    qtbot: QtBot, look: Look, make_session: Callable[..., Session]
) -> None:
    dialog = TextDialog(make_session(start=False), look, "nowhere.md", "Nothing")
    qtbot.addWidget(dialog)

    qtbot.waitUntil(lambda: "not part of this installation" in dialog.reader.toPlainText())


def test_a_link_to_a_heading_goes_there_and_others_to_the_browser(
    qtbot: QtBot,
    look: Look,
    make_session: Callable[..., Session],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(
        about.QDesktopServices, "openUrl", lambda url: opened.append(url.toString())
    )
    text = "# First\n\n" + "word\n\n" * 200 + "## What's here?\n\n" + "word\n\n" * 200
    monkeypatch.setattr(about, "read_text", lambda _: text)
    dialog = TextDialog(make_session(start=False), look, README, "Handbook")
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: "First" in dialog.reader.toPlainText())

    dialog.reader.anchorClicked.emit(QUrl("#whats-here"))
    assert dialog.reader.textCursor().block().text() == "What's here?"
    assert dialog.reader.verticalScrollBar().value() > 0
    dialog.reader.anchorClicked.emit(QUrl("#nowhere"))
    assert opened == []

    dialog.reader.anchorClicked.emit(QUrl("https://example.com/"))
    assert opened == ["https://example.com/"]


def test_headings_are_called_as_markdown_calls_them() -> None:
    assert slug("What's not there, yet") == "whats-not-there-yet"
