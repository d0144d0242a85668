"""The painter: rows, cells, shortened texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter

from gui.deliveries.columns import Column
from gui.deliveries.painting import KEPT, Cell, Line, RowPainter
from tests.gui.deliveries.rows import row

if TYPE_CHECKING:
    from gui.deliveries.columns import EventRow
    from gui.look import Look

HEIGHT, WIDTH = 30, 300


@pytest.fixture
def rows(look: Look) -> RowPainter:
    """A painter of rows."""
    return RowPainter(look)


def drawn(
    rows: RowPainter, one: EventRow | None, column: Column, *, selected: bool = False,
    current: bool = False, width: int = WIDTH,
) -> QImage:  # fmt: skip
    image = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    line = Line(row=one, top=0, selected=selected, current=current)
    with QPainter(image) as painter:
        rows.paint(painter, [line], [Cell(column, 0, width)], HEIGHT, WIDTH)
    return image


def test_a_text_is_drawn(rows: RowPainter) -> None:
    assert drawn(rows, row(1), Column.EVENT) != drawn(rows, None, Column.STATUS)


def test_rows_that_are_not_loaded_are_drawn_as_dots(rows: RowPainter) -> None:
    assert drawn(rows, None, Column.EVENT) != drawn(rows, None, Column.STATUS)


def test_selection_and_focus_are_to_be_seen(rows: RowPainter) -> None:
    plain = drawn(rows, row(1), Column.STATUS)

    assert drawn(rows, row(1), Column.STATUS, selected=True) != plain
    assert drawn(rows, row(1), Column.STATUS, current=True) != plain


def test_a_narrow_cell_shows_less(rows: RowPainter) -> None:
    narrow = drawn(rows, row(1), Column.EVENT, width=60)

    assert narrow != drawn(rows, row(1), Column.EVENT)
    assert narrow.copy(70, 0, WIDTH - 70, HEIGHT) == drawn(
        rows, row(1), Column.STATUS, width=4
    ).copy(70, 0, WIDTH - 70, HEIGHT)


def test_what_is_remembered_stays_bounded(rows: RowPainter) -> None:
    for number in range(KEPT + 10):
        rows._short[f"{number}", 1, False] = ""
        if len(rows._short) >= KEPT:
            break
    drawn(rows, row(1), Column.EVENT)

    assert len(rows._short) == 1
    rows.forget()
    assert rows._short == {}
