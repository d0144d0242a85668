"""The header of the event table: columns shown, moved and resized by people, and remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, Qt, Slot
from PySide6.QtGui import QAction, QContextMenuEvent, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QMenu, QTableView, QWidget

from gui.deliveries import columns
from gui.deliveries.columns import EXACT, HEADINGS, USUAL, Column

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gui.look import Look
    from gui.memory import Memory

#: beside the text of a cell, and of a title, in widths of a letter
AIR, TITLE_AIR = 2, 3
NARROWEST = 40
#: how columns share spare width, and how narrow and wide they get by it, by their usual width;
#: an id needs no more than its letters
SHARES = {
    Column.CUSTOMER: (4, 0.75, 1.9),
    Column.CONVERSATION: (3, 0.3, 1.05),
    Column.AGENT: (3, 0.6, 1.9),
    Column.LAST_ERROR: (4, 0.6, 1.9),
    Column.MESSAGE_ID: (3, 0.5, 1.9),
}


class Columns(QHeaderView):
    """Titles to drag and to resize; a right click (or the menu key) chooses which are shown.

    Args:
        look: Fonts.
        memory: Where the choice is kept.
        key: Under which name.
    """

    def __init__(self, look: Look, memory: Memory, key: str, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._look = look
        self._memory = memory
        self._key = key
        self._restoring = False
        self._chosen = False
        self.setSectionsMovable(True)
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setStretchLastSection(True)
        self.setMinimumSectionSize(NARROWEST)
        self.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setAccessibleName(self.tr("Columns"))

    def attach(self, view: QTableView) -> None:
        """Become the header of a table that has its model; as it was left, or as usual."""
        view.setHorizontalHeader(self)
        self.restore()
        self.sectionMoved.connect(self._save)
        self.sectionResized.connect(self._on_resized)

    def restore(self) -> None:
        """Show the columns as they were left."""
        self._restoring = True
        kept = _kept(self._memory.get(self._key))
        shown = kept.get("shown", [HEADINGS[one].name for one in sorted(USUAL)])
        widths = kept.get("widths", {})
        names = {HEADINGS[one].name: int(one) for one in Column}
        order = [names[name] for name in kept.get("order", []) if name in names]
        for place, column in enumerate(dict.fromkeys([*order, *map(int, Column)])):
            self.moveSection(self.visualIndex(column), place)
        for column in Column:
            name = HEADINGS[column].name
            self.setSectionHidden(column, name not in shown)
            self.resizeSection(column, max(NARROWEST, widths.get(name) or self._usual(column)))
        self._chosen = bool(widths)
        if not any(not self.isSectionHidden(column) for column in Column):
            self.setSectionHidden(Column.EVENT, False)  # noqa: FBT003 - Qt's signature
        self._restoring = False
        self._fit()

    def reset_columns(self) -> None:
        """As for somebody who has chosen nothing."""
        self._memory.set(self._key, None)
        self.restore()

    def is_shown(self, column: int) -> bool:
        """Whether a column is to be seen."""
        return not self.isSectionHidden(column)

    def show_column(self, column: int, *, shown: bool) -> None:
        """Show or hide a column; the last one stays."""
        others = [one for one in Column if one != column and self.is_shown(one)]
        if shown or others:
            self.setSectionHidden(column, not shown)
            if shown and self.sectionSize(column) < NARROWEST:
                self.resizeSection(column, self._usual(column))
            self._save()
            self._fit()

    def menu(self, parent: QWidget) -> QMenu:
        """Which columns there are to choose from."""
        menu = QMenu(self.tr("Columns"), parent)
        menu.setToolTipsVisible(True)
        for place in range(self.count()):
            column = self.logicalIndex(place)
            action = QAction(columns.title(column), menu, checkable=True)
            action.setChecked(self.is_shown(column))
            action.setToolTip(columns.meaning(column))
            action.setData(column)
            action.toggled.connect(self._on_toggled)
            menu.addAction(action)
        menu.addSeparator()
        menu.addAction(self.tr("As usual"), self.reset_columns)
        return menu

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Choose columns."""
        self.open_menu(event.globalPos())

    def open_menu(self, place: QPoint) -> None:
        """Show the choice of columns there."""
        menu = self.menu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(place)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use the width there is, until somebody chooses widths."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Share what is left over, or missing, among the columns that can do with it."""
        if self._chosen:
            return
        shown = [column for column in Column if self.is_shown(column)]
        widths = shared({one: self._usual(one) for one in shown}, self.viewport().width())
        self._restoring = True
        for column, width in widths.items():
            self.resizeSection(column, width)
        self._restoring = False

    @Slot(int, int, int)
    def _on_resized(self, column: int, _old: int, _new: int) -> None:
        if not self._restoring and column != self._last_shown():
            self._chosen = True
            self._save()

    @Slot(bool)
    def _on_toggled(self, shown: bool) -> None:  # noqa: FBT001 - a slot
        action = self.sender()
        if isinstance(action, QAction):
            self.show_column(int(action.data()), shown=shown)

    @Slot()
    def _save(self) -> None:
        if self._restoring:
            return
        order = [HEADINGS[self.logicalIndex(place)].name for place in range(self.count())]
        widths = {}
        if self._chosen:
            last = self._last_shown()  # it takes what is left
            widths = {
                HEADINGS[one].name: self.sectionSize(one)
                for one in Column
                if self.is_shown(one) and one != last
            }
        shown = [HEADINGS[one].name for one in Column if self.is_shown(one)]
        before = _kept(self._memory.get(self._key)).get("widths", {})
        kept = {"order": order, "shown": shown, "widths": {**before, **widths}}
        self._memory.set(self._key, kept)

    def _last_shown(self) -> int:
        places = (self.logicalIndex(place) for place in reversed(range(self.count())))
        return next((one for one in places if self.is_shown(one)), -1)

    def _usual(self, column: int) -> int:
        font = self._look.mono() if column in EXACT else self.font()
        metrics, titles = QFontMetrics(font), QFontMetrics(self.font())
        letter = titles.averageCharWidth()
        return max(
            metrics.horizontalAdvance(HEADINGS[column].sample) + AIR * letter,
            titles.horizontalAdvance(columns.title(column)) + TITLE_AIR * letter,
        )


def shared(usual: Mapping[Column, int], room: int) -> dict[Column, int]:
    """Widths that fill the room, as far as the columns can do with more, or with less."""
    widths = dict(usual)
    open_to = {column for column in usual if column in SHARES}
    while open_to and (spare := room - sum(widths.values())):
        weights = sum(SHARES[column][0] for column in open_to)
        wanted = {one: widths[one] + spare * SHARES[one][0] // weights for one in open_to}
        bounds = {one: _within(wanted[one], usual[one], SHARES[one][1:]) for one in open_to}
        widths |= bounds
        settled = {one for one in open_to if bounds[one] != wanted[one]}
        if not settled:
            break
        open_to -= settled
    return widths


def _within(wanted: int, usual: int, factors: tuple[float, float]) -> int:
    least, most = factors
    return max(int(usual * least), min(wanted, int(usual * most)))


def _kept(value: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever stands in the file
    """What was remembered, as far as it makes sense."""
    if not isinstance(value, dict):
        return {}
    kept: dict[str, Any] = {}
    for name in ("order", "shown"):
        if isinstance(value.get(name), list):
            kept[name] = [one for one in value[name] if isinstance(one, str)]
    if isinstance(value.get("widths"), dict):
        kept["widths"] = {
            name: one for name, one in value["widths"].items() if isinstance(one, int)
        }
    return kept
