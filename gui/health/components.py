"""The components as they are now: those that are not well with what helps, the others briefly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from gui.health.tiles import Tiles
from gui.mending import wording
from gui.mending.lines import StatusLine
from gui.widgets.labels import Rule

if TYPE_CHECKING:
    from core.health import State
    from gui.look import Look
    from gui.mending.troubles import Trouble


class Components(QWidget):
    """How each component is, since when.

    Args:
        look: Colours and icons.

    Signals:
        mend: Carry out this Mend.
    """

    mend = Signal(object)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._shown: tuple[list[Trouble], list[State]] | None = None
        self.lines: list[StatusLine] = []
        self.unwell = QFrame()
        self.unwell.setProperty("card", True)  # noqa: FBT003 - Qt's signature
        self._list = QVBoxLayout(self.unwell)
        self._list.setContentsMargins(1, 1, 1, 1)
        self._list.setSpacing(0)
        self.tiles = Tiles(look)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.unwell)
        layout.addWidget(self.tiles)
        self.unwell.hide()

    def show_all(self, troubles: list[Trouble], well: list[State]) -> None:
        """Show these, in this order; nothing is done when they are as before."""
        if self._shown == (troubles, well):
            return
        self._shown = (troubles, well)
        self._clear()
        for trouble in troubles:
            if self.lines:
                self._list.addWidget(Rule())
            self.lines.append(self._line(trouble))
            self._list.addWidget(self.lines[-1])
        self.unwell.setVisible(bool(troubles))
        self.tiles.show_states(well)

    def _line(self, trouble: Trouble) -> StatusLine:
        line = StatusLine(self._look, trouble.title)
        sentence = " ".join(filter(None, (trouble.sentence, wording.since(trouble.since))))
        line.show_line(trouble.word, sentence, trouble.hint, trouble.mends)
        line.pressed.connect(self.mend)
        return line

    def _clear(self) -> None:
        self.lines = []
        while (item := self._list.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
