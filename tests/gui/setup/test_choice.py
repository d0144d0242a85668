"""One of a few: the chosen one has the keyboard, and each change is told once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QLabel

from gui.setup.choice import Choice, Option

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

OPTIONS = (Option("a", "First", "About the first."), Option("b", "Second"))


@pytest.fixture
def choice(qtbot: QtBot) -> Choice:
    made = Choice(*OPTIONS, down=True)
    qtbot.addWidget(made)
    return made


def test_the_first_is_chosen_to_begin_with(choice: Choice) -> None:
    assert choice.value() == "a"
    assert choice.focusProxy() is choice.button("a")


def test_choosing_tells_the_new_value_once(choice: Choice) -> None:
    told: list[str] = []
    choice.changed.connect(told.append)

    choice.button("b").click()
    choice.set_value("b")

    assert told == ["b"]
    assert choice.value() == "b"
    assert choice.focusProxy() is choice.button("b")


def test_help_stands_below_and_is_read_with_the_answer(choice: Choice) -> None:
    assert [label.text() for label in choice.findChildren(QLabel)] == ["About the first."]
    assert choice.button("a").accessibleDescription() == "About the first."


def test_in_a_row_the_answers_wrap(qtbot: QtBot) -> None:
    row = Choice(*OPTIONS)
    qtbot.addWidget(row)

    assert row.heightForWidth(60) > row.heightForWidth(1000)
