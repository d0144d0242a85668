"""The header: columns as people leave them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QContextMenuEvent, QFontMetrics
from PySide6.QtWidgets import QMenu

from gui.deliveries.columns import USUAL, Column
from gui.deliveries.header import Columns
from gui.deliveries.model import EventModel
from gui.deliveries.view import EventView
from gui.memory import Memory

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from gui.bridge import Bridge
    from gui.look import Look

KEY = "columns"


@pytest.fixture
def memory(bridge: Bridge) -> Memory:
    """Remembers for this test."""
    return Memory(bridge, None, bridge)


@pytest.fixture
def make_header(qtbot: QtBot, look: Look, memory: Memory) -> Callable[..., Columns]:
    """Builds a table as a new start of the program would."""

    def make(width: int = 900) -> Columns:
        view = EventView(look, EventModel())
        qtbot.addWidget(view)
        header = Columns(look, memory, KEY, view)
        header.attach(view)
        view.resize(width, 300)
        with qtbot.waitExposed(view):
            view.show()
        header.view = view  # keeps it alive
        return header

    return make


def order(header: Columns) -> list[int]:
    return [header.logicalIndex(place) for place in range(header.count())]


def test_shows_the_usual_columns_at_first(make_header: Callable[..., Columns]) -> None:
    header = make_header()

    assert {one for one in Column if header.is_shown(one)} == set(USUAL)


def test_what_is_shown_moved_and_resized_is_so_again(make_header: Callable[..., Columns]) -> None:
    before = make_header()
    before.show_column(Column.LATENCY, shown=True)
    before.show_column(Column.AGENT, shown=False)
    before.moveSection(before.visualIndex(Column.STATUS), 0)
    before.resizeSection(Column.CUSTOMER, 321)

    after = make_header()

    assert after.is_shown(Column.LATENCY)
    assert not after.is_shown(Column.AGENT)
    assert order(after)[0] == Column.STATUS
    assert after.sectionSize(Column.CUSTOMER) == 321


def test_the_window_made_larger_is_no_choice_of_widths(
    make_header: Callable[..., Columns], memory: Memory
) -> None:
    header = make_header()
    header.view.resize(1400, 300)

    assert memory.get(KEY) is None


def test_columns_share_the_width_there_is(make_header: Callable[..., Columns]) -> None:
    wide, narrow = make_header(1500), make_header(700)

    assert wide.sectionSize(Column.CUSTOMER) > narrow.sectionSize(Column.CUSTOMER)
    assert wide.sectionSize(Column.TIME) == narrow.sectionSize(Column.TIME)


def test_the_last_column_cannot_be_hidden(make_header: Callable[..., Columns]) -> None:
    header = make_header()
    for column in Column:
        header.show_column(column, shown=False)

    assert [one for one in Column if header.is_shown(one)] == [Column.ID] or any(
        header.is_shown(one) for one in Column
    )


def test_as_usual_forgets_all_choices(make_header: Callable[..., Columns], memory: Memory) -> None:
    header = make_header()
    header.show_column(Column.AGENT, shown=False)
    header.resizeSection(Column.TIME, 400)

    header.reset_columns()

    assert header.is_shown(Column.AGENT)
    assert header.sectionSize(Column.TIME) < 300
    assert memory.get(KEY) is None


def test_the_menu_names_every_column_and_switches_it(
    qtbot: QtBot, make_header: Callable[..., Columns]
) -> None:
    header = make_header()
    menu = header.menu(header)
    actions = {action.data(): action for action in menu.actions() if action.isCheckable()}

    assert set(actions) == set(Column)
    actions[Column.LAST_ERROR].trigger()
    assert header.is_shown(Column.LAST_ERROR)


def test_a_right_click_opens_the_menu(
    make_header: Callable[..., Columns], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QPoint] = []
    monkeypatch.setattr(QMenu, "popup", lambda _, place: opened.append(place))
    header = make_header()
    place = header.mapToGlobal(QPoint(5, 5))
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(5, 5), place)

    header.contextMenuEvent(event)

    assert opened == [place]


@pytest.mark.parametrize(
    "kept",
    [
        "nonsense",
        {"order": 3, "shown": "x", "widths": []},
        {"order": ["gone", "status"], "shown": [7], "widths": {"time": "wide"}},
        {"shown": []},
    ],
)
def test_a_memory_that_makes_no_sense_does_no_harm(
    make_header: Callable[..., Columns], memory: Memory, kept: Any
) -> None:
    memory.set(KEY, kept)

    header = make_header()

    assert any(header.is_shown(one) for one in Column)
    assert sorted(order(header)) == list(Column)


def test_an_id_of_gladly_is_whole_where_the_window_is_of_usual_width(
    make_header: Callable[..., Columns], look: Look
) -> None:
    header = make_header(width=1000)

    room = QFontMetrics(look.mono()).horizontalAdvance("W" * 22)
    assert header.sectionSize(Column.CONVERSATION) > room
    assert header.length() <= 1000
