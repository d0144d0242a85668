"""The tick for starting with the computer; it cannot be changed before its state is known."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from gui.widgets.labels import Text


class AutostartTick(QWidget):
    """A check box, with a sentence while nobody knows yet whether it is ticked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = QCheckBox(self.tr("Start Gladly Source when I &log in to this computer"))
        self.note = Text(self.tr("Looking whether it does…"), "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.box)
        column.addWidget(self.note)
        self.setFocusProxy(self.box)
        self.show_state(None)

    def state(self) -> bool | None:
        """Whether it is ticked; None while that is not known."""
        return self.box.isChecked() if self.box.isEnabled() else None

    def show_state(self, on: bool | None) -> None:  # noqa: FBT001 - three states
        """Show what is known; None for nothing yet."""
        known = on is not None
        self.box.setEnabled(known)
        self.box.setTristate(not known)
        ticked = Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
        self.box.setCheckState(ticked if known else Qt.CheckState.PartiallyChecked)
        self.box.setAccessibleDescription("" if known else self.note.text())
        self.note.setVisible(not known)
