"""Text on a page: headings, running text that wraps, muted notes, icons that follow the look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from gui.look import Look


def set_tone(widget: QWidget, tone: str) -> None:
    """Colour a label: "" (as text), muted, good, busy, warn, bad or idle."""
    if (widget.property("tone") or "") == tone:
        return
    widget.setProperty("tone", tone)
    repolish(widget)


def repolish(widget: QWidget) -> None:
    """Have the stylesheet look again at the properties of a widget."""
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
    widget.update()


class Heading(QLabel):
    """A heading.

    Args:
        look: Fonts.
        text: The heading.
        level: 1 a page, 2 a section, 3 a card or group.
    """

    def __init__(
        self, look: Look, text: str = "", level: int = 2, parent: QWidget | None = None
    ) -> None:
        super().__init__(text, parent)
        self._look, self._level = look, level
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self._on_look()
        look.changed.connect(self._on_look)

    def _on_look(self) -> None:
        self.setFont(self._look.heading(self._level))


class Text(QLabel):
    """Running text: plain, wrapped at any width, can be selected with the mouse.

    Args:
        text: The text.
        tone: "" (as text), muted, good, busy, warn, bad or idle.
    """

    def __init__(self, text: str = "", tone: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setWordWrap(True)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        set_tone(self, tone)

    def set_tone(self, tone: str) -> None:
        """Colour the text: "" (as text), muted, good, busy, warn, bad or idle."""
        set_tone(self, tone)


class IconLabel(QLabel):
    """An icon beside text that says the same; it follows the look and is no stop for readers.

    Args:
        look: Icons.
        name: The icon by meaning; "" shows none.
        colour: A colour by name.
        factor: Size relative to the height of the text.
    """

    def __init__(
        self,
        look: Look,
        name: str = "",
        colour: str = "text",
        factor: float = 1.0,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look, self._name, self._colour, self._factor = look, name, colour, factor
        self._on_look()
        look.changed.connect(self._on_look)

    def set_icon(self, name: str, colour: str = "text") -> None:
        """Show another icon."""
        if (name, colour) != (self._name, self._colour):
            self._name, self._colour = name, colour
            self._on_look()

    def _on_look(self) -> None:
        if not self._name:
            self.clear()
            return
        size = self._look.icon_size(self._factor)
        self.setPixmap(self._look.pixmap(self._name, size, self._colour))


class Rule(QFrame):
    """A thin line across."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("rule", True)  # noqa: FBT003 - Qt's signature
