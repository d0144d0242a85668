"""Check rows: an outcome with advice, details on demand, and a press that mends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.doctor.outcome import Findings
from gui.health.row import CheckRow
from gui.mending.mends import Act

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look

FAILED = Findings("port").fail(
    "listener.port_in_use", "Port 8377 is in use by nc.", "Stop it.", port="8377", owner="nc"
)
WELL = Findings("port").ok("port.free", "Port 8377 is free.", port="8377")


@pytest.fixture
def row(qtbot: QtBot, look: Look) -> CheckRow:
    made = CheckRow("port", look)
    qtbot.addWidget(made)
    made.show()
    return made


def test_before_anything_is_known_it_says_so(row: CheckRow) -> None:
    assert row.status.text() == "Not checked"
    assert not row.details_button.isEnabled()


def test_a_failure_comes_with_advice_and_a_press(qtbot: QtBot, row: CheckRow) -> None:
    row.show_outcome(FAILED)

    assert row.status.text() == "Failed"
    assert row.sentence.text() == "Port 8377 is in use by nc."
    assert row.hint.text() == "Stop that program, or let the listener take a free port."
    with qtbot.waitSignal(row.mend) as wish:
        row.buttons[0].click()
    assert (wish.args[0].act, wish.args[1]) == (Act.PORT, "port")


def test_details_are_shown_on_demand(row: CheckRow) -> None:
    row.show_outcome(FAILED)
    assert not row.details.isVisible()

    row.details_button.click()

    assert row.details.isVisible()
    assert row.details.toPlainText() == "port: 8377\nowner: nc\ncode: listener.port_in_use"
    assert row.details_button.accessibleName() == "Hide details of Port"


def test_a_well_check_needs_no_press(row: CheckRow) -> None:
    row.show_outcome(FAILED)
    row.show_outcome(WELL)

    assert row.status.text() == "OK"
    assert row.buttons == []


def test_one_check_can_be_run_again(qtbot: QtBot, row: CheckRow) -> None:
    row.show_outcome(WELL)

    with qtbot.waitSignal(row.again) as again:
        row.again_button.click()
    row.show_running()

    assert again.args == ["port"]
    assert row.status.text() == "Checking"
    assert row.sentence.text() == "Port 8377 is free."
    assert not row.again_button.isEnabled()
