"""Components: those that are not well with what helps, the others as tiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.health import WELL, State
from gui.health.components import Components
from gui.mending.mends import Act
from gui.mending.troubles import components, troubles_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from gui.look import Look
    from gui.session import Session

UNWELL = State(name="segment", word="backing-off", sentence="Segment is down (503).", since=9.0)
LISTENS = State(name="listener", word="listening", sentence="Listens.", since=9.0)


@pytest.fixture
def shown(qtbot: QtBot, look: Look, still: Callable[..., Session]):
    """Shows the states of a running session."""
    widget = Components(look)
    qtbot.addWidget(widget)
    widget.show()

    def show(*states: State) -> Components:
        session = still(states=states)
        well = [state for state in components(session) if state.word in WELL]
        widget.show_all(troubles_of(session), well)
        return widget

    return show


def test_trouble_stands_on_top_with_what_helps(qtbot: QtBot, shown) -> None:
    widget = shown(LISTENS, UNWELL)

    [line] = widget.lines
    assert line.title.text() == "Segment"
    assert line.sentence.text().startswith("Segment is down (503). Since ")
    with qtbot.waitSignal(widget.mend) as wish:
        line.buttons[0].click()
    assert wish.args[0].act is Act.RESUME
    assert [tile.title.text() for tile in widget.tiles.tiles] == [
        "Listener",
        "Resolver",
        "Forwarder",
    ]


def test_without_trouble_there_are_tiles_only(shown) -> None:
    shown(UNWELL)

    widget = shown(LISTENS)

    assert widget.lines == []
    assert not widget.unwell.isVisible()


def test_the_same_once_more_changes_nothing(shown) -> None:
    before = shown(UNWELL).lines[0]

    assert shown(UNWELL).lines[0] is before
