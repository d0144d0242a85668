"""The Health page: the components as they are now, and every check of the doctor."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QDir, QStandardPaths, Signal, Slot
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from core.health import WELL
from gui import words
from gui.health import bundle
from gui.health.components import Components
from gui.health.rounds import Rounds
from gui.health.row import CheckRow
from gui.mending import wording
from gui.mending.mender import Mender
from gui.mending.troubles import components, troubles_of
from gui.run import Phase
from gui.widgets.busy import BusyLabel
from gui.widgets.buttons import make_button
from gui.widgets.labels import Heading, Rule, Text
from gui.widgets.notice import Notice
from gui.widgets.sheet import Sheet

if TYPE_CHECKING:
    from core.doctor.outcome import Outcome
    from core.doctor.subject import Outside
    from core.errors import GladlySourceError
    from gui.look import Look
    from gui.mending.mends import Mend
    from gui.session import Session

#: what was found longer ago is looked at again when the page is shown
STALE_SECONDS = 600.0
SETTLED = frozenset({Phase.RUNNING, Phase.ATTACHED, Phase.FAILED})


class HealthPage(QWidget):
    """How everything is, and what mends what is not well.

    Args:
        session: What is looked at.
        look: Colours and icons.
        outside: The world around; tests hand in another.

    Signals:
        open_page: A person wants to see the page of this name.
        open_card: A person wants to see the card of the settings of this name.
    """

    open_page = Signal(str)
    open_card = Signal(str)

    def __init__(
        self,
        session: Session,
        look: Look,
        parent: QWidget | None = None,
        *,
        outside: Outside | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._look = look
        self._outside = outside
        self._active = False
        self._checked_at = float("-inf")
        self._checked = ""
        self.rounds = Rounds(session, outside, self)
        self.mender = Mender(session, self)
        self.notice = Notice(look)
        self.components = Components(look)
        self.summary = Text(tone="muted")
        self.busy = BusyLabel(look)
        self.all_button = make_button(look, self.tr("&Check all"), icon="refresh", kind="primary")
        self.save_button = make_button(look, self.tr("&Save diagnostics…"), icon="save")
        self.rows = {name: CheckRow(name, look) for name in self.rounds.names}
        self._lay_out()
        self._connect()
        self._summarize()

    def activate(self) -> None:
        """The page is shown: bring it up to date."""
        self._active = True
        self._show_components()
        if time.monotonic() - self._checked_at > STALE_SECONDS:
            self.rounds.run()

    def deactivate(self) -> None:
        """The page is hidden: ask nobody anything."""
        self._active = False
        if self.rounds.busy:
            self.rounds.stop()
            self._checked_at = float("-inf")
            self._show_found()

    def save_diagnostics(self) -> None:
        """Ask where to, then write the zip for support."""
        dialog = QFileDialog(self, self.tr("Save diagnostics"))
        dialog.setObjectName("save-diagnostics")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(self.tr("Zip files (*.zip)"))
        dialog.setDefaultSuffix("zip")
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        dialog.setDirectory(QDir(folder or QDir.homePath()))
        today = datetime.now().astimezone().date().isoformat()
        dialog.selectFile(f"gladly-source-diagnostics-{today}.zip")
        dialog.fileSelected.connect(self._on_file)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _lay_out(self) -> None:
        header = QHBoxLayout()
        header.setSpacing(8)
        header.addWidget(Heading(self._look, self.tr("Health"), level=1), 1)
        header.addWidget(self.save_button)
        header.addWidget(self.all_button)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 4, 0)
        column.setSpacing(8)
        column.addWidget(Heading(self._look, self.tr("Now")))
        column.addWidget(self.components)
        column.addSpacing(8)
        column.addWidget(Heading(self._look, self.tr("Checks")))
        column.addWidget(self.summary)
        column.addWidget(self.busy)
        column.addWidget(self._list())
        column.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 12, 12)
        layout.setSpacing(8)
        layout.addLayout(header)
        layout.addWidget(self.notice)
        self.sheet = Sheet(content, margins=(0, 0, 0, 0))
        layout.addWidget(self.sheet, 1)

    def _list(self) -> QWidget:
        card = QFrame()
        card.setProperty("card", True)  # noqa: FBT003 - Qt's signature
        column = QVBoxLayout(card)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        for number, row in enumerate(self.rows.values()):
            if number:
                column.addWidget(Rule())
            column.addWidget(row)
        return card

    def _connect(self) -> None:
        self._session.health_changed.connect(self._on_health)
        self._session.phase_changed.connect(self._on_phase)
        self.rounds.began.connect(self._on_began)
        self.rounds.found.connect(self._on_found)
        self.rounds.finished.connect(self._on_finished)
        self.mender.open_page.connect(self.open_page)
        self.mender.open_card.connect(self.open_card)
        self.mender.check.connect(self._on_again)
        self.mender.save_diagnostics.connect(self.save_diagnostics)
        self.mender.told.connect(self._tell)
        self.all_button.clicked.connect(self._on_all)
        self.save_button.clicked.connect(self.save_diagnostics)
        self.components.mend.connect(self._on_mend)
        for row in self.rows.values():
            row.again.connect(self._on_again)
            row.mend.connect(self.mender.do)

    def _show_components(self) -> None:
        well = [state for state in components(self._session) if state.word in WELL]
        self.components.show_all(troubles_of(self._session), well)

    @Slot(str, str, str)
    def _tell(self, tone: str, text: str, hint: str = "") -> None:
        self.notice.show_message(tone, text, hint)

    def _show_found(self) -> None:
        for name, row in self.rows.items():
            outcome = self.rounds.outcomes.get(name)
            if outcome is None:
                row.show_unknown()
            else:
                row.show_outcome(outcome)
        self._summarize()

    def _summarize(self) -> None:
        busy = self.rounds.busy
        self.all_button.setEnabled(not busy)
        self.summary.setVisible(not busy)
        if busy:
            self.busy.start(self.tr("Checking…"))
            return
        self.busy.stop()
        found = self.rounds.ordered if self.rounds.complete else ()
        self.summary.setText(" ".join(filter(None, (wording.summary(found), self._checked))))

    @Slot(object)
    def _on_health(self, _: object) -> None:
        if self._active:
            self._show_components()

    @Slot(object)
    def _on_phase(self, phase: Phase) -> None:
        if not self._active:
            self._checked_at = float("-inf")
            return
        self._show_components()
        if phase in SETTLED:
            self.rounds.run()

    @Slot(str)
    def _on_began(self, name: str) -> None:
        self.rows[name].show_running()
        self._summarize()

    @Slot(object)
    def _on_found(self, outcome: Outcome) -> None:
        self.rows[outcome.name].show_outcome(outcome)

    @Slot()
    def _on_finished(self) -> None:
        now = time.time()
        self._checked = self.tr("Checked at {0}.").format(words.when(now))
        if self.rounds.complete:
            self._checked_at = time.monotonic()
        self._summarize()

    @Slot()
    def _on_all(self) -> None:
        self.rounds.run()

    @Slot(str)
    def _on_again(self, name: str) -> None:
        self.rounds.run([name])

    @Slot(object)
    def _on_mend(self, mend: Mend) -> None:
        self.mender.do(mend)

    @Slot(str)
    def _on_file(self, chosen: str) -> None:
        path = Path(chosen)
        outcomes = self.rounds.ordered if self.rounds.complete else []
        self.save_button.setEnabled(False)
        self._tell("busy", self.tr("Collecting the diagnostics…"))
        self._session.ask(
            lambda: bundle.save(path, self._session, outcomes, self._outside),
            owner=self,
            then=self._on_saved,
            failed=self._on_not_saved,
        )

    def _on_saved(self, path: Path) -> None:
        self.save_button.setEnabled(True)
        self._tell(
            "good",
            self.tr("Saved as {0}.").format(path),
            self.tr("It holds no secrets and no personal data. Look into it before you send it."),
        )

    def _on_not_saved(self, error: GladlySourceError) -> None:
        self.save_button.setEnabled(True)
        self._tell("bad", error.title, error.hint)
