"""Imports history from Gladly's export files, after saying what they tell that nobody told us."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QCoreApplication, QTimer, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QWidget

from core.coverage import DAY_SECONDS
from core.ingest.account import DONE
from gui.activity import imported as telling
from gui.activity.day import day_and_clock
from gui.activity.import_watch import ImportWatch
from gui.deliveries.dialogs import LOOK_MS, OperationDialog
from gui.run import Phase

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QCloseEvent

    from core.errors import GladlySourceError
    from core.ingest.account import Account
    from gui.bridge import Asked
    from gui.look import Look
    from gui.session import Session

translate = QCoreApplication.translate

#: phases in which there is an engine to ask
RUNS = frozenset({Phase.RUNNING, Phase.ATTACHED})


class Since(NamedTuple):
    """From when on is imported (epoch seconds; None: all there is), and how that is said."""

    title: str
    since: float | None


class ImportDialog(OperationDialog):
    """Says what would be imported, then imports it; whatever closes it ends what runs.

    Args:
        session: Whose history.
        look: Icons and fonts.
        gap_start: When the oldest lost gap began (epoch seconds), if it was opened for that.
        clock: Epoch seconds.
    """

    def __init__(
        self,
        session: Session,
        look: Look,
        parent: QWidget | None = None,
        *,
        gap_start: float | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(session, look, parent)
        self._clock = clock
        self._watch: ImportWatch | None = None
        #: what the dry run found; None while that is not known
        self._found: Account | None = None
        self._stopping = False
        self.since = QComboBox(self)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._lay_out(gap_start)
        self._timer.timeout.connect(self._on_time)
        self.since.currentIndexChanged.connect(self._on_since)
        session.phase_changed.connect(self._on_phase)

    def start(self) -> None:
        """Show, and find out what would be imported."""
        self.open()
        self.find_out()

    def find_out(self) -> None:
        """Read the export files, and store nothing."""
        chosen: Since = self.since.currentData()
        self._found = None
        self._stopping = False
        self.notice.clear()
        self.text.hide()
        self.go.hide()
        self.close_button.setText(self.tr("Cancel"))
        self._import(chosen.since, self._on_found, dry_run=True)

    def reject(self) -> None:
        """End what is under way; a second time, close without waiting for that."""
        self._insist()
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        """The window's cross is the cancel button."""
        self._insist()
        super().closeEvent(event)

    def _insist(self) -> None:
        """Asked a second time, nothing is waited for any more: it is ended as it is given up."""
        if self._running and self._stopping:
            self._running = False

    def stop(self) -> None:
        """End the import at once; what was stored by then stays."""
        self._stopping = True
        if self._watch is not None:
            self._watch.stop()
        self.close_button.setText(self.tr("Close"))
        self.busy.start(self.tr("Ending the import…"))

    def _lay_out(self, gap_start: float | None) -> None:
        self.set_title(self.tr("Import from export files"))
        self.title.setText(self.tr("What Gladly's export files tell that nobody told us"))
        for one in _choices(gap_start, self._clock()):
            self.since.addItem(one.title, one)
        name = QLabel(self.tr("&Time"), self)
        name.setBuddy(self.since)
        self.since.setAccessibleName(self.tr("From when on is imported"))
        self._times = QWidget(self)
        row = QHBoxLayout(self._times)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(name)
        row.addWidget(self.since)
        row.addStretch(1)
        self.options.addWidget(self._times)

    def _import(
        self, since: float | None, then: Callable[[Account], None], *, dry_run: bool
    ) -> None:
        """Begin an import once the one before has ended, and show how far it is."""
        before, session = self._asked, self._session
        if before is not None:
            before.cancel()
        self._watch = watch = ImportWatch(since, dry_run=dry_run)
        self.destroyed.connect(watch.stop)

        async def work() -> Account:
            await _ended(before)
            return await watch.run(session.link)

        self.progress.setValue(0)
        self.progress.show()
        self._on_time()
        self._timer.start()
        self._ask(work, then)

    def _run(self) -> None:
        found = self._found
        if found is None:
            return
        self._stopping = False
        self.since.setEnabled(False)
        self.go.hide()
        self.text.hide()
        self.close_button.setFocus()
        self._import(found.since, self._on_imported, dry_run=False)

    @Slot()
    def _on_go(self) -> None:
        """Import what was found; before anything was, find out again."""
        if self._found is None:
            self.find_out()
        else:
            super()._on_go()

    @Slot()
    def _on_since(self) -> None:
        """Another time: what was found for the one before counts no more."""
        if not self._running:
            self.find_out()

    @Slot()
    def _on_time(self) -> None:
        account = None if self._watch is None else self._watch.account
        jobs = 0 if account is None else account.jobs
        self.progress.setRange(0, jobs)
        self.progress.setValue(0 if account is None else account.jobs_read)
        if not self._stopping:
            self.busy.start(telling.progress(account))

    def _on_found(self, account: Account) -> None:
        self._rest()
        if account.state != DONE:
            self._offer_again("bad", *telling.dry_failure(account))
            return
        self._found = account
        self.text.setText("\n".join(telling.preview(account)))
        self.text.show()
        text = telling.button(account)
        self.go.setText(text)
        self.go.setVisible(bool(text))
        self.go.setEnabled(bool(text))
        if text:
            self.go.setFocus()
        else:
            self.close_button.setText(self.tr("Close"))
            self.close_button.setFocus()

    def _on_imported(self, account: Account) -> None:
        self._rest()
        tone, title, hint = telling.outcome(account)
        if account.state == DONE:
            self._times.hide()
            self._end(tone, title, hint)
        else:
            self._offer_again(tone, title, hint)
            self.changed.emit()

    def _on_failed(self, error: GladlySourceError) -> None:
        began = self._running
        self._rest()
        self._offer_again("bad", error.title, error.hint)
        if began:
            self.changed.emit()

    @Slot(object)
    def _on_phase(self, phase: Phase) -> None:
        """An engine that ends imports nothing more, and answers nothing."""
        if phase in RUNS or not self._timer.isActive():
            return
        if self._asked is not None:
            self._asked.cancel()
        began = self._running
        self._rest()
        if began:
            title = self.tr("The engine ended while it imported.")
            hint = self.tr("What was imported by then stays. Look again when it runs.")
        else:
            title = self.tr("The engine ended while it read the export files.")
            hint = self.tr("Nothing was changed. Look again when it runs.")
        self._offer_again("warn", title, hint)
        if began:
            self.changed.emit()

    def _rest(self) -> None:
        """Nothing is under way."""
        self._timer.stop()
        self._running = self._stopping = False
        self.busy.stop()
        self.progress.hide()
        self.since.setEnabled(True)

    def _offer_again(self, tone: str, title: str, hint: str) -> None:
        """Say why it did not come to its end, and offer to begin anew."""
        self._found = None
        self.text.hide()
        self.notice.show_message(tone, title, hint)
        self.close_button.setText(self.tr("Close"))
        self.go.setText(self.tr("Look again"))
        self.go.setEnabled(True)
        self.go.show()
        self.close_button.setFocus()


def _choices(gap_start: float | None, now: float) -> list[Since]:
    """From when on may be imported; the first is chosen to begin with."""
    found = [
        Since(translate("Import", "All that Gladly keeps: 14 days"), None),
        Since(translate("Import", "The last 7 days"), now - 7 * DAY_SECONDS),
        Since(translate("Import", "The last 3 days"), now - 3 * DAY_SECONDS),
    ]
    if gap_start is not None:
        text = translate("Import", "Since the gap began: {0}").format(day_and_clock(gap_start))
        found.insert(0, Since(text, gap_start))
    return found


async def _ended(asked: Asked | None) -> None:
    """Wait until a question that was given up is tidied up after."""
    if asked is not None and asked.task is not None:
        await asyncio.wait([asked.task])
