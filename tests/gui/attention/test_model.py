"""The model of concerns: one line each, changed in place, said whole to readers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import Qt

from core.model import DeliveryStatus
from gui.attention.concerns import concerns
from gui.attention.model import Column, ConcernModel
from gui.widgets.pill import WordRole, as_word
from tests.gui.attention.test_concerns import NOW, cause, trouble

if TYPE_CHECKING:
    from pytestqt.modeltest import ModelTester
    from pytestqt.qtbot import QtBot

Role = Qt.ItemDataRole


def model() -> ConcernModel:
    made = ConcernModel(lambda: NOW)
    rows = [cause(), cause(DeliveryStatus.RETRYING, rows=1, next_attempt_at=NOW + 12)]
    made.show_concerns(concerns([trouble()], rows))
    return made


def texts(one: ConcernModel, row: int) -> list[str]:
    return [one.index(row, column).data() for column in Column]


def test_it_is_a_proper_model(qtmodeltester: ModelTester) -> None:
    one = model()

    qtmodeltester.check(one)
    one.show_concerns([])
    qtmodeltester.check(one)


def test_a_line_says_how_why_how_many_and_when() -> None:
    one = model()

    assert texts(one, 0) == ["Refused", "Segment refuses the key.", "", "", "5 s ago"]
    assert texts(one, 1) == ["Dead", "Segment rejects it.", "12", "By hand only", "1 min ago"]
    assert texts(one, 2)[2:] == ["1", "in 12 s", "1 min ago"]


def test_the_status_is_a_pill_and_the_whole_line_is_spoken() -> None:
    one = model()
    index = one.index(2, Column.STATUS)

    word = as_word(index.data(WordRole))
    assert word is not None
    assert word.tone == "warn"
    assert (
        index.data(Role.AccessibleTextRole)
        == "Retrying, Segment rejects it., 1 row, in 12 s, 1 min ago"
    )


def test_times_are_exact_in_the_tooltip() -> None:
    one = model()

    assert one.index(2, Column.NEXT).data(Role.ToolTipRole).endswith("UTC")
    assert one.index(1, Column.SINCE).data(Role.ToolTipRole).endswith("UTC")
    assert one.index(1, Column.WHY).data(Role.ToolTipRole) == "Segment rejects it."


def test_headings_are_named(qtbot: QtBot) -> None:
    one = model()

    titles = [one.headerData(column, Qt.Orientation.Horizontal) for column in Column]

    assert titles == ["Status", "Why", "Rows", "Next try", "Latest"]
    assert one.headerData(0, Qt.Orientation.Vertical) is None


def test_a_count_that_changes_moves_nothing(qtbot: QtBot) -> None:
    one = model()
    fresh = list(one.concerns)
    dead = fresh[1]
    assert dead.cause is not None
    fresh[1] = msgspec.structs.replace(dead, cause=msgspec.structs.replace(dead.cause, rows=13))

    with (
        qtbot.assertNotEmitted(one.modelReset),
        qtbot.waitSignal(one.dataChanged) as changed,
    ):
        one.show_concerns(fresh)

    assert (changed.args[0].row(), changed.args[1].row()) == (1, 1)
    assert one.index(1, Column.ROWS).data() == "13"


def test_other_concerns_are_told_as_such(qtbot: QtBot) -> None:
    one = model()

    with qtbot.waitSignal(one.modelReset):
        one.show_concerns(one.concerns[1:])

    assert one.row_of("dead:segment.rejected_400") == 0
    assert one.row_of("component:segment") is None


def test_the_times_go_on(qtbot: QtBot) -> None:
    one = model()

    with qtbot.waitSignal(one.dataChanged) as changed:
        one.tick()

    assert (changed.args[0].column(), changed.args[1].column()) == (Column.NEXT, Column.SINCE)
