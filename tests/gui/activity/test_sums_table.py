"""The table of sums: moved through by keyboard, pressed by both, fitted to its room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFont

from gui.activity.sums_model import Column, Place, SumsModel
from gui.activity.sums_table import SumsTable
from gui.widgets.pill import PillPainter, WordRole, as_word
from tests.gui.activity.test_sums_model import NEW, OLD, TODAY, found
from tests.gui.mouse import hover

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look

CALM = msgspec.structs.replace(OLD, unmappable=0, skipped=10)
DEAD = Place("status:dead day:2026-05-20")
Key = Qt.Key


@pytest.fixture
def model() -> SumsModel:
    made = SumsModel()
    made.show_sums(found(OLD, NEW), TODAY)
    return made


@pytest.fixture
def table(qtbot: QtBot, look: Look, model: SumsModel) -> SumsTable:
    made = SumsTable(look, model)
    qtbot.addWidget(made)
    made.resize(1600, 400)
    made.show()
    made.fit()
    return made


def press(qtbot: QtBot, table: SumsTable, row: int, column: Column) -> None:
    box = table.visualRect(table.model().index(row, column))
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=box.center())


def test_a_press_on_a_number_asks_for_what_it_counts(qtbot: QtBot, table: SumsTable) -> None:
    with qtbot.waitSignal(table.wanted) as wish:
        press(qtbot, table, 2, Column.DEAD)

    assert wish.args == [DEAD]


def test_a_press_elsewhere_asks_for_nothing(qtbot: QtBot, table: SumsTable) -> None:
    with qtbot.assertNotEmitted(table.wanted):
        press(qtbot, table, 2, Column.SEEN)
        press(qtbot, table, 1, Column.DEAD)
        press(qtbot, table, 0, Column.VERDICT)


@pytest.mark.parametrize("key", [Key.Key_Return, Key.Key_Enter, Key.Key_Space])
def test_the_same_by_keyboard_alone(qtbot: QtBot, table: SumsTable, key: Qt.Key) -> None:
    table.setCurrentIndex(table.model().index(1, Column.RETRYING))
    for step in (Key.Key_Down, Key.Key_Right):
        qtbot.keyClick(table, step)

    with qtbot.waitSignal(table.wanted) as wish:
        qtbot.keyClick(table, key)

    assert wish.args == [DEAD]


def test_a_hand_shows_what_can_be_pressed(qtbot: QtBot, table: SumsTable) -> None:
    for column, shape in (
        (Column.DEAD, Qt.CursorShape.PointingHandCursor),
        (Column.SEEN, Qt.CursorShape.ArrowCursor),
    ):
        place: QPoint = table.visualRect(table.model().index(2, column)).center()
        hover(table.viewport(), place)
        assert table.viewport().cursor().shape() is shape


def test_with_room_all_that_is_in_the_sums_is_there(table: SumsTable) -> None:
    assert not any(map(table.isColumnHidden, Column))
    assert not table.leaves_out
    assert table.horizontalHeader().length() == table.viewport().width()


def test_erased_is_there_only_where_somebody_was(table: SumsTable, model: SumsModel) -> None:
    model.show_sums(found(CALM), TODAY)
    table.fit()

    assert table.isColumnHidden(Column.ERASED)
    assert not table.leaves_out


def test_without_room_columns_that_count_nothing_are_left_out(
    table: SumsTable, model: SumsModel
) -> None:
    model.show_sums(found(CALM), TODAY)

    table.resize(600, 400)

    assert table.leaves_out
    assert table.isColumnHidden(Column.UNMAPPABLE)
    assert not table.isColumnHidden(Column.SKIPPED)
    assert not table.isColumnHidden(Column.DEAD)


def test_every_verdict_is_seen_whole(table: SumsTable, model: SumsModel, look: Look) -> None:
    table.resize(500, 60)  # fewer rows in view than there are
    bold = QFont(table.font())
    bold.setBold(True)

    for row in range(model.rowCount()):
        word = as_word(model.index(row, Column.VERDICT).data(WordRole))
        assert word is not None
        font = bold if model.is_total(row) else table.font()
        assert table.columnWidth(Column.VERDICT) > PillPainter(look).size(word, font).width()


def test_every_number_has_room(table: SumsTable, model: SumsModel) -> None:
    big = msgspec.structs.replace(OLD, seen=1_234_567, accepted=1_234_567)
    model.show_sums(found(big, NEW), TODAY)
    table.resize(500, 300)

    for column in (Column.SEEN, Column.ACCEPTED):
        wide = table.fontMetrics().horizontalAdvance("1,236,054")
        assert table.columnWidth(column) > wide
