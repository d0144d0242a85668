"""The icon in the tray."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QSystemTrayIcon

from gui import tray as tray_module
from gui.mood import Mood
from gui.run import Phase
from gui.tray import Tray
from tests.fakes.shell import FakeSession

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from gui.look import Look


@pytest.fixture
def session(qapp: object, tmp_path: Path) -> FakeSession:
    del qapp
    return FakeSession(tmp_path)


@pytest.fixture
def tray(look: Look, session: FakeSession) -> Iterator[Tray]:
    made = Tray(look, available=lambda: True)
    made.follow(session)  # type: ignore[arg-type]
    yield made
    made.dispose()


def test_it_shows_how_all_is_in_words(tray: Tray, session: FakeSession) -> None:
    session.feel(segment="refused")
    session.count(pending=1200, dead=3)

    assert tray.mood is Mood.ATTENTION
    assert tray.icon.toolTip() == "Gladly Source: Needs attention, 1,200 under way, 3 dead"
    assert tray.actions["state"].text() == "Needs attention, 1,200 under way, 3 dead"


def test_it_does_not_flicker_between_events(qtbot: QtBot, tray: Tray, session: FakeSession) -> None:
    session.count(pending=1)
    assert tray.mood is Mood.WORKING

    session.count(accepted=1)
    assert tray.mood is Mood.WORKING
    tray._timer.setInterval(0)
    tray._timer.start()
    qtbot.waitUntil(lambda: tray.mood is Mood.WELL)


def test_trouble_is_shown_at_once(tray: Tray, session: FakeSession) -> None:
    session.count(pending=1)
    session.become(Phase.FAILED)

    assert tray.mood is Mood.ATTENTION


def test_it_follows_another_session_and_no_longer_the_first(
    tray: Tray, session: FakeSession, tmp_path: Path
) -> None:
    other = FakeSession(tmp_path, "demo")
    tray.follow(other)  # type: ignore[arg-type]

    session.feel(segment="refused")
    assert tray.mood is Mood.WELL
    other.feel(segment="paused")
    assert tray.mood is Mood.PAUSED


@pytest.mark.parametrize("name", ["open", "pause", "test", "snooze", "quit"])
def test_the_menu_asks(qtbot: QtBot, tray: Tray, name: str) -> None:
    with qtbot.waitSignal(getattr(tray, f"{name}_wanted")):
        tray.actions[name].trigger()


def test_the_menu_offers_what_makes_sense(tray: Tray, session: FakeSession) -> None:
    session.feel(segment="paused")
    assert tray.actions["pause"].text() == "&Resume sending"

    session.become(Phase.FAILED)
    assert not tray.actions["pause"].isEnabled()
    assert not tray.actions["test"].isEnabled()
    assert tray.actions["quit"].isEnabled()


@pytest.mark.parametrize("reason", ["Trigger", "DoubleClick"])
def test_a_click_opens_the_window(qtbot: QtBot, tray: Tray, reason: str) -> None:
    with qtbot.waitSignal(tray.open_wanted):
        tray.icon.activated.emit(QSystemTrayIcon.ActivationReason[reason])


def test_where_there_is_no_tray_nothing_happens(
    qtbot: QtBot, look: Look, session: FakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tray_module, "RETRY_MS", 0)
    monkeypatch.setattr(tray_module, "RETRIES", 3)
    asked = []

    def available() -> bool:
        asked.append(1)
        return False

    tray = Tray(look, available=available)
    tray.follow(session)  # type: ignore[arg-type]
    tray.show()
    qtbot.waitUntil(lambda: len(asked) >= 4)

    assert not tray.present
    assert not tray.can_tell
    assert not tray.icon.isVisible()
    tray.dispose()


@pytest.mark.qt_log_ignore("systemTrayWindowChanged")  # the offscreen platform has no tray
def test_a_tray_that_comes_later_is_used(
    qtbot: QtBot, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tray_module, "RETRY_MS", 0)
    answers = [False, False, True]
    tray = Tray(look, available=lambda: answers.pop(0) if len(answers) > 1 else answers[0])

    tray.show()
    qtbot.waitUntil(tray.icon.isVisible)
    tray.dispose()


def test_the_icon_is_drawn_anew_when_the_look_changes(tray: Tray, look: Look) -> None:
    before = tray.icon.icon().cacheKey()
    look.changed.emit()

    assert tray.icon.icon().cacheKey() != before
