"""What a page shows while it has nothing: why, and what to press."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.widgets.buttons import make_button
from gui.widgets.labels import Heading, IconLabel, Text

if TYPE_CHECKING:
    from gui.look import Look

#: letters on a line at most, and how much larger than text the icon is
LINE = 56
ICON = 2.6


class EmptyState(QWidget):
    """An icon, a title, a text and one button, centred.

    Signals:
        activated: The button was pressed.

    Args:
        look: Icons and fonts.
    """

    activated = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        centre = Qt.AlignmentFlag.AlignHCenter
        self.icon = IconLabel(look, factor=ICON, parent=self)
        self.title = Heading(look, level=2, parent=self)
        self.text = Text(tone="muted", parent=self)
        self.button = make_button(look, "", kind="primary", parent=self)
        for label in (self.title, self.text):
            label.setAlignment(centre)
        inner = QWidget(self)
        inner.setMaximumWidth(LINE * self.fontMetrics().averageCharWidth())
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.icon, 0, centre)
        column.addSpacing(4)
        column.addWidget(self.title)
        column.addWidget(self.text)
        column.addSpacing(8)
        column.addWidget(self.button, 0, centre)
        across = QHBoxLayout()
        across.addStretch(1)
        across.addWidget(inner, 100)
        across.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 16, 16, 16)
        outer.addStretch(2)
        outer.addLayout(across)
        outer.addStretch(3)
        self.button.clicked.connect(self.activated)

    def set_content(self, icon: str, title: str, text: str = "", action: str = "") -> None:
        """Say why there is nothing, and offer what to press."""
        self.icon.set_icon(icon, "muted")
        self.title.setText(title)
        self.text.setText(text)
        self.text.setVisible(bool(text))
        self.button.setText(action)
        self.button.setVisible(bool(action))
