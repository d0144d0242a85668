"""The last page: nothing is said to work that was not seen to work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QSystemTrayIcon

from core.settings import App, Gladly, Listener, Settings
from gui.setup.done_card import DoneCard, summary, while_off
from gui.setup.draft import Draft

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.setup.card import Tools

FULL = Settings(
    gladly=Gladly(url="https://acme.gladly.com", agent_email="a@b.example"),
    listener=Listener(public_url="https://hooks.example.com"),
)


@pytest.fixture
def tray(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", staticmethod(lambda: True))


def make(qtbot: QtBot, tools: Tools) -> DoneCard:
    card = DoneCard(tools)
    qtbot.addWidget(card)
    card.load(Draft(autostart=True))
    card.show()
    return card


def test_everything_that_was_seen_to_work_is_green() -> None:
    lines = summary(
        settings=FULL,
        running=True,
        error="",
        words={"listener": "listening", "segment": "ok", "gladly": "ok"},
        pinged=True,
    )

    assert [works for works, _ in lines] == [True] * 4
    assert "debugger" in lines[1][1]


@pytest.mark.parametrize(
    ("word", "way_in"),
    [("refusing", False), ("failed", True), ("starting", True), ("", True)],
)
def test_a_listener_that_does_not_listen_is_not_called_well(word: str, way_in: bool) -> None:
    words = {"listener": word}
    lines = summary(settings=FULL, running=True, error="", words=words, pinged=True)

    assert lines[0][0] is False
    assert lines[3][0] is way_in


POLLED = Gladly(url="https://acme.gladly.com", agent_email="a@b.example")


@pytest.mark.parametrize(
    ("settings", "word", "expected"),
    [
        (Settings(gladly=POLLED), "ok", (True, "by polling, within half a minute")),
        (FULL, "ok", (True, "PING has not arrived")),
        (Settings(gladly=POLLED), "unavailable", (False, "see Health")),
        (Settings(gladly=POLLED), "unknown", (False, "not asked")),
        (Settings(), "off", (False, "No event can arrive")),
        (Settings(listener=Listener(enabled=False)), "off", (False, "listener is off")),
    ],
)
def test_how_events_arrive_is_said_as_it_is(
    settings: Settings, word: str, expected: tuple[bool, str]
) -> None:
    words = {"listener": "listening", "poll": word}
    lines = summary(settings=settings, running=True, error="", words=words, pinged=False)

    works, text = expected
    assert lines[3][0] is works
    assert text in lines[3][1]


@pytest.mark.parametrize(
    ("settings", "calls", "hours"),
    [
        (Settings(), True, False),
        (FULL, True, True),
        (Settings(gladly=POLLED, listener=Listener(enabled=False)), False, True),
    ],
)
def test_what_happens_while_the_app_is_off_depends_on_the_way_in(
    settings: Settings, calls: bool, hours: bool
) -> None:
    said = while_off(settings)

    assert ("calls go unanswered" in said) is calls
    assert ("last 24 hours" in said) is hours


def test_by_polling_alone_no_listener_is_missed() -> None:
    settings = Settings(gladly=POLLED, listener=Listener(enabled=False))
    words = {"listener": "off", "poll": "ok"}

    lines = summary(settings=settings, running=True, error="", words=words, pinged=False)

    assert lines[0] == (True, "The engine runs.")


WEBHOOK_ONLY = Settings(
    gladly=Gladly(url="https://acme.gladly.com", agent_email="a@b.example", poll=False),
    listener=Listener(public_url="https://hooks.example.com"),
)


def test_by_webhook_alone_a_listener_that_is_off_is_open() -> None:
    words = {"listener": "off"}
    lines = summary(settings=WEBHOOK_ONLY, running=True, error="", words=words, pinged=True)

    assert lines[0][0] is False


def test_what_was_not_seen_yet_is_open() -> None:
    lines = summary(
        settings=WEBHOOK_ONLY,
        running=True,
        error="",
        words={"listener": "listening", "segment": "unknown", "gladly": "unknown"},
        pinged=False,
    )

    assert [works for works, _ in lines] == [True, False, False, False]
    assert "PING has not arrived" in lines[3][1]


def test_what_was_skipped_says_what_is_missing() -> None:
    lines = summary(
        settings=Settings(), running=False, error="The port is in use.", words={}, pinged=False
    )

    assert lines[0] == (False, "The port is in use.")
    assert "ids only" in lines[2][1]
    assert "no public URL" in lines[3][1]


def test_a_gladly_that_refuses_is_not_called_well() -> None:
    lines = summary(settings=FULL, running=True, error="", words={"gladly": "refused"}, pinged=True)

    assert lines[2][0] is False
    assert "Health" in lines[2][1]


def test_ticks_are_applied(qtbot: QtBot, tools: Tools, tray: None) -> None:
    card = make(qtbot, tools)
    assert card.tray.isVisible()
    assert card.apply(card.draft).settings.app.on_close == "tray"

    card.tray.setChecked(False)
    card.autostart.box.setChecked(False)
    draft = card.apply(Draft(settings=Settings(app=App(on_close="tray"))))
    assert draft.settings.app.on_close == "ask"
    assert draft.autostart is False


def test_quitting_stays_quitting(qtbot: QtBot, tools: Tools, tray: None) -> None:
    card = make(qtbot, tools)
    card.load(Draft(settings=Settings(app=App(on_close="quit"))))

    assert card.apply(card.draft).settings.app.on_close == "quit"


def test_where_there_is_no_tray_none_is_promised(
    qtbot: QtBot, tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", staticmethod(lambda: False))
    card = make(qtbot, tools)

    assert not card.tray.isVisible()
    assert card.apply(card.draft).settings == Settings()
    assert card.apply(card.draft).autostart is True


def test_the_summary_follows_the_ping(qtbot: QtBot, tools: Tools) -> None:
    card = make(qtbot, tools)
    card.activate()
    assert card._lines[3][0].text() == "Open"

    tools.pings.seen_at = 1.0
    tools.pings.changed.emit()
    card.deactivate()

    assert card._lines[3][0].text() == "Works"
    assert card.action() == "&Finish"
    assert card.first() is card.autostart.box
