"""The comparison: a table of values and where they came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.settings import Mapping_
from gui.deliveries.compare import LEFT_OUT, CompareView
from gui.deliveries.provenance import compare
from tests.gui.deliveries.details import accepted

if TYPE_CHECKING:
    from pytestqt.modeltest import ModelTester
    from pytestqt.qtbot import QtBot

    from gui.look import Look


@pytest.fixture
def view(qtbot: QtBot, look: Look) -> CompareView:
    """A delivery compared."""
    made = CompareView(look)
    qtbot.addWidget(made)
    made.set_rows(compare(accepted(), Mapping_(drop=("phone",))))
    return made


def cells(view: CompareView, column: int) -> list[str]:
    return [view.table.item(row, column).text() for row in range(view.table.rowCount())]


def test_names_values_and_origins_stand_side_by_side(view: CompareView) -> None:
    rows = dict(zip(cells(view, 0), zip(cells(view, 1), cells(view, 2), strict=True), strict=True))

    assert rows["customerName"] == ("Zoë Müller", "Looked up")
    assert rows["userId"] == ("cust-1", "Webhook")
    assert rows["phone"] == (LEFT_OUT, "Plan")


def test_a_chosen_row_says_in_full_where_it_came_from(view: CompareView) -> None:
    assert view.why.text().startswith("Choose a row")

    view.table.setCurrentCell(cells(view, 0).index("phone"), 0)

    assert view.why.text() == "phone: Left out by the settings (mapping.drop)."


def test_the_same_rows_keep_the_chosen_one(view: CompareView) -> None:
    view.table.setCurrentCell(2, 0)

    view.set_rows(compare(accepted(), Mapping_(drop=("phone",))))

    assert view.table.currentRow() == 2


def test_follows_the_look(view: CompareView, look: Look) -> None:
    view.resize(400, 400)
    light = view.grab().toImage()

    look.force("dark")

    assert view.grab().toImage() != light


def test_keeps_the_promises_of_a_model(view: CompareView, qtmodeltester: ModelTester) -> None:
    qtmodeltester.check(view.table.model())
