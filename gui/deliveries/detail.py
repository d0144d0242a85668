"""One delivery in full: a sentence, the timeline, what was sent and where every value came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMenu,
    QScrollArea,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.model import DeliveryStatus
from core.pipeline.operations import DISCARDABLE, REPLAYABLE
from core.store.feed import NOTHING, gist
from gui import words
from gui.deliveries import contents
from gui.deliveries.contents import Contents
from gui.deliveries.timeline import Timeline
from gui.widgets.breaks import breakable
from gui.widgets.buttons import IconButton, follow_icon, make_button
from gui.widgets.elided import ElidedLabel
from gui.widgets.empty import EmptyState
from gui.widgets.labels import Text, set_tone
from gui.widgets.pill import StatusLabel
from gui.widgets.toolbar import ButtonRow

if TYPE_CHECKING:
    from core.errors import GladlySourceError
    from core.model import DeliveryDetail
    from gui.bridge import Asked
    from gui.deliveries.contents import Shown
    from gui.look import Look
    from gui.session import Session

#: what waits says how long, and that changes by itself
WAITING = frozenset({DeliveryStatus.PENDING, DeliveryStatus.RETRYING})
LOOK_AGAIN_MS = 5000
#: the tabs are at least so many lines high
LINES = 15
#: between two reads of the same delivery
REST_MS = 300


class DetailPane(QWidget):
    """One delivery, kept up to date while it is shown.

    Use: `show_delivery(id)` shows one; `activate()` and `deactivate()` as its page is shown and
    hidden. What its buttons want is asked for by signals: connect them to EventOperations.

    Signals:
        close_wanted: Escape, or the cross.
        replay_wanted: The ids to replay.
        discard_wanted: The ids to discard.
        erase_wanted: The id of the customer to erase.

    Args:
        session: Whose delivery it is.
        look: Colours, icons and fonts.
    """

    close_wanted = Signal()
    replay_wanted = Signal(object)
    discard_wanted = Signal(object)
    erase_wanted = Signal(str)

    def __init__(self, session: Session, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._look = look
        self._id: int | None = None
        self._active = False
        self._changed = False
        self._asked: Asked | None = None
        self._again = QTimer(self)
        self._again.setInterval(LOOK_AGAIN_MS)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self.shown: Shown | None = None
        self.status = StatusLabel(look, parent=self)
        self.title = ElidedLabel("", parent=self)
        self.close_button = IconButton(look, "close", self.tr("Close (Esc)"), self)
        self.about = ElidedLabel("", parent=self)
        set_tone(self.about, "muted")
        self.sentence = Text(parent=self)
        self.replay_button = make_button(look, self.tr("&Replay…"), icon="replay")
        self.discard_button = make_button(look, self.tr("&Discard…"), icon="discard")
        self.erase_action = QAction(self.tr("&Erase customer…"), self)
        self.more = IconButton(look, "more", self.tr("More"), self)
        self.timeline = Timeline(look)
        self.contents = Contents(session, look, self)
        self.nothing = EmptyState(look, self)
        self._lay_out()
        self._connect()
        self._on_look()

    @property
    def delivery_id(self) -> int | None:
        """The delivery that is (or is about to be) shown."""
        return self._id

    def show_delivery(self, one: int | None) -> None:
        """Show this delivery; None shows that none is chosen."""
        if one == self._id:
            return
        self._id = one
        self.shown = None
        self._drop()
        if one is None:
            self._say_nothing()
        elif self._active:
            self._read()

    def activate(self) -> None:
        """The page is shown: read, and follow."""
        self._active = True
        if self._id is not None:
            self._read()

    def deactivate(self) -> None:
        """The page is hidden: read nothing."""
        self._active = False
        self._drop()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.status)
        top.addWidget(self.title, 1)
        top.addWidget(self.more)
        top.addWidget(self.close_button)
        follow_icon(self._look, self.erase_action, "erase")
        menu = QMenu(self)
        menu.addAction(self.erase_action)
        self.more.setMenu(menu)
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        buttons = (self.replay_button, self.discard_button)
        body = QWidget()
        body.setProperty("plain", True)  # noqa: FBT003 - Qt's signature
        rows = QVBoxLayout(body)
        rows.setContentsMargins(0, 0, 4, 0)
        rows.setSpacing(8)
        rows.addWidget(self.sentence)
        rows.addWidget(ButtonRow(buttons, body))
        rows.addSpacing(4)
        rows.addWidget(self.timeline)
        rows.addSpacing(4)
        rows.addWidget(self.contents, 1)
        self.contents.setMinimumHeight(LINES * self.fontMetrics().lineSpacing())
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(body)
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(12, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self.about)
        column.addWidget(scroll, 1)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self.nothing)
        self._pages.addWidget(page)
        self._page = page
        self._say_nothing()

    def _connect(self) -> None:
        self.close_button.clicked.connect(self.close_wanted)
        self.replay_button.clicked.connect(self._on_replay)
        self.discard_button.clicked.connect(self._on_discard)
        self.erase_action.triggered.connect(self._on_erase)
        self._session.changed.connect(self._on_changed)
        self._again.timeout.connect(self._on_changed)
        self._rest.timeout.connect(self._read_changed)
        self._look.changed.connect(self._on_look)
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.activated.connect(self.close_wanted)

    def _say_nothing(self) -> None:
        self.nothing.set_content(
            "events",
            self.tr("No event chosen"),
            self.tr("Choose one in the table to see what became of it."),
        )
        self._pages.setCurrentWidget(self.nothing)

    def _drop(self) -> None:
        self._again.stop()
        self._rest.stop()
        if self._asked is not None:
            self._asked.cancel()
            self._asked = None

    def _read(self) -> None:
        one, session, known = self._id, self._session, self.shown
        if one is None or self._asked is not None:
            return
        self._changed = False
        self._asked = session.ask(
            lambda: contents.read(session.store, one, session.settings, known),
            owner=self,
            then=self._on_read,
            failed=self._on_failed,
        )

    def _on_read(self, shown: Shown | None) -> None:
        self._asked = None
        if shown is None:
            self._on_gone()
        elif shown != self.shown:
            self._show(shown)
        self._rest.start()

    def _on_failed(self, error: GladlySourceError) -> None:
        self._asked = None
        if self.shown is None:
            self.nothing.set_content("fail", error.title, error.hint)
            self._pages.setCurrentWidget(self.nothing)

    def _on_gone(self) -> None:
        self.shown = None
        self._again.stop()
        self.nothing.set_content(
            "nothing",
            self.tr("This delivery is no longer here"),
            self.tr("It was removed by retention, or a later event showed that it is none."),
        )
        self._pages.setCurrentWidget(self.nothing)

    def _show(self, shown: Shown) -> None:
        self.shown = shown
        delivery = shown.detail.delivery
        self.status.set_word(words.delivery_word(delivery.status))
        self.title.setText(delivery.event)
        self.about.setText(_about(shown.detail))
        self.sentence.setText(breakable(shown.sentence))
        self.timeline.set_steps(shown.steps)
        self.contents.set_shown(shown)
        self.replay_button.setVisible(delivery.status in REPLAYABLE)
        self.replay_button.setEnabled(bool(shown.detail.payload))
        self.discard_button.setVisible(delivery.status in DISCARDABLE)
        self.erase_action.setEnabled(bool(delivery.customer_id))
        if delivery.status in WAITING:
            self._again.start()
        else:
            self._again.stop()
        self._pages.setCurrentWidget(self._page)

    @Slot()
    def _on_changed(self) -> None:
        self._changed = True
        if not self._rest.isActive():
            self._read_changed()

    @Slot()
    def _read_changed(self) -> None:
        if self._active and self._changed:
            self._read()

    @Slot()
    def _on_look(self) -> None:
        self.title.setFont(self._look.heading(2))

    @Slot()
    def _on_replay(self) -> None:
        self.replay_wanted.emit((self._id,))

    @Slot()
    def _on_discard(self) -> None:
        self.discard_wanted.emit((self._id,))

    @Slot()
    def _on_erase(self) -> None:
        if self.shown is not None and self.shown.detail.delivery.customer_id:
            self.erase_wanted.emit(self.shown.detail.delivery.customer_id)


def _about(detail: DeliveryDetail) -> str:
    """Who the delivery is about, and its id."""
    delivery = detail.delivery
    seen = NOTHING if not detail.payload else gist(detail.looked_up, detail.payload)
    person = seen.customer or seen.email or delivery.customer_id or ""
    email = seen.email if seen.email != person else ""
    return " · ".join(filter(None, (person, email, f"d{delivery.id}")))
