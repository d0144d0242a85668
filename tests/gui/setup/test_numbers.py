"""Numbers with their unit, and decimals only where there are some."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDoubleSpinBox, QSpinBox

from gui.setup.numbers import Number, make_spin

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def test_whole_numbers_stay_whole(qtbot: QtBot) -> None:
    told: list[int] = []
    spin = make_spin(Number("a.b", "A", "", 1, 100, "ms"), lambda: told.append(1))
    qtbot.addWidget(spin)

    spin.setValue(50)

    assert isinstance(spin, QSpinBox)
    assert spin.text() == "50 ms"
    assert (spin.minimum(), spin.maximum()) == (1, 100)
    assert told == [1]


def test_decimals_are_shown_only_where_there_are_some(qtbot: QtBot) -> None:
    spin = make_spin(Number("a.b", "A", "", 0.1, 365, "days", 1), lambda: None)
    qtbot.addWidget(spin)

    assert isinstance(spin, QDoubleSpinBox)
    spin.setValue(7)
    assert spin.text() == "7 days"
    spin.setValue(0.5)
    assert spin.text() == "0.5 days"
