"""Rounds: every check once, a few at a time, in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.doctor.doctor import NAMES
from gui.health.rounds import LANES, Rounds
from gui.run import Phase

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from core.doctor.subject import Outside
    from gui.session import Session
    from tests.gui.conftest import MemoryPlace

    Still = Callable[..., Session]


def test_all_checks_are_run_and_told_as_they_finish(
    qtbot: QtBot, still: Still, outside: Outside
) -> None:
    rounds = Rounds(still(Phase.STOPPED), outside)
    told: list[str] = []
    rounds.found.connect(lambda outcome: told.append(outcome.name))

    with qtbot.waitSignal(rounds.finished, timeout=20_000):
        rounds.run()

    assert sorted(told) == sorted(NAMES)
    assert rounds.complete
    assert [outcome.name for outcome in rounds.ordered] == list(NAMES)
    assert rounds.outcomes["engine"].code == "engine.stopped"
    assert rounds.outcomes["write-key"].verdict == "skip"  # a host of one's own


def test_only_a_few_run_at_once(still: Still, outside: Outside) -> None:
    rounds = Rounds(still(Phase.STOPPED), outside)

    rounds.run()

    assert len(rounds.running) == LANES
    assert rounds.busy
    rounds.stop()


def test_one_check_can_be_run_alone(qtbot: QtBot, still: Still, outside: Outside) -> None:
    rounds = Rounds(still(Phase.STOPPED), outside)

    with qtbot.waitSignal(rounds.finished):
        rounds.run(["keyring"])

    assert [outcome.name for outcome in rounds.ordered] == ["keyring"]
    assert not rounds.complete


def test_a_check_under_way_is_not_begun_twice(qtbot: QtBot, still: Still, outside: Outside) -> None:
    rounds = Rounds(still(Phase.STOPPED), outside)
    begun: list[str] = []
    rounds.began.connect(begun.append)

    with qtbot.waitSignal(rounds.finished):
        rounds.run(["keyring"])
        rounds.run(["keyring"])

    assert begun == ["keyring"]


def test_what_was_given_up_is_told_no_more(
    qtbot: QtBot, still: Still, outside: Outside, place: MemoryPlace
) -> None:
    rounds = Rounds(still(Phase.STOPPED), outside)
    rounds.run(["secrets"])
    rounds.stop()

    with qtbot.waitSignal(rounds.finished):
        rounds.run(["keyring"])

    assert list(rounds.outcomes) == ["keyring"]
    assert not rounds.busy
