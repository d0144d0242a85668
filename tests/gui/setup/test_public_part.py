"""Ways to a public URL, and the URL itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QGuiApplication

from core.settings import Listener
from gui.setup.draft import Draft
from gui.setup.public_part import PublicPart

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.setup.card import Tools


@pytest.fixture
def part(qtbot: QtBot, tools: Tools) -> PublicPart:
    made = PublicPart(tools)
    qtbot.addWidget(made)
    made.fill(Draft())
    made.lead_to("http://127.0.0.1:8400", Listener(port=8400))
    return made


def test_each_way_has_a_command_that_can_be_copied(part: PublicPart) -> None:
    commands = []
    for key in ("cloudflared", "ngrok", "caddy", "other"):
        part.way.set_value(key)
        part.command.copy.click()
        commands.append(QGuiApplication.clipboard().text())

    assert commands[0] == "cloudflared tunnel --url http://127.0.0.1:8400"
    assert len(set(commands)) == 4
    assert part.command.line.accessibleName() == "Another proxy"
    assert part._about.text()


def test_the_url_is_tidied_and_applied(qtbot: QtBot, part: PublicPart) -> None:
    with qtbot.waitSignal(part.changed):
        part.url.setText("hooks.example.com/gladly/webhook")
    part.url.editingFinished.emit()

    assert part.url.text() == "https://hooks.example.com"
    assert part.apply(Draft()).settings.listener.public_url == "https://hooks.example.com"


def test_it_may_be_empty(part: PublicPart) -> None:
    assert part.fields["listener.public_url"].problem is None
    assert part.apply(Draft()).settings.listener.public_url is None


def test_plain_http_is_refused(part: PublicPart) -> None:
    part.url.setText("http://hooks.example.com")

    assert "https://" in (part.fields["listener.public_url"].problem or "")


def test_a_check_can_be_asked_for(qtbot: QtBot, part: PublicPart) -> None:
    with qtbot.waitSignal(part.check_wanted):
        part.row.button.click()


def test_the_webhook_is_switched_on_again_by_itself_only_when_that_is_wanted(
    qtbot: QtBot, part: PublicPart
) -> None:
    assert part.apply(Draft()).settings.listener.rearm is False

    with qtbot.waitSignal(part.changed):
        part.rearm.click()

    assert part.apply(Draft()).settings.listener.rearm is True
    part.fill(part.apply(Draft()))
    assert part.rearm.isChecked()
