"""The steps: what can be gone to, and what each says to a reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from gui.setup.rail import Rail, StepState

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look

NAMES = ["Welcome", "Segment", "Gladly", "Done"]
STATES = [StepState.DONE, StepState.CURRENT, StepState.OPEN, StepState.TODO]


@pytest.fixture
def rail(qtbot: QtBot, look: Look) -> Rail:
    made = Rail(look)
    qtbot.addWidget(made)
    made.set_steps(NAMES, STATES)
    made.show()
    return made


def test_the_model_is_sound(rail: Rail, qtmodeltester) -> None:
    qtmodeltester.check(rail.model())


def test_the_current_step_is_selected(rail: Rail) -> None:
    assert rail.currentRow() == 1


def test_each_step_says_its_number_and_state(rail: Rail) -> None:
    said = [rail.item(row).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(4)]

    assert said == [
        "Step 1 of 4: Welcome, done",
        "Step 2 of 4: Segment, shown now",
        "Step 3 of 4: Gladly, skipped",
        "Step 4 of 4: Done, to come",
    ]


def test_a_step_that_was_reached_can_be_chosen_by_key(qtbot: QtBot, rail: Rail) -> None:
    rail.setFocus()
    QTest.keyClick(rail, Qt.Key.Key_Down)
    with qtbot.waitSignal(rail.chosen) as told:
        QTest.keyClick(rail, Qt.Key.Key_Return)

    assert told.args == [2]


def test_a_step_that_is_to_come_cannot_be_chosen(rail: Rail) -> None:
    flags = rail.item(3).flags()

    assert not flags & Qt.ItemFlag.ItemIsEnabled


def test_steps_can_change_in_place(rail: Rail) -> None:
    rail.set_steps(NAMES, [StepState.DONE] * 3 + [StepState.CURRENT])

    assert rail.count() == 4
    assert rail.currentRow() == 3


def test_icons_follow_the_look(rail: Rail, look: Look) -> None:
    before = rail.item(0).icon().cacheKey()

    look.force("dark")

    assert rail.item(0).icon().cacheKey() != before
    look.force("light")


def test_the_longest_name_fits(rail: Rail) -> None:
    longest = max(rail.fontMetrics().horizontalAdvance(name) for name in NAMES)

    assert rail.sizeHint().width() > longest + rail.iconSize().width()
