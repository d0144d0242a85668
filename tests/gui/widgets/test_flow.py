"""Rows that wrap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QWidget

from gui.widgets.flow import FlowLayout

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


class Box(QWidget):
    """A widget of a known size."""

    def sizeHint(self):  # noqa: N802
        return self.minimumSize()


@pytest.fixture
def page(qtbot: QtBot) -> QWidget:
    """Three boxes of 100 by 20, 10 apart."""
    page = QWidget()
    qtbot.addWidget(page)
    flow = FlowLayout(page, gap=10)
    for _ in range(3):
        box = Box()
        box.setMinimumSize(100, 20)
        flow.addWidget(box)
    return page


def places(page: QWidget, width: int) -> list[tuple[int, int]]:
    flow = page.layout()
    flow.setGeometry(QRect(0, 0, width, 200))
    found = [flow.itemAt(at).geometry() for at in range(flow.count())]
    return [(place.x(), place.y()) for place in found]


def test_all_stand_in_one_row_where_there_is_room(page: QWidget) -> None:
    assert places(page, 320) == [(0, 0), (110, 0), (220, 0)]
    assert page.layout().heightForWidth(320) == 20


def test_what_does_not_fit_goes_to_the_next_row(page: QWidget) -> None:
    assert places(page, 319) == [(0, 0), (110, 0), (0, 30)]
    assert page.layout().heightForWidth(319) == 50


def test_the_first_of_a_row_stays_even_where_it_is_too_wide(page: QWidget) -> None:
    assert places(page, 50) == [(0, 0), (0, 30), (0, 60)]


def test_hidden_ones_take_no_room(page: QWidget) -> None:
    page.layout().itemAt(0).widget().hide()

    assert places(page, 320)[1:] == [(0, 0), (110, 0)]


def test_rows_run_from_the_right_where_text_does(page: QWidget) -> None:
    page.setLayoutDirection(Qt.LayoutDirection.RightToLeft)

    assert places(page, 320) == [(220, 0), (110, 0), (0, 0)]


def test_hints_are_one_row_wide_and_one_item_at_least(page: QWidget) -> None:
    flow = page.layout()

    assert (flow.sizeHint().width(), flow.minimumSize().width()) == (320, 100)
    assert not flow.expandingDirections()


def test_an_empty_flow_has_no_height(qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    flow = FlowLayout(page)

    assert flow.heightForWidth(100) == 0
    assert flow.itemAt(0) is None
    assert flow.takeAt(0) is None


def test_an_item_can_be_taken_away(page: QWidget) -> None:
    page.layout().takeAt(0)

    assert page.layout().count() == 2
