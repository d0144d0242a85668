"""The view: staying where the person looks while rows come and go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt

from core.model import DeliveryStatus
from core.store.base import Filter
from gui.deliveries.model import EventModel
from gui.deliveries.view import EventView
from tests.gui.deliveries.rows import row, rows, survey

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look


@pytest.fixture
def model(qapp: object) -> EventModel:
    """A thousand rows, all loaded."""
    made = EventModel()
    made.replace(survey(1000, 0, 1, 2, 3))
    return made


@pytest.fixture
def view(qtbot: QtBot, look: Look, model: EventModel) -> EventView:
    """A table on screen, 600 by 400."""
    made = EventView(look, model)
    qtbot.addWidget(made)
    made.resize(600, 400)
    with qtbot.waitExposed(made):
        made.show()
    return made


def top_id(view: EventView) -> int:
    """The id of the first row in view."""
    found = view.model().row(view.shown()[0])
    return found.id


def scroll_to_row(view: EventView, number: int) -> None:
    view.verticalScrollBar().setValue(number * view.verticalHeader().defaultSectionSize())


def test_knows_which_rows_are_in_view(view: EventView) -> None:
    assert view.shown()[0] == 0
    assert 5 < view.shown()[1] < 30

    scroll_to_row(view, 500)

    assert view.shown()[0] == 500


def test_no_row_is_in_view_where_there_is_none(qtbot: QtBot, look: Look) -> None:
    view = EventView(look, EventModel())
    qtbot.addWidget(view)

    first, last = view.shown()
    assert first > last


def test_at_the_top_it_follows_and_elsewhere_it_does_not(qtbot: QtBot, view: EventView) -> None:
    assert view.is_following

    with qtbot.waitSignal(view.following_changed) as changed:
        scroll_to_row(view, 1)

    assert changed.args == [False]
    view.go_to_newest()
    assert view.is_following


def test_following_new_rows_are_in_view_at_once(view: EventView, model: EventModel) -> None:
    model.add_newer(rows(1001, 1100))

    assert top_id(view) == 1100


def test_what_is_looked_at_does_not_move_when_rows_come_on_top(
    view: EventView, model: EventModel
) -> None:
    scroll_to_row(view, 300)
    view.verticalScrollBar().setValue(view.verticalScrollBar().value() + 7)
    before, pixels = top_id(view), view.rowViewportPosition(view.shown()[0])

    model.add_newer(rows(1001, 1137))

    assert (top_id(view), view.rowViewportPosition(view.shown()[0])) == (before, pixels)


def test_what_is_looked_at_does_not_move_when_rows_above_leave(
    view: EventView, model: EventModel
) -> None:
    scroll_to_row(view, 300)
    before = top_id(view)

    model.update([990, 980], {}, Filter())

    assert top_id(view) == before


def test_rows_that_leave_below_scroll_nothing(view: EventView, model: EventModel) -> None:
    scroll_to_row(view, 300)
    before = view.verticalScrollBar().value()

    model.update([5], {}, Filter())

    assert view.verticalScrollBar().value() == before


def test_reading_anew_keeps_the_place_and_the_selection(view: EventView, model: EventModel) -> None:
    view.select_ids([700, 650], 650)
    scroll_to_row(view, 320)
    before = top_id(view)

    model.replace(survey(1040, 0, 1, 2, 3, 4))

    assert top_id(view) == before
    assert view.current_id() == 650
    assert view.runs() == [(340, 340), (390, 390)]


def test_reading_anew_far_from_what_is_loaded_keeps_the_distance_from_the_oldest(
    view: EventView, model: EventModel
) -> None:
    scroll_to_row(view, 300)

    model.replace(survey(1040))

    assert view.shown()[0] == 340


def test_reading_anew_while_following_stays_at_the_top(view: EventView, model: EventModel) -> None:
    model.replace(survey(2000, 7))

    assert top_id(view) == 2000
    assert view.is_following


def test_the_current_row_is_found_again_when_it_is_loaded_later(
    view: EventView, model: EventModel
) -> None:
    view.select_ids([650], 650)

    model.show_first(rows(901, 1000)[::-1])
    assert view.current_id() == 650
    assert view.runs() == []

    model.replace(survey(1000, 2, 3))
    assert view.current_id() == 650


def test_another_current_row_ends_the_search_for_the_lost_one(
    view: EventView, model: EventModel
) -> None:
    view.select_ids([650], 650)
    model.show_first(rows(901, 1000)[::-1])

    view.setCurrentIndex(model.index(2, 0))

    assert view.current_id() == 998


def test_home_and_end_go_to_the_newest_and_the_oldest(qtbot: QtBot, view: EventView) -> None:
    qtbot.keyClick(view, Qt.Key.Key_End)
    assert view.currentIndex().row() == view.shown()[1] == 999

    qtbot.keyClick(view, Qt.Key.Key_Home)
    assert view.currentIndex().row() == 0
    assert view.is_following


def test_return_opens_the_current_row(qtbot: QtBot, view: EventView) -> None:
    with qtbot.assertNotEmitted(view.opened):
        view.selectionModel().clear()
        qtbot.keyClick(view, Qt.Key.Key_Return)

    view.select_ids([1000], 1000)
    with qtbot.waitSignal(view.opened):
        qtbot.keyClick(view, Qt.Key.Key_Return)


def test_everything_is_selected_until_another_selection_is_made(
    view: EventView, model: EventModel
) -> None:
    view.selectAll()
    model.replace(survey(1040, 4))

    assert view.all_selected
    assert view.runs() == [(0, 1039)]
    view.select_ids([1000], None)
    assert not view.all_selected


def test_draws_rows_in_light_and_dark_with_selection_and_unloaded_rows(
    qtbot: QtBot, view: EventView, model: EventModel, look: Look
) -> None:
    model.put(3, [row(one, status=status) for one, status in _each_status()])
    view.select_ids([990], 990)
    view.setFocus()
    light = view.grab().toImage()
    look.force("dark")

    dark = view.grab().toImage()

    assert light != dark
    model.replace(survey(1000))
    assert view.grab().toImage() != dark


def test_larger_text_makes_higher_rows(view: EventView) -> None:
    before = view.verticalHeader().defaultSectionSize()
    font = view.font()
    font.setPointSizeF(font.pointSizeF() * 2)

    view.setFont(font)

    assert view.verticalHeader().defaultSectionSize() > 1.5 * before


def _each_status() -> list[tuple[int, DeliveryStatus]]:
    statuses = list(DeliveryStatus)
    return [(one, statuses[one % len(statuses)]) for one in range(769, 1001)]
