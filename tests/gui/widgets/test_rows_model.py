"""Tables of rows that are all there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from gui.widgets.rows_model import LEFT, RIGHT, RowsModel

if TYPE_CHECKING:
    from pytestqt.modeltest import ModelTester

ACROSS, DOWN = Qt.Orientation.Horizontal, Qt.Orientation.Vertical


class Fruit(RowsModel):
    """Two fruits and how many."""

    at_right = frozenset({1})

    def rows(self) -> list[tuple[str, int]]:
        return [("apple", 3), ("pear", 12)]

    def titles(self) -> tuple[str, ...]:
        return "Fruit", "Count"

    def data(self, index, role=Qt.ItemDataRole.DisplayRole):
        return self.rows()[index.row()][index.column()] if role == 0 else None


def test_counts_rows_and_columns_and_has_none_below_a_row(qtmodeltester: ModelTester) -> None:
    model = Fruit()

    assert (model.rowCount(), model.columnCount()) == (2, 2)
    assert (model.rowCount(model.index(0, 0)), model.columnCount(model.index(0, 0))) == (0, 0)
    qtmodeltester.check(model)


def test_titles_stand_over_the_columns_where_their_cells_do() -> None:
    model = Fruit()
    aligned = Qt.ItemDataRole.TextAlignmentRole

    assert [model.headerData(one, ACROSS) for one in (-1, 0, 1, 2)] == [
        None,
        "Fruit",
        "Count",
        None,
    ]
    assert [model.headerData(one, ACROSS, aligned) for one in range(2)] == [LEFT, RIGHT]
    assert model.headerData(0, DOWN) is None
    assert model.headerData(0, ACROSS, Qt.ItemDataRole.ToolTipRole) is None
