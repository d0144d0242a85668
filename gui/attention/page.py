"""The Needs attention page: what is undelivered and why, and when the next try is."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QFrame, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from core.store.causes import Cause, causes, last_accepted_at
from gui.attention.concerns import Concern, calm, concerns, held_up
from gui.attention.deliveries import DeliveriesPane
from gui.attention.list import ConcernList
from gui.attention.model import ConcernModel
from gui.attention.webhooks import WebhooksPane
from gui.deliveries.detail import DetailPane
from gui.deliveries.operations import EventOperations
from gui.mending import wording
from gui.mending.lines import StatusLine
from gui.mending.mender import Mender
from gui.mending.mends import resume
from gui.mending.troubles import troubles_of
from gui.widgets.empty import EmptyState
from gui.widgets.labels import Heading
from gui.widgets.notice import Notice
from gui.widgets.scroll import Scroller

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QResizeEvent

    from core.errors import GladlySourceError
    from gui.bridge import Asked
    from gui.look import Look
    from gui.mending.mends import Mend
    from gui.mending.troubles import Trouble
    from gui.session import Session

#: how soon a change is read, and how often the times until the next try are written anew
PAUSE_MS = 800
TICK_MS = 1000
#: a read that took long is not repeated before so many times as long
REST = 5.0
#: of the height, for the list
LIST_SHARE = 0.33
#: letters of width below which the detail takes the place of the table
NARROW = 118
Found = tuple[list[Cause], float | None]


class AttentionPage(QWidget):
    """What needs a person, or says when it is tried again by itself.

    Args:
        session: What is looked at.
        look: Colours and icons.
        clock: Epoch seconds.

    Signals:
        open_page: A person wants to see the page of this name.
        open_card: A person wants to see the card of the settings of this name.
        show_query: A person wants to see the events that this filter text asks for.
    """

    open_page = Signal(str)
    open_card = Signal(str)
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
        #: the last read began, and took so long (seconds)
        self._began = self._took = 0.0
        self._again = False
        #: of the concern that is shown
        self._key = ""
        self._found: Found | None = None
        self.mender = Mender(session, self)
        self.notice = Notice(look)
        self.empty = EmptyState(look)
        self.list = ConcernList(look, ConcernModel(clock, self))
        self.trouble = StatusLine(look)
        self.operations = EventOperations(session, look, self)
        self.deliveries = DeliveriesPane(session, look, self.operations)
        self.webhooks = WebhooksPane(session, look)
        self.detail = DetailPane(session, look)
        self.panes = QStackedWidget()
        self.across = QSplitter(Qt.Orientation.Horizontal)
        self.pages = QStackedWidget()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._ticks = QTimer(self)
        self._ticks.setInterval(TICK_MS)
        self._lay_out()
        self._connect()

    def activate(self) -> None:
        """The page is shown: read, and go on reading as things change."""
        self._active = True
        self._ticks.start()
        self._show()
        self._read()
        if not self.detail.isHidden():
            self.detail.activate()

    def deactivate(self) -> None:
        """The page is hidden: read nothing."""
        self._active = False
        self._ticks.stop()
        self._pause.stop()
        if self._asked is not None:
            self._asked.cancel()
            self._asked = None
        self.deliveries.deactivate()
        self.detail.deactivate()
        self.webhooks.deactivate()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The list gets a third of the height."""
        super().resizeEvent(event)
        self.list.set_room(round(self.height() * LIST_SHARE))
        self._arrange()

    def _lay_out(self) -> None:
        card = self._card = QFrame()
        card.setProperty("card", True)  # noqa: FBT003 - Qt's signature
        inner = QVBoxLayout(card)
        inner.setContentsMargins(1, 1, 1, 1)
        inner.addWidget(self.trouble)
        card.hide()
        self._no_rows = QWidget()
        for pane in (self._no_rows, self.deliveries, self.webhooks):
            self.panes.addWidget(pane)
        self.left = QWidget()
        column = QVBoxLayout(self.left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.list)
        column.addWidget(self._card)
        column.addWidget(self.panes, 1)
        self.detail.hide()
        self.across.setChildrenCollapsible(False)
        for number, widget in enumerate((self.left, self.detail)):
            self.across.addWidget(widget)
            self.across.setStretchFactor(number, 5 - number)
        self._rows = Scroller(self.across)
        for page in (QWidget(), self.empty, self._rows):
            self.pages.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(8)
        layout.addWidget(Heading(self._look, self.tr("Needs attention"), level=1))
        layout.addWidget(self.notice)
        layout.addWidget(self.pages, 1)

    def _connect(self) -> None:
        session = self._session
        session.changed.connect(self._on_changed)
        session.health_changed.connect(self._on_health)
        session.phase_changed.connect(self._on_health)
        self._pause.timeout.connect(self._read)
        self._ticks.timeout.connect(self._on_tick)
        self.list.chosen.connect(self._on_chosen)
        self.trouble.pressed.connect(self._on_mend)
        self.deliveries.resume_wanted.connect(self._on_resume)
        self.deliveries.narrowed.connect(self.show_query)
        self.deliveries.refused.connect(lambda text: self._tell("bad", text))
        self.deliveries.table.current_changed.connect(self._on_current)
        self.deliveries.table.view.clicked.connect(self._on_clicked)
        self.deliveries.table.opened.connect(self._on_opened)
        self.detail.close_wanted.connect(self._on_close_detail)
        self.detail.replay_wanted.connect(self.operations.replay_ids)
        self.detail.discard_wanted.connect(self.operations.discard_ids)
        self.detail.erase_wanted.connect(self.operations.erase)
        self.operations.changed.connect(self._read)
        self.operations.copied.connect(lambda text: self._tell("good", text))
        self.operations.failed.connect(self._on_failed)
        self.webhooks.failed.connect(self._on_failed)
        self.empty.activated.connect(lambda: self.open_page.emit("sender"))
        self.mender.open_page.connect(self.open_page)
        self.mender.open_card.connect(self.open_card)
        self.mender.save_diagnostics.connect(lambda: self.open_page.emit("health"))
        self.mender.told.connect(self._tell)

    @Slot()
    def _read(self) -> None:
        if not self._active or not self._session.has_store:
            return
        if self._asked is not None:
            self._again = True
            return
        self._again = False
        self._began = time.monotonic()

        async def read() -> Found:
            store = self._session.store
            return await causes(store), await last_accepted_at(store)

        self._asked = self._session.ask(
            read, owner=self, then=self._on_read, failed=self._on_failed
        )

    def _on_read(self, found: Found) -> None:
        self._asked = None
        self._took = time.monotonic() - self._began
        self._found = found
        self._show()
        if self._again:
            self._wait()

    def _wait(self) -> None:
        """Read in a while: the sooner, the less it costs."""
        if not self._pause.isActive():
            self._pause.start(max(PAUSE_MS, round(1000 * REST * self._took)))

    def _show(self) -> None:
        """Show what is known now."""
        found, accepted_at = self._found or ([], None)
        shown = concerns(troubles_of(self._session), found)
        if shown:
            self.pages.setCurrentWidget(self._rows)
            self.list.show_concerns(shown)
            self._refresh_trouble()
            return
        self.list.show_concerns([])
        if self._found is None and self._session.has_store:
            return  # it is being read
        nothing = accepted_at is None
        self.empty.set_content(
            "shield",
            self.tr("Nothing needs attention"),
            calm(accepted_at, self._session.counts, self._clock()),
            self.tr("Send a test event") if nothing else "",
        )
        self.pages.setCurrentWidget(self.empty)

    def _is_narrow(self) -> bool:
        return self.width() < NARROW * self.fontMetrics().averageCharWidth()

    def _arrange(self) -> None:
        """Where it is too narrow for both, the detail takes the place of the table."""
        self.left.setVisible(self.detail.isHidden() or not self._is_narrow())

    def _open_detail(self, one: int) -> None:
        self.detail.show_delivery(one)
        self.detail.show()
        self._arrange()
        if self._active:
            self.detail.activate()

    def _close_detail(self) -> None:
        self.detail.hide()
        self.detail.deactivate()
        self._arrange()

    def _refresh_trouble(self) -> None:
        concern = self.list.concern()
        if concern is not None and concern.trouble is not None:
            self._show_trouble(concern.trouble)

    def _show_trouble(self, trouble: Trouble) -> None:
        found = self._found[0] if self._found is not None else []
        waits = held_up(trouble, found, self._clock())
        self.trouble.title.setText(trouble.title)
        self.trouble.show_line(
            trouble.word,
            " ".join(filter(None, (trouble.sentence, wording.since(trouble.since)))),
            " ".join(filter(None, (trouble.hint, waits))),
            trouble.mends,
        )

    def _show_pane(self, pane: QWidget) -> None:
        self.panes.setCurrentWidget(pane)
        if pane is self.deliveries and self._active:
            self.deliveries.activate()
        else:
            self.deliveries.deactivate()
        if pane is not self.webhooks:
            self.webhooks.deactivate()

    @Slot(object)
    def _on_chosen(self, concern: Concern | None) -> None:
        key = "" if concern is None else concern.key
        if key != self._key:
            self._key = key
            self._close_detail()
        self._card.setVisible(concern is not None and concern.trouble is not None)
        self._refresh_trouble()
        if concern is None or concern.cause is None:
            self._show_pane(self._no_rows)
        elif concern.filter is not None:
            self.deliveries.show_concern(concern)
            self._show_pane(self.deliveries)
        else:
            self._show_pane(self.webhooks)
            self.webhooks.show_concern(concern)

    @Slot(object)
    def _on_current(self, one: int | None) -> None:
        if one is not None and not self.detail.isHidden():
            self.detail.show_delivery(one)

    @Slot()
    def _on_clicked(self) -> None:
        one = self.deliveries.table.current_id()
        if one is not None and not self._is_narrow():
            self._open_detail(one)

    @Slot(object)
    def _on_opened(self, one: int) -> None:
        self._open_detail(one)
        if self._is_narrow():
            self.detail.close_button.setFocus()

    @Slot()
    def _on_close_detail(self) -> None:
        self._close_detail()
        self.deliveries.table.view.setFocus()

    @Slot()
    def _on_resume(self) -> None:
        self.mender.do(resume())

    @Slot()
    def _on_changed(self) -> None:
        if self._active:
            self._wait()

    @Slot(object)
    def _on_health(self, _: object) -> None:
        if self._active:
            self._show()
            self._read()

    @Slot()
    def _on_tick(self) -> None:
        self.list.tick()
        self._refresh_trouble()
        if self.pages.currentWidget() is self.empty:
            self._show()

    @Slot(object)
    def _on_mend(self, mend: Mend) -> None:
        self.mender.do(mend)

    @Slot(str, str, str)
    def _tell(self, tone: str, text: str, hint: str = "") -> None:
        self.notice.show_message(tone, text, hint)

    def _on_failed(self, error: GladlySourceError) -> None:
        self._asked = None
        self._tell("bad", error.title, error.hint)
        if self._active:
            self._wait()
