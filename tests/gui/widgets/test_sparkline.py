"""A small line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gui.palettes import DARK, LIGHT
from gui.widgets.sparkline import Sparkline

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look


@pytest.fixture
def line(qtbot: QtBot, look: Look) -> Sparkline:
    line = Sparkline(look, "Events per minute")
    qtbot.addWidget(line)
    line.resize(120, 30)
    return line


def inks(line: Sparkline) -> set[str]:
    image = line.grab().toImage()
    return {image.pixelColor(x, y).name() for x in range(120) for y in range(30)}


def test_readers_hear_now_highest_and_lowest(line: Sparkline) -> None:
    line.set_values([2, 1200, 3.5])

    assert line.accessibleName() == "Events per minute"
    assert line.accessibleDescription() == "Now 3.5, highest 1,200, lowest 2."


def test_without_values_it_says_so_and_draws_no_line(line: Sparkline) -> None:
    assert line.accessibleDescription() == "No values yet."
    assert LIGHT["accent"] not in inks(line)


@pytest.mark.parametrize("values", [[1], [0, 0, 0], [5, 5], [-3, 4, 9], list(range(500))])
def test_any_values_can_be_drawn(line: Sparkline, values: list[float]) -> None:
    line.set_values(values)

    assert line.values() == values
    assert LIGHT["accent"] in inks(line)


def test_the_same_values_again_change_nothing(line: Sparkline) -> None:
    line.set_values([1, 2])
    line.set_values([1.0, 2.0])

    assert line.values() == [1, 2]


def test_it_follows_the_look(line: Sparkline, look: Look) -> None:
    line.set_values([1, 2])

    look.force("dark")

    assert DARK["accent"] in inks(line)


def test_it_may_be_narrow(line: Sparkline) -> None:
    assert line.minimumSizeHint().width() < line.sizeHint().width()
