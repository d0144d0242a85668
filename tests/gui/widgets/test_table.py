"""Tables in the house style."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QAbstractItemView, QTableView

from gui.widgets.table import dress_list, dress_table

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look


def test_rows_are_whole_calm_and_as_high_as_the_text_asks(qtbot: QtBot, look: Look) -> None:
    view = QTableView()
    qtbot.addWidget(view)

    dress_table(view)

    assert view.selectionBehavior() is QAbstractItemView.SelectionBehavior.SelectRows
    assert not view.showGrid()
    assert not view.tabKeyNavigation()
    assert view.verticalHeader().isHidden()
    assert view.verticalHeader().defaultSectionSize() > 1.5 * view.fontMetrics().height()


def test_of_a_list_one_row_is_looked_at_and_the_header_is_nothing_to_press(qtbot: QtBot) -> None:
    view = QTableView()
    qtbot.addWidget(view)

    dress_list(view)

    assert view.selectionMode() is QAbstractItemView.SelectionMode.SingleSelection
    assert not view.horizontalHeader().sectionsClickable()
    assert not view.showGrid()
