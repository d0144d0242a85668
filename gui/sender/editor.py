"""The JSON of a test event to edit, with everything that is wrong listed below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from gui.widgets.json_view import JsonEdit
from gui.widgets.labels import IconLabel, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent

    from core.sender.problems import Problem
    from gui.look import Look

PAUSE_MS = 120
#: problems to be seen without scrolling
SEEN = 3
PLACE = int(Qt.ItemDataRole.UserRole)


class ProblemList(QListWidget):
    """Problems, one a line; as high as they need, up to a few.

    Signals:
        chosen: The place of the problem that a person wants to see.

    Args:
        look: Icons.
    """

    chosen = Signal(int)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._problems: tuple[Problem, ...] = ()
        self.setAccessibleName(self.tr("Problems"))
        self.setWordWrap(True)
        self.setIconSize(QSize(look.icon_size(), look.icon_size()))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.itemClicked.connect(self._on_item)
        self.itemActivated.connect(self._on_item)
        look.changed.connect(self._on_look)
        self.hide()

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Show these."""
        if tuple(problems) != self._problems:
            self._problems = tuple(problems)
            self._on_look()

    def sizeHint(self) -> QSize:
        """Room for the first few."""
        rows = min(self.count(), SEEN)
        height = sum(self.visualItemRect(self.item(row)).height() for row in range(rows))
        return QSize(super().sizeHint().width(), height + 2 * self.frameWidth() + 2)

    def minimumSizeHint(self) -> QSize:
        """Room for the first one."""
        first = self.visualItemRect(self.item(0)).height() if self.count() else 0
        return QSize(super().minimumSizeHint().width(), first + 2 * self.frameWidth())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lines break elsewhere: ask for another height."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def _on_look(self) -> None:
        self.clear()
        for number, problem in enumerate(self._problems):
            said = problem.sentence
            if problem.line is not None:
                said = self.tr("Line {0}: {1}").format(problem.line, problem.sentence)
            tone = "bad" if problem.blocks else "warn"
            item = QListWidgetItem(self._look.icon(tone, tone), said)
            item.setData(PLACE, number)
            item.setToolTip(problem.path)
            self.addItem(item)
        self.setVisible(bool(self._problems))
        self.updateGeometry()

    def _on_item(self, item: QListWidgetItem) -> None:
        self.chosen.emit(item.data(PLACE))


class BodyEditor(QWidget):
    """JSON to edit, its problems marked while it is typed.

    Signals:
        edited: The text that a person wrote, a moment after the last letter.

    Args:
        look: Colours and fonts.
    """

    edited = Signal(str)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[Problem, ...] = ()
        self.json = JsonEdit(look, self.tr("What Gladly would send"), self)
        self.list = ProblemList(look, self)
        self.calm = QWidget(self)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._writing = False
        well = QHBoxLayout(self.calm)
        well.setContentsMargins(0, 0, 0, 0)
        well.setSpacing(6)
        well.addWidget(IconLabel(look, "good", "good", parent=self.calm))
        well.addWidget(Text(self.tr("Gladly could have sent this."), "muted", self.calm), 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.json, 1)
        column.addWidget(self.list)
        column.addWidget(self.calm)
        self.setFocusProxy(self.json)
        self.json.changed.connect(self._on_changed)
        self._pause.timeout.connect(self._on_pause)
        self.list.chosen.connect(self._on_chosen)

    def show_text(self, text: str, problems: Sequence[Problem]) -> None:
        """Show what a draft says; that is no edit."""
        self._pause.stop()
        self._writing = True
        self.json.set_text(text)
        self._writing = False
        self.show_problems(problems)

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Mark what is wrong."""
        self._shown = tuple(problems)
        self.list.show_problems(problems)
        self.calm.setVisible(not problems)
        placed = next((one for one in problems if one.line), None)
        self._mark(placed)

    def flush(self) -> None:
        """Tell at once of an edit that was just made."""
        if self._pause.isActive():
            self._pause.stop()
            self._on_pause()

    def _mark(self, problem: Problem | None) -> None:
        """Underline one line; the words stand in the list, and readers get them, too."""
        self.json.set_problem(problem.line if problem else None)
        said = [one.sentence for one in self._shown]
        self.json.area.setAccessibleDescription(" ".join(said))

    def _on_changed(self, _: str) -> None:
        if not self._writing:
            self._pause.start()

    def _on_pause(self) -> None:
        self.edited.emit(self.json.text())

    def _on_chosen(self, place: int) -> None:
        problem = self._shown[place]
        self._mark(problem)
        block = self.json.area.document().findBlockByNumber((problem.line or 1) - 1)
        if block.isValid():
            self.json.area.setTextCursor(QTextCursor(block))
            self.json.area.ensureCursorVisible()
        self.json.setFocus()
