"""A field for a secret: masked until revealed; a paste loses the spaces and quotes around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from gui.widgets.buttons import IconButton

if TYPE_CHECKING:
    from gui.look import Look

#: quotes, and blanks of every width that come along when something is copied from a page
WRAPPING = " \t\r\n\u00a0\u200b\u200c\u200d\u2060\ufeff\"'`“”‘’«»"  # noqa: RUF001 - quotes


def trimmed(text: str) -> str:
    """The text without the blanks and quotes around it."""
    return text.strip(WRAPPING)


class SecretField(QWidget):
    """A line for a secret with a button that reveals it.

    Signals:
        changed: The text, each time it changes.

    Args:
        look: Icons.
        placeholder: What to see while the field is empty.
    """

    changed = Signal(str)

    def __init__(self, look: Look, placeholder: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.edit = QLineEdit(self)
        self.edit.setPlaceholderText(placeholder)
        self.edit.setEchoMode(QLineEdit.EchoMode.Password)
        self._length = 0
        self._reveal = IconButton(look, "reveal", self.tr("Show the secret"), self)
        self._reveal.setCheckable(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.edit, 1)
        row.addWidget(self._reveal)
        self.setFocusProxy(self.edit)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.edit.textEdited.connect(self._on_edited)
        self.edit.textChanged.connect(self._on_changed)
        self._reveal.toggled.connect(self._on_reveal)

    def text(self) -> str:
        """The secret as it stands, without blanks around it."""
        return trimmed(self.edit.text())

    def set_text(self, text: str) -> None:
        """Put a secret in."""
        self.edit.setText(text)

    def set_placeholder(self, text: str) -> None:
        """Say what belongs here while the field is empty."""
        self.edit.setPlaceholderText(text)

    def is_revealed(self) -> bool:
        """Whether the secret can be read on the screen."""
        return self._reveal.isChecked()

    def conceal(self) -> None:
        """Hide the secret again."""
        self._reveal.setChecked(False)

    def setAccessibleName(self, name: str) -> None:
        """Name the line for readers."""
        super().setAccessibleName(name)
        self.edit.setAccessibleName(name)

    def _on_edited(self, text: str) -> None:
        """More than one letter at once was pasted, dropped or filled in: trim it."""
        pasted = len(text) > self._length + 1 or (text and not self._length)
        if pasted and trimmed(text) != text:
            self.edit.setText(trimmed(text))

    def _on_changed(self, text: str) -> None:
        self._length = len(text)
        self.changed.emit(self.text())

    def _on_reveal(self, shown: bool) -> None:  # noqa: FBT001 - a slot
        mode = QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password
        self.edit.setEchoMode(mode)
        name = self.tr("Hide the secret") if shown else self.tr("Show the secret")
        self._reveal.set_face("hide" if shown else "reveal", name)
