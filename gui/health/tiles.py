"""Components that are well, side by side: an icon, a name, a pill, and a line about each."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from gui import words
from gui.mending import wording
from gui.widgets.labels import Heading, IconLabel, Text
from gui.widgets.pill import StatusLabel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent

    from core.health import State
    from gui.look import Look

#: letters that fit on a line of a tile, at least
LETTERS = 27


class Tile(QFrame):
    """One component.

    Args:
        look: Colours and icons.
    """

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", True)  # noqa: FBT003 - Qt's signature
        self.icon = IconLabel(look, colour="muted")
        self.title = Heading(look, level=3)
        self.status = StatusLabel(look)
        self.text = Text(tone="muted")
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.icon)
        top.addWidget(self.title, 1)
        top.addWidget(self.status)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 10, 8)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addWidget(self.text)
        layout.addStretch(1)

    def show_state(self, state: State) -> None:
        """Show how it is."""
        word, name = words.state_word(state), wording.component_name(state.name)
        kind = wording.base_of(state.name)
        self.icon.set_icon(kind if kind in wording.ICONS else "engine", "muted")
        self.title.setText(name)
        self.status.set_word(word)
        text = " ".join(filter(None, (state.sentence, wording.since(state.since))))
        self.text.setText(text)
        self.text.setToolTip(words.utc(state.since) if state.since else "")
        self.text.setVisible(bool(text))
        self.setAccessibleName(f"{name}: {word.text}. {text}".strip())


class Tiles(QWidget):
    """Tiles in as many columns as there is room for.

    Args:
        look: Colours and icons.
    """

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.tiles: list[Tile] = []
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(8)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    @property
    def columns(self) -> int:
        """How many tiles stand side by side."""
        return self._columns

    def show_states(self, states: Sequence[State]) -> None:
        """Show these, in this order."""
        while len(self.tiles) > len(states):
            tile = self.tiles.pop()
            self._grid.removeWidget(tile)
            tile.hide()
            tile.deleteLater()
        while len(self.tiles) < len(states):
            self.tiles.append(Tile(self._look, self))
        for tile, state in zip(self.tiles, states, strict=True):
            tile.show_state(state)
        self._columns = 0
        self._arrange()

    def minimumSizeHint(self) -> QSize:
        """One column is enough."""
        return QSize(self._tile_width(), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width may have room for more columns, or fewer."""
        super().resizeEvent(event)
        self._arrange()

    def _tile_width(self) -> int:
        return LETTERS * self.fontMetrics().averageCharWidth()

    def _arrange(self) -> None:
        gap = self._grid.spacing()
        room = max(1, (self.width() + gap) // (self._tile_width() + gap))
        rows = max(1, math.ceil(len(self.tiles) / room))
        columns = max(1, math.ceil(len(self.tiles) / rows))  # no row with a single tile left over
        if columns == self._columns:
            return
        for column in range(self._grid.columnCount()):
            self._grid.setColumnStretch(column, 0)
        for column in range(columns):
            self._grid.setColumnStretch(column, 1)
        self._columns = columns
        for number, tile in enumerate(self.tiles):
            row, column = divmod(number, columns)
            self._grid.addWidget(tile, row, column, Qt.AlignmentFlag(0))
