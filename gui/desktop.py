"""The app from start to quit: which window is shown, what closing means, the demo, the tray."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from gui.autostart_state import AutostartState
from gui.closing import Closing
from gui.crash_dialog import CrashDialog
from gui.first_run import asks_again, is_first_run
from gui.front import bring_up
from gui.notices import Kind
from gui.notifier import Notifier
from gui.pages import HEALTH, SENDER, SETTINGS
from gui.run import Phase
from gui.visit import DemoVisit
from gui.wishes import connect_wishes

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QDialog, QWidget

    from core.errors import GladlySourceError
    from gui.autostart import Autostart
    from gui.crash import Report
    from gui.look import Look, Scheme
    from gui.session import Session
    from gui.tray import Tray
    from gui.visit import DemoHost
    from gui.window import MainWindow

log = logging.getLogger(__name__)

STOP_MS = 10_000
COLOURS = "window.colours"
DEMO = "demo"
#: what the notifier told, above the page
NOTICE = "notice"
#: where host and port of the listener are
LISTENER_CARD = "arrival"


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What the app is made of; `gui.app` hands it in."""

    look: Look
    session: Session
    tray: Tray
    autostart: Autostart
    make_window: Callable[[Session], MainWindow]
    make_wizard: Callable[[MainWindow, bool | None], QDialog]
    make_demo: Callable[[], DemoHost]
    make_demo_window: Callable[[DemoHost], MainWindow]


class Desktop(QObject):
    """Owns windows, tray and notifications; stops everything when it ends.

    Signals:
        ended: Nothing runs any more; the program may exit.

    Args:
        parts: What it is made of.
    """

    ended = Signal()

    def __init__(self, parts: Parts, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._parts = parts
        self.session = parts.session
        self.window = parts.make_window(parts.session)
        self.visit = DemoVisit(parts.make_demo, parts.make_demo_window, self)
        self.notifier = Notifier(parts.session, parent=self)
        self.wizard: QDialog | None = None
        self.closing = Closing(parts.session, parts.look, parts.tray, self)
        self.crash: CrashDialog | None = None
        self.quitting = False
        self.autostart = AutostartState(parts.autostart, parts.session, self)
        self._answers: dict[str, Callable[..., object]] = {
            "demo_wanted": self.enter_demo,
            "wizard_wanted": self.open_set_up,
            "autostart_wanted": self.set_autostart,
        }
        self._offered = False
        self._page = HEALTH
        self._deadline = QTimer(self)
        self._deadline.setSingleShot(True)
        self._deadline.setInterval(STOP_MS)
        self._deadline.timeout.connect(self._on_deadline)
        self._connect()
        self._own(self.window)

    @property
    def current(self) -> MainWindow:
        """The window that is shown, or would be."""
        return self.visit.window or self.window

    def start(self, *, hidden: bool = False) -> None:
        """Start the engine and show the window, or only the tray."""
        self._use_colours(self.session.memory.get(COLOURS, "system"))
        self.window.restore()
        self._parts.tray.follow(self.session)
        self._parts.tray.show()
        if not hidden:
            self.window.show()
        elif not self._parts.tray.present:
            self.window.showMinimized()
        self.session.start()
        if self.session.profile != DEMO:
            self.autostart.look()

    def show(self) -> None:
        """Bring the window up, from wherever it is."""
        bring_up(self.current)
        self._offer_set_up()

    def open_set_up(self) -> None:
        """Show the wizard; it goes on where it was left."""
        if self.quitting or self.visit.window is not None:
            return
        if self.wizard is None:
            suggested = True if is_first_run(self.session) else self.autostart.on
            self.wizard = self._parts.make_wizard(self.window, suggested)
            log.info("set-up was opened")
            self.wizard.finished.connect(self._on_wizard_finished)
            connect_wishes(self.wizard, self._answers)
        if not self.window.isVisible():
            bring_up(self.window)
        self.wizard.open()
        bring_up(self.wizard)

    def set_autostart(self, enabled: bool) -> None:  # noqa: FBT001 - a signal's argument
        """Start with the computer, or no longer."""
        self.autostart.change(on=enabled)

    def enter_demo(self) -> None:
        """Replace the window by one on simulators; the real session goes on behind it."""
        if self.visit.under_way or self.quitting or self.session.profile == DEMO:
            return
        if self.wizard is not None:
            self.wizard.reject()
        self.window.banners.tell("busy", self.tr("The demo is starting…"), "")
        self.visit.enter(self.window)

    def leave_demo(self) -> None:
        """Back to the real window; what the demo made is removed."""
        if self.session.profile == DEMO:
            self.quit()
        else:
            self.visit.leave()

    def quit(self) -> None:
        """Stop everything; `ended` tells when nothing is left running."""
        if self.quitting:
            return
        self.quitting = True
        self._deadline.start()
        for window in (self.window, self.visit.window):
            if window is not None:
                window.let_go()
        self.notifier.stop()
        self._parts.tray.hide()
        for dialog in (self.wizard, self.closing.question, self.crash):
            if dialog is not None:
                dialog.close()
        self.session.memory.flush()  # the wizard remembers when it is closed
        self.visit.stop()
        self.session.stop()
        self._end_when_stopped()

    def on_crash(self, report: Report) -> None:
        """Tell of a mistake of ours."""
        if self.quitting:
            return
        if self.crash is None:
            self.crash = CrashDialog(self._parts.look)
            self.crash.quit_wanted.connect(self.quit)
        self.crash.add(report)

    def dispose(self) -> None:
        """Delete every widget, while Qt is still there."""
        for widget in (self.wizard, self.crash, self.visit.window, self.window):
            if widget is not None:
                widget.deleteLater()
        self._parts.tray.dispose()

    def _connect(self) -> None:
        tray = self._parts.tray
        tray.open_wanted.connect(self.show)
        tray.pause_wanted.connect(self._on_pause_wanted)
        tray.test_wanted.connect(lambda: self._show_page(SENDER))
        tray.snooze_wanted.connect(self.window.commands["snooze"].trigger)
        tray.message_clicked.connect(lambda: self._show_page(self._page))
        tray.quit_wanted.connect(self.quit)
        self.notifier.told.connect(self._on_told)
        self.notifier.over.connect(lambda: self.window.banners.take_back(NOTICE))
        self.notifier.snoozed.connect(self.window.commands["snooze"].setChecked)
        self.session.phase_changed.connect(self._on_phase)
        self.autostart.found.connect(self._on_autostart)
        self.autostart.refused.connect(self._on_refused)
        self.closing.quit_wanted.connect(self.quit)
        self.closing.refused.connect(self._on_refused)
        self.visit.entered.connect(self._on_demo_entered)
        self.visit.left.connect(self._on_demo_left)
        self.visit.refused.connect(self._on_refused)
        self.visit.ended.connect(self._end_when_stopped)

    def _own(self, window: MainWindow) -> None:
        """Answer what a window asks for."""
        commands = window.commands
        window.close_wanted.connect(self._on_close_wanted)
        window.engine_wanted.connect(self._on_engine_wanted)
        window.page_made.connect(lambda key, page: self._on_page_made(window, key, page))
        window.banners.leave_demo.connect(self.leave_demo)
        commands["quit"].triggered.connect(self.quit)
        commands["snooze"].triggered.connect(lambda on: self.notifier.snooze(quiet=on))
        for name, slot in {
            "leave-demo": self.leave_demo,
            "set-up": self.open_set_up,
            "demo": self.enter_demo,
        }.items():
            if name in commands.by_name:
                commands[name].triggered.connect(slot)
        for scheme in ("system", "light", "dark"):
            commands[scheme].triggered.connect(
                lambda _=False, scheme=scheme: self._choose_colours(scheme)
            )

    def _on_page_made(self, window: MainWindow, key: str, page: QWidget) -> None:
        here: dict[str, Callable[..., object]] = {
            "open_page": window.open_page,
            "open_card": window.open_card,
            "open_delivery": window.open_delivery,
            "show_query": window.show_query,
            "send_test": lambda: window.open_page(SENDER),
        }
        connect_wishes(page, here | self._answers)
        if key == SETTINGS:
            self._tell_autostart(page)

    def _on_pause_wanted(self) -> None:
        self.current.commands["pause"].trigger()

    def _show_page(self, key: str) -> None:
        self.show()
        self.current.open_page(key)

    def _tell_autostart(self, *widgets: QWidget | None) -> None:
        """Tell pages and wizard what is known of it, if anything is."""
        on = self.autostart.on
        for widget in widgets:
            tell = getattr(widget, "set_autostart", None)
            if tell is not None and on is not None:
                tell(on=on)

    def _on_autostart(self) -> None:
        windows = [one for one in (self.window, self.visit.window) if one is not None]
        self._tell_autostart(self.wizard, *(one.stack.made(SETTINGS) for one in windows))

    def _on_refused(self, error: GladlySourceError) -> None:
        self.current.banners.tell("bad", error.title, error.hint)

    def _choose_colours(self, scheme: str) -> None:
        self.session.memory.set(COLOURS, scheme)
        self._use_colours(scheme)

    def _use_colours(self, scheme: str) -> None:
        chosen: dict[str, Scheme] = {"light": "light", "dark": "dark"}
        self._parts.look.force(chosen.get(scheme))
        name = scheme if scheme in chosen else "system"
        for window in (self.window, self.visit.window):
            if window is not None:
                window.commands[name].setChecked(True)

    def _on_close_wanted(self) -> None:
        if self.quitting:
            return
        if self.session.profile == DEMO:
            self.quit()
        else:
            self.closing.close(self.current)

    def _on_engine_wanted(self, what: str) -> None:
        match what:
            case "file":
                file = QUrl.fromLocalFile(str(self.session.home.settings_file))
                QDesktopServices.openUrl(file)
            case "set-up":
                self.open_set_up()
            case "settings":
                self.current.open_card(LISTENER_CARD)
            case _:
                self.current.session.restart()

    def _on_phase(self, phase: Phase) -> None:
        log.info("the session changed", extra={"phase": str(phase)})
        if self.quitting:
            self._end_when_stopped()
        else:
            self._offer_set_up()

    def _offer_set_up(self) -> None:
        """Once, when somebody looks: at the first run, or where secrets end with the app."""
        if self._offered or not self.window.isVisible():
            return
        if is_first_run(self.session) or asks_again(self.session):
            self._offered = True
            self.open_set_up()

    def _on_wizard_finished(self, _: int) -> None:
        wizard, self.wizard = self.wizard, None
        if wizard is not None:
            wizard.deleteLater()

    def _on_told(self, kind: Kind, title: str, text: str, page: str) -> None:
        self._page = page
        window = self.window
        bad = kind in {Kind.PROBLEM, Kind.DEAD}
        if self._parts.tray.can_tell and not window.isActiveWindow():
            self._parts.tray.tell(title, text, bad=bad)
        elif self.session.phase is not Phase.FAILED:  # which has a banner of its own
            tone, more = ("warn", page) if bad else ("good", "")
            window.banners.tell(tone, title, text, more, about=NOTICE)

    def _on_demo_entered(self, window: MainWindow) -> None:
        self._own(window)
        self._use_colours(self.session.memory.get(COLOURS, "system"))
        self._parts.tray.follow(window.session)
        self.window.banners.tell("", "", "")

    def _on_demo_left(self) -> None:
        self._parts.tray.follow(self.session)
        if is_first_run(self.session):
            self.open_set_up()

    def _end_when_stopped(self) -> None:
        stopped = self.session.phase is Phase.STOPPED and not self.visit.under_way
        if self.quitting and stopped and self._deadline.isActive():
            self._deadline.stop()
            self.ended.emit()

    def _on_deadline(self) -> None:
        """Whatever still runs ends with the process: nothing acknowledged is only in memory."""
        self.ended.emit()
