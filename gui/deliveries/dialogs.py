"""Dialogs that say first what would happen, then do it: what they have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from core.pipeline.operations import Step
from gui.widgets.busy import BusyLabel
from gui.widgets.buttons import make_button
from gui.widgets.labels import Heading, Text
from gui.widgets.notice import Notice
from gui.widgets.sheet import Sheet
from gui.words import number

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from PySide6.QtGui import QCloseEvent, QResizeEvent, QShowEvent

    from core.errors import GladlySourceError
    from core.pipeline.operations import Selection, Watch
    from gui.bridge import Asked
    from gui.look import Look
    from gui.session import Session

T = TypeVar("T")
#: letters on a line
WIDTH = 64
#: between two looks at how far it is
LOOK_MS = 100
#: pixels of height for the title bar that the desktop draws
FRAME = 40


class _Body(Sheet):
    """The part of a dialog that scrolls; the dialog gives it the height it needs."""

    def __init__(self, content: QWidget) -> None:
        super().__init__(content, margins=(0, 0, 0, 0))

    def sizeHint(self) -> QSize:
        """Nothing by itself."""
        return QSize(0, 0)


class OperationDialog(QDialog):
    """Counts, asks, does, and says what came of it; nothing waits.

    Signals:
        changed: What was asked for happened, at least in part.

    Args:
        session: Whose deliveries.
        look: Icons and fonts.
    """

    changed = Signal()

    def __init__(self, session: Session, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._asked: Asked | None = None
        self._running = False
        self._growing = False
        #: the height it gave itself last, and whether somebody made it lower since
        self._own_height = 0
        self._by_hand = False
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.title = Heading(look, "", level=2, parent=self)
        self.busy = BusyLabel(look, self)
        self.text = Text(parent=self)
        self.notice = Notice(look, self)
        self.options = QVBoxLayout()
        self.options.setSpacing(8)
        self.progress = QProgressBar(self)
        self.progress.setAccessibleName(self.tr("Progress"))
        self.progress.hide()
        self.go = make_button(look, "", kind="primary", parent=self)
        self.close_button = make_button(look, self.tr("Cancel"), parent=self)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        buttons.addWidget(self.go)
        self._body = _Body(self._fill_body())
        self._body.changed.connect(self._grow)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        column.addWidget(self.title)
        column.addWidget(self.busy)
        column.addWidget(self._body, 1)
        column.addLayout(buttons)
        self.setMinimumWidth(min(560, WIDTH * self.fontMetrics().averageCharWidth()))
        self.go.setEnabled(False)
        self.go.clicked.connect(self._on_go)
        self.close_button.clicked.connect(self.reject)

    def _fill_body(self) -> QWidget:
        """All that may need more room than the screen has."""
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.text)
        column.addLayout(self.options)
        column.addWidget(self.progress)
        column.addWidget(self.notice)
        column.addStretch(1)
        return content

    def set_title(self, title: str) -> None:
        """Say what it is about."""
        self.setWindowTitle(title)
        self.title.setText(title)
        self.go.setText(title)

    def start(self) -> None:
        """Show, and count what is meant."""
        self.busy.start(self.tr("Counting…"))
        self.open()

    def reject(self) -> None:
        """Stop what is under way, or close."""
        if self._running:
            self.stop()
            return
        if self._asked is not None:
            self._asked.cancel()
        super().reject()

    def stop(self) -> None:
        """End what is under way as soon as can be; nothing by default."""

    def closeEvent(self, event: QCloseEvent) -> None:
        """The window's cross is the cancel button."""
        if self._running:
            self.stop()
            event.ignore()
            return
        super().closeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Now it is known how much room there is."""
        super().showEvent(event)
        self._grow()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Whoever makes it lower wants it so."""
        super().resizeEvent(event)
        if not self._growing:
            self._by_hand = event.size().height() < self._own_height

    def event(self, event: QEvent) -> bool:
        """Something was shown, hidden or said."""
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._grow()
        return done

    def _run(self) -> None:
        """Do what was asked for."""

    def _ask(self, make: Callable[[], Awaitable[T]], then: Callable[[T], None]) -> None:
        """Have something found out or done on the work thread."""
        self._asked = self._session.ask(make, owner=self, then=then, failed=self._on_failed)

    def _begin(self) -> None:
        self._running = True
        self.go.setEnabled(False)
        self.notice.clear()

    def _end(self, tone: str, text: str, hint: str = "", action: str = "") -> None:
        """Say what came of it; nothing more can be done here."""
        self._running = False
        self.busy.stop()
        self.progress.hide()
        self.text.hide()
        self.go.hide()
        self.close_button.setText(self.tr("Close"))
        self.close_button.setEnabled(True)
        self.close_button.setFocus()
        self.notice.show_message(tone, text, hint, action)
        self.changed.emit()

    def _on_failed(self, error: GladlySourceError) -> None:
        self.go.setEnabled(self._running)  # to try again
        self._running = False
        self.close_button.setText(self.tr("Close"))
        self.busy.stop()
        self.progress.hide()
        self.close_button.setEnabled(True)
        self.notice.show_message("bad", error.title, error.hint)

    @Slot()
    def _on_go(self) -> None:
        self._begin()
        self._run()

    @Slot()
    def _grow(self) -> None:
        """Take the room that is needed, as far as the screen goes; beyond that, it scrolls.

        It also scrolls once it was made lower by hand.
        """
        layout = self.layout()
        if layout is None or not self.isVisible():
            return
        screen = self.screen().availableGeometry()
        wide = max(self.width(), min(layout.minimumSize().width(), screen.width()))
        high = self.height()
        if not self._by_hand:
            lacks = max(0, self._body.needed - self._body.viewport().height())
            high = self._own_height = max(high, min(high + lacks, screen.height() - FRAME))
        if (wide, high) != (self.width(), self.height()):
            self._growing = True
            self.resize(wide, high)
            self._growing = False


class Watched:
    """How far an operation is, told on the engine's thread and looked at on Qt's."""

    def __init__(self) -> None:
        self.step = Step()
        self._going_on = True

    def tell(self, step: Step, /) -> bool:
        """Take in how far it has come; whether it is to go on."""
        self.step = step
        return self._going_on

    def stop(self) -> None:
        """End it after this page."""
        self._going_on = False


class StepwiseDialog(OperationDialog):
    """An operation on many deliveries, which can be watched and stopped.

    Args:
        session: Whose deliveries.
        look: Icons and fonts.
        selection: Which.
    """

    #: whether what was done remains when the rest fails
    stays_done = True

    def __init__(
        self, session: Session, look: Look, selection: Selection, parent: QWidget | None = None
    ) -> None:
        super().__init__(session, look, parent)
        self._selection = selection
        self._total = 0
        self.watched = Watched()
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._on_time)

    def stop(self) -> None:
        """End after this page; what was done stays done."""
        self.watched.stop()
        self.close_button.setEnabled(False)

    def outcome(self, done: int) -> str:
        """What was done to so many, as a sentence."""
        return self.tr("{count} done.").format(count=number(done))

    def under_way(self, seen: int, total: int) -> str:
        """How far it has come, as a sentence."""
        text = self.tr("{seen} of {total} looked at.")
        return text.format(seen=number(seen), total=number(total))

    def deed(self) -> Callable[[Watch], Awaitable[int]]:
        """What to do on the work thread; it answers to how many it was done."""
        raise NotImplementedError

    def _run(self) -> None:
        self.watched = watched = Watched()
        deed = self.deed()
        self.destroyed.connect(watched.stop)
        self.close_button.setText(self.tr("Stop"))
        self.progress.setValue(0)
        self.progress.show()
        self._on_time()
        self._timer.start()
        self._ask(lambda: deed(watched.tell), self._on_done)

    @Slot()
    def _on_time(self) -> None:
        seen = self.watched.step.seen
        total = max(self._total, seen, 1)
        self.progress.setRange(0, total)
        self.progress.setValue(seen)
        self.busy.start(self.under_way(seen, total))

    def _on_done(self, done: int) -> None:
        self._timer.stop()
        if self.watched.step.before is None:
            self._end("good", self.outcome(done))
        else:
            self._end("warn", self.tr("Stopped."), self.outcome(done))

    def _on_failed(self, error: GladlySourceError) -> None:
        self._timer.stop()
        if self.stays_done and (done := self.watched.step.done):
            # Begun again, what was done would be done twice.
            self._end("bad", error.title, f"{self.outcome(done)} {error.hint}".strip())
        else:
            super()._on_failed(error)
