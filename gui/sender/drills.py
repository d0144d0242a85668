"""Fault drills: start one, watch it strike, and see everything recover."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QProgressBar,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from core.simulator.drills import Drill, Stage
from gui.sender.drill_words import lesson, standing
from gui.sender.stream import Stream
from gui.widgets.buttons import make_button
from gui.widgets.empty import EmptyState
from gui.widgets.labels import Heading, IconLabel, Text, repolish
from gui.widgets.scroll import Scroller
from gui.widgets.toolbar import ButtonRow

if TYPE_CHECKING:
    from PySide6.QtWidgets import QPushButton

    from core.errors import GladlySourceError
    from core.simulator.drills import DrillProgress, Drills
    from gui.look import Look
    from gui.session import Session

PERMILLE = 1000


class DrillStatus(QFrame):
    """How the drill stands; hidden before the first.

    Args:
        look: Icons.
    """

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.icon = IconLabel(look, parent=self)
        self.title = Heading(look, level=3, parent=self)
        self.text = Text(parent=self)
        self.bar = QProgressBar(self)
        self.bar.setRange(0, PERMILLE)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Time of the drill"))
        self.stop = make_button(look, self.tr("End the drill"), icon="stop", parent=self)
        self.resume = make_button(look, self.tr("Try Segment now"), icon="retry", parent=self)
        self.buttons = ButtonRow([self.stop, self.resume], self)
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 10, 12, 10)
        grid.setSpacing(6)
        grid.addWidget(self.icon, 0, 0, Qt.AlignmentFlag.AlignTop)
        for row, widget in enumerate((self.title, self.text, self.bar, self.buttons)):
            grid.addWidget(widget, row, 1)
        grid.setColumnStretch(1, 1)
        self.hide()

    def show_progress(self, name: str, progress: DrillProgress, whole: float) -> None:
        """Say how it stands; it strikes for so many seconds as a whole."""
        tone, title, text = standing(name, progress)
        striking = progress.stage is Stage.STRIKING
        over = progress.stage is Stage.RECOVERED
        self._say(tone, title, text)
        self.bar.setVisible(not over)
        if striking:
            self.bar.setValue(round(PERMILLE * (1 - progress.left / max(whole, progress.left))))
        else:
            arrived = progress.owed - progress.missing
            self.bar.setValue(round(PERMILLE * arrived / max(1, progress.owed)))
        self.stop.setText(self.tr("End the drill") if striking else self.tr("Stop watching"))
        self.stop.setVisible(not over)
        self.resume.setVisible(progress.stage is Stage.RECOVERING)
        self.buttons.setVisible(not over)
        self.show()

    def show_end(self, tone: str, title: str, text: str) -> None:
        """Say how it ended before its time."""
        self._say(tone, title, text)
        self.bar.hide()
        self.buttons.hide()
        self.show()

    def _say(self, tone: str, title: str, text: str) -> None:
        if self.property("notice") != tone:
            self.setProperty("notice", tone)
            repolish(self)
        self.icon.set_icon(tone, tone)
        self.title.setText(title)
        self.text.setText(text)
        self.setAccessibleName(f"{title}. {text}")


class DrillLine(QWidget):
    """One drill to start: what happens, and what to watch.

    Signals:
        wanted: A person wants to see it.

    Args:
        look: Icons and fonts.
        drill: Which one.
        seconds: How long it lasts.
    """

    wanted = Signal(object)

    def __init__(
        self, look: Look, drill: Drill, seconds: float, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.drill = drill
        self.lesson = lesson(drill, seconds)
        self.button: QPushButton = make_button(look, self.tr("Start"), icon="play", parent=self)
        self.button.setAccessibleName(self.tr("Start the drill {0}").format(self.lesson.name))
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(Heading(look, self.lesson.name, 3, self))
        column.addWidget(Text(self.lesson.story, parent=self))
        column.addWidget(Text(self.lesson.watch, "muted", self))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 4, 0, 4)
        row.setSpacing(12)
        icon = IconLabel(look, self.lesson.icon, "muted", 1.4, self)
        row.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(column, 1)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        self.button.clicked.connect(self._on_clicked)

    def _on_clicked(self) -> None:
        self.wanted.emit(self.drill)


class DrillsPanel(QWidget):
    """All drills with the status of the one that runs; outside the demo, where they are.

    Signals:
        demo_wanted: A person wants to try the demo.
        running_changed: Whether a drill is under way.

    Args:
        session: Runs drills on its work thread, and asks its engine to try Segment now.
        look: Icons and fonts.
        drills: The simulators' drills; None outside the demo.
    """

    demo_wanted = Signal()
    running_changed = Signal(bool)

    def __init__(
        self, session: Session, look: Look, drills: Drills | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._drills = drills
        self._drill: Drill | None = None
        self.stream = Stream(session, self)
        self.status = DrillStatus(look, self)
        self.lines: dict[Drill, DrillLine] = {}
        self.empty = EmptyState(look, self)
        self._stack = QStackedLayout(self)
        if drills is None:
            self._offer_demo()
        else:
            self._lay_out(look, drills)
        self.stream.arrived.connect(self._on_arrived)
        self.stream.ended.connect(self._on_ended)
        self.stream.failed.connect(self._on_failed)
        self.status.stop.clicked.connect(self._on_stop)
        self.status.resume.clicked.connect(self._on_resume)
        self.empty.activated.connect(self.demo_wanted)

    def _offer_demo(self) -> None:
        self.empty.set_content(
            "drill",
            self.tr("Drills run in the demo"),
            self.tr(
                "There, Gladly and Segment are simulated: let one of them fail, and watch "
                "everything recover. Nothing real is touched."
            ),
            self.tr("Try the demo"),
        )
        self._stack.addWidget(self.empty)

    def _lay_out(self, look: Look, drills: Drills) -> None:
        inside = QWidget(self)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 4, 8, 0)
        column.setSpacing(8)
        for drill in Drill:
            line = DrillLine(look, drill, drills.plan(drill).seconds, inside)
            line.wanted.connect(self.start)
            self.lines[drill] = line
            column.addWidget(line)
        column.addStretch(1)
        outside = QWidget(self)
        outer = QVBoxLayout(outside)
        outer.setContentsMargins(0, 8, 0, 0)
        outer.setSpacing(8)
        outer.addWidget(self.status)
        outer.addWidget(Scroller(inside, outside), 1)
        self.empty.hide()
        self._stack.addWidget(outside)

    def start(self, drill: Drill) -> None:
        """Let something go wrong."""
        drills = self._drills
        if drills is None or self.stream.running:
            return
        self._drill = drill
        self._set_running(running=True)
        self.stream.start(lambda: drills.run(drill))

    def _set_running(self, *, running: bool) -> None:
        for line in self.lines.values():
            line.button.setEnabled(not running)
        self.running_changed.emit(running)

    def _on_arrived(self, found: list[DrillProgress]) -> None:
        progress = found[-1]
        if self._drills is not None:
            name = self.lines[progress.drill].lesson.name
            whole = self._drills.plan(progress.drill).seconds
            self.status.show_progress(name, progress, whole)

    def _on_ended(self) -> None:
        self._set_running(running=False)

    def _on_failed(self, error: GladlySourceError) -> None:
        self._set_running(running=False)
        self.status.show_end("bad", error.title, error.hint)

    def _on_stop(self) -> None:
        self.stream.stop()
        self._set_running(running=False)
        self.status.show_end(
            "idle",
            self.tr("The drill was ended"),
            self.tr("Both services are well again; what waits arrives by itself."),
        )

    def _on_resume(self) -> None:
        session = self._session

        async def resume() -> None:
            await session.link.resume()

        session.ask(resume, owner=self)
