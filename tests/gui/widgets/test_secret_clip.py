"""A secret on the clipboard does not stay there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtGui import QGuiApplication

from gui.widgets.secret_clip import HINT, KEEP_MS, SecretClip

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


@pytest.fixture
def minute() -> QTimer:
    """Goes by when a test says so."""
    return QTimer()


@pytest.fixture
def clip(qapp: object, minute: QTimer) -> SecretClip:
    del qapp
    return SecretClip(minute)


def text() -> str:
    return QGuiApplication.clipboard().text()


def test_it_is_there_for_a_minute(qtbot: QtBot, clip: SecretClip, minute: QTimer) -> None:
    clip.put("hidden")
    assert text() == "hidden"
    assert minute.isActive()
    assert minute.interval() == KEEP_MS == 60_000

    with qtbot.waitSignal(clip.taken_off):
        minute.timeout.emit()
    assert text() == ""


def test_what_was_copied_since_then_stays(qtbot: QtBot, clip: SecretClip, minute: QTimer) -> None:
    clip.put("hidden")
    QGuiApplication.clipboard().setText("something else")

    with qtbot.assertNotEmitted(clip.taken_off):
        minute.timeout.emit()

    assert text() == "something else"


def test_copied_again_the_minute_begins_anew(clip: SecretClip, minute: QTimer) -> None:
    clip.put("first")
    clip.put("second")
    minute.timeout.emit()

    assert text() == ""
    assert not minute.isActive()


def test_it_goes_with_the_program(clip: SecretClip) -> None:
    clip.put("hidden")

    QCoreApplication.instance().aboutToQuit.emit()

    assert text() == ""


def test_the_history_of_the_clipboard_is_asked_to_pass_it_by(clip: SecretClip) -> None:
    clip.put("hidden")

    assert QGuiApplication.clipboard().mimeData().data(HINT).data() == b"secret"


def test_retired_it_stays_until_the_secret_is_taken_off(
    qtbot: QtBot, clip: SecretClip, minute: QTimer
) -> None:
    clip.put("hidden")
    clip.retire()
    with qtbot.waitSignal(clip.destroyed):
        minute.timeout.emit()

    assert text() == ""
