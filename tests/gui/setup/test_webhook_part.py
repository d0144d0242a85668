"""What to type into Gladly, and the light for its PING."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import shiboken6
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel

from core.health import State
from core.settings import Listener
from gui.run import Phase
from gui.setup.webhook_part import WebhookPart
from gui.widgets.copy import CopyButton
from gui.widgets.secret_clip import SecretClip

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.setup.card import Tools

PUBLIC = Listener(public_url="https://hooks.example.com")
SECRET = "planted-password"


@pytest.fixture
def part(qtbot: QtBot, tools: Tools) -> WebhookPart:
    made = WebhookPart(tools, lambda _: SECRET)
    qtbot.addWidget(made)
    made.show_values(PUBLIC)
    made.show()
    yield made
    tools.session.phase = Phase.STOPPED
    tools.session.states = ()


def test_every_value_can_be_copied_and_the_password_is_not_shown(part: WebhookPart) -> None:
    copied = []
    for button in part.findChildren(CopyButton):
        button.click()
        copied.append(QGuiApplication.clipboard().text())

    assert copied[:3] == ["https://hooks.example.com/gladly/webhook", "gladly", SECRET]
    assert copied[3].splitlines()[0] == "CONVERSATION/CREATED"
    assert not any(SECRET in label.text() for label in part.findChildren(QLabel))


def copy_button(part: WebhookPart, name: str) -> CopyButton:
    buttons = part.findChildren(CopyButton)
    return next(one for one in buttons if one.accessibleName() == f"Copy: {name}")


def test_the_password_is_taken_off_the_clipboard_after_a_minute(qtbot: QtBot, tools: Tools) -> None:
    minute = QTimer()
    part = WebhookPart(tools, lambda _: SECRET, clip=SecretClip(minute, tools.session))
    qtbot.addWidget(part)
    part.show_values(PUBLIC)
    copy_button(part, "Password").click()

    assert QGuiApplication.clipboard().text() == SECRET
    assert minute.interval() == 60_000
    assert not part.clipped.isHidden()
    assert "in a minute" in part.clipped.text()

    minute.timeout.emit()
    assert QGuiApplication.clipboard().text() == ""
    assert "was taken off" in part.clipped.text()


def test_what_is_no_secret_stays_on_the_clipboard(qtbot: QtBot, tools: Tools) -> None:
    minute = QTimer()
    part = WebhookPart(tools, lambda _: SECRET, clip=SecretClip(minute, tools.session))
    qtbot.addWidget(part)
    part.show_values(PUBLIC)
    copy_button(part, "URL").click()

    assert not minute.isActive()
    assert part.clipped.isHidden()


def test_a_page_that_is_closed_meanwhile_does_not_leave_it_there(
    qtbot: QtBot, tools: Tools
) -> None:
    part = WebhookPart(tools, lambda _: SECRET)
    part.show_values(PUBLIC)
    copy_button(part, "Password").click()
    clip = tools.session.findChild(SecretClip)
    assert clip is not None
    shiboken6.delete(part)

    with qtbot.waitSignal(clip.destroyed):
        clip._timer.timeout.emit()

    assert QGuiApplication.clipboard().text() == ""


def test_without_a_public_url_it_says_what_is_missing(part: WebhookPart) -> None:
    part.show_values(Listener())
    labels = part.findChildren(QLabel)
    missing = next(one for one in labels if one.text() == "(enter the public URL first)")
    copy = part._grid.itemAtPosition(0, 2).widget()

    assert missing.accessibleName() == "URL: (enter the public URL first)"
    assert not copy.isEnabled()


def test_the_same_values_are_not_made_anew(part: WebhookPart) -> None:
    before = part.findChildren(CopyButton)
    part.show_values(PUBLIC)

    assert part.findChildren(CopyButton) == before


def test_before_the_engine_runs_it_says_what_to_press(part: WebhookPart) -> None:
    assert "Save and start" in part.said.text()


def test_while_it_runs_it_waits_for_the_ping(part: WebhookPart, tools: Tools) -> None:
    tools.session.phase = Phase.RUNNING
    tools.session.phase_changed.emit(Phase.RUNNING)

    assert part.busy.isVisible()
    assert not part.light.isVisible()


def test_the_ping_turns_it_green(part: WebhookPart, tools: Tools) -> None:
    tools.session.phase = Phase.RUNNING
    tools.pings.seen_at = 1_780_000_000.0
    tools.pings.changed.emit()

    word = part.light.word()
    assert word is not None
    assert word.tone == "good"
    assert "PING arrived" in part.said.text()
    assert not part.busy.isVisible()


def test_wrong_credentials_are_told(part: WebhookPart, tools: Tools) -> None:
    tools.session.phase = Phase.RUNNING
    tools.session.states = (State(name="listener", word="refusing", sentence="", since=0.0),)
    tools.session.health_changed.emit(tools.session.states)

    word = part.light.word()
    assert word is not None
    assert word.tone == "bad"
    assert "another user name or password" in part.said.text()


def test_a_wrong_signature_of_segment_is_not_gladlys(part: WebhookPart, tools: Tools) -> None:
    tools.session.phase = Phase.RUNNING
    tools.session.states = (State(name="echo", word="refusing", sentence="", since=0.0),)
    tools.session.health_changed.emit(tools.session.states)

    assert "user name or password" not in part.said.text()
