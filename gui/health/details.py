"""Text that is read letter by letter (paths, codes): monospaced, as high as it needs to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QTextOption
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QSizePolicy, QWidget

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from gui.look import Look


#: of the stylesheet
BORDER = 1


class Details(QPlainTextEdit):
    """Read-only lines that can be selected and copied; breaks long words, never scrolls.

    Args:
        look: Gives the font.
    """

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.setReadOnly(True)
        self.setProperty("calm", True)  # noqa: FBT003 - Qt's signature
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFont(look.mono())
        self.document().documentLayout().documentSizeChanged.connect(self._on_size)

    def sizeHint(self) -> QSize:
        """As high as the text."""
        lines = max(1, round(self.document().size().height()))
        margins = 2 * (self.document().documentMargin() + self.frameWidth() + BORDER)
        height = round(lines * self.fontMetrics().lineSpacing() + margins)
        return QSize(super().sizeHint().width(), height)

    def minimumSizeHint(self) -> QSize:
        """The same, whatever the width."""
        return QSize(0, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width breaks other lines."""
        super().resizeEvent(event)
        self.updateGeometry()

    def _on_size(self) -> None:
        self.updateGeometry()
