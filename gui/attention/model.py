"""The list of concerns as a table: how it stands, why, how many rows, when the next try is."""

from __future__ import annotations

import time
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt

from gui import words
from gui.attention.concerns import next_try
from gui.widgets.pill import WordRole
from gui.widgets.rows_model import Index, RowsModel

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtCore import QObject

    from gui.attention.concerns import Concern

Role = Qt.ItemDataRole


class Column(IntEnum):
    """The columns."""

    STATUS = 0
    WHY = 1
    ROWS = 2
    NEXT = 3
    SINCE = 4


class ConcernModel(RowsModel):
    """Concerns, in the order in which they were given.

    Args:
        clock: Epoch seconds.
    """

    at_right = frozenset({Column.ROWS})

    def __init__(
        self, clock: Callable[[], float] = time.time, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._clock = clock
        self.concerns: list[Concern] = []

    def show_concerns(self, concerns: Sequence[Concern]) -> None:
        """Show these; rows that stay are changed in place."""
        fresh = list(concerns)
        if [one.key for one in fresh] != [one.key for one in self.concerns]:
            self.beginResetModel()
            self.concerns = fresh
            self.endResetModel()
            return
        old, self.concerns = self.concerns, fresh
        for number, (before, after) in enumerate(zip(old, fresh, strict=True)):
            if before != after:
                self._tell(number, number, Column.STATUS, Column.SINCE)

    def tick(self) -> None:
        """Time has passed: the next tries are nearer."""
        if self.concerns:
            self._tell(0, len(self.concerns) - 1, Column.NEXT, Column.SINCE)

    def row_of(self, key: str) -> int | None:
        """Where a concern stands."""
        keys = [one.key for one in self.concerns]
        return keys.index(key) if key in keys else None

    def rows(self) -> Sequence[Concern]:
        """The concerns, from top to bottom."""
        return self.concerns

    def titles(self) -> Sequence[str]:
        """See Column."""
        return (
            self.tr("Status"),
            self.tr("Why"),
            self.tr("Rows"),
            self.tr("Next try"),
            self.tr("Latest"),
        )

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:  # noqa: ANN401 - Qt's signature
        """What a cell says."""
        if not index.isValid() or index.row() >= len(self.concerns):
            return None
        concern, column = self.concerns[index.row()], Column(index.column())
        status = column is Column.STATUS
        match role:
            case Role.DisplayRole:
                return self._text(concern, column)
            case Role.ToolTipRole:
                return self._tooltip(concern, column)
            case Role.TextAlignmentRole:
                return self.alignment(column)
            case Role.AccessibleTextRole if status:
                return self._spoken(concern)
        return concern.word if role == WordRole and status else None

    def _text(self, concern: Concern, column: Column) -> str:
        match column:
            case Column.STATUS:
                return concern.word.text
            case Column.WHY:
                return concern.sentence
            case Column.ROWS:
                return "" if concern.rows is None else words.number(concern.rows)
            case Column.NEXT:
                return next_try(concern, self._clock())
            case Column.SINCE:
                return words.ago(concern.since, self._clock()) if concern.since else ""

    def _tooltip(self, concern: Concern, column: Column) -> str:
        cause = concern.cause
        if column is Column.NEXT and cause is not None and cause.next_attempt_at is not None:
            return f"{words.when(cause.next_attempt_at)}\n{words.utc(cause.next_attempt_at)}"
        if column is Column.SINCE and concern.since:
            return f"{words.when(concern.since)}\n{words.utc(concern.since)}"
        return concern.sentence if column is Column.WHY else self._text(concern, column)

    def _spoken(self, concern: Concern) -> str:
        """The whole line, for readers that say one cell."""
        texts = [self._text(concern, column) for column in Column]
        rows = concern.rows
        if rows is not None:
            texts[Column.ROWS] = (
                self.tr("1 row") if rows == 1 else self.tr("{0} rows").format(words.number(rows))
            )
        return ", ".join(filter(None, texts))

    def _tell(self, first: int, last: int, left: Column, right: Column) -> None:
        self.dataChanged.emit(self.index(first, left), self.index(last, right))
