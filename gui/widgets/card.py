"""A framed, raised section of a page with its title."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from gui.widgets.labels import Heading, Text

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from gui.look import Look

MARGIN = 16


class Card(QFrame):
    """A section: title, a muted text, and below it `body`, where the content goes.

    `header` is the row of the title; what is added to it stands at its right end.

    Args:
        look: Fonts.
        title: "" leaves the title away.
        text: A sentence or two below the title.
    """

    def __init__(
        self, look: Look, title: str = "", text: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("card", True)  # noqa: FBT003 - Qt's signature
        self.title = Heading(look, title, level=3, parent=self)
        self.text = Text(text, "muted", parent=self)
        self.header = QHBoxLayout()
        self.header.setSpacing(8)
        self.header.addWidget(self.title, 1)
        self.body = QVBoxLayout()
        self.body.setSpacing(8)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, 12, MARGIN, MARGIN)
        column.setSpacing(4)
        column.addLayout(self.header)
        column.addWidget(self.text)
        column.addSpacing(6)
        column.addLayout(self.body, 1)
        self.set_title(title)
        self.set_text(text)

    def set_title(self, title: str) -> None:
        """Name the section."""
        self.title.setText(title)
        self.title.setVisible(bool(title))
        self.setAccessibleName(title)

    def set_text(self, text: str) -> None:
        """Say what the section is about."""
        self.text.setText(text)
        self.text.setVisible(bool(text))
