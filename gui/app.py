"""Starts the desktop app: builds every object of the window and hands it to the others."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QTimer, SignalInstance
from PySide6.QtWidgets import QApplication

from core import __version__, logs
from core.credentials import NAMES, KeyringPlace, Secret
from core.doctor.cleaner import Cleaner
from core.errors import GladlySourceError
from core.home import Home, find_home
from core.runner import raise_file_limit
from core.settings import ENV_PREFIX
from gui.autostart import NAME, TITLE, autostart_for
from gui.bridge import Bridge
from gui.collector import Collector
from gui.crash import CrashReporter
from gui.desktop import Desktop, Parts
from gui.emblem import make_emblem
from gui.factories import make_demo, make_window, make_wizard
from gui.instance import SingleInstance
from gui.interrupts import Interrupts
from gui.look import Look
from gui.qt_messages import QtMessages
from gui.session import Session
from gui.tray import Tray

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from core.credentials import SecretPlace
    from core.logs import Redactor
    from gui.visit import DemoHost

INTERRUPTED = 130
#: threads take turns more often than by default, so that a busy window holds up no webhook
SWITCH_SECONDS = 0.001


class LearningPlace:
    """A place of secrets that has every secret it sees masked in the log.

    Args:
        place: Where they are kept.
        redact: Learns them.
    """

    def __init__(self, place: SecretPlace, redact: Redactor) -> None:
        self._place, self._redact = place, redact

    def learn(self, value: str) -> None:
        """Have a secret masked that is kept elsewhere."""
        self._redact.learn([Secret(value)])

    def get(self, name: str) -> str | None:
        """The secret, or None when it was never set."""
        value = self._place.get(name)
        if value:
            self.learn(value)
        return value

    def set(self, name: str, value: str) -> None:
        """Keep the secret."""
        self._redact.learn([Secret(value)])
        self._place.set(name, value)

    def delete(self, name: str) -> bool:
        """Forget the secret; whether there was one."""
        return self._place.delete(name)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the desktop app; the exit code."""
    import argparse  # noqa: PLC0415 - `gladly-source` starts the app without it

    parser = argparse.ArgumentParser(prog="gladly-source-gui", description=__doc__)
    parser.add_argument("--home", help="folder with settings, store and logs", metavar="DIR")
    parser.add_argument("--hidden", action="store_true", help="start in the tray")
    parser.add_argument("--version", action="version", version=f"Gladly Source {__version__}")
    chosen = parser.parse_args(arguments)
    return run(find_home(chosen.home, os.environ), os.environ, hidden=chosen.hidden)


def run(home: Home, environ: Mapping[str, str], *, hidden: bool = False) -> int:
    """Show the window of a home until it is quit; a second one shows the first.

    Args:
        home: The home.
        environ: Settings and secrets from outside it.
        hidden: Start in the tray.
    """
    with started() as qt:
        instance = SingleInstance(home)
        try:
            if not instance.claim():
                return 0
        except GladlySourceError as exc:
            print(f"gladly-source: {exc}", file=sys.stderr)  # noqa: T201 - there is no window yet
            return exc.exit_code
        redact = logs.Redactor()
        redact.learn(_given(environ))
        _log_to(home, redact)
        place = LearningPlace(KeyringPlace(home.path), redact)
        session = Session(qt.bridge, home, environ, place=place, learn=redact.learn)
        try:
            return show(qt, session, redact, instance, hidden=hidden)
        finally:
            instance.release()


def run_demo(*, rate: float | None = None, faults: Sequence[str] = ()) -> int:
    """Show the window on simulators, in a throw-away home, until it is quit; the exit code.

    Args:
        rate: Track events per second; the demo's own where it is None.
        faults: What goes wrong from the beginning.
    """
    with started() as qt:
        redact = logs.Redactor()
        _log_to(None, redact)
        host = make_demo(qt.bridge, rate=rate, faults=faults)
        refused: list[GladlySourceError] = []
        host.failed.connect(refused.append)
        try:
            if not _wait(qt, host.start, host.ready, host.failed):
                return INTERRUPTED
            if refused:
                print(f"gladly-source: {refused[0]}", file=sys.stderr)  # noqa: T201 - no window yet
                return refused[0].exit_code
            return show(qt, host.session, redact, host=host)
        finally:
            _wait(qt, host.stop, host.ended)


def _wait(qt: Qt, begin: Callable[[], None], *over: SignalInstance) -> bool:
    """Run Qt's loop from `begin` until one of the signals (True), or until Ctrl-C (False)."""
    for signal in (*over, qt.interrupts.asked):
        signal.connect(qt.app.quit)
    QTimer.singleShot(0, begin)
    qt.app.exec()
    for signal in (*over, qt.interrupts.asked):
        signal.disconnect(qt.app.quit)
    return not qt.interrupts.seen


def show(
    qt: Qt,
    session: Session,
    redact: Redactor,
    instance: SingleInstance | None = None,
    *,
    hidden: bool = False,
    host: DemoHost | None = None,
) -> int:
    """Build the window around a session and run until it is quit; the exit code.

    Args:
        qt: Application and work thread.
        session: What is shown.
        redact: Knows the secrets.
        instance: Tells when a second start wants the window.
        hidden: Start in the tray.
        host: The demo that the session belongs to, if it does.
    """
    look = Look(qt.app)
    qt.app.setWindowIcon(make_emblem(look))
    reporter = CrashReporter(Cleaner(redact, session.home, session.environ))
    desktop = Desktop(
        Parts(
            look=look,
            session=session,
            tray=Tray(look),
            autostart=autostart_for(session.home),
            make_window=lambda shown: make_window(shown, look, host),
            make_wizard=lambda window, on: make_wizard(window, look, autostart=on),
            make_demo=lambda: make_demo(qt.bridge),
            make_demo_window=lambda visited: make_window(visited.session, look, visited),
        )
    )
    reporter.install()
    reporter.reported.connect(desktop.on_crash)
    reporter.interrupted.connect(desktop.quit)
    qt.bridge.crashed.connect(reporter.take)
    qt.interrupts.asked.connect(desktop.quit)
    qt.app.commitDataRequest.connect(desktop.quit)
    if instance is not None:
        instance.asked.connect(desktop.show)
    desktop.ended.connect(qt.app.quit)
    desktop.start(hidden=hidden)
    if qt.interrupts.seen:
        QTimer.singleShot(0, desktop.quit)
    qt.bridge.ask(lambda: asyncio.to_thread(raise_file_limit), owner=desktop)
    try:
        return qt.app.exec()
    finally:
        desktop.dispose()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        reporter.uninstall()


@dataclass(frozen=True, kw_only=True)
class Qt:
    """What there is before the first window and after the last."""

    app: QApplication
    bridge: Bridge
    interrupts: Interrupts


@contextmanager
def started() -> Iterator[Qt]:
    """Qt's application and the work thread, from before the first window until after the last."""
    messages = QtMessages()
    messages.install()
    QApplication.setApplicationName(TITLE)
    QApplication.setApplicationVersion(__version__)
    QApplication.setDesktopFileName(NAME)
    app = QApplication([NAME])
    app.setQuitOnLastWindowClosed(False)
    messages.started()
    sys.setswitchinterval(SWITCH_SECONDS)
    bridge, interrupts, collector = Bridge(), Interrupts(), Collector()
    collector.start()
    try:
        yield Qt(app=app, bridge=bridge, interrupts=interrupts)
    finally:
        bridge.stop()
        collector.stop()
        interrupts.restore()
        messages.uninstall()
        gc.collect()  # what Python would collect after Qt has gone would take Qt along


def _log_to(home: Home | None, redact: Redactor) -> None:
    """Everything into memory and the file; to a terminal only what is not well."""
    logs.set_up(redact)
    for handler in logging.getLogger().handlers:
        if type(handler) is logging.StreamHandler:
            handler.setLevel(logging.WARNING)
    if home is not None:
        logs.add_file(redact, home.log_folder)


def _given(environ: Mapping[str, str]) -> list[Secret]:
    """The secrets that stand in the environment."""
    names = (ENV_PREFIX + name.upper().replace("-", "_") for name in NAMES)
    return [Secret(value) for name in names if (value := environ.get(name, "").strip())]
