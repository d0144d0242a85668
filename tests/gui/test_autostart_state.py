"""What is known of starting with the computer: nothing, until somebody looked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.errors import OperationError
from gui.autostart import autostart_for
from gui.autostart_state import AutostartState

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from gui.autostart import Autostart
    from gui.session import Session


@pytest.fixture
def session(make_session: Callable[..., Session]) -> Session:
    return make_session(start=False)


@pytest.fixture
def entry(session: Session, tmp_path: Path) -> Autostart:
    return autostart_for(
        session.home, platform="linux", environ={"HOME": str(tmp_path)}, command=("/opt/gui",)
    )


def test_before_anybody_looked_nothing_is_known(session: Session, entry: Autostart) -> None:
    entry.enable()

    assert AutostartState(entry, session, session).on is None


@pytest.mark.parametrize("there", [True, False])
def test_looking_tells_what_is_there(
    qtbot: QtBot, session: Session, entry: Autostart, *, there: bool
) -> None:
    if there:
        entry.enable()
    state = AutostartState(entry, session, session)
    with qtbot.waitSignal(state.found) as told:
        state.look()

    assert told.args == [there]
    assert state.on is there


def test_an_entry_that_starts_another_place_is_repaired(
    qtbot: QtBot, session: Session, entry: Autostart, tmp_path: Path
) -> None:
    old = autostart_for(
        session.home, platform="linux", environ={"HOME": str(tmp_path)}, command=("/old/gui",)
    )
    old.enable()
    state = AutostartState(entry, session, session)
    with qtbot.waitSignal(state.found):
        state.look()

    assert not entry.repair()


def test_a_change_is_known_once_it_is_made(
    qtbot: QtBot, session: Session, entry: Autostart
) -> None:
    state = AutostartState(entry, session, session)
    with qtbot.waitSignal(state.found):
        state.change(on=True)
    assert state.on is True
    assert entry.enabled()

    with qtbot.waitSignal(state.found):
        state.change(on=False)
    assert state.on is False
    assert not entry.enabled()


def test_a_change_that_is_refused_is_not_believed(
    qtbot: QtBot, session: Session, entry: Autostart, tmp_path: Path
) -> None:
    (tmp_path / ".config").write_text("a file where a folder should be")
    state = AutostartState(entry, session, session)
    with qtbot.waitSignals([state.refused, state.found]):
        state.change(on=True)

    assert state.on is False


def test_a_refusal_says_what_to_look_at(
    qtbot: QtBot, session: Session, entry: Autostart, tmp_path: Path
) -> None:
    (tmp_path / ".config").write_text("a file where a folder should be")
    state = AutostartState(entry, session, session)
    with qtbot.waitSignal(state.refused) as told:
        state.change(on=True)

    assert isinstance(told.args[0], OperationError)
    assert "could not be changed" in told.args[0].title
