"""The wizard's list of steps: which are done, which is shown, which are still to come."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent
    from PySide6.QtWidgets import QWidget

    from gui.look import Look

#: height of a row, relative to its text
ROW = 2.4
#: the whole left side, with one line to the right of it
SHEET = """
QListWidget { border: none; border-right: 1px solid palette(midlight); border-radius: 0;
    padding: 0.6em 0; }
QListWidget::item { padding-left: 0.8em; border-left: 3px solid transparent; }
QListWidget::item:selected { border-left-color: palette(accent); }
QListWidget:focus { border-right-color: palette(accent); }
"""


class StepState(StrEnum):
    """How a step stands."""

    TODO = "todo"
    CURRENT = "current"
    DONE = "done"
    OPEN = "open"
    MISSING = "missing"


#: icon and its colour
ICONS = {
    StepState.TODO: ("pending", "muted"),
    StepState.CURRENT: ("arrow", "accent"),
    StepState.DONE: ("ok", "good"),
    StepState.OPEN: ("skip", "warn"),
    StepState.MISSING: ("warn", "warn"),
}


class Rail(QListWidget):
    """The steps in order; those that were reached can be gone back to.

    Args:
        look: Icons.

    Signals:
        chosen: The number of a step that a person wants to see.
    """

    chosen = Signal(int)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._states: list[StepState] = []
        self._names: list[str] = []
        self.setAccessibleName(self.tr("Steps"))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setWordWrap(True)
        self.setStyleSheet(SHEET)
        self.itemClicked.connect(self._on_item)
        look.changed.connect(self._on_look)

    def set_steps(self, names: list[str], states: list[StepState]) -> None:
        """Show these steps; the current one is selected."""
        self._names, self._states = names, states
        while self.count() < len(names):
            self.addItem(QListWidgetItem())
        for row, (name, state) in enumerate(zip(names, states, strict=True)):
            item = self.item(row)
            item.setText(name)
            item.setToolTip(name)
            item.setData(
                Qt.ItemDataRole.AccessibleTextRole,
                self.tr("Step {number} of {count}: {name}, {state}").format(
                    number=row + 1, count=len(names), name=name, state=self._word(state)
                ),
            )
            reachable = state is not StepState.TODO
            flags = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
            item.setFlags(flags if reachable else Qt.ItemFlag.NoItemFlags)
            font = self.font()
            font.setBold(state is StepState.CURRENT)
            item.setFont(font)
        self.setCurrentRow(states.index(StepState.CURRENT))
        self._on_look()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes to the step, and no further."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.chosen.emit(self.currentRow())
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        """Room for the longest name, set in bold."""
        font = self.font()
        font.setBold(True)
        metrics = self.fontMetrics()
        widest = max((metrics.horizontalAdvance(name) for name in self._names), default=0)
        return QSize(round(widest * 1.15) + 4 * self._look.icon_size(), super().sizeHint().height())

    def _word(self, state: StepState) -> str:
        return {
            StepState.TODO: self.tr("to come"),
            StepState.CURRENT: self.tr("shown now"),
            StepState.DONE: self.tr("done"),
            StepState.OPEN: self.tr("skipped"),
            StepState.MISSING: self.tr("something is missing"),
        }[state]

    def _on_item(self, item: QListWidgetItem) -> None:
        self.chosen.emit(self.row(item))

    def _on_look(self) -> None:
        size = self._look.icon_size()
        self.setIconSize(QSize(size, size))
        for row, state in enumerate(self._states):
            name, colour = ICONS[state]
            self.item(row).setIcon(self._look.icon(name, colour))
            self.item(row).setSizeHint(QSize(0, round(ROW * self.fontMetrics().height())))
