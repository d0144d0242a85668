"""A button that copies a text and says so for a moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton

from gui.widgets.buttons import follow_icon

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from gui.look import Look

MOMENT_MS = 1500


class CopyButton(QPushButton):
    """Copies what `get_text` says when pressed.

    Signals:
        copied: The text is on the clipboard.

    Args:
        look: Icons.
        get_text: Asked when the button is pressed; nothing is copied when it says "".
        label: What the button says; "Copy" when left out.
        put: Puts the text on the clipboard; for a secret, which must not stay there.
    """

    copied = Signal()

    def __init__(
        self,
        look: Look,
        get_text: Callable[[], str],
        label: str = "",
        parent: QWidget | None = None,
        *,
        put: Callable[[str], None] | None = None,
    ) -> None:
        super().__init__(parent)
        self._look, self._get_text = look, get_text
        self._put = put or QGuiApplication.clipboard().setText
        self._label = label or self.tr("Copy")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(MOMENT_MS)
        self._timer.timeout.connect(self._on_moment_over)
        self.setAutoDefault(False)
        self._on_moment_over()
        self.clicked.connect(self._on_clicked)

    def _on_clicked(self) -> None:
        text = self._get_text()
        if not text:
            return
        self._put(text)
        self.setMinimumWidth(self.width())  # neighbours stay where they are
        self._show(self.tr("Copied"), "copied", "good")
        self._timer.start()
        self.copied.emit()

    def _on_moment_over(self) -> None:
        self.setMinimumWidth(0)
        self._show(self._label, "copy", "text")

    def _show(self, text: str, icon: str, colour: str) -> None:
        self.setText(text)
        follow_icon(self._look, self, icon, colour)
