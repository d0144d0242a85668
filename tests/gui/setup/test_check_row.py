"""The traffic light: spinner, outcome, hint, and nothing that no longer holds."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from core.doctor.outcome import Findings, Outcome
from core.errors import SecretMissing
from gui.setup.check_row import CheckRow

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.setup.card import Tools

GOOD = Findings("x").ok("x.good", "All is well.")
BAD = Findings("x").fail("x.bad", "It does not work.", "Mend it.")


@pytest.fixture
def row(qtbot: QtBot, tools: Tools) -> CheckRow:
    made = CheckRow(tools.session, tools.look, "&Check it")
    qtbot.addWidget(made)
    made.show()
    return made


def asking(outcome: Outcome):
    async def ask() -> Outcome:
        return outcome

    return ask


def test_an_outcome_is_shown_as_word_sentence_and_hint(qtbot: QtBot, row: CheckRow) -> None:
    with qtbot.waitSignal(row.checked) as told:
        row.run(asking(BAD))
        assert row.busy
        assert row.button.isEnabled()

    assert told.args == [BAD]
    assert row.outcome == BAD
    assert not row.busy
    assert row.button.accessibleDescription() == "Failed: It does not work. Mend it."


def test_an_outcome_without_advice_has_no_empty_line(qtbot: QtBot, row: CheckRow) -> None:
    with qtbot.waitSignal(row.checked):
        row.run(asking(GOOD))

    assert row._hint.isHidden()
    assert not row._light.isHidden()


def test_what_no_longer_holds_is_taken_back(qtbot: QtBot, row: CheckRow) -> None:
    with qtbot.waitSignal(row.checked):
        row.run(asking(GOOD))
    with qtbot.waitSignal(row.checked) as told:
        row.clear()

    assert told.args == [None]
    assert row.outcome is None
    assert row._light.isHidden()


def test_a_newer_question_replaces_the_older(qtbot: QtBot, row: CheckRow) -> None:
    async def never() -> Outcome:
        await asyncio.Event().wait()
        raise AssertionError

    row.run(never)
    with qtbot.waitSignal(row.checked) as told:
        row.run(asking(GOOD))

    assert told.args == [GOOD]


def test_clearing_while_asking_drops_the_answer(qtbot: QtBot, row: CheckRow) -> None:
    told: list[object] = []
    row.checked.connect(told.append)
    row.run(asking(GOOD))
    row.clear()

    with qtbot.waitSignal(row.checked):
        row.run(asking(BAD))

    assert told == [BAD]


def test_the_button_asks_for_a_check(qtbot: QtBot, row: CheckRow) -> None:
    with qtbot.waitSignal(row.wanted):
        row.button.click()


@pytest.mark.logs_warnings
@pytest.mark.parametrize("error", [ValueError("odd"), SecretMissing("It is missing.")])
def test_a_check_that_breaks_does_not_wait_for_ever(
    qtbot: QtBot, row: CheckRow, error: Exception
) -> None:
    async def broken() -> Outcome:
        raise error

    with qtbot.waitSignal(row.checked):
        row.run(broken)

    assert not row.busy
    assert row.outcome is not None
    assert row.outcome.verdict == "fail"
