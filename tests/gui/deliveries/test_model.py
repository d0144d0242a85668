"""The model: as many rows as there are, few of them in memory."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec
import pytest
from PySide6.QtCore import QModelIndex, Qt

from core.model import DeliveryStatus
from core.store.base import Filter
from gui.deliveries.blocks import Bounds
from gui.deliveries.columns import Column
from gui.deliveries.model import ID_ROLE, NOT_LOADED, WORD_ROLE, EventModel
from gui.widgets.pill import WordRole
from tests.gui.deliveries.rows import row, rows, survey

if TYPE_CHECKING:
    from pytestqt.modeltest import ModelTester
    from pytestqt.qtbot import QtBot


@pytest.fixture
def model(qapp: object) -> EventModel:
    """A thousand rows; the newest two of four blocks are loaded."""
    made = EventModel()
    made.replace(survey(1000, 2, 3))
    return made


def cell(model: EventModel, number: int, column: Column, role: int = 0) -> object:
    return model.data(model.index(number, column), role)


def test_keeps_the_promises_of_a_model(model: EventModel, qtmodeltester: ModelTester) -> None:
    qtmodeltester.check(model)


def test_keeps_them_while_it_is_empty(qapp: object, qtmodeltester: ModelTester) -> None:
    qtmodeltester.check(EventModel())


def test_keeps_them_while_rows_stream_in_and_leave(
    qapp: object, qtmodeltester: ModelTester
) -> None:
    model = EventModel()
    model.replace(survey(300, 1))
    qtmodeltester.check(model)

    for start in range(301, 381, 20):
        model.add_newer(rows(start, start + 19))
        model.update([start, start + 1], {start: row(start, attempts=9).delivery}, Filter())
    model.put(0, rows(1, 250))
    model.put(0, rows(1, 256))
    model.replace(survey(320, 1))
    model.show_first(rows(301, 320)[::-1])

    assert model.rowCount() == 20


def test_the_newest_row_is_on_top(model: EventModel) -> None:
    assert model.rowCount() == 1000
    assert cell(model, 0, Column.ID) == "d1000"
    assert cell(model, 0, Column.ID, ID_ROLE) == 1000


def test_what_is_not_loaded_says_so(model: EventModel) -> None:
    assert cell(model, 999, Column.CUSTOMER) == NOT_LOADED
    assert cell(model, 999, Column.STATUS, WORD_ROLE) is None
    assert cell(model, 999, Column.ID, ID_ROLE) is None
    assert cell(model, 999, Column.ID, Qt.ItemDataRole.AccessibleTextRole) == "Loading"


def test_the_status_comes_as_a_word_for_the_delegate(model: EventModel) -> None:
    word = cell(model, 0, Column.STATUS, WORD_ROLE)

    assert word is not None
    assert word.text == "Retrying"
    assert cell(model, 0, Column.EVENT, WORD_ROLE) is None
    assert int(WORD_ROLE) == int(WordRole)


def test_readers_hear_the_title_with_the_value(model: EventModel) -> None:
    spoken = Qt.ItemDataRole.AccessibleTextRole

    assert cell(model, 0, Column.CUSTOMER, spoken) == "Customer: Customer 1000"
    assert cell(model, 0, Column.ACCEPTED, spoken) == "Accepted at: none"


def test_headers_have_titles_and_meanings(model: EventModel) -> None:
    across = Qt.Orientation.Horizontal

    assert model.headerData(Column.NEXT_TRY, across) == "Next try"
    assert model.headerData(Column.NEXT_TRY, across, Qt.ItemDataRole.ToolTipRole)
    assert model.headerData(0, Qt.Orientation.Vertical) is None
    assert model.headerData(99, across) is None


def test_tells_which_blocks_some_rows_lie_in_and_are_missing(model: EventModel) -> None:
    assert model.missing(0, 300) == []
    assert model.missing(400, 1500) == [1, 0]
    assert model.bounds(1) == Bounds(low=257, high=513)
    assert model.bounds(3) == Bounds(low=769, high=1001)


def test_a_loaded_block_is_told_narrowly(model: EventModel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(model.dataChanged) as changed:
        model.put(0, rows(1, 256))

    assert [changed.args[0].row(), changed.args[1].row()] == [744, 999]
    assert cell(model, 999, Column.ID) == "d1"


def test_a_block_with_fewer_rows_than_counted_shrinks_the_table(
    model: EventModel, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(model.rowsRemoved) as removed:
        model.put(0, rows(1, 250))

    assert removed.args[1:] == [994, 999]
    assert model.rowCount() == 994


def test_a_block_with_more_rows_than_counted_grows_the_table(
    model: EventModel, qtbot: QtBot
) -> None:
    model.put(0, rows(1, 250))
    with qtbot.waitSignal(model.rowsInserted) as inserted:
        model.put(0, rows(1, 256))

    assert inserted.args[1:] == [994, 999]


def test_newer_rows_come_on_top_in_one_insertion(model: EventModel, qtbot: QtBot) -> None:
    with qtbot.waitSignals([model.rowsInserted, model.grew]):
        model.add_newer(rows(1001, 1700))

    assert model.rowCount() == 1700
    assert model.top == 1700
    assert cell(model, 0, Column.ID) == "d1700"
    assert cell(model, 700, Column.ID) == "d1000"


def test_no_newer_rows_change_nothing(model: EventModel, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(model.rowsInserted):
        model.add_newer([])


def test_a_row_that_stands_otherwise_now_is_told_alone(model: EventModel, qtbot: QtBot) -> None:
    accepted = row(999, status=DeliveryStatus.ACCEPTED).delivery
    with qtbot.waitSignal(model.dataChanged) as changed:
        left = model.update([1000, 999], {1000: row(1000).delivery, 999: accepted}, Filter())

    assert not left
    assert [changed.args[0].row(), changed.args[1].row()] == [1, 1]
    assert cell(model, 1, Column.STATUS) == "Accepted"
    assert cell(model, 1, Column.CUSTOMER) == "Customer 999"


def test_rows_that_are_gone_or_unwanted_now_leave(model: EventModel) -> None:
    retrying = Filter(statuses=(DeliveryStatus.RETRYING,))
    accepted = row(999, status=DeliveryStatus.ACCEPTED).delivery

    left = model.update([1000, 999, 998], {999: accepted, 998: row(998).delivery}, retrying)

    assert left
    assert model.rowCount() == 998
    assert cell(model, 0, Column.ID) == "d998"


def test_rows_that_are_not_loaded_any_more_are_not_updated(model: EventModel) -> None:
    assert not model.update([1], {}, Filter())
    assert model.rowCount() == 1000


def test_knows_the_ids_of_loaded_rows_and_the_places_of_the_others(model: EventModel) -> None:
    known, unknown = model.ids([(0, 1), (998, 999)])

    assert known == [1000, 999]
    assert unknown == {0: [1, 0]}


def test_knows_whether_a_survey_found_anything_new(model: EventModel) -> None:
    changed = survey(1000, 3)
    changed.blocks[3][0] = row(769, attempts=7)

    assert model.same_as(survey(1000, 3))
    assert not model.same_as(survey(1001, 3))
    assert not model.same_as(changed)
    assert not model.same_as(survey(1000, 0))


def test_times_are_told_anew_when_a_day_begins(
    model: EventModel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = cell(model, 0, Column.TIME)
    tomorrow = time.localtime(time.time() + 86_400)
    monkeypatch.setattr(time, "localtime", lambda *_: tomorrow)
    monkeypatch.setattr("gui.words.when", lambda _: "another day")

    with qtbot.waitSignal(model.dataChanged):
        assert model.begin_day()

    assert before != cell(model, 0, Column.TIME) == "another day"
    assert not model.begin_day()


def test_memory_is_bounded_however_much_is_looked_at(model: EventModel) -> None:
    model.replace(survey(100_000))
    for block in range(390):
        low = block * 256 + 1
        model.put(block, rows(low, low + 255))

    assert model.in_memory <= 24 * 256


def test_cells_have_no_children(model: EventModel) -> None:
    parent = model.index(0, 0, QModelIndex())

    assert model.rowCount(parent) == model.columnCount(parent) == 0


def test_an_erased_customer_leaves_no_name(model: EventModel) -> None:
    erased = msgspec.structs.replace(row(1000).delivery, customer_id=None)
    model.update([1000], {1000: erased}, Filter())

    assert cell(model, 0, Column.CUSTOMER) == ""
