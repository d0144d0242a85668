"""JSON to read and to edit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontInfo
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from gui.palettes import DARK, LIGHT
from gui.widgets.json_view import JsonEdit, JsonView

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look

EVENT = {"event": "Conversation Opened", "topics": ["Refund", "refund"], "n": 1}


@pytest.fixture
def view(qtbot: QtBot, look: Look) -> JsonView:
    view = JsonView(look, "To Segment")
    qtbot.addWidget(view)
    view.set_json(EVENT)
    return view


@pytest.fixture
def edit(qtbot: QtBot, look: Look) -> JsonEdit:
    edit = JsonEdit(look, "Event")
    qtbot.addWidget(edit)
    return edit


def selected(view: JsonView) -> tuple[str, int]:
    cursor = view.area.textCursor()
    return cursor.selectedText(), cursor.blockNumber()


def test_it_shows_one_entry_per_line(view: JsonView) -> None:
    assert view.text().splitlines()[1] == '  "event": "Conversation Opened",'


def test_the_text_can_be_read_and_not_changed(qtbot: QtBot, view: JsonView) -> None:
    before = view.text()

    qtbot.keyClicks(view.area, "x")

    assert view.text() == before


def test_the_same_again_keeps_the_place(view: JsonView) -> None:
    view.area.selectAll()

    view.set_json(dict(EVENT))

    assert view.area.textCursor().hasSelection()


def test_nothing_shows_why(view: JsonView) -> None:
    view.set_placeholder("The payload was removed after 30 days.")

    view.set_json(None)

    assert view.text() == ""
    assert view.area.placeholderText().startswith("The payload")


def test_long_lines_scroll_unless_told_to_wrap(view: JsonView) -> None:
    at_first = view.area.lineWrapMode()

    view.set_wrapped(wrapped=True)

    assert at_first is QPlainTextEdit.LineWrapMode.NoWrap
    assert view.area.lineWrapMode() is QPlainTextEdit.LineWrapMode.WidgetWidth


def test_it_is_written_in_the_monospaced_font(view: JsonView, look: Look) -> None:
    assert view.area.font().family() == look.mono().family()
    assert QFontInfo(view.area.font()).fixedPitch()


def test_its_name_is_told_where_the_text_is(view: JsonView) -> None:
    assert view.area.accessibleName() == "To Segment"
    assert view.focusProxy() is view.area


def test_a_search_finds_goes_on_and_comes_round(qtbot: QtBot, view: JsonView) -> None:
    view.open_find()
    qtbot.keyClicks(view.find_bar.edit, "refund")
    first = selected(view)

    qtbot.keyClick(view.find_bar.edit, Qt.Key.Key_Return)
    second = selected(view)
    qtbot.keyClick(view.find_bar.edit, Qt.Key.Key_Return)

    assert first[0].lower() == second[0].lower() == "refund"
    assert {first[1], second[1]} == {3, 4}
    assert selected(view) == first


def test_a_search_goes_back(qtbot: QtBot, view: JsonView) -> None:
    view.open_find()
    view.find_bar.edit.setText("refund")

    qtbot.keyClick(view.find_bar.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)

    assert selected(view) == ("refund", 4)


def test_a_search_says_when_there_is_nothing(qtbot: QtBot, view: JsonView) -> None:
    view.open_find()

    qtbot.keyClicks(view.find_bar.edit, "zz")
    missed = view.find_bar.answer.text()
    view.find_bar.edit.clear()
    qtbot.keyClick(view.find_bar.edit, Qt.Key.Key_Return)

    assert missed == "No match"
    assert view.find_bar.answer.text() == ""


def test_a_search_begins_with_what_is_selected_and_closes(view: JsonView) -> None:
    view.area.find("Refund")

    view.open_find()
    begun = view.find_bar.edit.text()
    view.find_bar.shut()

    assert begun == "Refund"
    assert view.find_bar.isHidden()


def test_editing_tells_the_text(qtbot: QtBot, edit: JsonEdit) -> None:
    with qtbot.waitSignal(edit.changed) as told:
        edit.set_json({"a": 1})

    assert told.args == ['{\n  "a": 1\n}']
    assert edit.text() == told.args[0]


def test_the_same_text_again_tells_nothing(qtbot: QtBot, edit: JsonEdit) -> None:
    edit.set_text("{}")

    with qtbot.assertNotEmitted(edit.changed):
        edit.set_text("{}")


def test_new_text_keeps_the_caret_near_its_place(edit: JsonEdit) -> None:
    edit.set_text("0123456789")
    cursor = edit.area.textCursor()
    cursor.setPosition(8)
    edit.area.setTextCursor(cursor)

    edit.set_text("01234")

    assert edit.area.textCursor().position() == 5


def test_a_problem_is_underlined_told_and_read(edit: JsonEdit, look: Look) -> None:
    edit.set_text("{\n  oops\n}")

    edit.set_problem(2, "Line 2 is no JSON.")

    (mark,) = edit.area.extraSelections()
    assert mark.cursor.blockNumber() == 1
    assert mark.format.underlineColor().name() == LIGHT["bad"]
    assert edit.problem_label.text() == edit.area.accessibleDescription() == "Line 2 is no JSON."
    assert not edit.problem_label.isHidden()


def test_a_problem_follows_the_look(edit: JsonEdit, look: Look) -> None:
    edit.set_text("oops")
    edit.set_problem(1, "No JSON.")

    look.force("dark")

    assert edit.area.extraSelections()[0].format.underlineColor().name() == DARK["bad"]


@pytest.mark.parametrize("line", [None, 0])
def test_a_problem_can_be_cleared(edit: JsonEdit, line: int | None) -> None:
    edit.set_text("oops")
    edit.set_problem(1, "No JSON.")

    edit.set_problem(line)

    assert edit.area.extraSelections() == []
    assert edit.problem_label.isHidden()


def test_a_problem_on_a_line_that_is_gone_is_told_all_the_same(edit: JsonEdit) -> None:
    edit.set_problem(99, "Too short.")

    assert edit.area.extraSelections() == []
    assert edit.problem_label.text() == "Too short."


@pytest.mark.parametrize(
    ("before", "after"), [('  "a": 1,', '  "a": 1,\n  '), ("  {", "  {\n    "), ("", "\n")]
)
def test_a_new_line_begins_as_deep_as_it_belongs(
    qtbot: QtBot, edit: JsonEdit, before: str, after: str
) -> None:
    edit.set_text(before)
    edit.area.moveCursor(edit.area.textCursor().MoveOperation.End)

    qtbot.keyClick(edit.area, Qt.Key.Key_Return)

    assert edit.text() == after


def test_tab_leaves_the_text(edit: JsonEdit) -> None:
    edit.set_placeholder("Write an event")

    assert edit.area.tabChangesFocus()
    assert isinstance(edit, QWidget)
    assert edit.area.accessibleName() == "Event"
