"""What closing the window means: go on in the background, or quit; asked once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal

import msgspec
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QVBoxLayout

from gui.saving import save
from gui.widgets.buttons import make_button
from gui.widgets.labels import Heading, IconLabel, Text
from gui.widgets.toolbar import ButtonRow

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from gui.look import Look
    from gui.saving import Saved
    from gui.session import Session
    from gui.tray import Tray

TRAY = "tray"
QUIT = "quit"
#: of the question, in letters
WIDTH = 72


class CloseQuestion(QDialog):
    """Asks what closing the window is to mean.

    Signals:
        answered: `tray` or `quit`, and whether to remember it.

    Args:
        look: Colours and icons.
        tray: Whether there is a tray to keep running in; without one it is minimised.
    """

    answered = Signal(str, bool)

    def __init__(self, look: Look, *, tray: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Close Gladly Source"))
        self.setObjectName("close-question")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        heading = Heading(look, self.tr("Keep taking events?"), 2, self)
        go_on = (
            self.tr("Gladly Source can go on in the tray and keep taking events from Gladly.")
            if tray
            else self.tr(
                "This desktop has no tray. Gladly Source can go on minimised and keep taking "
                "events from Gladly."
            )
        )
        stop = self.tr("If it quits, Gladly tries again for a while, then gives up.")
        keep = self.tr("&Keep running in the tray") if tray else self.tr("&Keep running minimised")
        self.keep_button = make_button(look, keep, kind="primary", icon="tray", parent=self)
        self.quit_button = make_button(look, self.tr("&Quit"), icon="quit", parent=self)
        self.cancel_button = make_button(look, self.tr("Cancel"), kind="quiet", parent=self)
        self.remember = QCheckBox(self.tr("&Do not ask again (Settings can change it)"), self)
        self.keep_button.setDefault(True)
        self.keep_button.setFocus()
        icon = IconLabel(look, "tray", "accent", 2.0, self)
        self._lay_out(icon, heading, Text(f"{go_on} {stop}", parent=self))
        self.keep_button.clicked.connect(lambda: self._answer(TRAY))
        self.quit_button.clicked.connect(lambda: self._answer(QUIT))
        self.cancel_button.clicked.connect(self.reject)

    def _lay_out(self, icon: IconLabel, heading: Heading, text: Text) -> None:
        column = QVBoxLayout()
        column.setSpacing(8)
        column.addWidget(heading)
        column.addWidget(text)
        column.addWidget(self.remember)
        column.addSpacing(8)
        column.addWidget(ButtonRow((self.keep_button, self.quit_button, self.cancel_button), self))
        column.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 16, 16, 16)
        row.setSpacing(16)
        row.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(column, 1)
        width = WIDTH * self.fontMetrics().averageCharWidth()
        self.setMinimumWidth(width)
        self.resize(width, row.totalHeightForWidth(width))

    def _answer(self, what: str) -> None:
        self.answered.emit(what, self.remember.isChecked())
        self.accept()


class Closing(QObject):
    """Does what was chosen; asks while nothing was.

    Signals:
        quit_wanted: The program is to end.
        refused: The choice could not be kept, and why (a GladlySourceError).

    Args:
        session: Whose settings remember the choice.
        look: Colours and icons.
        tray: Where the window goes.
    """

    quit_wanted = Signal()
    refused = Signal(object)

    def __init__(
        self, session: Session, look: Look, tray: Tray, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._look, self._tray = session, look, tray
        self._window: QWidget | None = None
        self.question: CloseQuestion | None = None

    def close(self, window: QWidget) -> None:
        """A person closes this window."""
        self._window = window
        choice = self._session.settings.app.on_close
        if choice != "ask":
            self._do(choice)
        elif self.question is None:
            tray = self._tray.present
            self.question = CloseQuestion(self._look, tray=tray, parent=window)
            self.question.answered.connect(self._on_answered)
            self.question.finished.connect(self._on_finished)
            self.question.open()

    def _do(self, choice: str) -> None:
        if choice == QUIT:
            self.quit_wanted.emit()
        elif self._window is None:
            return
        elif self._tray.present:
            self._window.hide()
        else:
            self._window.showMinimized()  # never without an icon to come back by

    def _on_finished(self, _: int) -> None:
        self.question = None

    def _on_answered(self, choice: Literal["tray", "quit"], remember: bool) -> None:  # noqa: FBT001 - a signal's argument
        if remember:
            self._keep(choice)
        self._do(choice)

    def _keep(self, choice: Literal["tray", "quit"]) -> None:
        """Remember in the settings, without the restart that `apply` means."""
        session = self._session
        app = msgspec.structs.replace(session.settings.app, on_close=choice)
        settings = msgspec.structs.replace(session.settings, app=app)
        base = session.settings

        def kept(_: Saved) -> None:
            session.settings = settings
            session.settings_changed.emit(settings)

        async def run() -> Saved:
            return await asyncio.to_thread(
                save, session.home, session.secrets.place, settings, {}, base
            )

        session.ask(run, owner=self, then=kept, failed=self.refused.emit)
