"""Brings a window in front of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

#: they have no stack of windows, and say so as a warning
FLAT = frozenset({"offscreen", "minimal"})


def bring_up(window: QWidget) -> None:
    """Show a window, in front of the others, with the keyboard, wherever it was."""
    if window.isMinimized():
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.show()
    if QGuiApplication.platformName() not in FLAT:
        window.raise_()
    window.activateWindow()
