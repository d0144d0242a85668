"""The gap ledger as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from PySide6.QtCore import Qt

from core.coverage import Fate
from gui.activity.gaps import Column, GapModel
from gui.widgets.pill import WordRole, as_word
from tests.gui.activity.test_day import NOW, gap

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.modeltest import ModelTester
    from pytestqt.qtbot import QtBot

Role = Qt.ItemDataRole
GAPS = (
    gap(2, 1, id=4, reason="Gladly could not be read."),
    gap(12, 6, id=3, fate=Fate.HEALED, events=1, settled_at=NOW - 21_000),
    gap(20, 19.5, id=2, fate=Fate.IMPORTED, events=1234),
    gap(60, 50, id=1, fate=Fate.LOST),
)


@pytest.fixture
def model(zone: Callable[[str], None]) -> GapModel:
    """One gap of each fate."""
    zone("UTC")
    made = GapModel(lambda: NOW)
    made.show_gaps(GAPS)
    return made


def texts(model: GapModel, row: int) -> list[str]:
    return [str(model.index(row, column).data()) for column in Column]


def test_qt_finds_no_fault(qtmodeltester: ModelTester, model: GapModel) -> None:
    qtmodeltester.check(model)


def test_every_gap_is_a_row_with_fate_and_reason(model: GapModel) -> None:
    assert texts(model, 0)[2:] == ["1 h", "Open, 22 h left", "", "Gladly could not be read."]
    assert texts(model, 1)[2:] == ["6 h", "Healed by polling", "1", "The computer was asleep."]
    assert texts(model, 2)[2:5] == ["30 min", "Healed from export", "1,234"]
    assert texts(model, 3)[:5] == ["May 26, 08:30", "18:30", "10 h", "Declared lost", ""]
    titles = [model.headerData(column, Qt.Orientation.Horizontal) for column in Column]
    assert titles == ["From", "To", "Length", "Fate", "Found", "Reason"]


def test_the_fate_is_a_pill_with_icon(model: GapModel) -> None:
    words = [as_word(model.index(row, Column.FATE).data(WordRole)) for row in range(4)]

    assert [word.tone for word in words if word] == ["warn", "good", "good", "bad"]
    assert len({word.icon for word in words if word}) == 4
    assert model.index(0, Column.REASON).data(WordRole) is None


def test_readers_hear_the_whole_row(model: GapModel) -> None:
    spoken = [model.index(row, Column.START).data(Role.AccessibleTextRole) for row in range(4)]

    assert spoken[0].endswith(
        "1 h. Open, 22 h left. What happened then was not read yet. Gladly could not be read."
    )
    assert "1 event was found afterwards." in spoken[1]
    assert "1,234 events were found afterwards." in spoken[2]
    assert "Gladly's export files may still tell what happened then." in spoken[3]


def test_tooltips_have_exact_times_and_the_countdown(model: GapModel) -> None:
    def tip(row: int, column: Column) -> str:
        return str(model.index(row, column).data(Role.ToolTipRole))

    assert tip(3, Column.START) == "2026-05-26 08:30:00.000 UTC"
    assert tip(3, Column.END).endswith("UTC")
    assert tip(0, Column.FATE) == "Gladly tells of it for 22 h more."
    assert tip(1, Column.FATE).startswith("Healed by polling, ")
    assert tip(3, Column.FATE) == "Declared lost"
    assert tip(1, Column.EVENTS) == "1 event was found afterwards."
    assert tip(0, Column.REASON) == "Gladly could not be read."


def test_a_gap_that_was_healed_changes_in_place(qtbot: QtBot, model: GapModel) -> None:
    healed = msgspec.structs.replace(GAPS[0], fate=Fate.HEALED, events=0)

    with qtbot.assertNotEmitted(model.modelReset), qtbot.waitSignal(model.dataChanged):
        model.show_gaps((healed, *GAPS[1:]))

    assert texts(model, 0)[3:5] == ["Healed by polling", "0"]
    tip = model.index(0, Column.EVENTS).data(Role.ToolTipRole)
    assert tip == "Nothing had been missed."


def test_a_new_gap_is_told_as_such(qtbot: QtBot, model: GapModel) -> None:
    with qtbot.waitSignal(model.modelReset):
        model.show_gaps(GAPS[1:])

    assert model.rowCount() == 3


def test_only_open_gaps_count_down(qtbot: QtBot, model: GapModel) -> None:
    told = []
    model.dataChanged.connect(lambda first, last: told.append((first.row(), last.row())))

    model.tick()

    assert told == [(0, 0)]


def test_of_what_is_older_than_the_export_files_nobody_can_tell(model: GapModel) -> None:
    model.show_gaps([gap(20 * 24, 14 * 24, fate=Fate.LOST)])

    tooltip = model.index(0, Column.EVENTS).data(Role.ToolTipRole)

    assert tooltip == "Nobody can tell any more what happened then."
