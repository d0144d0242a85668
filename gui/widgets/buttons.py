"""Buttons in the house style, with icons that follow the look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from PySide6.QtCore import QObject, QSize, Qt
from PySide6.QtWidgets import QAbstractButton, QPushButton, QToolButton

from gui.widgets.labels import repolish

if TYPE_CHECKING:
    from PySide6.QtGui import QIcon
    from PySide6.QtWidgets import QWidget

    from gui.look import Look

Kind = Literal["", "primary", "danger", "quiet", "link"]
#: the colour of the icon on each kind
INK: dict[str, str] = {"": "text", "primary": "on_accent", "danger": "bad", "link": "accent"}


class HasIcon(Protocol):
    """A button or an action."""

    def setIcon(self, icon: QIcon, /) -> None:
        """Show this icon."""


class _Follower(QObject):
    """Gives its owner the icon anew when the look changes; lives and dies with the owner."""

    def __init__(self, look: Look, owner: QObject, target: HasIcon) -> None:
        super().__init__(owner)
        self._look, self._target = look, target
        self._name, self._colour = "", "text"
        look.changed.connect(self.refresh)

    def show_icon(self, name: str, colour: str) -> None:
        """Show this icon from now on."""
        self._name, self._colour = name, colour
        self.refresh()

    def refresh(self) -> None:
        """Draw it in the colours of now."""
        self._target.setIcon(self._look.icon(self._name, self._colour))
        if isinstance(self._target, QAbstractButton):
            size = self._look.icon_size()
            self._target.setIconSize(QSize(size, size))


def follow_icon(look: Look, target: QObject, name: str, colour: str = "text") -> None:
    """Give a button or an action an icon by meaning, and keep it right when the look changes."""
    follower = target.findChild(_Follower, options=Qt.FindChildOption.FindDirectChildrenOnly)
    if follower is None:
        follower = _Follower(look, target, target)  # type: ignore[arg-type]
    follower.show_icon(name, colour)


def dress(button: QPushButton, kind: Kind) -> QPushButton:
    """Give a push button its kind: primary, danger, quiet, link, or "" for the plain one."""
    button.setProperty("kind", kind)
    repolish(button)
    return button


def make_button(
    look: Look, text: str, *, icon: str = "", kind: Kind = "", parent: QWidget | None = None
) -> QPushButton:
    """A push button with text and, where named, an icon in the ink of its kind."""
    button = QPushButton(text, parent)
    button.setAutoDefault(False)
    dress(button, kind)
    if icon:
        follow_icon(look, button, icon, INK.get(kind, "text"))
    return button


class IconButton(QToolButton):
    """A button that is only an icon; its name is what readers and the tooltip say.

    Args:
        look: Icons.
        icon: By meaning.
        name: What it does, in words.
    """

    def __init__(self, look: Look, icon: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.set_face(icon, name)

    def set_face(self, icon: str, name: str) -> None:
        """Show another icon and name."""
        follow_icon(self._look, self, icon, "muted")
        self.setAccessibleName(name)
        self.setToolTip(name)
