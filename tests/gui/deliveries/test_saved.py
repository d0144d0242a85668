"""Saved filters: named, kept, chosen, deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QDialogButtonBox

from gui.deliveries.saved import KEY, MOST, Saved, SavedFilters
from gui.memory import Memory

if TYPE_CHECKING:
    from PySide6.QtGui import QAction
    from pytestqt.qtbot import QtBot

    from gui.bridge import Bridge
    from gui.look import Look


@pytest.fixture
def memory(bridge: Bridge) -> Memory:
    """Remembers for this test."""
    return Memory(bridge, None, bridge)


@pytest.fixture
def saved(qtbot: QtBot, look: Look, memory: Memory) -> SavedFilters:
    """The button."""
    button = SavedFilters(look, memory)
    qtbot.addWidget(button)
    return button


def entries(button: SavedFilters) -> dict[str, QAction]:
    button.menu().aboutToShow.emit()
    return {action.text(): action for action in button.menu().actions() if action.text()}


def test_a_filter_is_kept_under_its_name(
    qtbot: QtBot, look: Look, memory: Memory, saved: SavedFilters
) -> None:
    saved.set_current("status:dead", 24)
    saved.save("  Dead   today ")

    again = SavedFilters(look, memory)
    qtbot.addWidget(again)
    assert again.all() == [Saved("Dead today", "status:dead", 24)]


def test_a_name_that_is_there_is_replaced_and_an_empty_one_is_none(saved: SavedFilters) -> None:
    saved.set_current("a", 0)
    saved.save("x")
    saved.set_current("b", 0)
    saved.save("x")
    saved.save("   ")

    assert saved.all() == [Saved("x", "b")]


def test_the_menu_offers_them_by_name(qtbot: QtBot, saved: SavedFilters) -> None:
    for name in ("zeta", "Alpha & co"):
        saved.set_current(name, 1)
        saved.save(name)
    found = entries(saved)

    assert list(found)[:2] == ["Alpha && co", "zeta"]
    with qtbot.waitSignal(saved.chosen) as chosen:
        found["zeta"].trigger()
    assert chosen.args == [Saved("zeta", "zeta", 1)]


def test_there_is_nothing_to_save_while_everything_passes(saved: SavedFilters) -> None:
    saved.set_current("", 0)
    assert not entries(saved)["&Save this filter…"].isEnabled()

    saved.set_current("", 24)
    assert entries(saved)["&Save this filter…"].isEnabled()


def test_one_is_deleted(saved: SavedFilters) -> None:
    saved.set_current("a", 0)
    saved.save("x")
    delete = entries(saved)["&Delete"].menu()

    delete.actions()[0].trigger()

    assert saved.all() == []
    assert "None saved yet" in entries(saved)


def test_the_name_is_asked_for_without_waiting(qtbot: QtBot, saved: SavedFilters) -> None:
    saved.set_current("a", 0)
    saved.save("known")
    saved.set_current("b", 0)

    dialog = saved.ask_name()
    save = dialog.buttons.button(QDialogButtonBox.StandardButton.Save)

    assert not save.isEnabled()
    dialog.edit.setText("known")
    assert dialog.note.text()
    dialog.edit.setText("new")
    assert not dialog.note.text()
    save.click()
    assert [one.name for one in saved.all()] == ["known", "new"]


def test_not_more_are_kept_than_a_menu_can_show(saved: SavedFilters) -> None:
    for number in range(MOST + 5):
        saved.set_current("a", 0)
        saved.save(f"filter {number:03}")

    assert len(saved.all()) == MOST


@pytest.mark.parametrize("kept", ["x", 3, [{"name": 1}], {"a": 1}])
def test_a_memory_that_makes_no_sense_is_empty(
    memory: Memory, saved: SavedFilters, kept: object
) -> None:
    memory.set(KEY, kept)

    assert saved.all() == []
