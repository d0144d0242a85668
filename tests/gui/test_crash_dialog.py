"""The window that tells of a mistake of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from gui.crash import Report
from gui.crash_dialog import CrashDialog

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


@pytest.fixture
def dialog(qtbot: QtBot, look: Look) -> CrashDialog:
    made = CrashDialog(look)
    qtbot.addWidget(made)
    return made


def test_it_shows_the_report_and_blocks_nothing(dialog: CrashDialog) -> None:
    dialog.add(Report(key="a", text="TypeError: no"))

    assert dialog.isVisible()
    assert not dialog.isModal()
    assert "TypeError: no" in dialog.text.toPlainText()


def test_the_report_can_be_copied(qtbot: QtBot, dialog: CrashDialog) -> None:
    dialog.add(Report(key="a", text="first"))
    dialog.add(Report(key="b", text="second"))

    qtbot.mouseClick(dialog.copy_button, Qt.MouseButton.LeftButton)

    copied = QGuiApplication.clipboard().text()
    assert "first" in copied
    assert "second" in copied


def test_the_same_again_is_counted_and_does_not_come_back(
    qtbot: QtBot, dialog: CrashDialog
) -> None:
    dialog.add(Report(key="a", text="again"))
    qtbot.mouseClick(dialog.go_on_button, Qt.MouseButton.LeftButton)
    dialog.add(Report(key="a", text="again", times=500))

    assert not dialog.isVisible()
    assert "happened 500 times" in dialog.report()
    dialog.add(Report(key="b", text="another"))
    assert dialog.isVisible()


def test_one_may_rather_quit(qtbot: QtBot, dialog: CrashDialog) -> None:
    dialog.add(Report(key="a", text="x"))

    with qtbot.waitSignal(dialog.quit_wanted):
        qtbot.mouseClick(dialog.quit_button, Qt.MouseButton.LeftButton)
