"""Notifications and window: choices are settings, starting with the computer is a wish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.settings import App, Settings
from gui.setup.draft import Draft
from gui.setup.window_card import WindowCard

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.setup.card import Tools


def test_what_is_set_is_shown_and_applied(qtbot: QtBot, tools: Tools) -> None:
    card = WindowCard(tools)
    qtbot.addWidget(card)
    settings = Settings(app=App(notify="all", on_close="quit", profile="sandbox"))
    card.load(Draft(settings=settings, autostart=True))

    assert card.notify.value() == "all"
    assert card.autostart.box.isChecked()
    assert card.apply(card.draft).settings == settings

    with qtbot.waitSignal(card.changed):
        card.on_close.set_value("tray")
    card.notify.set_value("none")
    card.autostart.box.setChecked(False)

    draft = card.apply(card.draft)
    assert draft.settings.app == App(notify="none", on_close="tray", profile="sandbox")
    assert draft.autostart is False
    assert card.heading()


def test_in_the_demo_starting_with_the_computer_is_no_choice(qtbot: QtBot, tools: Tools) -> None:
    tools.session._label = "demo"
    card = WindowCard(tools)
    qtbot.addWidget(card)
    card.load(Draft())
    card.show()

    assert not card.autostart.isVisible()
    assert card.apply(card.draft).autostart is None
