"""A line to search a text with: next, previous, and a word when there is nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from gui.widgets.buttons import IconButton
from gui.widgets.fields import add_clear_button
from gui.widgets.labels import set_tone

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

    from gui.look import Look


class FindBar(QWidget):
    """Asks for a text to search; Enter goes on, Shift+Enter back, Escape closes.

    Signals:
        wanted: The text, and whether to search backwards.
        closed: The search was closed.
    """

    wanted = Signal(str, bool)
    closed = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.edit = QLineEdit(self)
        self.edit.setPlaceholderText(self.tr("Find in this text"))
        self.edit.setAccessibleName(self.tr("Find in this text"))
        add_clear_button(self.edit)
        self.answer = QLabel(self)
        self._back = IconButton(look, "up", self.tr("Previous match"), self)
        self._next = IconButton(look, "down", self.tr("Next match"), self)
        self._close = IconButton(look, "close", self.tr("Close the search"), self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.edit, 1)
        for widget in (self.answer, self._back, self._next, self._close):
            row.addWidget(widget)
        self.edit.textEdited.connect(self._on_text)
        self._next.clicked.connect(self._on_next)
        self._back.clicked.connect(self._on_back)
        self._close.clicked.connect(self.shut)

    def open(self, text: str = "") -> None:
        """Show, with the caret in the line."""
        self.show()
        if text:
            self.edit.setText(text)
        self.edit.setFocus()
        self.edit.selectAll()

    def shut(self) -> None:
        """Hide, and say so."""
        self.hide()
        self.closed.emit()

    def tell(self, *, found: bool) -> None:
        """Say whether there was a match."""
        self.answer.setText("" if found else self.tr("No match"))
        set_tone(self.answer, "" if found else "warn")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter, Shift+Enter, Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.shut()
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.wanted.emit(self.edit.text(), back)
        else:
            super().keyPressEvent(event)

    def _on_text(self, text: str) -> None:
        self.wanted.emit(text, False)  # noqa: FBT003 - a signal

    def _on_next(self) -> None:
        self.wanted.emit(self.edit.text(), False)  # noqa: FBT003 - a signal

    def _on_back(self) -> None:
        self.wanted.emit(self.edit.text(), True)  # noqa: FBT003 - a signal
