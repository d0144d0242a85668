"""The live viewer: filter bar, table and detail, side by side or one in place of the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QToolButton, QVBoxLayout, QWidget

from gui.deliveries.actions import EventActions
from gui.deliveries.detail import DetailPane
from gui.deliveries.operations import EventOperations
from gui.deliveries.table import EventTable
from gui.events.filters import FilterBar
from gui.widgets.buttons import IconButton, make_button
from gui.widgets.elided import ElidedLabel
from gui.widgets.labels import set_tone
from gui.words import number

if TYPE_CHECKING:
    from PySide6.QtGui import QAction, QKeyEvent, QResizeEvent
    from PySide6.QtWidgets import QPushButton

    from core.errors import GladlySourceError
    from core.store.base import Filter
    from gui.look import Look
    from gui.session import Session

#: letters of width below which the detail takes the place of the table
NARROW = 118
#: lines of text below which the filter takes less room
FEWEST_LINES = 26
SPLIT = "events.split"
#: how long a sentence in the foot stays
SAY_MS = 6000
MARGIN = 12


class EventsPage(QWidget):
    """All events as they come, what became of each, and what can be done about it.

    Signals:
        send_test: Nothing has been received yet, and the person wants to see something.

    Args:
        session: Whose events.
        look: Colours, icons and fonts.
    """

    send_test = Signal()

    def __init__(self, session: Session, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._look = look
        self._open = False
        #: a filter was set, and its rows are not counted yet
        self._filtered = False
        self.filters = FilterBar(session, look, self)
        self.table = EventTable(session, look, parent=self)
        self.detail = DetailPane(session, look, self)
        self.operations = EventOperations(session, look, self)
        self.actions_ = EventActions(self.table, self.operations, look)
        self.foot = ElidedLabel("", parent=self)
        self._said = QTimer(self)
        self._said.setSingleShot(True)
        self._said.setInterval(SAY_MS)
        self._lay_out()
        self._connect()
        self.table.set_filter(self.filters.wanted())
        self._arrange()
        self._show_foot()

    def activate(self) -> None:
        """The page is shown."""
        if self.filters.hours:  # an hour ago is later than it was
            self.table.set_filter(self.filters.wanted())
        self.table.activate()
        self.detail.activate()

    def deactivate(self) -> None:
        """The page is hidden."""
        self.table.deactivate()
        self.detail.deactivate()

    def show_query(self, text: str, hours: int = 0) -> None:
        """Show what a filter text asks for."""
        self.filters.set_query(text, hours)

    def show_delivery(self, one: int) -> None:
        """Open one delivery."""
        self.detail.show_delivery(one)
        self._set_open(open_=True)

    def wanted(self) -> Filter:
        """What passes the filter."""
        return self.filters.wanted()

    @Slot()
    def focus_filter(self) -> None:
        """Put the caret into the filter."""
        if self._is_narrow():
            self._set_open(open_=False)
        self.filters.focus_field()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Side by side where there is room."""
        super().resizeEvent(event)
        lines = self.height() / self.fontMetrics().lineSpacing()
        self.filters.set_compact(compact=lines < FEWEST_LINES)
        self._arrange()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Find, from wherever nothing nearer has a search of its own."""
        if event.matches(QKeySequence.StandardKey.Find):
            self.focus_filter()
        else:
            super().keyPressEvent(event)

    def _lay_out(self) -> None:
        self._main = QWidget(self)
        left = QVBoxLayout(self._main)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(8)
        left.addWidget(self.table, 1)
        left.addLayout(self._make_foot())
        self.split = QSplitter(Qt.Orientation.Horizontal, self)
        self.split.setChildrenCollapsible(False)
        self.split.setHandleWidth(1)
        self.split.addWidget(self._main)
        self.split.addWidget(self.detail)
        self.split.setStretchFactor(0, 3)
        self.split.setStretchFactor(1, 2)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        outer.setSpacing(8)
        outer.addWidget(self.filters)
        outer.addWidget(self.split, 1)
        self.table.empty.set_content(
            "empty",
            self.tr("No events yet"),
            self.tr(
                "As soon as Gladly tells about a conversation, it appears here. To see that "
                "everything works, send a test event."
            ),
            self.tr("Send a test event"),
        )

    def _make_foot(self) -> QHBoxLayout:
        actions = self.actions_
        self.replay_button = self._action_button(actions.replay, "replay")
        self.discard_button = self._action_button(actions.discard, "discard")
        self.more = IconButton(self._look, "more", self.tr("More"), self)
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setMenu(actions.menu)
        self.columns = IconButton(self._look, "columns", self.tr("Columns"), self)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.foot, 1)
        for widget in (self.replay_button, self.discard_button, self.more, self.columns):
            row.addWidget(widget)
        set_tone(self.foot, "muted")
        return row

    def _action_button(self, action: QAction, icon: str) -> QPushButton:
        text = action.text().replace("&", "")  # the detail has these letters
        button = make_button(self._look, text, icon=icon, parent=self)
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        button.setToolTip(f"{text} ({keys})")
        button.setEnabled(action.isEnabled())
        button.clicked.connect(action.trigger)
        action.enabledChanged.connect(button.setEnabled)
        return button

    def _connect(self) -> None:
        table, detail = self.table, self.detail
        self.filters.changed.connect(self._on_filter)
        self.filters.left.connect(table.view.setFocus)
        self.actions_.narrowed.connect(self.filters.set_query)
        self.actions_.refused.connect(self._say)
        table.current_changed.connect(self._on_current)
        table.view.clicked.connect(self._on_clicked)
        table.opened.connect(self._on_opened)
        table.selection_changed.connect(self._show_foot)
        table.counted.connect(self._show_foot)
        table.following_changed.connect(self._show_foot)
        table.clear_wanted.connect(self.filters.clear)
        table.start_wanted.connect(self.send_test)
        detail.close_wanted.connect(self._on_close)
        detail.replay_wanted.connect(self.operations.replay_ids)
        detail.discard_wanted.connect(self.operations.discard_ids)
        detail.erase_wanted.connect(self.operations.erase)
        self.operations.copied.connect(self._say)
        self.operations.failed.connect(self._on_failed)
        self.columns.clicked.connect(self._on_columns)
        self.split.splitterMoved.connect(self._on_split)
        table.reader.counted.connect(self._on_counted)
        self._said.timeout.connect(self._show_foot)
        close = QShortcut(QKeySequence(Qt.Key.Key_Escape), self._main)
        close.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        close.activated.connect(self._on_close)

    def _is_narrow(self) -> bool:
        return self.width() < NARROW * self.fontMetrics().averageCharWidth()

    def _set_open(self, *, open_: bool) -> None:
        self._open = open_
        self._arrange()

    def _arrange(self) -> None:
        """Show the table, the detail, or both."""
        was_hidden = self.detail.isHidden()
        self.detail.setVisible(self._open)
        alone = self._open and self._is_narrow()
        self._main.setVisible(not alone)
        self.filters.setVisible(not alone)
        if was_hidden and self._open and not self._is_narrow():
            kept = self._session.memory.get(SPLIT)
            share = kept if isinstance(kept, float) and 0 < kept < 1 else 0.56
            width = self.split.width()
            self.split.setSizes([int(width * share), width - int(width * share)])

    @Slot(object)
    def _on_filter(self, wanted: Filter) -> None:
        self._filtered = True
        self.table.set_filter(wanted)

    @Slot()
    def _on_counted(self) -> None:
        """What a new filter took out of the list is not to be replayed or discarded by mistake."""
        filtered, self._filtered = self._filtered, False
        one = self.detail.delivery_id
        if filtered and one is not None and self.table.model.row_of(one) is None:
            self.detail.show_delivery(None)
            if self._is_narrow():
                self._set_open(open_=False)

    @Slot(object)
    def _on_current(self, one: int | None) -> None:
        if one is not None and self._open:
            self.detail.show_delivery(one)

    @Slot()
    def _on_clicked(self) -> None:
        one = self.table.current_id()
        if one is not None and not self._is_narrow():
            self.show_delivery(one)

    @Slot(object)
    def _on_opened(self, one: int) -> None:
        self.show_delivery(one)
        if self._is_narrow():
            self.detail.close_button.setFocus()

    @Slot()
    def _on_close(self) -> None:
        if self._open:
            self._set_open(open_=False)
            self.table.view.setFocus()

    @Slot()
    def _on_columns(self) -> None:
        corner = self.columns.mapToGlobal(self.columns.rect().topLeft())
        self.table.header.open_menu(corner)

    @Slot()
    def _on_split(self) -> None:
        left, right = self.split.sizes()
        if left and right:
            self._session.memory.set(SPLIT, round(left / (left + right), 3))

    @Slot(object)
    def _on_failed(self, error: GladlySourceError) -> None:
        self._say(str(error))

    @Slot(str)
    def _say(self, text: str) -> None:
        """Say something for a while in place of the counts."""
        self.foot.setText(text)
        self._said.start()

    @Slot()
    def _show_foot(self) -> None:
        if not self._said.isActive():
            self.foot.setText(" · ".join(filter(None, self._foot_parts())))

    def _foot_parts(self) -> list[str]:
        table = self.table
        count, chosen = table.count(), table.selected_count()
        if not count:
            return []
        some = number(count) if table.is_counted else self.tr("{count}+").format(count=count)
        text = self.tr("{count} events") if self.filters.is_clear() else self.tr("{count} match")
        parts = [text.format(count=some)]
        if table.view.all_selected:
            parts.append(self.tr("all selected"))
        elif chosen > 1:
            parts.append(self.tr("{count} selected").format(count=number(chosen)))
        if not table.view.is_following:
            parts.append(self.tr("not following"))
        return parts
