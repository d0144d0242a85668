"""The bars above the page: demo, another's engine, an engine that does not run, a pause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.errors import (
    ListenerError,
    SecretError,
    SecretStoreUnavailable,
    SettingsError,
)
from gui.first_run import is_first_run
from gui.mood import is_paused
from gui.run import Phase
from gui.source import source_of
from gui.widgets.notice import Notice

if TYPE_CHECKING:
    from core.errors import GladlySourceError
    from gui.look import Look
    from gui.session import Session

RETRY = "retry"
FILE = "file"
SET_UP = "set-up"
SETTINGS = "settings"
#: good news is read by then
GOOD_MS = 20_000


class Banners(QWidget):
    """What has to be known on every page, each with the one thing to press.

    Signals:
        leave_demo: The demo is to end.
        resume: Sending is to go on.
        mend: What the engine that does not run wants: `retry`, `file` (settings.toml is to be
            mended), `set-up` or `settings`.
        page_wanted: The key of a page that has more about an alert.

    Args:
        session: What it tells of.
        look: Colours and icons.
        timer: Says when good news has been there for long enough; its own if not given.
    """

    leave_demo = Signal()
    resume = Signal()
    mend = Signal(str)
    page_wanted = Signal(str)

    def __init__(
        self,
        session: Session,
        look: Look,
        parent: QWidget | None = None,
        *,
        timer: QTimer | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._wanted_page = ""
        self._about = ""
        self._good = timer or QTimer(self)
        self._good.setSingleShot(True)
        self._good.setInterval(GOOD_MS)
        self._good.timeout.connect(self._on_read)
        self._file_opened = False
        self.demo = Notice(look, self)
        self.engine = Notice(look, self)
        self.attached = Notice(look, self)
        self.paused = Notice(look, self)
        self.alert = Notice(look, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 0, 12, 0)
        column.setSpacing(6)
        for notice in (self.demo, self.engine, self.attached, self.paused, self.alert):
            column.addWidget(notice)
        self.demo.activated.connect(self.leave_demo)
        self.paused.activated.connect(self.resume)
        self.engine.activated.connect(self._on_mend)
        self.alert.activated.connect(self._on_alert)
        session.phase_changed.connect(self._on_phase)
        session.health_changed.connect(self.refresh)
        session.settings_changed.connect(self.refresh)
        self.refresh()

    def refresh(self, _: object = None) -> None:
        """Say what is to be said now."""
        self._show_demo()
        self._show_engine()
        self._show_attached()
        self._show_paused()
        column = self.layout()
        shown = any(not notice.isHidden() for notice in self.findChildren(Notice))
        if column is not None:
            column.setContentsMargins(12, 12 if shown else 0, 12, 0)

    def tell(self, tone: str, title: str, text: str, page: str = "", *, about: str = "") -> None:
        """Show an alert that found no tray; an empty title takes it away.

        What is `good` goes by itself; `about` names what `take_back` may take away.
        """
        self._wanted_page, self._about = page, about
        if tone == "good":
            self._good.start()
        else:
            self._good.stop()
        if title:
            self.alert.show_message(tone, title, text, self.tr("Show") if page else self.tr("OK"))
        else:
            self.alert.clear()
        self.refresh()

    def take_back(self, about: str) -> None:
        """Take the alert away, if it is the one about that."""
        if about == self._about:
            self.tell("", "", "")

    @Slot()
    def _on_read(self) -> None:
        self.tell("", "", "")

    def _on_phase(self, _: Phase) -> None:
        self._file_opened = False
        self.refresh()

    def _on_mend(self) -> None:
        wanted = self._remedy()
        self._file_opened = wanted == FILE
        self.refresh()
        self.mend.emit(wanted)

    def _remedy(self) -> str:
        """A file that was opened is tried again once it is mended."""
        return RETRY if self._file_opened else remedy(self._session.error)

    def _on_alert(self) -> None:
        page = self._wanted_page
        self.tell("", "", "")
        if page:
            self.page_wanted.emit(page)

    def _show_demo(self) -> None:
        if self._session.profile == "demo":
            self.demo.show_message(
                "busy",
                self.tr("Demo: simulated Gladly and Segment; nothing leaves this machine."),
                "",
                self.tr("Leave the demo"),
            )
        else:
            self.demo.clear()

    def _show_engine(self) -> None:
        error = self._session.error
        if self._session.phase is not Phase.FAILED or error is None:
            self.engine.clear()
            return
        actions = {
            RETRY: self.tr("Try again"),
            FILE: self.tr("Open settings.toml"),
            SET_UP: self.tr("Open set-up"),
            SETTINGS: self.tr("Open settings"),
        }
        wanted = self._remedy()
        tone, title, hint = "bad", error.title, error.hint
        if is_first_run(self._session):
            tone, title = "busy", self.tr("Gladly Source is not set up yet.")
            hint = self.tr("That takes about ten minutes. The demo (File menu) needs no account.")
        elif wanted == SET_UP:
            hint = self.tr("Enter what is missing in the set-up.")
        self.engine.show_message(tone, title, hint, actions[wanted])

    def _show_attached(self) -> None:
        holder = self._session.holder
        if self._session.phase is not Phase.ATTACHED:
            self.attached.clear()
            return
        who = self.tr("Another Gladly Source")
        if holder is not None:
            who = self.tr("Another Gladly Source (process {0})").format(holder)
        title = self.tr("{0} runs this home; this window looks on.").format(who)
        if other := self._sends_elsewhere():
            self.attached.show_message("warn", title, other)
            return
        self.attached.show_message(
            "idle",
            title,
            self.tr(
                "Replay, discard and pause work from here, too. When it ends, this one takes over."
            ),
        )

    def _sends_elsewhere(self) -> str:
        """Where another process's engine sends, if not where the settings say by now."""
        session = self._session
        source = session.source
        if source is None or source == source_of(session.settings, session.profile):
            return ""
        return self.tr(
            "It sends to {host} (profile {profile}), as the settings said when it was started. "
            "Start it again to have it use those of now."
        ).format(host=source.host, profile=source.profile)

    def _show_paused(self) -> None:
        if not is_paused(self._session.states):
            self.paused.clear()
            return
        self.paused.show_message(
            "warn",
            self.tr("Sending to Segment is paused."),
            self.tr("Events are still taken from Gladly; they wait until you resume."),
            self.tr("Resume sending"),
        )


def remedy(error: GladlySourceError | None) -> str:
    """What would help an engine that does not run: `retry`, `file`, `set-up` or `settings`."""
    match error:
        case SecretStoreUnavailable():
            return RETRY
        case SecretError():
            return SET_UP
        case SettingsError():
            return FILE
        case ListenerError():
            return SETTINGS
        case _:
            return RETRY
