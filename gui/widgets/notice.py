"""A bar inside a page that says what happened and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QPushButton, QVBoxLayout

from gui.widgets.labels import IconLabel, Text, repolish

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent
    from PySide6.QtWidgets import QWidget

    from gui.look import Look

#: narrower than so many letters, the button stands below the text
NARROW = 48


class Notice(QFrame):
    """One message with its icon, a hint, and perhaps a button; hidden until there is one.

    Signals:
        activated: The button was pressed.

    Args:
        look: Icons.
    """

    activated = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.icon = IconLabel(look, parent=self)
        self.title = Text(parent=self)
        self.hint = Text(parent=self)
        self.button = QPushButton(self)
        self.button.setAutoDefault(False)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(self.title)
        column.addWidget(self.hint)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._row.setSpacing(8)
        self._row.addLayout(column, 1)
        self._row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(12, 8, 12, 8)
        outer.setSpacing(8)
        outer.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignTop)
        outer.addLayout(self._row, 1)
        self.button.clicked.connect(self.activated)
        self.hide()

    def show_message(self, tone: str, text: str, hint: str = "", action: str = "") -> None:
        """Say something.

        Args:
            tone: good, busy, warn, bad or idle.
            text: What happened.
            hint: What to do next.
            action: The text of the button; none without it.
        """
        self.setProperty("notice", tone)
        repolish(self)
        self.icon.set_icon(tone, tone)
        self.title.setText(text)
        self.title.set_tone(tone)
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))
        self.button.setText(action)
        self.button.setVisible(bool(action))
        self.setAccessibleName(f"{text} {hint}".strip())
        self.show()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def clear(self) -> None:
        """Say nothing any more."""
        self.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the button below the text where it is narrow."""
        super().resizeEvent(event)
        narrow = self.width() < NARROW * self.fontMetrics().averageCharWidth()
        direction = QBoxLayout.Direction
        wanted = direction.TopToBottom if narrow else direction.LeftToRight
        if wanted != self._row.direction():
            self._row.setDirection(wanted)
