"""The search field: settles after a pause, proposes, marks problems."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton

from gui.events.search_field import SearchField

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look

#: the platform without a screen says so of every popup
pytestmark = pytest.mark.qt_log_ignore(
    "This plugin does not support (raise|grabbing|propagateSizeHints)"
)


@pytest.fixture
def field(qtbot: QtBot, look: Look) -> SearchField:
    """The field on screen, with the caret in it."""
    made = SearchField(look)
    made.set_events(("Conversation Opened", "Conversation Closed"))
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    made.setFocus()
    return made


def proposed(field: SearchField) -> list[str]:
    return field._model.stringList() if field._list().isVisible() else []


def test_settles_a_moment_after_the_last_key(qtbot: QtBot, field: SearchField) -> None:
    with qtbot.waitSignal(field.settled) as settled:
        qtbot.keyClicks(field, "ada")

    assert settled.args == ["ada"]


def test_return_settles_at_once_and_only_once(qtbot: QtBot, field: SearchField) -> None:
    qtbot.keyClicks(field, "ada")
    with qtbot.waitSignal(field.settled):
        qtbot.keyClick(field, Qt.Key.Key_Return)
    with qtbot.assertNotEmitted(field.settled):
        qtbot.keyClick(field, Qt.Key.Key_Return)


def test_its_buttons_have_names(field: SearchField) -> None:
    names = {one.accessibleName() for one in field.findChildren(QToolButton)}

    assert names == {"Search", "Clear"}


def test_the_clear_button_settles(qtbot: QtBot, field: SearchField) -> None:
    field.take("ada")
    with qtbot.waitSignal(field.settled) as settled:
        field.clear()

    assert settled.args == [""]


def test_a_text_from_elsewhere_is_settled_already(qtbot: QtBot, field: SearchField) -> None:
    with qtbot.assertNotEmitted(field.settled, wait=0):
        field.take("status:dead")
        qtbot.keyClick(field, Qt.Key.Key_Return)

    assert field.text() == "status:dead"


def test_proposes_fields_then_values(qtbot: QtBot, field: SearchField) -> None:
    qtbot.keyClicks(field, "ada st")
    assert proposed(field) == ["status:"]

    qtbot.keyClicks(field, "atus:de")
    assert proposed(field) == ["status:dead"]


def test_a_proposal_takes_the_place_of_the_term(qtbot: QtBot, field: SearchField) -> None:
    qtbot.keyClicks(field, "ada st")
    field._on_chosen("status:")
    assert field.text() == "ada status:"
    assert "status:dead" in proposed(field)

    with qtbot.waitSignal(field.settled) as settled:
        field._on_chosen("status:dead")
    assert settled.args == ["ada status:dead "]


def test_a_proposal_in_the_middle_leaves_what_follows(qtbot: QtBot, field: SearchField) -> None:
    field.take("st more")
    field.setCursorPosition(2)

    field._on_chosen("status:dead")

    assert field.text() == "status:dead more"


def test_a_finished_term_has_no_proposals(qtbot: QtBot, field: SearchField) -> None:
    qtbot.keyClicks(field, "test:yes")

    assert proposed(field) == []


def test_tab_takes_the_first_proposal(qtbot: QtBot, field: SearchField) -> None:
    qtbot.keyClicks(field, "status:de")
    qtbot.keyClick(field, Qt.Key.Key_Tab)

    assert field.text() == "status:dead "


def test_ctrl_space_proposes_again(qtbot: QtBot, field: SearchField) -> None:
    field.take("status:")
    qtbot.keyClick(field, Qt.Key.Key_Space, Qt.KeyboardModifier.ControlModifier)

    assert "status:dead" in proposed(field)


def test_escape_clears_then_leaves(qtbot: QtBot, field: SearchField) -> None:
    field.take("ada")
    with qtbot.waitSignal(field.settled):
        qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == ""

    with qtbot.waitSignal(field.left):
        qtbot.keyClick(field, Qt.Key.Key_Escape)


def test_the_down_key_goes_on_to_the_table(qtbot: QtBot, field: SearchField) -> None:
    with qtbot.waitSignal(field.left):
        qtbot.keyClick(field, Qt.Key.Key_Down)


def test_a_problem_is_marked_and_told_to_readers(field: SearchField) -> None:
    field.set_problem("There is no field x.")
    assert field.property("problem")
    assert field.accessibleDescription() == "There is no field x."

    field.set_problem("")
    assert not field.property("problem")
