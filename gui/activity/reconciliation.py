"""Reconciliation: whether everything that was seen is accounted for, day by day.

Adding up takes seconds where there are very many rows: it is done away from Qt's thread, when
somebody looks, and then no more than once a minute.
"""

from __future__ import annotations

import functools
import time
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QDir, QStandardPaths, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QComboBox, QFileDialog, QVBoxLayout, QWidget

from core.doctor.blocking import on_own_thread
from core.export import save_text
from core.mapping.transform import message_id_of
from core.store.reconciliation import Question
from core.sums import as_csv, start_of
from gui.activity import sums as telling
from gui.activity.sums_model import SumsModel
from gui.activity.sums_table import SumsTable
from gui.widgets.busy import BusyLabel
from gui.widgets.buttons import make_button
from gui.widgets.elided import ElidedLabel
from gui.widgets.empty import EmptyState
from gui.widgets.labels import Text, set_tone
from gui.widgets.notice import Notice
from gui.widgets.scroll import Scroller
from gui.widgets.toolbar import ButtonRow
from gui.words import when

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.errors import GladlySourceError
    from core.sums import Sums
    from gui.activity.sums import Stretch, Told
    from gui.activity.sums_model import Place
    from gui.bridge import Asked
    from gui.look import Look
    from gui.session import Session

TICK_MS = 5000
#: by itself it is added up again no sooner, and never before so many times as long as it took
REST_SECONDS, REST = 60.0, 10.0
REMEMBERED = "activity.sums"


class Reconciliation(QWidget):
    """The days with their sums, a sentence above them, and their CSV.

    Args:
        session: Whose store.
        look: Colours and fonts.
        clock: Epoch seconds.

    Signals:
        open_page: A person wants to see the page of this name.
        show_query: A person wants to see the events that this filter text asks for.
    """

    open_page = Signal(str)
    show_query = Signal(str)

    def __init__(
        self,
        session: Session,
        look: Look,
        parent: QWidget | None = None,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._look = look
        self._clock = clock
        self._asked: Asked | None = None
        self._saving: Asked | None = None
        self._changed = True
        self._rest_until = 0.0
        self._told: Told | None = None
        self._target = Path()
        self.sums: Sums | None = None
        self.stretches = telling.stretches()
        self.range = QComboBox()
        self.refresh_button = make_button(look, self.tr("Refresh"), icon="refresh")
        self.save_button = make_button(look, self.tr("Save as CSV…"), icon="save")
        self.as_of = ElidedLabel()
        self.rule = Text(tone="muted")
        self.busy = BusyLabel(look)
        self.problem = Notice(look)
        self.sentence = Notice(look)
        self.outcome = Notice(look)
        self.model = SumsModel(self)
        self.table = SumsTable(look, self.model)
        self.empty = EmptyState(look)
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._lay_out()
        self._connect()

    @property
    def stretch(self) -> Stretch:
        """How far back is looked."""
        return self.stretches[self.range.currentIndex()]

    def activate(self) -> None:
        """It is shown: add up what changed, and go on."""
        self._timer.start()
        self._on_tick()

    def deactivate(self) -> None:
        """It is hidden: add up nothing."""
        self._timer.stop()
        if self._asked is not None:
            self._asked.cancel()
            self._asked = None
            self._changed = True
            self.busy.stop()
            self.refresh_button.setEnabled(True)

    @Slot()
    def refresh(self) -> None:
        """Add up now."""
        if self._asked is not None:
            return
        if not self._session.has_store:
            self._show_no_store()
            return
        self._changed = False
        self.busy.start(self.tr("Adding up…"))
        self.refresh_button.setEnabled(False)
        question, began = self._question(), time.monotonic()

        def then(sums: Sums) -> None:
            self._end(began)
            self._show(sums)

        def failed(error: GladlySourceError) -> None:
            self._end(began)
            self._changed = True
            self.problem.show_message("bad", error.title, error.hint)

        self._asked = self._session.ask(
            lambda: self._session.store.sums(question), owner=self, then=then, failed=failed
        )

    def _question(self) -> Question:
        now = self._clock()
        since, days = 0.0, self.stretch.days
        if days:
            since = start_of(self._today() - timedelta(days=days - 1), None)
        make = functools.partial(message_id_of, self._session.settings.segment.alias)
        return Question(since=since, until=now, zone=None, message_id=make)

    def _today(self) -> date:
        return date.fromtimestamp(self._clock())  # noqa: DTZ012 - the day on this computer

    def _lay_out(self) -> None:
        remembered = self._session.memory.get(REMEMBERED)
        for one in self.stretches:
            self.range.addItem(one.title, one.name)
        self.range.setCurrentIndex(max(0, self.range.findData(remembered)))
        self.range.setAccessibleName(self.tr("Days that are added up"))
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 4, 0)
        column.setSpacing(8)
        for widget in (
            ButtonRow([self.range, self.refresh_button, self.save_button, self.as_of]),
            self.busy,
            self.problem,
            self.outcome,
            self.sentence,
            self.rule,
        ):
            column.addWidget(widget)
        for tall in (self.table, self.empty):
            column.addWidget(tall, 1)
        column.addStretch(0)
        set_tone(self.as_of, "muted")
        for hidden in (self.rule, self.table, self.empty):
            hidden.hide()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(Scroller(content))

    def _connect(self) -> None:
        self._timer.timeout.connect(self._on_tick)
        self._session.changed.connect(self._on_changed)
        self.range.currentIndexChanged.connect(self._on_range)
        self.refresh_button.clicked.connect(self.refresh)
        self.save_button.clicked.connect(self.save)
        self.save_button.setEnabled(False)
        self.table.wanted.connect(self._on_wanted)
        self.sentence.activated.connect(self._on_sentence)
        self.outcome.activated.connect(self._on_show_file)
        self.empty.activated.connect(lambda: self.open_page.emit("sender"))
        self._look.changed.connect(self.table.fit)
        self.table.fitted.connect(self._on_fitted)

    def _end(self, began: float) -> None:
        """An answer has come."""
        took = time.monotonic() - began
        self._rest_until = time.monotonic() + max(REST_SECONDS, REST * took)
        self._asked = None
        self.busy.stop()
        self.refresh_button.setEnabled(True)

    def _show(self, sums: Sums) -> None:
        self.sums = sums
        self.problem.clear()
        self.save_button.setEnabled(bool(sums.days))
        if not (sums.days or sums.offenders):
            self._show_nothing()
            return
        today = self._today()
        told = telling.told(sums, self.stretch, today)
        if told != self._told:
            self._told = told
            self.sentence.show_message(told.tone, told.title, told.hint, told.action)
        self.model.show_sums(sums, today)
        self.as_of.setText(self.tr("As of {0}.").format(when(sums.until, self._clock())))
        self._show_days(shown=True)

    def _show_nothing(self) -> None:
        ever = self._session.has_store and bool(self.stretch.days)
        self.empty.set_content(
            "empty",
            self.tr("Nothing was seen in these days") if ever else self.tr("Nothing was seen yet"),
            self.tr("Every notification is accounted for here from the first one on."),
            self.tr("Send a test event"),
        )
        self._show_days(shown=False)

    def _show_no_store(self) -> None:
        """What was added up before stays."""
        if self.sums is None:
            self._show_nothing()
        elif self.problem.isHidden():
            title = self.tr("The sums cannot be read while no engine runs.")
            self.problem.show_message("warn", title, self.tr("Start it to add up again."))

    def _show_days(self, *, shown: bool) -> None:
        """The days, or what stands there instead."""
        for widget in (self.rule, self.table):
            widget.setVisible(shown)
        self.empty.setVisible(not shown)
        if not shown:
            self._told = None
            self.sentence.clear()
        self.table.fit()

    @Slot()
    def _on_fitted(self) -> None:
        rule = self.tr(
            "Seen = mapped + skipped + unmappable + waiting. Mapped = accepted + pending + "
            "retrying + dead + discarded + erased."
        )
        left_out = self.tr("Columns that count nothing are left out.")
        self.rule.setText(f"{rule} {left_out}" if self.table.leaves_out else rule)

    @Slot()
    def save(self) -> None:
        """Ask where the CSV goes, and write it."""
        dialog = QFileDialog(self, self.tr("Save as CSV"))
        dialog.setObjectName("save-sums")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(self.tr("CSV (*.csv)"))
        dialog.setDefaultSuffix("csv")
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        dialog.setDirectory(QDir(folder or QDir.homePath()))
        dialog.selectFile(f"gladly-source-reconciliation-{self._today()}.csv")
        dialog.fileSelected.connect(self._on_file)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot(str)
    def _on_file(self, chosen: str) -> None:
        if self.sums is None:
            return
        text, target = as_csv(self.sums), Path(chosen)
        self._saving = self._session.ask(
            lambda: on_own_thread(lambda: save_text(text, target)),
            owner=self,
            then=lambda _: self._on_saved(target),
            failed=lambda error: self.outcome.show_message("bad", error.title, error.hint),
        )

    def _on_saved(self, target: Path) -> None:
        self._target = target
        hint = self.tr("Saved as {0}.").format(target)
        self.outcome.show_message("good", hint, "", self.tr("Show in f&older"))

    @Slot()
    def _on_show_file(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._target.parent)))

    @Slot(object)
    def _on_wanted(self, place: Place) -> None:
        if place.query:
            self.show_query.emit(place.query)
        else:
            self.open_page.emit(place.page)

    @Slot()
    def _on_sentence(self) -> None:
        told = self._told
        if told is not None and told.query:
            self.show_query.emit(told.query)
        elif told is not None and told.page:
            self.open_page.emit(told.page)

    @Slot()
    def _on_tick(self) -> None:
        """Time has passed: the sums are out of date, or the day is another."""
        if not self._session.has_store:
            self._show_no_store()
        elif time.monotonic() >= self._rest_until and (
            self._changed or self.model.today != self._today()
        ):
            self.refresh()

    @Slot()
    def _on_changed(self) -> None:
        self._changed = True

    @Slot()
    def _on_range(self) -> None:
        """Another stretch is added up at once."""
        self._session.memory.set(REMEMBERED, self.stretch.name)
        if self._asked is not None:
            self._asked.cancel()
            self._asked = None
        self.refresh()
