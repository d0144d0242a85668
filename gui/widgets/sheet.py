"""A page that scrolls, exactly as high as its text needs at the width there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.widgets.scroll import Scroller

if TYPE_CHECKING:
    from PySide6.QtCore import QObject
    from PySide6.QtGui import QResizeEvent

MARGIN = 16
TOP = 8


class Sheet(Scroller):
    """Room for one widget.

    A scroll area that resizes its content by itself gives wrapped text the height it would need
    in a narrow column; this one asks for the height at the real width.

    Signals:
        changed: Something in it was shown, hidden or said: it may need another height.

    Args:
        content: What is shown.
        margins: Around it: left, top, right, bottom.
    """

    changed = Signal()

    def __init__(
        self,
        content: QWidget,
        parent: QWidget | None = None,
        *,
        margins: tuple[int, int, int, int] = (MARGIN, TOP, MARGIN, MARGIN),
    ) -> None:
        self._room = QWidget()
        column = QVBoxLayout(self._room)
        column.setContentsMargins(*margins)
        column.addWidget(content, 1)
        self._fitting = False
        super().__init__(self._room, parent)
        self.setWidgetResizable(False)

    @property
    def needed(self) -> int:
        """The height at which nothing has to scroll."""
        return self._room.heightForWidth(self.viewport().width())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width needs another height."""
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Something in it was shown, hidden or said."""
        done = super().eventFilter(watched, event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
            self.changed.emit()
        return done

    def _fit(self) -> None:
        if self._fitting:
            return
        self._fitting = True
        size = self.viewport().size()
        self._room.resize(size.width(), max(size.height(), self.needed))
        self._fitting = False
