"""Details: as high as the text, never cut off, never a trap for the Tab key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gui.health.details import Details

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look


def test_a_long_path_is_broken_into_lines_that_are_all_shown(qtbot: QtBot, look: Look) -> None:
    details = Details(look)
    qtbot.addWidget(details)
    details.setPlainText("file: /home/" + "zoë-and-a-very-long-name/" * 12 + "store.db")
    details.resize(1200, 40)
    details.show()
    wide = details.sizeHint().height()

    details.resize(200, 40)

    qtbot.waitUntil(lambda: details.sizeHint().height() > 2 * wide)
    assert details.minimumSizeHint().height() == details.sizeHint().height()


def test_it_is_read_only_and_lets_tab_pass(qtbot: QtBot, look: Look) -> None:
    details = Details(look)
    qtbot.addWidget(details)

    assert details.isReadOnly()
    assert details.tabChangesFocus()
