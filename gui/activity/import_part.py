"""The way to an import on the coverage card: a notice of what is lost for polling, or a button."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from core.coverage import FILED_SECONDS, importable
from gui.activity.day import lost_in_words
from gui.activity.importing import RUNS, ImportDialog
from gui.widgets.buttons import make_button
from gui.widgets.notice import Notice

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtWidgets import QWidget

    from core.coverage import Gap
    from gui.look import Look
    from gui.session import Session


class ImportPart(QObject):
    """Offers to import from export files: loudly when a gap is lost for polling, else quietly.

    Args:
        session: Whose history.
        look: Icons and fonts.
        card: The parent of the dialog.
        clock: Epoch seconds.

    Attributes:
        notice: Says what is lost; hidden where nothing is.
        button: The quiet way; hidden while there is the notice.
        dialog: The one that was opened last.

    Signals:
        imported: What the ledger says may be another now.
    """

    imported = Signal()

    def __init__(
        self,
        session: Session,
        look: Look,
        card: QWidget,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(card)
        self._session = session
        self._look = look
        self._card = card
        self._clock = clock
        self._lost: list[Gap] = []
        self._said: tuple[str, str] | None = None
        self.dialog: ImportDialog | None = None
        self.notice = Notice(look, card)
        self.button = make_button(
            look, self.tr("Import from export files…"), kind="quiet", parent=card
        )
        self.notice.activated.connect(self.open)
        self.button.clicked.connect(self.open)
        session.phase_changed.connect(self._on_state)
        session.settings_changed.connect(self._on_state)
        self._on_state()

    def show_gaps(self, gaps: Sequence[Gap]) -> None:
        """Offer what these gaps call for."""
        self._lost = importable(gaps, self._clock())
        self._on_state()

    @Slot()
    def open(self) -> None:
        """Say what would be imported, and ask."""
        gap_start = None
        if self._lost:
            gap_start = max(self._lost[0].start, self._clock() - FILED_SECONDS)
        self.dialog = ImportDialog(
            self._session, self._look, self._card, gap_start=gap_start, clock=self._clock
        )
        self.dialog.changed.connect(self.imported)
        self.dialog.start()

    def _hindrance(self) -> str:
        """Why nothing can be imported now; empty if it can."""
        if self._session.settings.gladly.url is None:
            return self.tr("Set Gladly's address in Settings to import from them.")
        if self._session.phase not in RUNS:
            return self.tr("Start the engine to import from them.")
        return ""

    @Slot()
    def _on_state(self) -> None:
        hindrance = self._hindrance()
        self.button.setEnabled(not hindrance)
        self.button.setToolTip(hindrance or self.tr("What Gladly kept of the last 14 days."))
        self.button.setAccessibleDescription(self.button.toolTip())
        self.button.setVisible(not self._lost)
        self._show_lost(hindrance)
        self.notice.button.setEnabled(not hindrance)

    def _show_lost(self, hindrance: str) -> None:
        if not self._lost:
            self._said = None
            self.notice.clear()
            return
        title = lost_in_words(self._lost)
        told = self.tr("Gladly's export files may still tell what happened.")
        said = (title, f"{told} {hindrance}".strip())
        if said != self._said:  # once: a reader says it aloud
            self._said = said
            self.notice.show_message("warn", *said, self.tr("Import from export files…"))
