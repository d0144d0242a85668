"""The list of concerns: a person stays where they are, by mouse and by key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt

from core.model import DeliveryStatus
from gui.attention.concerns import concerns
from gui.attention.list import FEWEST, MOST, ConcernList
from gui.attention.model import Column, ConcernModel
from tests.gui.attention.test_concerns import NOW, cause, trouble

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look

ALL = concerns([trouble()], [cause(), cause(DeliveryStatus.RETRYING)])


@pytest.fixture
def shown(qtbot: QtBot, look: Look) -> ConcernList:
    view = ConcernList(look, ConcernModel(lambda: NOW))
    qtbot.addWidget(view)
    view.resize(900, 300)
    view.show()
    return view


def test_the_first_is_chosen_at_first(qtbot: QtBot, shown: ConcernList) -> None:
    with qtbot.waitSignal(shown.chosen) as chosen:
        shown.show_concerns(ALL)

    assert chosen.args == [ALL[0]]
    assert shown.concern() == ALL[0]


def test_arrow_keys_choose(qtbot: QtBot, shown: ConcernList) -> None:
    shown.show_concerns(ALL)

    with qtbot.waitSignal(shown.chosen) as chosen:
        qtbot.keyClick(shown, Qt.Key.Key_Down)

    assert chosen.args == [ALL[1]]


def test_whoever_is_on_a_concern_stays_there_when_others_go(shown: ConcernList) -> None:
    shown.show_concerns(ALL)
    shown.selectRow(2)

    shown.show_concerns(ALL[1:])

    assert shown.concern() == ALL[2]
    assert shown.currentIndex().row() == 1


def test_when_a_concern_is_settled_its_neighbour_is_chosen(shown: ConcernList) -> None:
    shown.show_concerns(ALL)
    shown.selectRow(2)

    shown.show_concerns(ALL[:2])

    assert shown.concern() == ALL[1]


def test_when_nothing_is_left_that_is_told(qtbot: QtBot, shown: ConcernList) -> None:
    shown.show_concerns(ALL)

    with qtbot.waitSignal(shown.chosen) as chosen:
        shown.show_concerns([])

    assert chosen.args == [None]


def test_it_is_as_high_as_its_rows_and_no_higher_than_there_is_room(shown: ConcernList) -> None:
    row = shown.verticalHeader().defaultSectionSize()
    shown.show_concerns(ALL[:1])
    one = shown.sizeHint().height()
    many = concerns([], [cause(code=f"c{number}") for number in range(20)])
    shown.show_concerns(many)

    shown.set_room(10_000)
    assert shown.sizeHint().height() == one + (MOST - 1) * row
    shown.set_room(0)
    assert shown.sizeHint().height() == one + (FEWEST - 1) * row


def test_where_it_is_narrow_the_times_give_way_to_the_reason(shown: ConcernList) -> None:
    shown.show_concerns(ALL)
    assert not shown.isColumnHidden(Column.SINCE)

    shown.resize(250, 300)

    assert shown.isColumnHidden(Column.SINCE)
    assert shown.isColumnHidden(Column.NEXT)
    assert not shown.isColumnHidden(Column.WHY)
