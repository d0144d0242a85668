"""A row of controls that wraps where there is no room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.widgets.flow import FlowLayout

if TYPE_CHECKING:
    from collections.abc import Iterable


class ButtonRow(QWidget):
    """Controls side by side, wrapped to the width there is.

    Args:
        widgets: From left to right.
    """

    def __init__(self, widgets: Iterable[QWidget] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._flow = FlowLayout(self)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        for widget in widgets:
            self.add(widget)

    def add(self, widget: QWidget) -> None:
        """Add a control at the end."""
        self._flow.addWidget(widget)
