"""Tiles: components that are well, in as many columns as there is room for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.health import State
from gui.health.tiles import Tiles

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look

NAMES = ("listener", "store", "gladly", "segment", "clock")


def states(*names: str) -> list[State]:
    return [
        State(name=name, word="ok", sentence=f"{name} runs.", since=1_780_000_000.0)
        for name in names
    ]


def make(qtbot: QtBot, look: Look) -> Tiles:
    tiles = Tiles(look)
    qtbot.addWidget(tiles)
    tiles.show()
    return tiles


def test_each_component_says_how_it_is_and_since_when(qtbot: QtBot, look: Look) -> None:
    tiles = make(qtbot, look)

    tiles.show_states(states("listener"))

    [tile] = tiles.tiles
    assert (tile.title.text(), tile.status.text()) == ("Listener", "OK")
    assert tile.text.text().startswith("listener runs. Since ")
    assert tile.text.toolTip().endswith("UTC")
    assert tile.accessibleName().startswith("Listener: OK. listener runs.")


def test_a_wide_page_has_more_columns_than_a_narrow_one(qtbot: QtBot, look: Look) -> None:
    tiles = make(qtbot, look)
    tiles.show_states(states(*NAMES))

    tiles.resize(3000, 200)
    wide = tiles.columns
    tiles.resize(300, 200)

    assert wide == len(NAMES)
    assert tiles.columns == 1


def test_the_last_row_is_about_as_full_as_the_others(qtbot: QtBot, look: Look) -> None:
    tiles = make(qtbot, look)
    tiles.show_states(states(*NAMES))

    tiles.resize(4 * tiles._tile_width() + 40, 200)

    assert tiles.columns == 3


def test_tiles_come_and_go_with_their_components(qtbot: QtBot, look: Look) -> None:
    tiles = make(qtbot, look)
    tiles.show_states(states(*NAMES))

    tiles.show_states(states("store", "gladly"))

    assert [tile.title.text() for tile in tiles.tiles] == ["Store", "Gladly"]


def test_an_unknown_component_is_shown_too(qtbot: QtBot, look: Look) -> None:
    tiles = make(qtbot, look)

    tiles.show_states(states("poller"))

    assert tiles.tiles[0].title.text() == "Poller"
