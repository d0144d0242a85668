"""The table on screen: what is in view, and staying where the person looks while rows come in."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from gui.deliveries.columns import Column
from gui.deliveries.model import NOWHERE, EventModel
from gui.deliveries.painting import Cell, Line, RowPainter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtCore import SignalInstance
    from PySide6.QtGui import QKeyEvent, QPaintEvent, QResizeEvent
    from PySide6.QtWidgets import QWidget

    from gui.look import Look

#: height of a row in heights of its text
ROW_HEIGHT = 1.9
#: selected rows that are selected again after the rows were read anew
SELECTED_KEPT = 2000
FLAGS = QItemSelectionModel.SelectionFlag


class _Place(NamedTuple):
    """What is looked at and selected: by id, and by the distance from the oldest row."""

    top: int | None
    below: int
    pixels: int
    selected: list[int]
    current: int | None
    everything: bool


class EventView(QTableView):
    """Rows of events; at the top it follows new ones, elsewhere it stays where it is.

    Signals:
        scrolled: Other rows may be in view.
        following_changed: Whether new rows on top are shown as they come.
        opened: Return or a double click on a row.

    Args:
        look: Colours.
        model: The rows.
    """

    scrolled = Signal()
    following_changed = Signal(bool)
    opened = Signal()
    #: Qt tells of changes before the constructor is through
    _ready = False

    def __init__(self, look: Look, model: EventModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._events = model
        self._following = True
        self._all = False
        self._holding = False
        self._place = _Place(None, 0, 0, [], None, everything=False)
        self._lost: int | None = None
        self.setModel(model)
        self._painter = RowPainter(look)
        self._ready = True
        self._set_up()
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        self._watch()
        self.doubleClicked.connect(self._on_double_clicked)

    def setHorizontalHeader(self, header: QHeaderView) -> None:
        """Take another header; it clears the selection at a reset before we select again."""
        super().setHorizontalHeader(header)
        for signal, slot in self._slots():
            signal.disconnect(slot)
        self._watch()

    @property
    def is_following(self) -> bool:
        """Whether new rows on top are shown as they come."""
        return self._following

    @property
    def all_selected(self) -> bool:
        """Whether everything that passes the filter is meant, also what is yet to come."""
        return self._all

    def shown(self) -> tuple[int, int]:
        """The first and the last row in view; the first is the larger where there is none."""
        total = self._events.rowCount()
        height = self.verticalHeader().defaultSectionSize()
        if not total or not self.viewport().height():
            return 0, -1
        first = self._scrolled_to() // height
        last = (self._scrolled_to() + self.viewport().height() - 1) // height
        return min(first, total - 1), min(last, total - 1)

    def current_id(self) -> int | None:
        """The id of the current row; also while the rows are read anew and it is not loaded."""
        index = self.currentIndex()
        row = self._events.row(index.row()) if index.isValid() else None
        return self._lost if row is None else row.id

    def go_to_newest(self) -> None:
        """Scroll to the top, and follow."""
        self.scrollToTop()

    def runs(self) -> list[tuple[int, int]]:
        """The selected rows: first and last of each run, newest first."""
        ranges = self.selectionModel().selection().toList()
        return sorted({(one.top(), one.bottom()) for one in ranges})

    def select_ids(self, ids: Sequence[int], current: int | None) -> None:
        """Select the rows of these ids, as far as they are loaded."""
        selection = QItemSelection()
        for one in ids:
            number = self._events.row_of(one)
            if number is not None:
                last = self._events.index(number, len(Column) - 1)
                selection.select(self._events.index(number, 0), last)
        self.selectionModel().select(selection, FLAGS.ClearAndSelect)
        number = None if current is None else self._events.row_of(current)
        self._lost = current if number is None else None
        if number is not None:
            index = self._events.index(number, max(0, self.currentIndex().column()))
            self.selectionModel().setCurrentIndex(index, FLAGS.Select | FLAGS.Rows)

    def selectAll(self) -> None:
        """Select everything that passes the filter."""
        super().selectAll()
        self._all = bool(self._events.rowCount())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return opens, Home and End go to the newest and the oldest row."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not event.modifiers():
            if self.currentIndex().isValid():
                self.opened.emit()
            return
        if event.key() in {Qt.Key.Key_Home, Qt.Key.Key_End} and not event.modifiers():
            last = self._events.rowCount() - 1
            if last >= 0:
                number = 0 if event.key() == Qt.Key.Key_Home else last
                column = self.currentIndex().column()
                self.setCurrentIndex(self._events.index(number, max(0, column)))
            return
        super().keyPressEvent(event)

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        """Any other selection is no longer everything."""
        self._all = False
        super().selectionChanged(selected, deselected)

    def currentChanged(
        self,
        current: QModelIndex | QPersistentModelIndex,
        previous: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Whatever was lost sight of is no longer meant."""
        if current.isValid():
            self._lost = None
        super().currentChanged(current, previous)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the rows in view."""
        first, last = self.shown()
        if first > last:
            return
        height, scrolled = self.verticalHeader().defaultSectionSize(), self._scrolled_to()
        selection, current = self.selectionModel(), self.currentIndex().row()
        some, focus = selection.hasSelection(), self.hasFocus()
        lines = [
            Line(
                row=self._events.row(number),
                top=number * height - scrolled,
                selected=some and selection.isRowSelected(number, NOWHERE),
                current=focus and number == current,
            )
            for number in range(first, last + 1)
        ]
        width = self.viewport().width()
        cells = [
            Cell(column, left, self.columnWidth(column))
            for column in map(int, Column)
            if not self.isColumnHidden(column)
            and -self.columnWidth(column) < (left := self.columnViewportPosition(column)) < width
        ]
        with QPainter(self.viewport()) as painter:
            painter.setFont(self.font())
            self._painter.paint(painter, lines, cells, height, width)

    def changeEvent(self, event: QEvent) -> None:
        """Another font: other heights and lengths."""
        super().changeEvent(event)
        if self._ready and event.type() in {QEvent.Type.FontChange, QEvent.Type.StyleChange}:
            self._on_look()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More or fewer rows are in view."""
        super().resizeEvent(event)
        self.scrolled.emit()

    def _slots(self) -> tuple[tuple[SignalInstance, Callable[..., None]], ...]:
        model = self._events
        return (
            (model.rowsInserted, self._on_inserted),
            (model.rowsRemoved, self._on_removed),
            (model.modelAboutToBeReset, self._on_about_to_reset),
            (model.modelReset, self._on_reset),
        )

    def _watch(self) -> None:
        """Hear of changes after Qt's own slots, which forget the selection and the place."""
        for signal, slot in self._slots():
            signal.connect(slot)

    def _scrolled_to(self) -> int:
        """How many pixels lie above those in view."""
        return self.verticalScrollBar().value()

    def _set_up(self) -> None:
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.setAccessibleName(self.tr("Events"))
        rows = self.verticalHeader()
        rows.hide()
        rows.setMinimumSectionSize(1)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._on_look()
        self._look.changed.connect(self._on_look)

    def _on_look(self) -> None:
        height = round(self.fontMetrics().height() * ROW_HEIGHT)
        self.verticalHeader().setDefaultSectionSize(height)
        self._painter.forget()
        self.viewport().update()

    @Slot()
    def _on_scrolled(self) -> None:
        if self._holding:
            return
        self._set_following(following=self.verticalScrollBar().value() <= 0)
        self.scrolled.emit()

    def _set_following(self, *, following: bool) -> None:
        if following != self._following:
            self._following = following
            self.following_changed.emit(following)

    @Slot(QModelIndex, int, int)
    def _on_inserted(self, _parent: QModelIndex, first: int, last: int) -> None:
        self._hold(first, last - first + 1)

    @Slot(QModelIndex, int, int)
    def _on_removed(self, _parent: QModelIndex, first: int, last: int) -> None:
        self._hold(first, -(last - first + 1))

    def _hold(self, first: int, by: int) -> None:
        """Rows above those in view came or left: scroll by as much, so that nothing moves."""
        bar = self.verticalScrollBar()
        height = self.verticalHeader().defaultSectionSize()
        if not self._following and first * height < bar.value():
            self._holding = True
            self.updateGeometries()
            bar.setValue(bar.value() + by * height)
            self._holding = False
        self.scrolled.emit()

    @Slot()
    def _on_about_to_reset(self) -> None:
        model, bar = self._events, self.verticalScrollBar()
        first = self.shown()[0]
        numbers = (one for top, bottom in self.runs() for one in range(top, bottom + 1))
        rows = (model.row(one) for one in itertools.islice(numbers, SELECTED_KEPT))
        top = model.row(first)
        self._place = _Place(
            top=None if top is None else top.id,
            below=model.rowCount() - first,
            pixels=bar.value() - first * self.verticalHeader().defaultSectionSize(),
            selected=[row.id for row in rows if row is not None],
            current=self.current_id(),
            everything=self._all,
        )
        self._holding = True

    @Slot()
    def _on_reset(self) -> None:
        """Look at and select the same rows as before, as far as they are still there."""
        place, model = self._place, self._events
        self.updateGeometries()
        number = 0
        if not self._following:
            found = None if place.top is None else model.row_of(place.top)
            number = max(0, model.rowCount() - place.below) if found is None else found
        height = self.verticalHeader().defaultSectionSize()
        pixels = 0 if self._following else place.pixels
        self.verticalScrollBar().setValue(number * height + pixels)
        self._holding = False
        self.setAutoScroll(False)  # to become current again is no reason to move
        if place.everything:
            self.selectAll()
        else:
            self.select_ids(place.selected, place.current)
        self.setAutoScroll(True)
        self._on_scrolled()

    @Slot(QModelIndex)
    def _on_double_clicked(self, _index: QModelIndex) -> None:
        self.opened.emit()
