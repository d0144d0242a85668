"""Problems are marked while typing, listed, and lead to their line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt

from core.sender.problems import Problem
from gui.sender.editor import BodyEditor

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look

PROBLEMS = (
    Problem(path="$.id", sentence="id is missing.", line=2),
    Problem(path="$.type", sentence="The type is missing.", line=3, blocks=True),
    Problem(path="$", sentence="Something."),
)
TEXT = '{\n  "a": 1,\n  "b": 2\n}'


@pytest.fixture
def editor(qtbot: QtBot, look: Look) -> BodyEditor:
    made = BodyEditor(look)
    qtbot.addWidget(made)
    made.resize(400, 400)
    made.show()
    return made


def lines(editor: BodyEditor) -> list[str]:
    return [editor.list.item(row).text() for row in range(editor.list.count())]


def underlined(editor: BodyEditor) -> list[int]:
    return [mark.cursor.blockNumber() + 1 for mark in editor.json.area.extraSelections()]


def test_typing_is_told_a_moment_after_the_last_letter(qtbot: QtBot, editor: BodyEditor):
    with qtbot.waitSignal(editor.edited) as edited:
        qtbot.keyClicks(editor.json.area, "[]")

    assert edited.args == ["[]"]


def test_an_edit_can_be_had_at_once(qtbot: QtBot, editor: BodyEditor):
    qtbot.keyClicks(editor.json.area, "7")

    with qtbot.waitSignal(editor.edited, timeout=0):
        editor.flush()
    with qtbot.assertNotEmitted(editor.edited):
        editor.flush()


def test_what_is_shown_is_no_edit(qtbot: QtBot, editor: BodyEditor):
    with qtbot.assertNotEmitted(editor.edited):
        editor.show_text(TEXT, ())
        editor.flush()

    assert editor.json.text() == TEXT
    assert editor.calm.isVisible()
    assert not editor.list.isVisible()


def test_problems_are_listed_and_the_first_line_is_marked(editor: BodyEditor):
    editor.show_text(TEXT, PROBLEMS)

    assert lines(editor) == [
        "Line 2: id is missing.",
        "Line 3: The type is missing.",
        "Something.",
    ]
    assert underlined(editor) == [2]
    assert not editor.calm.isVisible()
    assert "The type is missing." in editor.json.area.accessibleDescription()
    assert editor.list.sizeHint().height() > editor.list.minimumSizeHint().height() > 0


def test_a_problem_leads_to_its_line(qtbot: QtBot, editor: BodyEditor):
    editor.show_text(TEXT, PROBLEMS)
    place = editor.list.visualItemRect(editor.list.item(1)).center()

    qtbot.mouseClick(editor.list.viewport(), Qt.MouseButton.LeftButton, pos=place)

    assert underlined(editor) == [3]
    assert editor.json.area.textCursor().blockNumber() == 2


def test_mended_problems_are_gone(editor: BodyEditor):
    editor.show_text(TEXT, PROBLEMS)

    editor.show_problems(())

    assert lines(editor) == []
    assert underlined(editor) == []
    assert editor.calm.isVisible()


def test_icons_follow_the_look(qtbot: QtBot, look: Look, editor: BodyEditor):
    editor.show_text(TEXT, PROBLEMS)
    look.changed.emit()

    assert len(lines(editor)) == 3
    assert not editor.list.item(0).icon().isNull()
