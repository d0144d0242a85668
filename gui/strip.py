"""The status strip at the top, always to be seen: three components, rate, backlog, oldest."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QAbstractButton, QBoxLayout, QHBoxLayout, QLabel, QSizePolicy, QWidget

from core.health import State
from gui.first_run import is_first_run
from gui.mood import under_way
from gui.rate import BUCKET_SECONDS, BUCKETS, Rate
from gui.run import Phase
from gui.widgets.labels import set_tone
from gui.widgets.sparkline import Sparkline
from gui.words import Word, number, span, state_word

if TYPE_CHECKING:
    from PySide6.QtGui import QHideEvent, QPaintEvent, QResizeEvent, QShowEvent

    from core.model import Counts
    from core.store.base import Activity
    from gui.look import Look
    from gui.session import Session

COMPONENTS = ("listener", "gladly", "segment")
TICK_MS = 1000
SIDE = 9
GAP = 6
RISE = 5
RADIUS = 7.0
#: older than so many seconds wants an eye
OLD_SECONDS = 60.0
NONE = "—"


class ComponentButton(QAbstractButton):
    """One component: its icon by state, its name, its state in a word.

    Args:
        look: Colours and icons.
        title: The component, as a person calls it.
    """

    def __init__(self, look: Look, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look, self._title = look, title
        self._word = Word("", "unknown", "idle")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.update)

    @property
    def word(self) -> Word:
        """The state that is shown."""
        return self._word

    def set_state(self, word: Word, sentence: str) -> None:
        """Show a state; the sentence is the tooltip and for readers."""
        if word == self._word and sentence == self.accessibleDescription():
            return
        self._word = word
        self.setText(f"{self._title}: {word.text}")
        self.setAccessibleName(self.text())
        self.setAccessibleDescription(sentence)
        self.setToolTip(sentence)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Room for icon, name and word."""
        metrics, bold = self.fontMetrics(), QFontMetrics(self._bold())
        width = metrics.horizontalAdvance(self._title) + bold.horizontalAdvance(self._word.text)
        height = max(metrics.height(), self._look.icon_size())
        return QSize(width + self._look.icon_size() + 2 * GAP + 2 * SIDE, height + 2 * RISE)

    def minimumSizeHint(self) -> QSize:
        """Nothing of it may be cut off."""
        return self.sizeHint()

    def changeEvent(self, event: QEvent) -> None:
        """Make room for another font."""
        super().changeEvent(event)
        if event.type() in {QEvent.Type.FontChange, QEvent.Type.StyleChange}:
            self.updateGeometry()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it."""
        look, rect = self._look, self.rect()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = "pressed" if self.isDown() else "hover" if self.underMouse() else ""
        if ground:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.colour(ground))
            painter.drawRoundedRect(QRectF(rect), RADIUS, RADIUS)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(look.colour("accent"))
            painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        size = look.icon_size()
        icon = QRect(SIDE, (rect.height() - size) // 2, size, size)
        look.icon(self._word.icon, self._word.tone).paint(painter, icon)
        self._draw_text(painter, icon.right() + 1 + GAP)

    def _draw_text(self, painter: QPainter, left: int) -> None:
        centre = int(Qt.AlignmentFlag.AlignVCenter)
        place = QRect(left, 0, self.width() - left, self.height())
        painter.setPen(self._look.colour("muted"))
        painter.drawText(place, centre, self._title)
        place.setLeft(left + self.fontMetrics().horizontalAdvance(self._title) + GAP)
        painter.setFont(self._bold())
        painter.setPen(self._look.colour(self._word.tone))
        painter.drawText(place, centre, self._word.text)

    def _bold(self) -> QFont:
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        return font


class Metric(QWidget):
    """One number with what it counts.

    Args:
        look: Fonts.
        caption: What it counts.
    """

    def __init__(self, look: Look, caption: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.caption = QLabel(caption, self)
        self.value = QLabel(self)
        set_tone(self.caption, "muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(SIDE, RISE, SIDE, RISE)
        row.setSpacing(GAP)
        row.addWidget(self.caption)
        row.addWidget(self.value)
        look.changed.connect(self._on_look)
        self._on_look()

    def set_value(self, text: str, tone: str = "", tip: str = "") -> None:
        """Show this."""
        if self.value.text() != text:
            self.value.setText(text)
            self.value.setAccessibleName(f"{self.caption.text()}: {text}")
        set_tone(self.value, tone)
        self.setToolTip(tip)

    def _on_look(self) -> None:
        self.value.setFont(self._look.heading(3))


class StatusStrip(QWidget):
    """What a glance should tell, from whichever page.

    Signals:
        health_wanted: A component was pressed.

    Args:
        session: What it tells of.
        look: Colours and icons.
    """

    health_wanted = Signal()

    def __init__(self, session: Session, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._rate = Rate()
        self._looked_back = False
        self.setAccessibleName(self.tr("Status"))
        names = {"listener": self.tr("Listener"), "gladly": "Gladly", "segment": "Segment"}
        self.components = {key: ComponentButton(look, names[key], self) for key in COMPONENTS}
        self.rate = Metric(look, self.tr("Events"), self)
        self.sparkline = Sparkline(look, self.tr("Events in the last five minutes"), self)
        self.backlog = Metric(look, self.tr("Backlog"), self)
        self.oldest = Metric(look, self.tr("Oldest"), self)
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self.refresh)
        for button in self.components.values():
            button.clicked.connect(self.health_wanted)
        session.phase_changed.connect(self._on_phase)
        session.health_changed.connect(self._on_health)
        session.counted.connect(self._on_counted)
        self._on_phase(session.phase)
        self._on_counted(session.counts)

    def showEvent(self, event: QShowEvent) -> None:
        """Keep time while it is to be seen."""
        super().showEvent(event)
        self._timer.start()
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks."""
        super().hideEvent(event)
        self._timer.stop()

    def refresh(self) -> None:
        """Show rate and ages as of now."""
        now = time.monotonic()
        self.sparkline.set_values(self._rate.history(now))
        self.rate.set_value(
            self.tr("{0}/min").format(number(self._rate.per_minute(now))),
            tip=self.tr("Events that came in during the last minute; the line shows five minutes."),
        )
        self._show_backlog()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Numbers at the right end, or below the components where it is narrow."""
        super().resizeEvent(event)
        margins = self.contentsMargins()
        inner = self.width() - margins.left() - margins.right() - 2 * SIDE
        wide = self._left.sizeHint().width() + self._right.sizeHint().width() <= inner
        direction = QBoxLayout.Direction
        wanted = direction.LeftToRight if wide else direction.TopToBottom
        if wanted != self._row.direction():
            self._row.setDirection(wanted)

    def _lay_out(self) -> None:
        self._left, self._right = QWidget(self), QWidget(self)
        for parent, widgets in (
            (self._left, tuple(self.components.values())),
            (self._right, (self.rate, self.sparkline, self.backlog, self.oldest)),
        ):
            row = QHBoxLayout(parent)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(2)
            for widget in widgets:
                row.addWidget(widget)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(10, 5, 10, 5)
        self._row.setSpacing(2)
        left = Qt.AlignmentFlag.AlignLeft
        self._row.addWidget(self._left, 0, left)
        self._row.addStretch(1)
        self._row.addWidget(self._right, 0, left)
        # Narrow, it is as wide as the wider half; the layout alone would ask for both.
        self.setMinimumWidth(0)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        """As wide as the wider half."""
        hint = super().minimumSizeHint()
        widths = (self._left.minimumSizeHint().width(), self._right.minimumSizeHint().width())
        return QSize(max(widths) + 2 * SIDE, hint.height())

    def _on_phase(self, _: Phase) -> None:
        self._show_states()
        if self._session.has_store and not self._looked_back:
            self._looked_back = True
            self._look_back()

    def _on_health(self, _: object) -> None:
        self._show_states()

    def _on_counted(self, counts: Counts | None) -> None:
        if counts is not None:
            self._rate.note(sum(counts.deliveries.values()), time.monotonic())
        self._show_backlog()

    def _look_back(self) -> None:
        """The five minutes before this window was there."""
        until = time.time()
        store = self._session.store

        async def ask() -> Activity:
            return await store.activity(until - BUCKETS * BUCKET_SECONDS, until, BUCKETS)

        self._session.ask(ask, owner=self, then=self._on_activity)

    def _on_activity(self, activity: Activity) -> None:
        now, wall = time.monotonic(), time.time()
        self._rate.remember(
            [(now - (wall - bucket.start), bucket.received) for bucket in activity.buckets], now
        )
        self.refresh()

    def _show_states(self) -> None:
        states = {state.name: state for state in self._session.states}
        for key, button in self.components.items():
            state = states.get(key)
            if state is None:
                button.set_state(*self._without_engine())
            else:
                button.set_state(state_word(state), state.sentence)

    def _without_engine(self) -> tuple[Word, str]:
        session = self._session
        match session.phase:
            case Phase.FAILED:
                if is_first_run(session):
                    words = self.tr("Not set up"), self.tr("Gladly Source is not set up yet.")
                    return Word(words[0], "off", "idle"), words[1]
                why = str(session.error) if session.error else self.tr("The engine does not run.")
                return Word(self.tr("Stopped"), "stopped", "bad"), why
            case Phase.STOPPED | Phase.STOPPING:
                return Word(self.tr("Stopped"), "stopped", "idle"), self.tr("No engine runs.")
            case _:
                starting = State(name="", word="starting", sentence="", since=0)
                return state_word(starting), self.tr("The engine is starting.")

    def _show_backlog(self) -> None:
        counts = self._session.counts
        waiting = under_way(counts) if counts is not None else 0
        self.backlog.set_value(
            number(waiting) if counts is not None else NONE,
            tip=self.tr("Webhooks and deliveries that are still under way."),
        )
        oldest = counts.oldest_pending_at if counts is not None else None
        age = None if oldest is None else max(0.0, time.time() - oldest)
        tone = "warn" if age is not None and age >= OLD_SECONDS else ""
        self.oldest.set_value(
            NONE if age is None or age < 1 else span(int(age)),
            tone,
            self.tr("Age of the oldest delivery that Segment has not accepted yet."),
        )
