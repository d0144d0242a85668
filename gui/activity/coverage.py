"""The coverage of the last 24 hours on its card: the bar, what is open, and the gap ledger."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QTableView, QWidget

from core.coverage import DAY_SECONDS, Cover
from gui.activity.bar import CoverageBar, CoverSample
from gui.activity.day import (
    ORDER,
    Day,
    caught_up_in_words,
    cover_in_words,
    day_in_words,
    day_of,
    open_in_words,
)
from gui.activity.gaps import Column, GapModel
from gui.activity.import_part import ImportPart
from gui.run import Phase
from gui.widgets.busy import BusyLabel
from gui.widgets.card import Card
from gui.widgets.elided import ElidedLabel
from gui.widgets.labels import Text, set_tone
from gui.widgets.notice import Notice
from gui.widgets.pill import StatusDelegate
from gui.widgets.table import dress_list
from gui.widgets.toolbar import ButtonRow
from gui.words import number

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QResizeEvent

    from core.errors import GladlySourceError
    from core.ingest.poller import CatchUp
    from core.store.sql_store import SqlStore
    from gui.bridge import Asked
    from gui.look import Look
    from gui.session import Session

#: gaps that are read, and rows that are seen without scrolling
MOST, SEEN = 200, 5
#: a countdown and a cell are looked at again after so many seconds, even if nothing changed
STALE_SECONDS = 30.0


class CoverageCard(Card):
    """Who listened in the last 24 hours, and what became of the times in which nobody did.

    Args:
        session: Whose ledger.
        look: Colours and fonts.
        clock: Epoch seconds.
    """

    def __init__(
        self,
        session: Session,
        look: Look,
        parent: QWidget | None = None,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(look, parent=parent)
        self.set_title(self.tr("Coverage, last 24 hours"))
        self._session = session
        self._look = look
        self._clock = clock
        self._asked: Asked | None = None
        self._reading: Asked | None = None
        self._changed = True
        self.day: Day | None = None
        self.bar = CoverageBar(look)
        self.summary = Text()
        self.read_out = ElidedLabel(" ")
        self.open = Notice(look)
        self.outcome = Notice(look)
        self.lost = ImportPart(session, look, self, clock=clock)
        self.busy = BusyLabel(look)
        self.model = GapModel(clock, self)
        self.table = QTableView()
        self.no_gaps = Text(tone="muted")
        self._lay_out()
        self._connect()

    def refresh(self) -> None:
        """Read what changed since the last time, and count down."""
        day = self.day
        if self._changed or day is None or self._clock() - day.now >= STALE_SECONDS:
            self._read()

    def drop(self) -> None:
        """Wait for no answer any more: the card is hidden."""
        if self._asked is not None:
            self._asked.cancel()
            self._asked = None
            self._changed = True

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More or less room for reasons."""
        super().resizeEvent(event)
        self._fit_table()

    def _lay_out(self) -> None:
        self.header.addWidget(self.lost.button)
        keys = ButtonRow([self._key(cover) for cover in ORDER])
        set_tone(self.read_out, "muted")
        self._dress_table()
        self.body.setSpacing(4)
        for widget in (
            self.bar,
            self.read_out,
            keys,
            self.summary,
            self.open,
            self.busy,
            self.outcome,
            self.lost.notice,
            self.no_gaps,
            self.table,
        ):
            self.body.addWidget(widget)
        self.no_gaps.hide()
        self.table.hide()

    def _key(self, cover: Cover) -> QWidget:
        """How one kind of cover is drawn."""
        key = QWidget()
        row = QHBoxLayout(key)
        row.setContentsMargins(0, 0, 4, 0)
        row.setSpacing(6)
        label = ElidedLabel(cover_in_words(cover).capitalize())
        set_tone(label, "muted")
        row.addWidget(CoverSample(self._look, cover))
        row.addWidget(label)
        return key

    def _dress_table(self) -> None:
        table = self.table
        table.setModel(self.model)
        table.setAccessibleName(self.tr("Gaps"))
        table.setItemDelegateForColumn(Column.FATE, StatusDelegate(self._look, table))
        dress_list(table)
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)

    def _connect(self) -> None:
        self.bar.pointed.connect(self._on_pointed)
        self.open.activated.connect(self.catch_up)
        self.lost.imported.connect(self._on_imported)
        self._session.changed.connect(self._on_changed)
        self._session.phase_changed.connect(self._on_phase)
        self._look.changed.connect(self._on_look)

    def _read(self) -> None:
        if self._asked is not None or not self._session.has_store:
            return
        self._changed = False
        now, poll_seconds = self._clock(), self._session.settings.gladly.poll_seconds
        self._asked = self._session.ask(
            lambda: _day(self._session.store, now, poll_seconds),
            owner=self,
            then=self._on_read,
            failed=self._on_not_read,
        )

    def _on_read(self, day: Day) -> None:
        self._asked = None
        self.day = day
        self.bar.show_day(day)
        self.summary.setText(day_in_words(day))
        self._on_pointed(self.bar.cursor_at)
        self.model.show_gaps(day.gaps)
        self.model.tick()
        self._show_open(day)
        self.lost.show_gaps(day.gaps)
        self._show_ledger(day)

    def _on_not_read(self, error: GladlySourceError) -> None:
        self._asked = None
        self._changed = True
        self.summary.setText(f"{error.title} {error.hint}".strip())

    def _show_open(self, day: Day) -> None:
        waiting = day.open_gaps
        if not waiting:
            self.open.clear()
            return
        title, hint = open_in_words(waiting, day.now)
        shown = (self.open.title.text(), self.open.hint.text())
        if self.open.isHidden() or shown != (title, hint):
            action = self.tr("Read from Gladly now")
            self.open.show_message("warn", title, hint, action)

    def _show_ledger(self, day: Day) -> None:
        self.table.setVisible(bool(day.gaps))
        self._fit_table()
        text = ""
        if not day.gaps and day.since is not None:
            text = self.tr("No gaps are known.")
        elif len(day.gaps) >= MOST:
            text = self.tr("The newest {0} gaps are shown.").format(number(MOST))
        self.no_gaps.setText(text)
        self.no_gaps.setVisible(bool(text))

    def _fit_table(self) -> None:
        """As high as its rows, up to a few; where reasons do not fit, they are scrolled to."""
        table, header = self.table, self.table.horizontalHeader()
        rows = min(SEEN, self.model.rowCount())
        header.setStretchLastSection(False)
        fits = header.length() <= table.viewport().width()
        header.setStretchLastSection(fits)
        bar = 0 if fits else table.horizontalScrollBar().sizeHint().height()
        high = header.sizeHint().height() + rows * table.verticalHeader().defaultSectionSize()
        table.setFixedHeight(high + bar + 2 * table.frameWidth())

    @Slot()
    def catch_up(self) -> None:
        """Read from Gladly what happened in the open gaps."""
        waiting = self.day.open_gaps if self.day is not None else []
        if not waiting:
            return
        since = waiting[0].start
        self.open.button.setEnabled(False)
        self.outcome.clear()
        self.busy.start(self.tr("Reading from Gladly…"))

        async def ask() -> CatchUp:
            return await self._session.link.catch_up(since)

        self._reading = self._session.ask(
            ask, owner=self, then=self._on_caught_up, failed=self._on_not_caught_up
        )

    def _on_caught_up(self, done: CatchUp) -> None:
        self._end_catch_up()
        text, hint = caught_up_in_words(done), ""
        if done.since > done.asked_since + 1:
            hint = self.tr(
                "Gladly tells of the last 24 hours only. Its export files may tell what is older: "
                "import from them."
            )
        self.outcome.show_message("warn" if hint else "good", text, hint)
        self._read()

    def _on_not_caught_up(self, error: GladlySourceError) -> None:
        self._end_catch_up()
        self.outcome.show_message("bad", error.title, error.hint)

    def _end_catch_up(self) -> None:
        self._reading = None
        self.busy.stop()
        self.open.button.setEnabled(True)
        self._changed = True

    @Slot(int)
    def _on_pointed(self, place: int) -> None:
        self.read_out.setText(self.bar.say(place) or " ")

    @Slot()
    def _on_changed(self) -> None:
        self._changed = True

    @Slot()
    def _on_imported(self) -> None:
        """The ledger may say something else now."""
        self._changed = True
        self._read()

    @Slot(object)
    def _on_phase(self, phase: Phase) -> None:
        """An engine that ends answers nothing more."""
        if self._reading is None or phase in {Phase.RUNNING, Phase.ATTACHED}:
            return
        self._reading.cancel()
        self._end_catch_up()
        title = self.tr("The engine ended while it read from Gladly.")
        self.outcome.show_message("warn", title, self.tr("Try again when it runs."))

    @Slot()
    def _on_look(self) -> None:
        self._fit_table()


async def _day(store: SqlStore, now: float, poll_seconds: float) -> Day:
    """Read the day from the ledger."""
    ledger = store.ledger
    first = await ledger.first_covered_at()
    spans = await ledger.spans(now - DAY_SECONDS)
    gaps = await ledger.gaps(0.0, MOST)
    return day_of(spans, gaps, first, now, poll_seconds=poll_seconds)
