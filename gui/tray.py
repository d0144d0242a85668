"""The icon in the tray: how all is, and the few things wanted without the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, SignalInstance
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from core.model import DeliveryStatus
from gui.emblem import make_emblem
from gui.mood import Mood, is_paused, mood_of, under_way
from gui.run import Phase
from gui.words import number

if TYPE_CHECKING:
    from collections.abc import Callable

    from gui.look import Look
    from gui.session import Session

#: between events the icon does not flicker
CALM_MS = 3000
#: when a computer starts, the tray may come later than we do
RETRY_MS = 2000
RETRIES = 30
MESSAGE_MS = 10_000


class Tray(QObject):
    """An icon with five states and a menu; where there is no tray nothing happens at all.

    Signals:
        open_wanted: The window is wanted.
        pause_wanted: Sending is to be paused, or to go on.
        test_wanted: A test event is wanted.
        snooze_wanted: Notifications are to be quiet for an hour.
        quit_wanted: The program is to end.
        message_clicked: The last notification was clicked.

    Args:
        look: Colours and icons.
        available: Says whether there is a tray; tests hand in another.
    """

    open_wanted = Signal()
    pause_wanted = Signal()
    test_wanted = Signal()
    snooze_wanted = Signal()
    quit_wanted = Signal()
    message_clicked = Signal()

    def __init__(
        self,
        look: Look,
        *,
        available: Callable[[], bool] = QSystemTrayIcon.isSystemTrayAvailable,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._available = available
        self._session: Session | None = None
        self.mood = Mood.STOPPED
        self.menu = QMenu()
        self.icon = QSystemTrayIcon(make_emblem(look, self.mood), self)
        self.actions = self._fill_menu()
        self.icon.setContextMenu(self.menu)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(CALM_MS)
        self._timer.timeout.connect(lambda: self._show(Mood.WELL))
        self._tries = 0
        self._retry = QTimer(self)
        self._retry.setSingleShot(True)
        self._retry.setInterval(RETRY_MS)
        self._retry.timeout.connect(self.show)
        self.icon.activated.connect(self._on_activated)
        self.icon.messageClicked.connect(self.message_clicked)
        look.changed.connect(self._draw)
        self._say()

    @property
    def present(self) -> bool:
        """Whether there is a tray that shows the icon."""
        return self._available()

    @property
    def can_tell(self) -> bool:
        """Whether notifications can be shown."""
        return self.present and self.icon.isVisible() and QSystemTrayIcon.supportsMessages()

    def follow(self, session: Session) -> None:
        """Show how this session is from now on."""
        if self._session is not None:
            for signal in self._signals(self._session):
                signal.disconnect(self._on_change)
        self._session = session
        for signal in self._signals(session):
            signal.connect(self._on_change)
        self._on_change()

    def show(self) -> None:
        """Appear, as soon as there is a tray."""
        if self.present:
            self._retry.stop()
            self.icon.show()
        elif self._tries < RETRIES:
            self._tries += 1
            self._retry.start()

    def hide(self) -> None:
        """Vanish."""
        self._timer.stop()
        self._retry.stop()
        self.icon.hide()

    def tell(self, title: str, text: str, *, bad: bool) -> None:
        """Show a notification; only where `can_tell`."""
        kind = QSystemTrayIcon.MessageIcon
        self.icon.showMessage(title, text, kind.Warning if bad else kind.Information, MESSAGE_MS)

    def dispose(self) -> None:
        """Take menu and icon away for good."""
        self.hide()
        self.icon.deleteLater()
        self.menu.deleteLater()

    def _fill_menu(self) -> dict[str, QAction]:
        rows = {
            "state": ("", None),
            "open": (self.tr("&Open Gladly Source"), self.open_wanted),
            "pause": (self.tr("&Pause sending"), self.pause_wanted),
            "test": (self.tr("Send a &test event"), self.test_wanted),
            "snooze": (self.tr("&Snooze notifications for an hour"), self.snooze_wanted),
            "quit": (self.tr("&Quit"), self.quit_wanted),
        }
        made = {}
        for name, (text, signal) in rows.items():
            action = QAction(text, self.menu)
            if signal is None:
                action.setEnabled(False)
            else:
                action.triggered.connect(signal)
            if name in {"open", "quit"}:
                self.menu.addSeparator()
            self.menu.addAction(action)
            made[name] = action
        return made

    @staticmethod
    def _signals(session: Session) -> tuple[SignalInstance, ...]:
        return (session.phase_changed, session.health_changed, session.counted)

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in {
            QSystemTrayIcon.ActivationReason.Trigger,
            QSystemTrayIcon.ActivationReason.DoubleClick,
        }:
            self.open_wanted.emit()

    def _on_change(self, _: object = None) -> None:
        session = self._session
        if session is None:
            return
        mood = mood_of(session.phase, session.states, session.counts)
        if mood is Mood.WELL and self.mood is Mood.WORKING:
            if not self._timer.isActive():
                self._timer.start()
        else:
            self._timer.stop()
            self._show(mood)
        self._say()

    def _show(self, mood: Mood) -> None:
        if mood is not self.mood:
            self.mood = mood
            self._draw()
            self._say()

    def _draw(self) -> None:
        self.icon.setIcon(make_emblem(self._look, self.mood))

    def _say(self) -> None:
        """Keep the words in tooltip and menu right."""
        words = {
            Mood.WELL: self.tr("All well"),
            Mood.WORKING: self.tr("Working"),
            Mood.ATTENTION: self.tr("Needs attention"),
            Mood.PAUSED: self.tr("Paused"),
            Mood.STOPPED: self.tr("Stopped"),
        }
        said = words[self.mood]
        session = self._session
        running = session is not None and session.phase in {Phase.RUNNING, Phase.ATTACHED}
        if session is not None and session.counts is not None:
            waiting = under_way(session.counts)
            dead = session.counts.deliveries.get(DeliveryStatus.DEAD, 0)
            if waiting:
                said += self.tr(", {0} under way").format(number(waiting))
            if dead:
                said += self.tr(", {0} dead").format(number(dead))
        self.icon.setToolTip(self.tr("Gladly Source: {0}").format(said))
        self.actions["state"].setText(said)
        paused = session is not None and is_paused(session.states)
        self.actions["pause"].setText(
            self.tr("&Resume sending") if paused else self.tr("&Pause sending")
        )
        self.actions["pause"].setEnabled(running)
        self.actions["test"].setEnabled(running)
