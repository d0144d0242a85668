"""Chips: filters to switch on and off or to take away, in rows that wrap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QToolButton, QWidget

from gui.widgets.buttons import follow_icon
from gui.widgets.flow import FlowLayout

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

    from gui.look import Look

CHIP = "chip"
REMOVING = {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}


class Chip(QFrame):
    """One chip.

    Signals:
        toggled: A checkable chip was switched on or off (by anyone).
        clicked: The chip was pressed.
        removed: A removable chip is wanted away; whoever listens takes it away.

    Args:
        look: Icons and colours.
        text: What it says.
        icon: By meaning; "" for none.
        tone: The colour of the icon: a tone, or "text".
        checkable: Switches on and off.
        removable: Has a cross; Delete and Backspace do the same.
    """

    toggled = Signal(bool)
    clicked = Signal()
    removed = Signal()

    def __init__(
        self,
        look: Look,
        text: str,
        *,
        icon: str = "",
        tone: str = "text",
        checkable: bool = False,
        removable: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty(CHIP, True)  # noqa: FBT003 - Qt's signature
        self._look = look
        self.button = QPushButton(text, self)
        self.button.setProperty(CHIP, True)  # noqa: FBT003 - Qt's signature
        self.button.setProperty("removable", removable)
        self.button.setAutoDefault(False)
        self.button.setCheckable(checkable)
        if icon:
            follow_icon(look, self.button, icon, tone)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self._row.addWidget(self.button)
        self.cross: QToolButton | None = self._make_cross(text) if removable else None
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setFocusProxy(self.button)
        self.button.toggled.connect(self.toggled)
        self.button.clicked.connect(self._on_clicked)

    def text(self) -> str:
        """What it says."""
        return self.button.text()

    def set_text(self, text: str) -> None:
        """Say something else."""
        self.button.setText(text)
        if self.cross is not None:
            self._name_cross(self.cross, text)

    def is_checked(self) -> bool:
        """Whether it is on."""
        return self.button.isChecked()

    def set_checked(self, *, checked: bool) -> None:
        """Switch it on or off."""
        self.button.setChecked(checked)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete and Backspace ask to take a removable chip away."""
        if self.cross is not None and event.key() in REMOVING:
            self.removed.emit()
        else:
            super().keyPressEvent(event)

    def _make_cross(self, text: str) -> QToolButton:
        cross = QToolButton(self)
        cross.setProperty(CHIP, True)  # noqa: FBT003 - Qt's signature
        cross.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        cross.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        follow_icon(self._look, cross, "close", "muted")
        self._name_cross(cross, text)
        self._row.addWidget(cross)
        cross.clicked.connect(self._on_cross)
        return cross

    def _name_cross(self, cross: QToolButton, text: str) -> None:
        name = self.tr("Remove {name}").format(name=text)
        cross.setAccessibleName(name)
        cross.setToolTip(name)

    def _on_clicked(self) -> None:
        self.clicked.emit()

    def _on_cross(self) -> None:
        self.removed.emit()


class ChipBar(QWidget):
    """Chips by key, in rows that wrap.

    Signals:
        toggled: The key of a chip, and whether it is on now.
        clicked: The key of a chip that was pressed.
        removed: The key of a chip that is wanted away; `remove(key)` takes it away.

    Args:
        look: Icons and colours.
    """

    toggled = Signal(str, bool)
    clicked = Signal(str)
    removed = Signal(str)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._chips: dict[str, Chip] = {}
        self._flow = FlowLayout(self, gap=6)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def add(
        self,
        key: str,
        text: str,
        *,
        icon: str = "",
        tone: str = "text",
        checkable: bool = False,
        removable: bool = False,
    ) -> Chip:
        """Add a chip at the end, or replace the one of this key."""
        self.remove(key)
        chip = Chip(
            self._look,
            text,
            icon=icon,
            tone=tone,
            checkable=checkable,
            removable=removable,
            parent=self,
        )
        self._chips[key] = chip
        self._flow.addWidget(chip)
        chip.toggled.connect(lambda on: self.toggled.emit(key, on))
        chip.clicked.connect(lambda: self.clicked.emit(key))
        chip.removed.connect(lambda: self.removed.emit(key))
        return chip

    def remove(self, key: str) -> None:
        """Take a chip away, if there is one."""
        chip = self._chips.pop(key, None)
        if chip is not None:
            self._flow.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
            self.updateGeometry()

    def clear(self) -> None:
        """Take all chips away."""
        for key in list(self._chips):
            self.remove(key)

    def chip(self, key: str) -> Chip:
        """The chip of this key.

        Raises:
            KeyError: There is none.
        """
        return self._chips[key]

    def keys(self) -> list[str]:
        """The keys of all chips, in order."""
        return list(self._chips)

    def checked(self) -> set[str]:
        """The keys of the chips that are on."""
        return {key for key, chip in self._chips.items() if chip.is_checked()}

    def set_checked(self, keys: set[str]) -> None:
        """Switch exactly these on."""
        for key, chip in self._chips.items():
            chip.set_checked(checked=key in keys)
