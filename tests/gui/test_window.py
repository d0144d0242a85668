"""The main window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit

from core.errors import OperationError
from gui.pages import ACTIVITY, ATTENTION, EVENTS, HEALTH, ORDER, SETTINGS
from gui.run import Phase
from gui.source import Source
from gui.window import GEOMETRY, PAGE, MainWindow
from tests.fakes.shell import FakePage, FakeSession, fake_pages

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from gui.look import Look

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


@pytest.fixture
def session(qapp: object, tmp_path: Path) -> FakeSession:
    del qapp
    return FakeSession(tmp_path)


def make(qtbot: QtBot, look: Look, session: FakeSession) -> MainWindow:
    window = MainWindow(session, look, fake_pages())  # type: ignore[arg-type]
    qtbot.addWidget(window, before_close_func=MainWindow.let_go)
    window.restore()
    return window


@pytest.fixture
def window(qtbot: QtBot, look: Look, session: FakeSession) -> MainWindow:
    made = make(qtbot, look, session)
    with qtbot.waitExposed(made):
        made.show()
    return made


def seen(window: MainWindow) -> list[str]:
    pages = (window.stack.made(key) for key in ORDER)
    return [page.text() for page in pages if isinstance(page, FakePage) and page.seen]


def test_it_opens_with_events_and_makes_no_other_page(window: MainWindow) -> None:
    assert seen(window) == [EVENTS]
    assert [key for key in ORDER if window.stack.made(key)] == [EVENTS]


@pytest.mark.parametrize("number", range(1, 7))
def test_ctrl_and_a_number_open_a_page(qtbot: QtBot, window: MainWindow, number: int) -> None:
    qtbot.keyClick(window, Qt.Key(Qt.Key.Key_0 + number), Qt.KeyboardModifier.ControlModifier)

    assert seen(window) == [ORDER[number - 1]]
    assert window.navigation.currentRow() == number - 1


def test_a_row_of_the_navigation_opens_its_page(window: MainWindow) -> None:
    window.navigation.setCurrentRow(4)

    assert seen(window) == [HEALTH]


def test_a_component_of_the_strip_opens_health(window: MainWindow) -> None:
    window.strip.components["gladly"].click()

    assert seen(window) == [HEALTH]


def test_a_page_nobody_sees_is_not_active(qtbot: QtBot, window: MainWindow) -> None:
    window.hide()
    assert seen(window) == []

    window.show()
    window.showMinimized()
    qtbot.waitUntil(lambda: seen(window) == [])

    window.showNormal()
    qtbot.waitUntil(lambda: seen(window) == [EVENTS])


@pytest.mark.parametrize("profile", ["production", "sandbox", "demo"])
def test_the_title_names_the_profile(
    qtbot: QtBot, look: Look, tmp_path: Path, profile: str
) -> None:
    window = make(qtbot, look, FakeSession(tmp_path, profile))

    assert window.windowTitle() == f"Gladly Source — {profile}"


def test_the_title_follows_the_settings(window: MainWindow, session: FakeSession) -> None:
    session.profile = "sandbox"
    session.settings_changed.emit(session.settings)

    assert window.windowTitle() == "Gladly Source — sandbox"


def test_the_title_names_the_profile_of_the_engine_that_runs(
    window: MainWindow, session: FakeSession
) -> None:
    session.profile = "sandbox"
    session.other = Source(profile="production", url="https://api.segment.io")
    session.become(Phase.ATTACHED)

    assert window.windowTitle() == "Gladly Source — production"
    session.other = None  # an older one does not say
    session.become(Phase.ATTACHED)
    assert window.windowTitle() == "Gladly Source — sandbox"


def test_what_needs_attention_is_counted_in_the_navigation(
    window: MainWindow, session: FakeSession
) -> None:
    session.count(accepted=7, dead=11, unmappable=1)

    assert window.navigation.badge(ATTENTION) == "12"


def test_size_and_page_are_remembered(qtbot: QtBot, look: Look, session: FakeSession) -> None:
    first = make(qtbot, look, session)
    first.resize(701, 607)
    first.open_page(ACTIVITY)
    first.let_go()

    second = make(qtbot, look, session)
    assert (second.width(), second.height()) == (701, 607)
    assert second.stack.key == ACTIVITY


@pytest.mark.parametrize(
    ("geometry", "page"), [("nonsense", "nowhere"), (7, None), ("é", ["events"]), ({}, 3)]
)
def test_a_memory_that_makes_no_sense_does_no_harm(
    qtbot: QtBot, look: Look, session: FakeSession, geometry: object, page: object
) -> None:
    session.memory.values = {GEOMETRY: geometry, PAGE: page}

    window = make(qtbot, look, session)

    assert window.stack.key == EVENTS
    assert window.width() > 400


def test_closing_asks_whoever_owns_the_window(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitSignal(window.close_wanted):
        window.close()

    assert window.isVisible()


def test_ctrl_w_closes_too(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitSignal(window.close_wanted):
        window.commands["close"].trigger()


def test_let_go_closes_for_good(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.assertNotEmitted(window.close_wanted):
        window.let_go()

    assert not window.isVisible()


@pytest.mark.parametrize(("word", "asked"), [("ok", "pause"), ("paused", "resume")])
def test_pause_and_resume_ask_the_engine(
    window: MainWindow, session: FakeSession, word: str, asked: str
) -> None:
    session.feel(segment=word)
    window.commands["pause"].trigger()

    assert session.link.asked == [asked]


def test_the_banner_resumes(window: MainWindow, session: FakeSession) -> None:
    session.feel(segment="paused")
    window.banners.paused.button.click()

    assert session.link.asked == ["resume"]


def test_a_refused_pause_is_said_above_the_page(window: MainWindow) -> None:
    window._on_refused(OperationError("The engine does not run.", "Start it."))

    assert window.banners.alert.title.text() == "The engine does not run."


def test_without_an_engine_there_is_nothing_to_pause(
    window: MainWindow, session: FakeSession
) -> None:
    session.become(Phase.FAILED, OperationError("No."))
    assert not window.commands["pause"].isEnabled()

    session.become(Phase.RUNNING)
    assert window.commands["pause"].isEnabled()


def test_anothers_engine_is_not_ours_to_restart(window: MainWindow, session: FakeSession) -> None:
    session.become(Phase.ATTACHED)

    assert not window.commands["restart"].isEnabled()
    assert window.commands["pause"].isEnabled()


def test_copy_in_the_menu_copies_from_the_field_with_the_keyboard(
    qtbot: QtBot, window: MainWindow
) -> None:
    field = QLineEdit("something", window)
    field.show()
    window.activateWindow()
    field.setFocus()
    qtbot.waitUntil(lambda: window.focusWidget() is field)

    window.commands["select-all"].trigger()
    window.commands["copy"].trigger()

    assert QGuiApplication.clipboard().text() == "something"


def test_where_text_is_large_the_navigation_leaves_the_room_to_the_page(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.resize(1024, 640)
    assert not window.navigation.compact

    font = window.font()
    font.setPointSizeF(font.pointSizeF() * 2)
    window.setFont(font)
    window.resize(1023, 640)

    qtbot.waitUntil(lambda: window.navigation.compact)


def test_an_unknown_page_is_answered_with_the_first(window: MainWindow) -> None:
    window.open_page(SETTINGS)
    window.open_page("nowhere")

    assert seen(window) == [EVENTS]


def test_full_screen_and_back(qtbot: QtBot, window: MainWindow) -> None:
    window.commands["full-screen"].trigger()
    qtbot.waitUntil(window.isFullScreen)

    window.commands["full-screen"].trigger()
    qtbot.waitUntil(lambda: not window.isFullScreen())
