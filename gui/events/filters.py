"""The filter bar: a text that says everything, chips that write into it, a range of time."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QBoxLayout, QComboBox, QVBoxLayout, QWidget

from core import search
from core.mapping.plan import load_profile
from core.model import Channel, DeliveryStatus
from gui import words
from gui.deliveries import terms
from gui.deliveries.columns import channel_word
from gui.deliveries.saved import Saved, SavedFilters
from gui.events.search_field import SearchField
from gui.widgets.buttons import make_button
from gui.widgets.chips import ChipBar
from gui.widgets.labels import Text
from gui.widgets.toolbar import ButtonRow

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from core.mapping.plan import Profile
    from core.model import Counts
    from core.settings import Settings
    from core.store.base import Filter
    from gui.look import Look
    from gui.session import Session

HOUR = 3600
#: hours back
RANGES = (0, 1, 24, 168)
#: these chips stand there even while they count nothing
ALWAYS = (
    DeliveryStatus.PENDING,
    DeliveryStatus.RETRYING,
    DeliveryStatus.ACCEPTED,
    DeliveryStatus.DEAD,
)
#: of the text that are to be seen beside the controls
FEWEST_LETTERS = 24
THOUSAND, MILLION = 1000, 1_000_000


class FilterBar(QWidget):
    """Asks which events are wanted.

    The text is the whole truth but for the range of time: a chip that is switched on or off
    changes the text, and a text that is typed lights the chips.

    Signals:
        changed: The Filter that is wanted now.
        left: On to the table, by keyboard.

    Args:
        session: Whose statuses are counted.
        look: Icons.
    """

    changed = Signal(object)
    left = Signal()

    def __init__(self, session: Session, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._look = look
        self._query = search.parse("")
        self._names: dict[str, str] = {}
        self._setting = False
        self.field = SearchField(look, self)
        self.range = QComboBox(self)
        self.channel = QComboBox(self)
        self.saved = SavedFilters(look, session.memory, self)
        self.clear_button = make_button(look, self.tr("Clear"), icon="close", parent=self)
        self.chips = ChipBar(look, self)
        self.problem = Text(tone="warn", parent=self)
        self._fill()
        self._lay_out()
        self._connect()
        self._on_counted(session.counts)
        self._on_settings(session.settings)
        self._show()

    @property
    def text(self) -> str:
        """The text as it is."""
        return self.field.text()

    @property
    def hours(self) -> int:
        """How far back, 0 for all."""
        return int(self.range.currentData())

    def wanted(self) -> Filter:
        """What is asked for, as of now."""
        wanted = self._query.filter
        if not self.hours:
            return wanted
        since = time.time() - self.hours * HOUR
        return msgspec.structs.replace(wanted, since=max(since, wanted.since or since))

    def is_clear(self) -> bool:
        """Whether everything passes."""
        return not self.text.strip() and not self.hours

    def set_query(self, text: str, hours: int = 0) -> None:
        """Ask for this."""
        place = max(0, self.range.findData(hours))
        self._setting = True
        self.range.setCurrentIndex(place)
        self._setting = False
        self.field.take(text)
        self._apply(text)

    def clear(self) -> None:
        """Let everything pass."""
        self.set_query("")

    def set_compact(self, *, compact: bool) -> None:
        """Leave out what the text can do as well, where a window has few lines."""
        self.chips.setVisible(not compact)
        self.clear_button.setVisible(not compact)

    def focus_field(self) -> None:
        """Put the caret into the text."""
        self.field.setFocus()
        self.field.selectAll()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the controls below the text where it would have no room."""
        super().resizeEvent(event)
        letters = FEWEST_LETTERS * self.fontMetrics().averageCharWidth()
        narrow = self.width() < letters + self._controls.sizeHint().width()
        direction = QBoxLayout.Direction
        self._row.setDirection(direction.TopToBottom if narrow else direction.LeftToRight)

    def _fill(self) -> None:
        texts = {
            0: self.tr("All time"),
            1: self.tr("Last hour"),
            24: self.tr("Last 24 hours"),
            168: self.tr("Last 7 days"),
        }
        for hours in RANGES:
            self.range.addItem(texts[hours], hours)
        self.range.setAccessibleName(self.tr("Range of time"))
        self.range.setToolTip(self.tr("By when we received it"))
        self.channel.addItem(self.tr("All channels"), "")
        for channel in Channel:
            self.channel.addItem(channel_word(channel), str(channel))
        self.channel.setAccessibleName(self.tr("Channel"))
        self.channel.setToolTip(self.tr("How Gladly told us"))
        for status in DeliveryStatus:
            self._add_chip(status)

    def _add_chip(self, status: DeliveryStatus) -> None:
        word = words.delivery_word(status)
        chip = self.chips.add(
            str(status), word.text, icon=word.icon, tone=word.tone, checkable=True
        )
        chip.setVisible(status in ALWAYS)

    def _lay_out(self) -> None:
        controls = (self.range, self.channel, self.saved, self.clear_button)
        self._controls = ButtonRow(controls, self)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._row.setSpacing(8)
        self._row.addWidget(self.field, 1)
        self._row.addWidget(self._controls)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(self._row)
        column.addWidget(self.problem)
        column.addWidget(self.chips)
        self.problem.hide()

    def _connect(self) -> None:
        self.field.settled.connect(self._apply)
        self.field.left.connect(self.left)
        self.range.currentIndexChanged.connect(self._on_range)
        self.channel.currentIndexChanged.connect(self._on_channel)
        self.chips.toggled.connect(self._on_chip)
        self.saved.chosen.connect(self._on_saved)
        self.clear_button.clicked.connect(self.clear)
        self._session.counted.connect(self._on_counted)
        self._session.settings_changed.connect(self._on_settings)

    @Slot(str)
    def _apply(self, text: str) -> None:
        self._query = search.parse(text)
        self._show()
        self.changed.emit(self.wanted())

    def _show(self) -> None:
        """Light what the text says."""
        self._setting = True
        wanted = self._query.filter
        lit = {str(one) for one in wanted.statuses}
        asked = {one.casefold() for one in wanted.events}
        lit |= {rule for rule, name in self._names.items() if name.casefold() in asked}
        self.chips.set_checked(lit)
        for status in DeliveryStatus:
            self._show_chip(status)
        one = str(wanted.channels[0]) if len(wanted.channels) == 1 else ""
        self.channel.setCurrentIndex(max(0, self.channel.findData(one)))
        self._setting = False
        problem = self._query.problem or ""
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        self.field.set_problem(problem)
        self.clear_button.setEnabled(not self.is_clear())
        self.saved.set_current(self.text, self.hours)

    def _show_chip(self, status: DeliveryStatus) -> None:
        chip = self.chips.chip(str(status))
        counted = bool(self._session.counts and self._session.counts.deliveries.get(status))
        chip.setVisible(status in ALWAYS or counted or chip.is_checked() or chip.isVisible())

    @Slot(str, bool)
    def _on_chip(self, key: str, on: bool) -> None:  # noqa: FBT001 - a slot
        if self._setting:
            return
        wanted = self._query.filter
        if key in self._names:
            name = self._names[key]
            others = [one for one in wanted.events if one.casefold() != name.casefold()]
            text = terms.with_values(self.text, "event", [*others, name] if on else others)
        else:
            statuses = {str(one) for one in wanted.statuses} ^ {key}
            ordered = [str(one) for one in DeliveryStatus if str(one) in statuses]
            text = terms.with_values(self.text, "status", ordered)
        self.field.take(text)
        self._apply(text)

    @Slot()
    def _on_range(self) -> None:
        if not self._setting:
            self._show()
            self.changed.emit(self.wanted())

    @Slot()
    def _on_channel(self) -> None:
        if not self._setting:
            one = self.channel.currentData()
            text = terms.with_values(self.text, "channel", [one] if one else [])
            self.field.take(text)
            self._apply(text)

    @Slot(object)
    def _on_saved(self, saved: Saved) -> None:
        self.set_query(saved.text, saved.hours)

    @Slot(object)
    def _on_counted(self, counts: Counts | None) -> None:
        if counts is None:
            return
        for status in DeliveryStatus:
            chip = self.chips.chip(str(status))
            count = counts.deliveries.get(status, 0)
            word = words.delivery_word(status).text
            text = f"{word} {short(count)}" if count else word
            if chip.text() != text:
                chip.set_text(text)
                chip.setToolTip(f"{word}: {words.number(count)}")
                self._show_chip(status)

    @Slot(object)
    def _on_settings(self, settings: Settings) -> None:
        self._session.ask(
            lambda: asyncio.to_thread(load_profile, settings.mapping.names),
            owner=self,
            then=self._on_profile,
        )

    def _on_profile(self, profile: Profile) -> None:
        self._names = {"opened": profile.opened, "closed": profile.closed}
        self.field.set_events((profile.opened, profile.closed, "identify", "alias"))
        texts = {"opened": self.tr("Opened"), "closed": self.tr("Closed")}
        for rule, name in self._names.items():
            chip = self.chips.add(rule, texts[rule], checkable=True)
            chip.setToolTip(name)
        self._show()


def short(count: int) -> str:
    """A count with few digits: 9,999, then 10.0k, 123k, 1.2M."""
    if count < 10 * THOUSAND:
        return words.number(count)
    if count < 100 * THOUSAND:
        return f"{count / THOUSAND:.1f}k"
    if count < MILLION:
        return f"{count // THOUSAND}k"
    return f"{count / MILLION:.1f}M"
