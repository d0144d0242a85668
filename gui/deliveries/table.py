"""The event table as other pages use it: rows that follow what happens, and its empty states."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from core.errors import SecretMissing
from core.pipeline.operations import Selection
from core.search import term_for
from core.store.base import Filter
from gui.deliveries.header import Columns
from gui.deliveries.model import EventModel
from gui.deliveries.reader import EventReader
from gui.deliveries.view import EventView
from gui.run import Phase
from gui.widgets.busy import BusyLabel
from gui.widgets.buttons import make_button
from gui.widgets.empty import EmptyState
from gui.widgets.notice import Notice
from gui.words import number

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.errors import GladlySourceError
    from gui.look import Look
    from gui.session import Session

SLOW_MS = 250


class EventTable(QWidget):
    """A live table of the deliveries that pass a filter, newest on top.

    Use: make it, `set_filter(…)`, then `activate()` when its page is shown and `deactivate()`
    when it is hidden. `base` is the filter that shows all there is to show here: with it, no rows
    means that there is nothing (`empty.set_content(…)` says what then), with any other, no match.

    Signals:
        current_changed: The id of the row the person is on, or None.
        selection_changed: Which rows are selected.
        opened: The id of a row, by Return or a double click.
        counted: How many rows there are (or, as yet, were read).
        following_changed: Whether new rows are shown as they come.
        clear_wanted: There is no match, and the button to clear the filter was pressed.
        start_wanted: There is nothing at all, and its button was pressed.

    Args:
        session: Whose events are shown.
        look: Colours, icons and fonts.
        memory_key: Under which name the columns are remembered.
    """

    current_changed = Signal(object)
    selection_changed = Signal()
    opened = Signal(object)
    counted = Signal()
    following_changed = Signal(bool)
    clear_wanted = Signal()
    start_wanted = Signal()

    def __init__(
        self,
        session: Session,
        look: Look,
        memory_key: str = "events.columns",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self.base = Filter()
        self._active = False
        self._unseen = 0
        self._told: int | None = None
        self._error: GladlySourceError | None = None
        self.model = EventModel(parent=self)
        self.view = EventView(look, self.model, self)
        self.header = Columns(look, session.memory, memory_key, self.view)
        self.header.attach(self.view)
        self.reader = EventReader(session, self.model, self.view.shown, self._around)
        self.newer = make_button(look, "", kind="primary", parent=self.view)
        self.empty = EmptyState(look, self)
        self.no_match = EmptyState(look, self)
        self.failure = EmptyState(look, self)
        self.busy = BusyLabel(look, self)
        self.notice = Notice(look, self)
        self._slow = QTimer(self)
        self._tell_soon = QTimer(self)
        self._lay_out()
        self._connect()

    @property
    def wanted(self) -> Filter:
        """What is shown."""
        return self.reader.wanted

    @property
    def is_counted(self) -> bool:
        """Whether all rows are counted; until then only the newest are there."""
        return self.reader.is_counted

    def set_filter(self, wanted: Filter) -> None:
        """Show what passes this filter; the selected rows stay so where they pass it, too."""
        self.view.go_to_newest()
        self._see()
        self.reader.open(wanted)
        self._slow.start()

    def activate(self) -> None:
        """The page is shown: read, and follow."""
        self._active = True
        if self._session.has_store:
            self.reader.activate()
        if not self.model.rowCount():
            self._slow.start()
        self._show_state()

    def deactivate(self) -> None:
        """The page is hidden: read nothing."""
        self._active = False
        self._slow.stop()
        self.reader.deactivate()

    def count(self) -> int:
        """How many rows there are, as far as is known."""
        return self.model.rowCount()

    def current_id(self) -> int | None:
        """The id of the row the person is on."""
        return self.view.current_id()

    def selected_count(self) -> int:
        """How many rows are selected."""
        if self.view.all_selected:
            return self.count()
        return sum(last - first + 1 for first, last in self.view.runs())

    def choose(
        self, then: Callable[[Selection], None], failed: Callable[[GladlySourceError], None]
    ) -> bool:
        """Say which deliveries are selected, once their ids are known; False if too many.

        Everything is meant by its filter, anything else by ids.
        """
        if self.view.all_selected:
            then(Selection(wanted=self.wanted))
            return True
        runs = self.view.runs()
        return self.reader.gather(runs, lambda ids: then(Selection(ids=tuple(ids))), failed)

    def retry(self) -> None:
        """Read anew after a failure."""
        self._error = None
        self.notice.clear()
        self.reader.open(self.wanted)
        self._show_state()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the button for newer rows in its place."""
        if watched is self.view.viewport() and event.type() == QEvent.Type.Resize:
            self._place_newer()
        return super().eventFilter(watched, event)

    def _lay_out(self) -> None:
        loading = QWidget(self)
        column = QVBoxLayout(loading)
        column.addStretch(2)
        column.addWidget(self.busy, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        self._pages = QStackedLayout()
        self._loading = loading
        for page in (self.view, loading, self.empty, self.no_match, self.failure):
            self._pages.addWidget(page)
            if page is not self.view:  # the table says how much room is needed
                page.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(8)
        outer.addWidget(self.notice)
        outer.addLayout(self._pages, 1)
        self.newer.hide()
        self.empty.set_content("empty", self.tr("Nothing yet"))
        self.no_match.set_content(
            "nothing",
            self.tr("No event matches"),
            self.tr("None of the events here passes this filter."),
            self.tr("Clear the filter"),
        )

    def _connect(self) -> None:
        self.view.viewport().installEventFilter(self)
        self.view.scrolled.connect(self.reader.load)
        self.view.following_changed.connect(self._on_following)
        self.view.opened.connect(self._on_opened)
        self.view.selectionModel().selectionChanged.connect(self._on_selection)
        self.view.selectionModel().currentChanged.connect(self._on_selection)
        self.model.modelReset.connect(self._on_selection)
        self.model.dataChanged.connect(self._on_data)
        self.model.grew.connect(self._on_grew)
        self.model.rowsRemoved.connect(self._on_rows)
        self.model.rowsInserted.connect(self._on_rows)
        self.reader.opened.connect(self._on_read)
        self.reader.counted.connect(self._on_read)
        self.reader.failed.connect(self._on_failed)
        self.newer.clicked.connect(self._on_newer)
        self.no_match.activated.connect(self.clear_wanted)
        self.empty.activated.connect(self.start_wanted)
        self.failure.activated.connect(self.retry)
        self.notice.activated.connect(self.retry)
        self._session.phase_changed.connect(self._on_phase)
        for timer, call, pause in (
            (self._slow, self._show_state, SLOW_MS),
            (self._tell_soon, self._tell, 0),
        ):
            timer.setSingleShot(True)
            timer.setInterval(pause)
            timer.timeout.connect(call)

    def _around(self) -> list[int]:
        """The ids that are to stay in view or current when rows are read anew."""
        numbers = [*self.view.shown()]
        rows = [self.model.row(one) for one in numbers]
        current = self.view.current_id()
        return [row.id for row in rows if row is not None] + ([current] if current else [])

    def _show_state(self) -> None:
        self._pages.setCurrentWidget(self._state())
        if self._state() is self._loading:
            self.busy.start(self.tr("Reading events"))
        else:
            self.busy.stop()

    def _state(self) -> QWidget:
        if self.model.rowCount():
            return self.view
        if self._error is not None:
            return self.failure
        if not self.reader.is_counted:
            waited = not self._slow.isActive()
            return self._loading if waited else (self._pages.currentWidget() or self.view)
        if self.wanted == self.base:
            return self.empty
        self._hint_at(term_for(self.wanted.search or ""))
        return self.no_match

    def _hint_at(self, meant: str | None) -> None:
        """Words are not looked for in statuses and names of events: say how those are found."""
        said = self.tr("None of the events here passes this filter.")
        if meant is not None:
            more = self.tr("Words are not looked for everywhere: try {term} instead.")
            said = f"{said} {more.format(term=meant)}"
        self.no_match.text.setText(said)

    def _see(self) -> None:
        """Whatever came on top is seen now."""
        self._unseen = 0
        self.newer.hide()

    def _place_newer(self) -> None:
        if self.newer.isHidden():
            return
        self.newer.adjustSize()
        left = (self.view.width() - self.newer.width()) // 2
        self.newer.move(max(0, left), self.view.viewport().geometry().top() + 10)
        self.newer.raise_()

    @Slot(int)
    def _on_grew(self, by: int) -> None:
        if self.view.is_following:
            return
        self._unseen += by
        self.newer.setText(self.tr("↑ {count} new").format(count=number(self._unseen)))
        self.newer.setAccessibleName(
            self.tr("{count} new events: go to the newest").format(count=number(self._unseen))
        )
        self.newer.show()
        self._place_newer()

    @Slot(bool)
    def _on_following(self, following: bool) -> None:  # noqa: FBT001 - a slot
        if following:
            self._see()
        self.following_changed.emit(following)

    @Slot()
    def _on_newer(self) -> None:
        self.view.go_to_newest()
        self.view.setFocus()

    @Slot()
    def _on_opened(self) -> None:
        one = self.view.current_id()
        if one is not None:
            self.opened.emit(one)

    @Slot()
    def _on_selection(self) -> None:
        self._tell_soon.start()

    @Slot()
    def _on_data(self) -> None:
        if self._told is None:
            self._tell_soon.start()  # the current row may have been loaded

    @Slot()
    def _tell(self) -> None:
        current = self.view.current_id()
        if current != self._told:
            self._told = current
            self.current_changed.emit(current)
        self.selection_changed.emit()

    @Slot()
    def _on_rows(self) -> None:
        self._show_state()
        self.counted.emit()

    @Slot()
    def _on_read(self) -> None:
        self._error = None
        self.notice.clear()
        self._slow.stop()
        self._show_state()
        self.counted.emit()

    @Slot(object)
    def _on_failed(self, error: GladlySourceError) -> None:
        if self._session.phase in {Phase.STARTING, Phase.STOPPING, Phase.STOPPED}:
            return  # it has to do with that, and reads are repeated when it runs
        self._error = error
        self._say(error)
        self._show_state()

    @Slot(object)
    def _on_phase(self, phase: Phase) -> None:
        if phase in {Phase.STOPPING, Phase.STOPPED} or not self._active:
            return
        if self._session.has_store:
            self.reader.activate()
        elif self._session.error is not None:
            self._error = self._session.error
            self._say(self._error)
        self._show_state()

    def _say(self, error: GladlySourceError) -> None:
        if isinstance(error, SecretMissing):  # the banner has the error, and the button
            self.failure.set_content(
                "empty",
                self.tr("Gladly Source is not set up yet."),
                self.tr("The set-up asks for the write key and checks every answer."),
            )
            return
        again = self.tr("Try again")
        self.failure.set_content("fail", error.title, error.hint, again)
        if self.model.rowCount():
            self.notice.show_message("bad", error.title, error.hint, again)
