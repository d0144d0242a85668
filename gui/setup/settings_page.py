"""The Settings page: the cards of set-up as tabs, and a bar that saves or reverts."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QTabWidget, QVBoxLayout, QWidget

from gui.run import Phase
from gui.saving import Use
from gui.setup import advice
from gui.setup.advanced_card import AdvancedCard
from gui.setup.arrival_card import ArrivalCard
from gui.setup.card import SetupCard, Tools
from gui.setup.checks import Checks
from gui.setup.confirmation_card import ConfirmationCard
from gui.setup.deck import Deck
from gui.setup.delivery_card import DeliveryCard
from gui.setup.desk import Desk
from gui.setup.field import announce
from gui.setup.gladly_card import GladlyCard
from gui.setup.ping_watch import PingWatch
from gui.setup.segment_card import SegmentCard
from gui.setup.sent_card import SentCard
from gui.setup.window_card import WindowCard
from gui.widgets.busy import BusyLabel
from gui.widgets.buttons import make_button
from gui.widgets.labels import Heading, Rule, Text
from gui.widgets.notice import Notice
from gui.widgets.sheet import Sheet

if TYPE_CHECKING:
    from core.doctor.subject import Outside
    from core.errors import GladlySourceError
    from gui.look import Look
    from gui.session import Session
    from gui.setup.draft import Draft, Kept

MARGIN = 16
KINDS: tuple[type[SetupCard], ...] = (
    SegmentCard,
    GladlyCard,
    ArrivalCard,
    SentCard,
    ConfirmationCard,
    DeliveryCard,
    WindowCard,
    AdvancedCard,
)


class SettingsPage(QWidget):
    """Every setting; nothing is saved before "Save" is pressed.

    Args:
        session: Saved to.
        look: Colours, icons and fonts.
        outside: The world that checks look at; tests hand in another.

    Signals:
        autostart_wanted: Whether the app is to start with the computer; told when saved.
        wizard_wanted: The set-up wizard is to be opened.
    """

    autostart_wanted = Signal(bool)
    wizard_wanted = Signal()

    def __init__(
        self,
        session: Session,
        look: Look,
        parent: QWidget | None = None,
        *,
        outside: Outside | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._active = False
        self._autostart: bool | None = None
        tools = Tools(session, look, Checks(session, outside), PingWatch(session, self))
        self.desk = Desk(session, tools.checks, self)
        self.deck = Deck(
            KINDS, lambda kind: kind(tools, full=True) if kind is ArrivalCard else kind(tools), self
        )
        self._rooms: list[QVBoxLayout] = []
        self.tabs = QTabWidget()
        self.tabs.setUsesScrollButtons(True)
        self.tabs.setDocumentMode(True)
        for label in self._labels():
            room = QWidget()
            self._rooms.append(QVBoxLayout(room))
            self._rooms[-1].setContentsMargins(0, 0, 0, 0)
            self.tabs.addTab(room, label)
        self.notice = Notice(look)
        self._make_bar(look)
        self._arrange(look)
        self._connect()
        self._show_card()

    @property
    def card(self) -> SetupCard:
        """The tab that is shown."""
        return self.deck.card(self.tabs.currentIndex())

    def activate(self) -> None:
        """The page is shown."""
        if not self._active:
            self._active = True
            self.desk.look_again()
            self.card.activate()

    def deactivate(self) -> None:
        """The page is hidden; what was entered stays."""
        if self._active:
            self._active = False
            self.card.deactivate()

    def show_card(self, name: str) -> None:
        """Show the tab of this card: segment, gladly, arrival, sent, confirm and so on."""
        if name in self.deck.names:
            self.tabs.setCurrentIndex(self.deck.names.index(name))

    def set_autostart(self, *, on: bool) -> None:
        """Whether the app starts with the computer now; another wish of the person's stays."""
        wished = self.desk.draft.autostart != self._autostart
        self._autostart = on
        if not wished:
            self.desk.set_autostart(on=on)
        self._load()

    def _make_bar(self, look: Look) -> None:
        self.bar = QFrame()
        self.effect = Text(tone="muted")
        self.busy = BusyLabel(look)
        self.revert = make_button(look, self.tr("Re&vert"), icon="undo")
        self.save = make_button(look, self.tr("&Save"), kind="primary")
        row = QHBoxLayout()
        row.setContentsMargins(MARGIN, 12, MARGIN, 12)
        row.setSpacing(8)
        row.addWidget(self.effect, 1)
        row.addWidget(self.busy)
        row.addWidget(self.revert)
        row.addWidget(self.save)
        column = QVBoxLayout(self.bar)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Rule())
        column.addLayout(row)

    def _arrange(self, look: Look) -> None:
        head = QVBoxLayout()
        head.setContentsMargins(MARGIN, 12, 4, 0)
        head.setSpacing(8)
        head.addWidget(Heading(look, self.tr("Settings"), level=1))
        head.addWidget(self.notice)
        head.addWidget(self.tabs, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head, 1)
        column.addWidget(self.bar)

    def _connect(self) -> None:
        self.save.clicked.connect(self._on_save)
        self.revert.clicked.connect(self._on_revert)
        self.tabs.currentChanged.connect(self._on_tab)
        self.deck.made.connect(self._on_made)
        self.desk.kept_changed.connect(self._on_kept)
        self.desk.reset.connect(self._load)
        self.desk.saved.connect(self._on_saved)
        self.desk.failed.connect(self._on_failed)
        self._session.phase_changed.connect(self._show_bar)

    def _load(self) -> None:
        for _, card in self.deck.there():
            card.load(self.desk.draft)
        self._show_bar()

    def _show_card(self) -> None:
        self.card.load(self.desk.draft)
        self._show_bar()

    def _labels(self) -> list[str]:
        return [
            self.tr("Segment"),
            self.tr("Gladly"),
            self.tr("How events arrive"),
            self.tr("What is sent"),
            self.tr("Confirmation"),
            self.tr("Delivery and retention"),
            self.tr("Notifications and window"),
            self.tr("Advanced"),
        ]

    def _on_made(self, card: SetupCard) -> None:
        room = self._rooms[self.deck.names.index(card.name)]
        room.addWidget(Sheet(card, margins=(0, 12, 12, MARGIN)))
        card.changed.connect(functools.partial(self._on_changed, card))
        card.kept_wanted.connect(self.desk.look_again)
        if isinstance(card, AdvancedCard):
            card.wizard_wanted.connect(self.wizard_wanted)

    @property
    def _dirty(self) -> bool:
        return self.desk.dirty or self.desk.draft.autostart != self._autostart

    def _show_bar(self) -> None:
        self.bar.setVisible(self._dirty or self.desk.saving)
        attached = self._session.phase is Phase.ATTACHED
        self.effect.setText(
            self.tr(
                "Not saved yet. Another process runs the engine: it uses what you save after its "
                "next start."
            )
            if attached
            else self.tr("Not saved yet. Saving restarts the engine for a moment; nothing is lost.")
        )

    def _on_tab(self, number: int) -> None:
        for other, card in self.deck.there():
            if other != number:
                card.deactivate()
        self.card.load(self.desk.draft)
        if self._active:
            self.card.activate()

    def _on_changed(self, card: SetupCard) -> None:
        self.desk.draft = card.apply(self.desk.draft)
        self.notice.clear()
        self._show_bar()

    def _on_kept(self, kept: Kept) -> None:
        for _, card in self.deck.there():
            card.show_kept(kept)

    def _on_save(self) -> None:
        if self.desk.saving:
            return
        for number, card in self.deck.there():
            problem = card.problem()
            if problem is not None:
                self.tabs.setCurrentIndex(number)
                card.show_problem()
                self.notice.show_message("bad", problem)
                announce(self, problem)
                return
        if not self.desk.dirty:
            self._on_saved(self.desk.draft, Use.WINDOW)
            return
        self.busy.start(self.tr("Saving…"))
        self.desk.save()

    def _on_revert(self) -> None:
        self.notice.clear()
        self.desk.set_autostart(on=self._autostart)
        self.desk.revert()

    def _on_saved(self, sent: Draft, use: Use) -> None:
        self.busy.stop()
        if sent.autostart is not None and sent.autostart != self._autostart:
            self._autostart = sent.autostart
            self.autostart_wanted.emit(sent.autostart)
        self._load()
        tone, text, hint = advice.for_use(use)
        if self._dirty:
            hint = " ".join((hint, self.tr("What you changed meanwhile is not saved yet."))).strip()
        self.notice.show_message(tone, text, hint)

    def _on_failed(self, error: GladlySourceError, kept: bool) -> None:  # noqa: FBT001 - a slot
        self.busy.stop()
        self._show_bar()
        said = advice.not_started(error, kept=kept)
        self.notice.show_message("bad", said, advice.for_error(error))
