"""The wizard's window: what is said, and what Enter does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from gui.setup.wizard_frame import WizardFrame

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look


@pytest.fixture
def frame(qtbot: QtBot, look: Look) -> WizardFrame:
    made = WizardFrame(look)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


def test_what_a_page_is_about_is_read_out_too(frame: WizardFrame) -> None:
    frame.head("Segment", "Where events go.")

    assert frame.title.text() == "Segment"
    assert frame.accessibleDescription() == "Where events go."


def test_what_is_said_can_be_taken_back(frame: WizardFrame) -> None:
    frame.tell("bad", "The port is taken.", "Take another one.")
    assert frame.notice.isVisible()

    frame.hush()
    assert not frame.notice.isVisible()


def test_enter_goes_on_unless_a_button_has_the_keyboard(qtbot: QtBot, frame: WizardFrame) -> None:
    frame.rail.setFocus()
    with qtbot.waitSignal(frame.next.clicked):
        QTest.keyClick(frame, Qt.Key.Key_Return)

    frame.cancel.setFocus()
    with qtbot.waitSignal(frame.cancel.clicked), qtbot.assertNotEmitted(frame.next.clicked):
        QTest.keyClick(frame, Qt.Key.Key_Return)


def test_the_steps_take_a_quarter_at_most(frame: WizardFrame) -> None:
    frame.resize(640, 600)

    assert frame.rail.maximumWidth() <= 160
