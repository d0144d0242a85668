"""The gap ledger as a table: from when to when, how long, what became of it, why."""

from __future__ import annotations

import time
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt

from core.coverage import Fate, importable
from gui import words
from gui.activity import day as telling
from gui.widgets.pill import WordRole
from gui.widgets.rows_model import Index, RowsModel

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtCore import QObject

    from core.coverage import Gap

Role = Qt.ItemDataRole


class Column(IntEnum):
    """The columns."""

    START = 0
    END = 1
    LENGTH = 2
    FATE = 3
    EVENTS = 4
    REASON = 5


class GapModel(RowsModel):
    """Gaps, in the order in which they were given.

    Args:
        clock: Epoch seconds.
    """

    at_right = frozenset({Column.EVENTS})

    def __init__(
        self, clock: Callable[[], float] = time.time, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._clock = clock
        self.gaps: list[Gap] = []

    def show_gaps(self, gaps: Sequence[Gap]) -> None:
        """Show these; rows that stay are changed in place."""
        fresh = list(gaps)
        if [one.id for one in fresh] != [one.id for one in self.gaps]:
            self.beginResetModel()
            self.gaps = fresh
            self.endResetModel()
            return
        old, self.gaps = self.gaps, fresh
        for number, (before, after) in enumerate(zip(old, fresh, strict=True)):
            if before != after:
                self.dataChanged.emit(self.index(number, 0), self.index(number, Column.REASON))

    def tick(self) -> None:
        """Time has passed: open gaps are nearer to being forgotten."""
        for number, gap in enumerate(self.gaps):
            if gap.fate is Fate.OPEN:
                place = self.index(number, Column.FATE)
                self.dataChanged.emit(place, place)

    def rows(self) -> Sequence[Gap]:
        """The gaps, from top to bottom."""
        return self.gaps

    def titles(self) -> Sequence[str]:
        """See Column."""
        return (
            self.tr("From"),
            self.tr("To"),
            self.tr("Length"),
            self.tr("Fate"),
            self.tr("Found"),
            self.tr("Reason"),
        )

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:  # noqa: ANN401 - Qt's signature
        """What a cell says."""
        if not index.isValid() or index.row() >= len(self.gaps):
            return None
        gap, column = self.gaps[index.row()], Column(index.column())
        match role:
            case Role.DisplayRole:
                return self._text(gap, column)
            case Role.ToolTipRole:
                return self._tooltip(gap, column)
            case Role.TextAlignmentRole:
                return self.alignment(column)
            case Role.AccessibleTextRole if column is Column.START:
                return self._spoken(gap)
        is_fate = role == WordRole and column is Column.FATE
        return telling.gap_in_words(gap, self._clock()) if is_fate else None

    def _text(self, gap: Gap, column: Column) -> str:
        match column:
            case Column.START:
                return telling.between(gap)[0]
            case Column.END:
                return telling.between(gap)[1]
            case Column.LENGTH:
                return words.span(gap.end - gap.start)
            case Column.FATE:
                return telling.gap_in_words(gap, self._clock()).text
            case Column.EVENTS:
                found = gap.fate in {Fate.HEALED, Fate.IMPORTED}
                return words.number(gap.events) if found else ""
            case Column.REASON:
                return gap.reason

    def _tooltip(self, gap: Gap, column: Column) -> str:
        match column:
            case Column.START:
                return words.utc(gap.start)
            case Column.END:
                return words.utc(gap.end)
            case Column.FATE:
                return self._fate(gap)
            case Column.EVENTS:
                return self._found(gap)
        return self._text(gap, column)

    def _fate(self, gap: Gap) -> str:
        if gap.fate is Fate.OPEN:
            return telling.countdown(gap, self._clock())
        text = words.fate_word(gap.fate).text
        if gap.settled_at is None:
            return text
        return f"{text}, {words.when(gap.settled_at)}\n{words.utc(gap.settled_at)}"

    def _found(self, gap: Gap) -> str:
        match gap.fate:
            case Fate.OPEN:
                return self.tr("What happened then was not read yet.")
            case Fate.LOST if importable([gap], self._clock()):
                return self.tr("Gladly's export files may still tell what happened then.")
            case Fate.LOST:
                return self.tr("Nobody can tell any more what happened then.")
        if not gap.events:
            return self.tr("Nothing had been missed.")
        if gap.events == 1:
            return self.tr("1 event was found afterwards.")
        return self.tr("{0} events were found afterwards.").format(words.number(gap.events))

    def _spoken(self, gap: Gap) -> str:
        """The whole line, for readers that say one cell."""
        start, end = telling.between(gap)
        return " ".join(
            (
                self.tr("{0} to {1}, {2}.").format(start, end, self._text(gap, Column.LENGTH)),
                self._text(gap, Column.FATE) + ".",
                self._found(gap),
                gap.reason,
            )
        )
