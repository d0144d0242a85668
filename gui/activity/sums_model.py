"""The sums as a table: all days together on top, then the days, newest first."""

from __future__ import annotations

from datetime import date
from enum import IntEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont

from core.model import DeliveryStatus
from gui import words
from gui.activity import sums as telling
from gui.widgets.pill import WordRole
from gui.widgets.rows_model import Index, RowsModel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PySide6.QtCore import QObject

    from core.sums import DaySums, Sums

Role = Qt.ItemDataRole
ATTENTION = "attention"


class Column(IntEnum):
    """The columns; the names of those with numbers are the members of a day."""

    DAY = 0
    VERDICT = 1
    SEEN = 2
    MAPPED = 3
    SKIPPED = 4
    UNMAPPABLE = 5
    WAITING = 6
    ACCEPTED = 7
    PENDING = 8
    RETRYING = 9
    DEAD = 10
    DISCARDED = 11
    ERASED = 12


NUMBERS = tuple(one for one in Column if one > Column.VERDICT)
#: the statuses that a number counts, where Events can show them
STATUSES: Mapping[Column, tuple[DeliveryStatus, ...]] = {
    Column.MAPPED: (),
    Column.ACCEPTED: (DeliveryStatus.ACCEPTED, DeliveryStatus.CONFIRMED),
    Column.PENDING: (DeliveryStatus.PENDING, DeliveryStatus.SENDING),
    Column.RETRYING: (DeliveryStatus.RETRYING,),
    Column.DEAD: (DeliveryStatus.DEAD,),
    Column.DISCARDED: (DeliveryStatus.DISCARDED,),
}
#: what is no delivery yet is looked into in Needs attention
LOOKED_INTO = frozenset({Column.UNMAPPABLE, Column.WAITING})


class Place(NamedTuple):
    """Where the rows of a number are seen: a filter for Events, or a page."""

    query: str = ""
    page: str = ""


class SumsModel(RowsModel):
    """The days that were added up; none before that."""

    at_right = frozenset(NUMBERS)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.sums: Sums | None = None
        self.today = date.min
        self._rows: list[DaySums] = []

    def show_sums(self, sums: Sums | None, today: date) -> None:
        """Show these; days that stay are changed in place."""
        days = [] if sums is None else list(reversed(sums.days))
        rows = [sums.total, *days] if sums is not None and len(days) > 1 else days
        same = [one.day for one in rows] == [one.day for one in self._rows]
        if not (same and today == self.today):
            self.beginResetModel()
            self.sums, self.today, self._rows = sums, today, rows
            self.endResetModel()
            return
        old, self._rows, self.sums = self._rows, rows, sums
        for place, (before, after) in enumerate(zip(old, rows, strict=True)):
            if before != after or self.is_total(place):
                last = self.index(place, Column.ERASED)
                self.dataChanged.emit(self.index(place, 0), last)

    def is_total(self, row: int) -> bool:
        """Whether a row stands for all days."""
        return row == 0 and len(self._rows) > 1

    def place_of(self, index: Index) -> Place | None:
        """Where a cell's rows are seen; None where there are none, or nothing shows them."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        one, column = self._rows[index.row()], Column(index.column())
        if column not in NUMBERS or not self.count(one, column):
            return None
        if column in LOOKED_INTO:
            return Place(page=ATTENTION)
        if column not in STATUSES:
            return None
        statuses = ",".join(map(str, STATUSES[column]))
        days = telling.days_query(self._rows[-1].day, one.day)
        if not self.is_total(index.row()):
            days = telling.days_query(one.day, one.day)
        return Place(query=f"status:{statuses} {days}" if statuses else days)

    def count(self, one: DaySums, column: Column) -> int:
        """The number of a day in a column."""
        counted: int = getattr(one, column.name.lower())
        return counted

    def rows(self) -> Sequence[DaySums]:
        """All days together, where there are several, and the days."""
        return self._rows

    def titles(self) -> Sequence[str]:
        """See Column."""
        return (
            self.tr("Day"),
            self.tr("Verdict"),
            self.tr("Seen"),
            self.tr("Mapped"),
            self.tr("Skipped"),
            self.tr("Unmappable"),
            self.tr("Waiting"),
            self.tr("Accepted"),
            self.tr("Pending"),
            self.tr("Retrying"),
            self.tr("Dead"),
            self.tr("Discarded"),
            self.tr("Erased"),
        )

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole
    ) -> Any:  # noqa: ANN401 - Qt's signature
        """What stands over a column, and what it counts."""
        known = orientation is Qt.Orientation.Horizontal and 0 <= section < len(Column)
        if role == Role.ToolTipRole and known:
            return self._meaning(Column(section))
        return super().headerData(section, orientation, role)

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:  # noqa: ANN401 - Qt's signature
        """What a cell says."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row, column = index.row(), Column(index.column())
        match role:
            case Role.DisplayRole:
                said: object = self._text(row, column)
            case Role.ToolTipRole:
                said = self._tooltip(index, column)
            case Role.TextAlignmentRole:
                said = self.alignment(column)
            case Role.AccessibleTextRole:
                said = self._spoken(index, column)
            case Role.FontRole:
                said = _bold() if self.is_total(row) else None
            case _:
                wanted = role == WordRole and column is Column.VERDICT
                said = self._verdict(row) if wanted else None
        return said

    def _text(self, row: int, column: Column) -> str:
        one = self._rows[row]
        match column:
            case Column.DAY if self.is_total(row):
                return self.tr("All days")
            case Column.DAY:
                return telling.day_in_words(one.day, self.today)
            case Column.VERDICT:
                return self._verdict(row).text
        return words.number(self.count(one, column))

    def _verdict(self, row: int) -> words.Word:
        if self.is_total(row) and self.sums is not None:
            return telling.verdict_of_all(self.sums)
        return telling.verdict(self._rows[row])

    def _tooltip(self, index: Index, column: Column) -> str:
        row = index.row()
        match column:
            case Column.DAY if self.is_total(row):
                return f"{self._rows[-1].day} – {self._rows[0].day}"  # noqa: RUF001 - a dash
            case Column.DAY:
                return str(self._rows[row].day)
            case Column.VERDICT if not self.is_total(row):
                return telling.verdict_in_full(self._rows[row])
            case Column.VERDICT:
                return self._text(row, column)
        place = self.place_of(index)
        return self._meaning(column) if place is None else self._offer(place)

    def _offer(self, place: Place) -> str:
        if place.page:
            return self.tr("Press to see why in Needs attention.")
        return self.tr(
            "Press to see them in Events, which may show more: copies that were sent again, "
            "and identify calls."
        )

    def _spoken(self, index: Index, column: Column) -> str:
        """A number with its day and column, for readers that say one cell; at first the line."""
        row = index.row()
        text = self._text(row, column)
        if column is Column.DAY:
            counts = (f"{self.titles()[one]} {self._text(row, one)}" for one in NUMBERS)
            return f"{text}. {self._text(row, Column.VERDICT)}. {', '.join(counts)}."
        said = f"{self._text(row, Column.DAY)}, {self.titles()[column]}: {text}"
        place = self.place_of(index)
        return said if place is None else f"{said}. {self._offer(place)}"

    def _meaning(self, column: Column) -> str:
        return {
            Column.DAY: self.tr("The day on which it came, in this computer's time"),
            Column.VERDICT: self.tr("Whether both sums of the day hold"),
            Column.SEEN: self.tr("Notifications that Gladly sent, or that were read from it"),
            Column.MAPPED: self.tr("Became a track event"),
            Column.SKIPPED: self.tr("Nothing is to be sent for them"),
            Column.UNMAPPABLE: self.tr("Kept, but cannot become an event"),
            Column.WAITING: self.tr("Not looked at yet, or waiting for a look-up"),
            Column.ACCEPTED: self.tr("Segment took them; the confirmed are among them"),
            Column.PENDING: self.tr("Wait for their first attempt, or are being sent"),
            Column.RETRYING: self.tr("Wait for their next attempt"),
            Column.DEAD: self.tr("Are not tried again by themselves"),
            Column.DISCARDED: self.tr("A person decided not to send them"),
            Column.ERASED: self.tr("Erased with a person's data: nothing more can be known"),
        }[column]


def _bold() -> QFont:
    font = QFont()
    font.setBold(True)
    return font
