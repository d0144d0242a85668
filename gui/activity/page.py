"""The Activity page: charts over time with the coverage of 24 hours, and the reconciliation."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QHBoxLayout,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from gui.activity import figures as figuring
from gui.activity.card import ChartCard, Mark
from gui.activity.coverage import CoverageCard
from gui.activity.reconciliation import Reconciliation
from gui.widgets.busy import BusyLabel
from gui.widgets.buttons import make_button
from gui.widgets.empty import EmptyState
from gui.widgets.labels import Heading
from gui.widgets.notice import Notice
from gui.widgets.scroll import Scroller

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from PySide6.QtGui import QResizeEvent

    from core.errors import GladlySourceError
    from core.store.base import Activity
    from gui.activity.figures import Figures, Range
    from gui.bridge import Asked
    from gui.look import Look
    from gui.session import Session

REFRESH_MS = 3000
#: a read that took long is not repeated before so many times as long
REST = 5.0
#: letters of width below which the charts stand one below the other
NARROW = 96
REMEMBERED = "activity.range"
#: the tabs
CHARTS, SUMS = 0, 1


class _Chart(NamedTuple):
    """A card, and how its chart is put into words."""

    card: ChartCard
    in_words: Callable[[Figures], str]
    at: Callable[[Figures, int], str]


class ActivityPage(QWidget):
    """Charts that read themselves anew while they are seen.

    Args:
        session: What is looked at.
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
        self._active = False
        self._asked: Asked | None = None
        self._loading = self._ready = False
        self._changed = True
        self._rest_until = 0.0
        self._window: tuple[float, float] | None = None
        self._charts: list[_Chart] = []
        self.figures: Figures | None = None
        self.ranges = figuring.ranges()
        self.range = self._remembered()
        self.notice = Notice(look)
        self.empty = EmptyState(look)
        self.busy = BusyLabel(look)
        self.coverage = CoverageCard(session, look, clock=clock)
        self.buttons = QButtonGroup(self)
        self.pages = QStackedWidget()
        self.sums = Reconciliation(session, look, clock=clock)
        self.tabs = QTabBar()
        self.views = QStackedWidget()
        self._timer = QTimer(self)
        self._timer.setInterval(REFRESH_MS)
        self._lay_out()
        self._connect()

    @property
    def cards(self) -> list[ChartCard]:
        """The charts, once they are built."""
        return [chart.card for chart in self._charts]

    def activate(self) -> None:
        """The page is shown: read, and go on reading."""
        self._active = True
        if self.tabs.currentIndex() == SUMS:
            self.sums.activate()
            return
        self._timer.start()
        if self._ready:
            self._read()
        elif not self._loading:
            self._loading = True
            self.busy.start(self.tr("Loading the charts…"))
            self._session.ask(lambda: asyncio.to_thread(_load), owner=self, then=self._on_loaded)

    def deactivate(self) -> None:
        """The page is hidden: read nothing."""
        self._active = False
        self._timer.stop()
        self._drop()
        self.coverage.drop()
        self.sums.deactivate()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More or less room for charts side by side."""
        super().resizeEvent(event)
        self._arrange()

    def choose(self, chosen: Range) -> None:
        """Look back this far."""
        if chosen.name == self.range.name:
            return
        self.range = chosen
        self._session.memory.set(REMEMBERED, chosen.name)
        self._drop()
        self._window = None
        self._rest_until = 0.0
        self._read()

    def _remembered(self) -> Range:
        name = self._session.memory.get(REMEMBERED)
        return next((one for one in self.ranges if one.name == name), self.ranges[0])

    def _lay_out(self) -> None:
        header = QHBoxLayout()
        header.setSpacing(4)
        heading = Heading(self._look, self.tr("Activity"), level=1)
        heading.setWordWrap(False)
        header.addWidget(heading)
        header.addSpacing(16)
        header.addWidget(self._make_tabs())
        header.addStretch(1)
        self._ranges = QWidget()
        ranges = QHBoxLayout(self._ranges)
        ranges.setContentsMargins(0, 0, 0, 0)
        ranges.setSpacing(4)
        for number, one in enumerate(self.ranges):
            button = make_button(self._look, one.title, kind="quiet")
            button.setCheckable(True)
            button.setAccessibleName(one.spoken)
            button.setToolTip(one.spoken)
            button.setChecked(one.name == self.range.name)
            self.buttons.addButton(button, number)
            ranges.addWidget(button)
        header.addWidget(self._ranges)
        waiting = QWidget()
        column = QVBoxLayout(waiting)
        column.addWidget(self.busy, 0, Qt.AlignmentFlag.AlignCenter)
        content = QWidget()
        self._grid = QGridLayout(content)
        self._grid.setContentsMargins(0, 0, 4, 0)
        self._grid.setSpacing(8)
        self._scroll = Scroller(content)
        for widget in (waiting, self.empty, self._scroll):
            self.pages.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 12, 12)
        layout.setSpacing(8)
        layout.addLayout(header)
        layout.addWidget(self.views, 1)

    def _make_tabs(self) -> QTabBar:
        charts = QWidget()
        column = QVBoxLayout(charts)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.notice)
        column.addWidget(self.pages, 1)
        self.views.addWidget(charts)
        self.views.addWidget(self.sums)
        self.tabs.addTab(self.tr("Charts and coverage"))
        self.tabs.addTab(self.tr("Reconciliation"))
        self.tabs.setAccessibleName(self.tr("What is shown of the activity"))
        self.tabs.setExpanding(False)
        return self.tabs

    def _connect(self) -> None:
        self._timer.timeout.connect(self._on_tick)
        self._session.changed.connect(self._on_changed)
        self._look.changed.connect(self._on_look)
        self.buttons.idClicked.connect(self._on_chosen)
        self.empty.activated.connect(lambda: self.open_page.emit("sender"))
        self.sums.open_page.connect(self.open_page)
        self.sums.show_query.connect(self.show_query)
        self.tabs.currentChanged.connect(self._on_tab)

    def _on_loaded(self, charts: ModuleType) -> None:
        makers = [self._make_events, self._make_latency, self._make_backlog]

        def make_next() -> None:
            """One at a time: the window stays alive between them."""
            self._charts.append(makers.pop(0)(charts))
            if makers:
                QTimer.singleShot(0, self, make_next)
            else:
                self._on_made()

        make_next()

    def _make_events(self, charts: ModuleType) -> _Chart:
        card = ChartCard(self._look, self.tr("Events per minute"), charts.EventsChart(self._look))
        card.add_key(Mark.LINE, "accent", self.tr("Received"))
        card.add_key(Mark.BAR, "good", self.tr("Accepted"))
        card.add_key(Mark.BAR, "bad", self.tr("Dead"))
        return _Chart(card, figuring.events_in_words, figuring.events_at)

    def _make_latency(self, charts: ModuleType) -> _Chart:
        card = ChartCard(self._look, self.tr("Latency, seconds"), charts.LatencyChart(self._look))
        card.add_key(Mark.DOTS, "accent", self.tr("Half within"))
        card.add_key(Mark.DASHES, "warn", self.tr("95 of 100 within"))
        return _Chart(card, figuring.latency_in_words, figuring.latency_at)

    def _make_backlog(self, charts: ModuleType) -> _Chart:
        card = ChartCard(self._look, self.tr("Backlog"), charts.BacklogChart(self._look))
        card.add_key(Mark.BAR, "busy", self.tr("Under way"))
        return _Chart(card, figuring.backlog_in_words, figuring.backlog_at)

    def _on_made(self) -> None:
        self._ready = True
        self._arrange()
        for chart in self._charts:
            chart.card.plot.pointed.connect(self._on_pointed)
        if self._active:
            self._read()

    def _arrange(self) -> None:
        """Two charts side by side where there is room."""
        if not self._ready:
            return
        events, latency, backlog = self.cards
        narrow = self.width() < NARROW * self.fontMetrics().averageCharWidth()
        self._grid.addWidget(events, 0, 0, 1, 2)
        self._grid.addWidget(latency, 1, 0, 1, 2 if narrow else 1)
        self._grid.addWidget(backlog, *((2, 0, 1, 2) if narrow else (1, 1)))
        self._grid.addWidget(self.coverage, 3, 0, 1, 2)
        self._grid.setRowStretch(0, 6)
        self._grid.setRowStretch(1, 5)
        self._grid.setRowStretch(2, 5 if narrow else 0)

    def _read(self) -> None:
        if not self._ready or self._asked is not None:
            return
        if not self._session.has_store:
            self._show_nothing()
            return
        self.coverage.refresh()
        chosen, window = self.range, self.range.window(self._clock())
        self._window, self._changed = window, False
        began = time.monotonic()

        def then(activity: Activity) -> None:
            self._asked = None
            self._rest_until = time.monotonic() + REST * (time.monotonic() - began)
            self._show(figuring.figures_of(chosen, activity))

        self._asked = self._session.ask(
            lambda: self._session.store.activity(*window, chosen.buckets),
            owner=self,
            then=then,
            failed=self._on_failed,
        )

    def _drop(self) -> None:
        if self._asked is not None:
            self._asked.cancel()
            self._asked = None
            self._window = None

    def _show(self, figures: Figures) -> None:
        self.notice.clear()
        self.figures = figures
        for chart in self._charts:
            chart.card.plot.show_figures(figures)
            chart.card.say(chart.in_words(figures))
        self._on_pointed(self._charts[0].card.plot.cursor_at)
        self.pages.setCurrentWidget(self._scroll)

    def _show_nothing(self) -> None:
        self.busy.stop()
        self.empty.set_content(
            "activity",
            self.tr("Nothing to show yet"),
            self.tr("Charts appear here with the first events. A test event is one, too."),
            self.tr("Send a test event"),
        )
        self.pages.setCurrentWidget(self.empty)

    def _on_failed(self, error: GladlySourceError) -> None:
        self._asked = None
        self._window = None
        self.notice.show_message("bad", error.title, error.hint)

    @Slot()
    def _on_tick(self) -> None:
        if self._ready:
            self.coverage.refresh()
        moved = self._window != self.range.window(self._clock())
        if (moved or self._changed) and time.monotonic() >= self._rest_until:
            self._read()

    @Slot()
    def _on_changed(self) -> None:
        self._changed = True

    @Slot(int)
    def _on_tab(self, number: int) -> None:
        """What is not to be seen reads nothing."""
        active = self._active
        self.deactivate()
        self.views.setCurrentIndex(number)
        self._ranges.setVisible(number == CHARTS)
        if active:
            self.activate()

    @Slot(int)
    def _on_chosen(self, number: int) -> None:
        self.choose(self.ranges[number])

    @Slot(int)
    def _on_pointed(self, place: int) -> None:
        """One cursor for all charts: what was at the same time?"""
        figures = self.figures
        for chart in self._charts:
            chart.card.plot.point_at(place)
            if figures is None or not 0 <= place < len(figures.buckets):
                chart.card.read("")
            else:
                part = figuring.part_in_words(figures, place)
                chart.card.read(f"{part}: {chart.at(figures, place)}")

    @Slot()
    def _on_look(self) -> None:
        for chart in self._charts:
            chart.card.plot.dress()


def _load() -> ModuleType:
    """Import pyqtgraph with all it needs; takes half a second."""
    from gui.activity import charts  # noqa: PLC0415 - slow: when the page is first shown

    return charts
