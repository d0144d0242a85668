"""Chips and bars of chips."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt

from gui.widgets.chips import Chip, ChipBar

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look


@pytest.fixture
def bar(qtbot: QtBot, look: Look) -> ChipBar:
    bar = ChipBar(look)
    qtbot.addWidget(bar)
    bar.add("dead", "Dead", icon="dead", tone="bad", checkable=True)
    bar.add("accepted", "Accepted", icon="accepted", tone="good", checkable=True)
    bar.add("q", "customer: Ana", removable=True)
    return bar


def test_a_chip_switches_on_and_off(qtbot: QtBot, bar: ChipBar) -> None:
    with qtbot.waitSignal(bar.toggled) as told:
        bar.chip("dead").button.click()

    assert told.args == ["dead", True]
    assert bar.checked() == {"dead"}


def test_a_chip_says_that_it_was_pressed(qtbot: QtBot, bar: ChipBar) -> None:
    with qtbot.waitSignal(bar.clicked) as told:
        bar.chip("q").button.click()

    assert told.args == ["q"]
    assert bar.checked() == set()


def test_exactly_the_wanted_ones_are_switched_on(bar: ChipBar) -> None:
    bar.set_checked({"accepted"})

    assert bar.checked() == {"accepted"}


def test_the_cross_asks_to_take_the_chip_away(qtbot: QtBot, bar: ChipBar) -> None:
    cross = bar.chip("q").cross
    assert cross is not None

    with qtbot.waitSignal(bar.removed) as told:
        cross.click()

    assert told.args == ["q"]
    assert cross.accessibleName() == "Remove customer: Ana"
    assert "q" in bar.keys()  # noqa: SIM118 - not a dict


@pytest.mark.parametrize("key", [Qt.Key.Key_Delete, Qt.Key.Key_Backspace])
def test_so_do_delete_and_backspace(qtbot: QtBot, bar: ChipBar, key: Qt.Key) -> None:
    with qtbot.waitSignal(bar.removed):
        qtbot.keyClick(bar.chip("q").button, key)


def test_other_chips_cannot_be_taken_away_by_key(qtbot: QtBot, bar: ChipBar) -> None:
    with qtbot.assertNotEmitted(bar.removed):
        qtbot.keyClick(bar.chip("dead").button, Qt.Key.Key_Delete)


def test_chips_can_be_removed(bar: ChipBar) -> None:
    bar.remove("q")
    bar.remove("not there")
    rest = bar.keys()
    bar.clear()

    assert rest == ["dead", "accepted"]
    assert bar.keys() == []


def test_the_same_key_again_replaces_the_chip(bar: ChipBar) -> None:
    bar.add("dead", "Dead (3)", checkable=True)

    assert bar.chip("dead").text() == "Dead (3)"
    assert len(bar.keys()) == 3


def test_a_bar_grows_higher_where_it_is_narrow(bar: ChipBar) -> None:
    assert bar.heightForWidth(120) > bar.heightForWidth(900)


def test_a_chip_can_say_something_else(qtbot: QtBot, look: Look) -> None:
    chip = Chip(look, "Last hour", icon="clock", removable=True)
    qtbot.addWidget(chip)

    chip.set_text("Last day")

    assert chip.text() == "Last day"
    assert chip.cross is not None
    assert chip.cross.toolTip() == "Remove Last day"


def test_a_plain_chip_has_no_cross(qtbot: QtBot, look: Look) -> None:
    chip = Chip(look, "Follow", checkable=True)
    qtbot.addWidget(chip)

    chip.set_checked(checked=True)
    chip.set_text("Following")

    assert chip.is_checked()
    assert chip.cross is None
