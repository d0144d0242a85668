"""What is said and offered above the rows of a concern: why, what to do, and the buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.widgets.labels import Heading, Text
from gui.widgets.toolbar import ButtonRow

if TYPE_CHECKING:
    from PySide6.QtWidgets import QPushButton

    from gui.look import Look


class Strip(QWidget):
    """A sentence, a piece of advice, and buttons in a row that wraps.

    Args:
        look: Fonts.
    """

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sentence = Heading(look, level=3)
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.hint = Text(tone="muted")
        self.buttons = ButtonRow()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.sentence)
        layout.addWidget(self.hint)
        layout.addSpacing(2)
        layout.addWidget(self.buttons)
        self.buttons.hide()

    def add(self, button: QPushButton) -> QPushButton:
        """Offer something to press."""
        self.buttons.add(button)
        self.buttons.show()
        return button

    def say(self, sentence: str, hint: str) -> None:
        """Say why, and what to do next."""
        self.sentence.setText(sentence)
        self.sentence.setVisible(bool(sentence))
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))
