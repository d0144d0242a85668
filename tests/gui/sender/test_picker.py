"""Templates can be chosen, and any value can be written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt

from core.sender.people import MADE_UP
from gui.sender.picker import Picker, TopicsField

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look


@pytest.fixture
def picker(qtbot: QtBot) -> Picker:
    made = Picker("Customer", "Customer id")
    qtbot.addWidget(made)
    made.set_choices([("Martha", "cu-1"), ("Hubert Wolfeschlegelsteinhausen", "cu-2")])
    made.show_id("cu-1")
    made.show()
    return made


@pytest.fixture
def topics(qtbot: QtBot, look: Look) -> TopicsField:
    made = TopicsField(look)
    qtbot.addWidget(made)
    made.set_choices(MADE_UP.topics)
    return made


def test_a_template_is_chosen_by_keyboard(qtbot: QtBot, picker: Picker):
    with qtbot.waitSignal(picker.edited) as edited:
        qtbot.keyClick(picker.list, Qt.Key.Key_Down)

    assert edited.args == ["cu-2"]


def test_any_id_can_be_written(qtbot: QtBot, picker: Picker):
    picker.id.selectAll()
    with qtbot.waitSignal(picker.edited) as edited:
        qtbot.keyClicks(picker.id, "x")

    picker.show_id("x")
    assert edited.args == ["x"]
    assert picker.list.currentText() == "Own value"


def test_own_value_leads_to_the_field(qtbot: QtBot, picker: Picker):
    picker.activateWindow()
    with qtbot.assertNotEmitted(picker.edited):
        picker.list.activated.emit(2)

    assert picker.id.selectedText() == "cu-1"


def test_showing_is_no_edit_and_a_long_name_is_shortened(qtbot: QtBot, picker: Picker):
    picker.resize(220, picker.sizeHint().height())
    with qtbot.assertNotEmitted(picker.edited):
        picker.show_id("cu-2")

    assert picker.grab().width() == 220
    assert picker.list.toolTip().startswith("Hubert")
    assert picker.id.text() == "cu-2"


def test_a_caret_is_left_where_it_is_while_writing(picker: Picker):
    picker.id.setText("abc ")
    picker.show_id("abc")

    assert picker.id.text() == "abc "


def test_topics_are_written_with_commas_between(qtbot: QtBot, topics: TopicsField):
    edited: list[tuple[str, ...]] = []
    topics.edited.connect(edited.append)

    qtbot.keyClicks(topics.line, "a, b,")

    assert edited[-1] == ("a", "b")


def test_topics_are_chosen_from_the_menu_and_taken_away(qtbot: QtBot, topics: TopicsField):
    topics.show_topics(["mine", "Refund"])
    refund = next(one for one in topics.menu.actions() if one.text() == "Refund")
    late = next(one for one in topics.menu.actions() if one.text() == "Late Delivery")

    assert refund.isChecked()
    with qtbot.waitSignal(topics.edited) as taken:
        refund.trigger()
    with qtbot.waitSignal(topics.edited) as added:
        late.trigger()

    assert taken.args == [("mine",)]
    assert added.args == [("mine", "Refund", "Late Delivery")]


def test_without_templates_there_is_no_menu(topics: TopicsField):
    topics.set_choices([])

    assert not topics.button.isEnabled()


@pytest.mark.parametrize("width", [240, 300, 420, 600])
def test_an_id_of_gladly_is_to_be_seen_whole(qtbot: QtBot, width: int) -> None:
    picker = Picker("Customer", "Customer id")
    qtbot.addWidget(picker)
    picker.set_choices([("Martha J Williams", "mJx3kT8lQ2aPz0Vb7RcYwA")])
    picker.show_id("mJx3kT8lQ2aPz0Vb7RcYwA")
    picker.resize(width, 200)
    picker.show()

    text = picker.id.fontMetrics().horizontalAdvance(picker.id.text())
    qtbot.waitUntil(lambda: picker.id.width() >= text + 2 * picker.fontMetrics().averageCharWidth())
    assert (picker.id.y() == picker.list.y()) is (width > 400)
