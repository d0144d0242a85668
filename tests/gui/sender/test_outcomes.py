"""The table follows every event to its latest step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QColor

from core.sender.progress import Progress, Step
from gui.sender.outcomes import Column, OutcomeModel, OutcomeView
from gui.widgets.pill import WordRole
from tests.core.sender.test_progress import DELIVERY

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look

NOW = 1_780_000_000.0


@pytest.fixture
def model(look: Look) -> OutcomeModel:
    made = OutcomeModel(look)
    made.begin(["Created", "Closed", "Closed"])
    return made


def progress(number: int, step: Step, **changes: Any) -> Progress:
    return Progress(number=number, step=step, at=NOW, sentence=f"{step}.", **changes)


def shown(model: OutcomeModel, row: int) -> list[str]:
    return [model.index(row, column).data() for column in Column]


def test_the_model_keeps_the_rules_of_models(qtmodeltester: Any, model: OutcomeModel):
    model.take([progress(0, Step.ACCEPTED, deliveries=(DELIVERY,))])

    qtmodeltester.check(model)


def test_a_row_shows_the_latest_step(model: OutcomeModel):
    model.take([progress(1, Step.STORED), progress(1, Step.ACCEPTED, deliveries=(DELIVERY,))])

    number, event, word, at, delivery, sentence = shown(model, 1)
    assert (number, event, word) == ("2", "Closed", "Accepted")
    assert at
    assert (delivery, sentence) == ("d7", "accepted.")
    assert model.index(1, Column.STEP).data(WordRole)[0] == "Accepted"
    assert shown(model, 0)[2:] == ["To be sent", "", "", ""]


def test_a_delivery_once_known_stays(model: OutcomeModel):
    model.take([progress(0, Step.MAPPED, deliveries=(DELIVERY,)), progress(0, Step.LATE)])

    assert shown(model, 0)[Column.DELIVERY] == "d7"


def test_only_what_changed_is_told(qtbot: QtBot, model: OutcomeModel):
    with qtbot.waitSignal(model.dataChanged) as told:
        model.take([progress(2, Step.STORED), progress(1, Step.STORED), progress(9, Step.DEAD)])

    first, last = told.args[:2]
    assert (first.row(), last.row(), last.column()) == (1, 2, Column.SENTENCE)
    with qtbot.assertNotEmitted(model.dataChanged):
        model.take([])


def test_events_are_counted_by_step(model: OutcomeModel):
    model.take([progress(0, Step.ACCEPTED), progress(1, Step.SKIPPED)])

    assert [model.count(), model.count(Step.ACCEPTED), model.under_way] == [3, 1, 1]
    model.stop()
    assert [model.under_way, model.not_sent] == [0, 1]
    assert shown(model, 2)[Column.STEP] == "Not sent"


def test_headers_tips_and_colours(look: Look, model: OutcomeModel):
    model.take([progress(0, Step.ACCEPTED, deliveries=(DELIVERY,))])

    def cell(column: Column, role: Qt.ItemDataRole) -> Any:
        return model.index(0, column).data(role)

    headers = [model.headerData(one, Qt.Orientation.Horizontal) for one in Column]
    assert all(headers)
    assert model.headerData(0, Qt.Orientation.Vertical) is None
    assert "UTC" in cell(Column.TIME, Qt.ItemDataRole.ToolTipRole)
    assert "Open" in cell(Column.DELIVERY, Qt.ItemDataRole.ToolTipRole)
    assert cell(Column.EVENT, Qt.ItemDataRole.ToolTipRole) == "accepted."
    ink = QColor(cell(Column.DELIVERY, Qt.ItemDataRole.ForegroundRole))
    assert ink == look.colour("accent")
    assert model.data(QModelIndex()) is None


def test_colours_follow_the_look(qtbot: QtBot, look: Look, model: OutcomeModel):
    with qtbot.waitSignal(model.dataChanged):
        look.changed.emit()
    model.begin([])
    with qtbot.assertNotEmitted(model.dataChanged):
        look.changed.emit()
        model.stop()


def test_a_delivery_opens_by_click_and_by_key(qtbot: QtBot, look: Look, model: OutcomeModel):
    model.take([progress(0, Step.ACCEPTED, deliveries=(DELIVERY,))])
    view = OutcomeView(look, model)
    qtbot.addWidget(view)
    view.resize(900, 300)
    view.show()

    cell = view.visualRect(model.index(0, Column.DELIVERY)).center()
    with qtbot.waitSignal(view.open_delivery) as clicked:
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=cell)
    with qtbot.waitSignal(view.open_delivery) as pressed:
        qtbot.keyClick(view, Qt.Key.Key_Return)
    with qtbot.assertNotEmitted(view.open_delivery):
        view.setCurrentIndex(model.index(1, 0))
        view.open_current()
        view.setCurrentIndex(QModelIndex())
        view.open_current()

    assert clicked.args == pressed.args == [7]


def test_a_narrow_table_leaves_the_sentence_to_the_line_below(
    qtbot: QtBot, look: Look, model: OutcomeModel
):
    view = OutcomeView(look, model)
    qtbot.addWidget(view)
    view.show()

    hidden = []
    for width in (400, 1200):
        view.resize(width, 300)
        hidden.append(view.isColumnHidden(Column.SENTENCE))

    assert hidden == [True, False]


def test_another_run_begins_anew(model: OutcomeModel):
    model.take([progress(0, Step.DEAD, deliveries=(DELIVERY,))])

    model.begin(["Created"])

    assert shown(model, 0) == ["1", "Created", "To be sent", "", "", ""]
    assert model.rowCount(model.index(0, 0)) == model.columnCount(model.index(0, 0)) == 0
