"""The sums as a table: all days on top, the newest below it, numbers that lead somewhere."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import msgspec
import pytest
from PySide6.QtCore import Qt

from core.search import parse
from core.sums import DaySums, Sums
from gui.activity.sums_model import NUMBERS, Column, Place, SumsModel
from gui.widgets.pill import WordRole, as_word

if TYPE_CHECKING:
    from pytestqt.modeltest import ModelTester
    from pytestqt.qtbot import QtBot

Role = Qt.ItemDataRole
TODAY = date(2026, 5, 28)
OLD = DaySums(
    day=date(2026, 5, 20), seen=1500, mapped=1490, skipped=8, unmappable=2, accepted=1487, dead=3
)
NEW = DaySums(
    day=TODAY, seen=9, mapped=7, waiting=2, accepted=1, pending=2, retrying=1, discarded=1, erased=1
)


def found(*days: DaySums) -> Sums:
    return Sums(since=0.0, until=1.0, days=days)


@pytest.fixture
def model() -> SumsModel:
    """Two days, of which the newer does not add up."""
    made = SumsModel()
    made.show_sums(found(OLD, NEW), TODAY)
    return made


def texts(model: SumsModel, row: int) -> list[str]:
    return [str(model.index(row, column).data()) for column in Column]


def test_qt_finds_no_fault(qtmodeltester: ModelTester, model: SumsModel) -> None:
    qtmodeltester.check(model)
    qtmodeltester.check(SumsModel())


def test_all_days_stand_above_the_days_newest_first(model: SumsModel) -> None:
    assert texts(model, 0)[:4] == ["All days", "1 day does not add up", "1,509", "1,497"]
    assert texts(model, 1)[:4] == ["Today", "1 mapped, no delivery", "9", "7"]
    assert texts(model, 2) == [
        *("May 20", "Adds up", "1,500", "1,490", "8", "2", "0", "1,487"),
        *("0", "0", "3", "0", "0"),
    ]
    assert model.index(0, 0).data(Role.FontRole).bold()
    assert model.index(1, 0).data(Role.FontRole) is None


def test_one_day_needs_no_sum_of_days(model: SumsModel) -> None:
    model.show_sums(found(NEW), TODAY)

    assert model.rowCount() == 1
    assert not model.is_total(0)
    assert texts(model, 0)[0] == "Today"


def test_the_verdict_is_a_pill_with_icon_and_reason(model: SumsModel) -> None:
    words = [as_word(model.index(row, Column.VERDICT).data(WordRole)) for row in range(3)]

    assert [word.tone for word in words if word] == ["bad", "bad", "good"]
    assert model.index(1, Column.SEEN).data(WordRole) is None
    assert model.index(1, Column.VERDICT).data(Role.ToolTipRole) == (
        "Does not add up: 1 of 7 mapped have no delivery."
    )


@pytest.mark.parametrize(
    ("row", "column", "place"),
    [
        (2, Column.ACCEPTED, Place("status:accepted,confirmed day:2026-05-20")),
        (2, Column.DEAD, Place("status:dead day:2026-05-20")),
        (1, Column.PENDING, Place("status:pending,sending day:2026-05-28")),
        (1, Column.RETRYING, Place("status:retrying day:2026-05-28")),
        (1, Column.DISCARDED, Place("status:discarded day:2026-05-28")),
        (2, Column.MAPPED, Place("day:2026-05-20")),
        (0, Column.DEAD, Place("status:dead day:2026-05-20..2026-05-28")),
        (2, Column.UNMAPPABLE, Place(page="attention")),
        (1, Column.WAITING, Place(page="attention")),
        (1, Column.DEAD, None),
        (2, Column.SEEN, None),
        (2, Column.SKIPPED, None),
        (1, Column.ERASED, None),
        (1, Column.VERDICT, None),
    ],
)
def test_a_number_leads_to_what_it_counts(
    model: SumsModel, row: int, column: Column, place: Place | None
) -> None:
    assert model.place_of(model.index(row, column)) == place


def test_events_understands_every_filter(model: SumsModel) -> None:
    for row in range(3):
        for column in NUMBERS:
            place = model.place_of(model.index(row, column))
            assert place is None or parse(place.query).problem is None


def test_readers_hear_the_line_and_every_number_with_its_name(model: SumsModel) -> None:
    def said(row: int, column: Column) -> str:
        return str(model.index(row, column).data(Role.AccessibleTextRole))

    assert said(2, Column.DAY).startswith("May 20. Adds up. Seen 1,500, Mapped 1,490, ")
    assert said(2, Column.SEEN) == "May 20, Seen: 1,500"
    assert said(2, Column.DEAD).startswith("May 20, Dead: 3. Press to see them in Events")
    assert said(1, Column.WAITING) == ("Today, Waiting: 2. Press to see why in Needs attention.")


def test_tooltips_tell_days_and_meanings(model: SumsModel) -> None:
    def tip(row: int, column: Column) -> str:
        return str(model.index(row, column).data(Role.ToolTipRole))

    assert tip(1, Column.DAY) == "2026-05-28"
    assert tip(0, Column.DAY) == "2026-05-20 – 2026-05-28"  # noqa: RUF001 - a dash
    assert tip(0, Column.VERDICT) == "1 day does not add up"
    assert tip(2, Column.SKIPPED) == "Nothing is to be sent for them"
    for column in Column:
        assert model.headerData(column, Qt.Orientation.Horizontal, Role.ToolTipRole)


def test_a_day_that_goes_on_changes_in_place(qtbot: QtBot, model: SumsModel) -> None:
    more = msgspec.structs.replace(NEW, seen=10, skipped=1)
    told: list[int] = []
    model.dataChanged.connect(lambda first, _: told.append(first.row()))

    with qtbot.assertNotEmitted(model.modelReset):
        model.show_sums(found(OLD, more), TODAY)

    assert told == [0, 1]
    assert texts(model, 1)[2] == "10"


def test_another_day_is_another_table(qtbot: QtBot, model: SumsModel) -> None:
    with qtbot.waitSignal(model.modelReset):
        model.show_sums(found(OLD, NEW), date(2026, 5, 29))
    assert texts(model, 1)[0] == "May 28"

    model.show_sums(None, TODAY)
    assert model.rowCount() == 0
