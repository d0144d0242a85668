"""Fields in the house style, where the stylesheet alone cannot do it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QToolButton

from gui.widgets.labels import repolish

if TYPE_CHECKING:
    from PySide6.QtWidgets import QAbstractSpinBox, QLineEdit, QWidget

SPIN_LEFT = 7


def dress_spin(spin: QAbstractSpinBox) -> None:
    """Give a spin box the room at its left that Qt takes away under a stylesheet."""
    spin.lineEdit().setTextMargins(SPIN_LEFT, 0, 0, 0)


def add_clear_button(field: QLineEdit) -> None:
    """Let a button clear the line; Qt's has no name for a screen reader."""
    before = set(field.findChildren(QToolButton))
    field.setClearButtonEnabled(True)
    for button in set(field.findChildren(QToolButton)) - before:
        button.setAccessibleName(QCoreApplication.translate("fields", "Clear"))


def set_problem(field: QWidget, text: str) -> None:
    """Mark a line as wrong, with the reason for readers and as tooltip; "" clears the mark."""
    field.setProperty("problem", bool(text))
    field.setAccessibleDescription(text)
    field.setToolTip(text)
    repolish(field)
