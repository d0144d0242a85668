"""The tick for starting with the computer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from gui.setup.autostart_tick import AutostartTick

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def test_before_it_is_known_it_says_so_and_cannot_be_changed(qtbot: QtBot) -> None:
    tick = AutostartTick()
    qtbot.addWidget(tick)
    tick.show()
    qtbot.mouseClick(tick.box, Qt.MouseButton.LeftButton)

    assert tick.state() is None
    assert not tick.box.isEnabled()
    assert tick.box.checkState() is Qt.CheckState.PartiallyChecked
    assert "Looking" in tick.note.text()
    assert tick.box.accessibleDescription() == tick.note.text()


def test_once_it_is_known_it_can_only_be_on_or_off(qtbot: QtBot) -> None:
    tick = AutostartTick()
    qtbot.addWidget(tick)
    tick.show()
    tick.show_state(False)
    assert tick.state() is False

    states = []
    for _ in range(3):
        tick.box.click()
        states.append(tick.state())

    assert states == [True, False, True]
    assert not tick.note.isVisible()
    assert tick.box.accessibleDescription() == ""
