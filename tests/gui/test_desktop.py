"""The app from start to quit: closing, quitting in every state, demo, tray, first run."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QSystemTrayIcon

from core.errors import OperationError
from core.home import Home
from gui.autostart import Autostart, autostart_for
from gui.crash import Report
from gui.desktop import COLOURS, Desktop, Parts
from gui.first_run import FOR_NOW
from gui.notices import Kind
from gui.pages import EVENTS, HEALTH, SENDER, SETTINGS
from gui.run import Phase
from gui.session import Session
from gui.tray import Tray
from gui.window import MainWindow
from tests.e2e.conftest import Serve
from tests.fakes.shell import FakePage, fake_pages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from gui.bridge import Bridge
    from gui.look import Look
    from gui.visit import DemoHost
    from tests.gui.conftest import MemoryPlace

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")
#: not one of these may be left running
OURS = ("engine", "store", "simulator", "gui-demo")


class FakeTray(Tray):
    """A tray that is there, and notes what it tells."""

    def __init__(self, look: Look, *, present: bool = True) -> None:
        super().__init__(look, available=lambda: present)
        self.shown = False
        self.told: list[str] = []

    @property
    def can_tell(self) -> bool:
        return self.present

    def show(self) -> None:
        self.shown = True

    def hide(self) -> None:
        self.shown = False

    def tell(self, title: str, text: str, *, bad: bool) -> None:
        del text, bad
        self.told.append(title)


class FakeWizard(QDialog):
    """Wishes for whatever a test wants."""

    demo_wanted = Signal()
    autostart_wanted = Signal(bool)

    def __init__(self, window: MainWindow, *, autostart: bool | None) -> None:
        super().__init__(window)
        self.autostart = autostart
        self.on_left: Callable[[], None] = lambda: None

    def reject(self) -> None:
        self.on_left()
        super().reject()


class FakeHost(QObject):
    """A demo on a session of its own; `hold` keeps it from becoming ready."""

    ready = Signal()
    failed = Signal(object)
    ended = Signal()

    def __init__(self, session: Session, *, hold: bool = False) -> None:
        super().__init__()
        self.session, self.drills, self._hold = session, None, hold
        session.phase_changed.connect(self._on_phase)

    def start(self) -> None:
        self.session.start()

    def stop(self) -> None:
        if self.session.phase is Phase.STOPPED:
            self.ended.emit()
        self.session.stop()

    def _on_phase(self, phase: Phase) -> None:
        if phase is Phase.RUNNING and not self._hold:
            self.ready.emit()
        if phase is Phase.STOPPED:
            self.ended.emit()


class Rig:
    """A desktop around a session, with everything that can be seen of it."""

    def __init__(self, session: Session, look: Look, tray: FakeTray, folder: Path) -> None:
        self.session, self.tray = session, tray
        self.autostart: Autostart = autostart_for(
            session.home, platform="linux", environ={"HOME": str(folder)}, command=("/opt/gui",)
        )
        self.hosts: list[FakeHost] = []
        self.make_host: Callable[[], FakeHost] | None = None
        self.desktop = Desktop(
            Parts(
                look=look,
                session=session,
                tray=tray,
                autostart=self.autostart,
                make_window=lambda shown: MainWindow(shown, look, fake_pages()),
                make_wizard=lambda window, on: FakeWizard(window, autostart=on),
                make_demo=self._host,
                make_demo_window=lambda host: MainWindow(host.session, look, fake_pages()),
            )
        )

    @property
    def window(self) -> MainWindow:
        return self.desktop.window

    def _host(self) -> DemoHost:
        assert self.make_host is not None
        self.hosts.append(self.make_host())
        return self.hosts[-1]  # type: ignore[return-value]

    def quit(self, qtbot: QtBot) -> None:
        """Quit, and see that nothing is left running."""
        with qtbot.waitSignal(self.desktop.ended, timeout=10_000):
            self.desktop.quit()
        assert self.session.phase is Phase.STOPPED
        names = [thread.name for thread in threading.enumerate()]
        assert [name for name in names if name.startswith(OURS) and name != "simulator"] == []


@pytest.fixture
def rig(
    qtbot: QtBot,
    look: Look,
    bridge: Bridge,
    make_session: Callable[..., Session],
    request: pytest.FixtureRequest,
) -> Iterator[Callable[..., Rig]]:
    """Builds a desktop that is started, unless told not to; `bare`: nothing was ever set up."""
    folder: Path = request.getfixturevalue("tmp_path")
    place: MemoryPlace = request.getfixturevalue("place")
    made: list[Rig] = []

    def make(
        *,
        tray: bool = True,
        start: bool = True,
        hidden: bool = False,
        bare: bool = False,
        **more: Any,
    ) -> Rig:
        session = make_session(start=False, **more)
        demo_environ = session.environ | {
            "GLADLY_SOURCE_WRITE_KEY": "w" * 32,
            "GLADLY_SOURCE_WEBHOOK_PASSWORD": "p" * 9,
        }
        if bare:
            place.secrets.clear()
            session = Session(bridge, session.home, {}, place=place)
        one = Rig(session, look, FakeTray(look, present=tray), folder)

        def host() -> FakeHost:
            home = Home(path=folder / f"demo-{len(one.hosts)}")
            return FakeHost(Session(bridge, home, demo_environ, place=place, profile="demo"))

        one.make_host = host
        made.append(one)
        if start:
            one.desktop.start(hidden=hidden)
            settled = {Phase.RUNNING, Phase.ATTACHED, Phase.FAILED}
            qtbot.waitUntil(lambda: session.phase in settled, timeout=10_000)
        return one

    yield make
    for one in made:
        one.desktop.quit()
        sessions = [one.session, *(host.session for host in one.hosts)]
        for session in sessions:
            session.stop()
        qtbot.waitUntil(lambda: all(each.phase is Phase.STOPPED for each in sessions))  # noqa: B023 - waited for here
        one.desktop.dispose()


@pytest.fixture
def serve(home: Home) -> Iterator[Serve]:
    """`gladly-source serve`, a process of its own, on the home of the test."""
    made = Serve(home.path, "http://127.0.0.1:9")
    made.start()
    yield made
    made.end()


def test_it_starts_the_engine_and_shows_the_window(rig: Callable[..., Rig]) -> None:
    one = rig()

    assert one.session.phase is Phase.RUNNING
    assert one.window.isVisible()
    assert one.tray.shown
    assert one.window.stack.key == EVENTS


def test_hidden_it_shows_only_the_tray(rig: Callable[..., Rig]) -> None:
    one = rig(hidden=True)

    assert not one.window.isVisible()
    one.tray.open_wanted.emit()
    assert one.window.isVisible()


def test_hidden_without_a_tray_it_is_minimised(rig: Callable[..., Rig]) -> None:
    one = rig(hidden=True, tray=False)

    assert one.window.isMinimized()


# quitting, in every state


def test_quitting_while_it_runs(qtbot: QtBot, rig: Callable[..., Rig]) -> None:
    rig().quit(qtbot)


def test_quitting_while_it_starts(qtbot: QtBot, rig: Callable[..., Rig]) -> None:
    one = rig(start=False)
    one.desktop.start()
    assert one.session.phase is Phase.STARTING

    one.quit(qtbot)


def test_quitting_before_it_started(qtbot: QtBot, rig: Callable[..., Rig]) -> None:
    rig(start=False).quit(qtbot)


def test_quitting_after_it_failed(
    qtbot: QtBot, rig: Callable[..., Rig], place: MemoryPlace
) -> None:
    place.delete("write-key")
    one = rig()
    assert one.session.phase is Phase.FAILED

    one.quit(qtbot)


def test_quitting_with_the_wizard_open(qtbot: QtBot, rig: Callable[..., Rig]) -> None:
    one = rig()
    one.desktop.open_set_up()
    wizard = one.desktop.wizard
    assert wizard is not None

    one.quit(qtbot)

    assert one.desktop.wizard is None


def test_quitting_keeps_what_the_wizard_remembers(
    qtbot: QtBot, rig: Callable[..., Rig], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = rig()
    one.desktop.open_set_up()
    done: list[str] = []
    wizard = one.desktop.wizard
    assert isinstance(wizard, FakeWizard)
    wizard.on_left = lambda: done.append("left")
    monkeypatch.setattr(type(one.session.memory), "flush", lambda _: done.append("flushed"))

    one.quit(qtbot)

    assert done[:2] == ["left", "flushed"]


def test_quitting_with_the_question_open(qtbot: QtBot, rig: Callable[..., Rig]) -> None:
    one = rig()
    one.window.close()
    assert one.desktop.closing.question is not None

    one.quit(qtbot)


def test_quitting_in_the_demo(qtbot: QtBot, rig: Callable[..., Rig]) -> None:
    one = rig()
    one.desktop.enter_demo()
    qtbot.waitUntil(lambda: one.desktop.visit.window is not None)

    one.quit(qtbot)

    assert one.hosts[0].session.phase is Phase.STOPPED


def test_quitting_while_the_demo_starts(qtbot: QtBot, rig: Callable[..., Rig]) -> None:
    one = rig()
    one.desktop.enter_demo()

    one.quit(qtbot)

    assert one.desktop.visit.window is None
    assert one.hosts[0].session.phase is Phase.STOPPED


def test_quitting_twice_is_quitting_once(qtbot: QtBot, rig: Callable[..., Rig]) -> None:
    one = rig()
    ends: list[None] = []
    one.desktop.ended.connect(lambda: ends.append(None))
    one.desktop.quit()
    one.quit(qtbot)

    assert len(ends) == 1


def test_quitting_while_attached_leaves_the_other_running(
    qtbot: QtBot, rig: Callable[..., Rig], serve: Serve
) -> None:
    one = rig()
    assert one.session.phase is Phase.ATTACHED
    assert serve.process is not None
    bar = one.window.banners.attached
    assert str(serve.process.pid) in bar.title.text()
    assert bar.isVisible()

    one.quit(qtbot)

    assert serve.process.poll() is None
    assert serve.stop() == 0


def test_what_does_not_stop_in_time_does_not_hold_the_program(
    qtbot: QtBot, rig: Callable[..., Rig], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = rig()
    monkeypatch.setattr(one.session, "stop", lambda: None)
    one.desktop._deadline.setInterval(0)

    with qtbot.waitSignal(one.desktop.ended):
        one.desktop.quit()
    monkeypatch.undo()
    one.session.stop()


# closing


def test_closing_asks_and_keeps_running_in_the_tray(qtbot: QtBot, rig: Callable[..., Rig]) -> None:
    one = rig()
    one.window.close()
    question = one.desktop.closing.question
    assert question is not None
    question.keep_button.click()

    assert not one.window.isVisible()
    assert one.session.phase is Phase.RUNNING
    with qtbot.waitExposed(one.window):
        one.desktop.show()


def test_closing_quits_when_that_was_chosen(qtbot: QtBot, rig: Callable[..., Rig]) -> None:
    one = rig(app__on_close="quit")

    with qtbot.waitSignal(one.desktop.ended, timeout=10_000):
        one.window.close()


# the first run


def test_the_first_run_opens_the_wizard_and_suggests_to_start_with_the_computer(
    rig: Callable[..., Rig],
) -> None:
    one = rig(bare=True)
    wizard = one.desktop.wizard
    assert isinstance(wizard, FakeWizard)
    assert wizard.isVisible()
    assert wizard.autostart

    wizard.reject()
    assert one.desktop.wizard is None
    assert one.window.isVisible()


def test_hidden_the_first_run_waits_until_somebody_looks(rig: Callable[..., Rig]) -> None:
    one = rig(bare=True, hidden=True)
    assert one.desktop.wizard is None

    one.desktop.show()
    assert one.desktop.wizard is not None


def test_settings_without_a_key_are_no_first_run_but_the_banner_leads_to_the_wizard(
    rig: Callable[..., Rig], place: MemoryPlace
) -> None:
    place.secrets.clear()
    one = rig()
    assert one.desktop.wizard is None

    one.window.banners.engine.button.click()

    assert one.desktop.wizard is not None


def test_secrets_that_ended_with_the_app_are_asked_for_at_the_next_start(
    qtbot: QtBot, rig: Callable[..., Rig], place: MemoryPlace
) -> None:
    place.secrets.clear()
    one = rig(start=False)
    one.desktop.session.memory.set(FOR_NOW, True)
    one.desktop.start()
    qtbot.waitUntil(lambda: one.session.phase is Phase.FAILED)

    assert one.desktop.wizard is not None


def test_the_wizard_can_be_left_for_the_demo_and_comes_back_after_it(
    qtbot: QtBot, rig: Callable[..., Rig]
) -> None:
    one = rig(bare=True)
    wizard = one.desktop.wizard
    assert isinstance(wizard, FakeWizard)

    wizard.demo_wanted.emit()
    qtbot.waitUntil(lambda: one.desktop.visit.window is not None)
    assert one.desktop.wizard is None
    one.desktop.leave_demo()

    assert one.desktop.wizard is not None


# the demo


def test_the_demo_takes_the_place_of_the_window_and_gives_it_back(
    qtbot: QtBot, rig: Callable[..., Rig]
) -> None:
    one = rig()
    one.window.setGeometry(40, 50, 700, 600)
    one.window.commands["demo"].trigger()
    qtbot.waitUntil(lambda: one.desktop.visit.window is not None)
    demo = one.desktop.visit.window
    assert demo is not None

    assert demo.isVisible()
    assert not one.window.isVisible()
    assert demo.geometry() == one.window.geometry()
    assert demo.windowTitle() == "Gladly Source — demo"
    assert one.session.phase is Phase.RUNNING
    assert one.desktop.current is demo

    demo.banners.demo.button.click()
    assert one.window.isVisible()
    assert one.desktop.current is one.window
    qtbot.waitUntil(lambda: not one.desktop.visit.under_way)
    assert one.session.phase is Phase.RUNNING
    one.desktop.enter_demo()
    qtbot.waitUntil(lambda: len(one.hosts) == 2)


def test_a_demo_that_cannot_start_says_why(qtbot: QtBot, rig: Callable[..., Rig]) -> None:
    one = rig()
    one.desktop.enter_demo()
    one.hosts[0].failed.emit(OperationError("No room.", "Free some."))

    assert one.window.banners.alert.title.text() == "No room."
    assert one.window.isVisible()
    qtbot.waitUntil(lambda: not one.desktop.visit.under_way)


def test_closing_the_demo_to_the_tray_brings_the_demo_back(
    qtbot: QtBot, rig: Callable[..., Rig]
) -> None:
    one = rig(app__on_close="tray")
    one.desktop.enter_demo()
    qtbot.waitUntil(lambda: one.desktop.visit.window is not None)
    demo = one.desktop.visit.window
    assert demo is not None
    demo.close()
    assert not demo.isVisible()

    one.tray.open_wanted.emit()
    assert demo.isVisible()
    assert not one.window.isVisible()


# tray and notifications


@pytest.mark.logs_warnings  # a pause is one
def test_the_tray_sends_a_test_pauses_and_quits(qtbot: QtBot, rig: Callable[..., Rig]) -> None:
    one = rig()
    one.tray.test_wanted.emit()
    assert one.window.stack.key == SENDER

    one.tray.pause_wanted.emit()
    qtbot.waitUntil(lambda: any(state.word == "paused" for state in one.session.states))
    one.tray.pause_wanted.emit()
    qtbot.waitUntil(lambda: all(state.word != "paused" for state in one.session.states))

    with qtbot.waitSignal(one.desktop.ended, timeout=10_000):
        one.tray.quit_wanted.emit()


def test_an_alert_goes_to_the_tray_and_its_click_to_the_page(rig: Callable[..., Rig]) -> None:
    one = rig(hidden=True)
    one.desktop.notifier.told.emit(Kind.PROBLEM, "Segment needs attention", "", HEALTH)
    assert one.tray.told == ["Segment needs attention"]

    one.tray.message_clicked.emit()
    assert one.window.isVisible()
    assert one.window.stack.key == HEALTH


def test_without_a_tray_the_alert_is_above_the_page(rig: Callable[..., Rig]) -> None:
    one = rig(tray=False)
    one.desktop.notifier.told.emit(Kind.DEAD, "9 deliveries are dead", "They wait.", "attention")

    assert one.window.banners.alert.title.text() == "9 deliveries are dead"
    one.window.banners.alert.button.click()
    assert one.window.stack.key == "attention"


def test_an_alert_that_is_over_leaves_the_window(rig: Callable[..., Rig]) -> None:
    one = rig(tray=False)
    one.desktop.notifier.told.emit(Kind.DEAD, "2 deliveries are dead", "They wait.", "attention")
    one.desktop.notifier.over.emit()

    assert one.window.banners.alert.isHidden()


def test_snoozing_shows_in_the_menu(rig: Callable[..., Rig]) -> None:
    one = rig()
    one.tray.snooze_wanted.emit()

    assert one.window.commands["snooze"].isChecked()
    one.window.commands["snooze"].trigger()
    assert not one.window.commands["snooze"].isChecked()


# the rest


def test_wishes_of_pages_are_answered(rig: Callable[..., Rig]) -> None:
    one = rig()
    page = one.window.open_page(HEALTH)
    assert isinstance(page, FakePage)

    page.open_page.emit(SENDER)

    assert one.window.stack.key == SENDER


def test_a_port_that_is_taken_leads_to_the_settings(rig: Callable[..., Rig]) -> None:
    one = rig()
    one.window.engine_wanted.emit("settings")

    assert one.window.stack.key == SETTINGS


def test_trying_again_restarts_the_engine(
    qtbot: QtBot, rig: Callable[..., Rig], place: MemoryPlace
) -> None:
    key = place.secrets.pop("write-key")
    one = rig()
    assert one.session.phase is Phase.FAILED

    place.set("write-key", key)
    one.window.engine_wanted.emit("retry")

    qtbot.waitUntil(lambda: one.session.phase is Phase.RUNNING)


def test_the_autostart_entry_is_switched_and_repaired(
    qtbot: QtBot, rig: Callable[..., Rig], tmp_path: Path
) -> None:
    one = rig(start=False)
    old = autostart_for(
        one.session.home, platform="linux", environ={"HOME": str(tmp_path)}, command=("/old/gui",)
    )
    old.enable()
    one.desktop.start()

    qtbot.waitUntil(lambda: one.desktop.autostart.on is True)
    assert not one.autostart.repair()
    one.desktop.set_autostart(False)
    qtbot.waitUntil(lambda: not one.autostart.enabled())


def test_what_is_found_of_the_autostart_is_told_to_wizard_and_settings(
    qtbot: QtBot, rig: Callable[..., Rig]
) -> None:
    one = rig()
    page = one.window.open_page(SETTINGS)
    told: list[bool] = []
    page.set_autostart = lambda *, on: told.append(on)  # type: ignore[attr-defined]

    one.desktop.set_autostart(True)

    qtbot.waitUntil(lambda: told[-1:] == [True])


def test_an_autostart_that_is_refused_is_said(
    qtbot: QtBot, rig: Callable[..., Rig], tmp_path: Path
) -> None:
    one = rig()
    (tmp_path / ".config").write_text("a file where a folder should be")
    one.desktop.set_autostart(True)

    alert = one.window.banners.alert
    qtbot.waitUntil(lambda: "could not be changed" in alert.title.text())


def test_colours_are_chosen_and_remembered(rig: Callable[..., Rig], look: Look) -> None:
    one = rig()
    one.window.commands["dark"].trigger()

    assert look.dark
    assert one.session.memory.get(COLOURS) == "dark"
    assert one.window.commands["dark"].isChecked()
    one.window.commands["light"].trigger()
    assert not look.dark


def test_a_mistake_of_ours_is_told_beside_the_window(qtbot: QtBot, rig: Callable[..., Rig]) -> None:
    one = rig()
    one.desktop.on_crash(Report(key="a", text="TypeError"))
    assert one.desktop.crash is not None
    assert one.desktop.crash.isVisible()

    with qtbot.waitSignal(one.desktop.ended, timeout=10_000):
        one.desktop.crash.quit_button.click()


def test_a_change_of_the_close_setting_is_used_at_once(rig: Callable[..., Rig]) -> None:
    one = rig()
    app = msgspec.structs.replace(one.session.settings.app, on_close="tray")
    one.session.settings = msgspec.structs.replace(one.session.settings, app=app)

    one.window.close()

    assert not one.window.isVisible()


def test_a_tray_is_not_assumed() -> None:
    assert not QSystemTrayIcon.isSystemTrayAvailable()
