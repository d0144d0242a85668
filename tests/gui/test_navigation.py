"""The list of pages at the left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt

from gui.navigation import Navigation

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")
PAGES = [
    ("events", "events", "Events", "Ctrl+1"),
    ("attention", "attention", "Needs attention", "Ctrl+2"),
    ("health", "health", "Health", "Ctrl+3"),
]


@pytest.fixture
def navigation(qtbot: QtBot, look: Look) -> Navigation:
    made = Navigation(look, PAGES)
    qtbot.addWidget(made)
    made.resize(made.sizeHint())
    made.show()
    return made


def spoken(navigation: Navigation, row: int) -> str:
    return str(navigation.item(row).data(Qt.ItemDataRole.AccessibleTextRole))


def test_a_click_and_the_arrow_keys_choose_a_page(qtbot: QtBot, navigation: Navigation) -> None:
    with qtbot.waitSignal(navigation.chosen) as chosen:
        place = navigation.visualItemRect(navigation.item(1)).center()
        qtbot.mouseClick(navigation.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen.args == ["attention"]

    with qtbot.waitSignal(navigation.chosen) as chosen:
        qtbot.keyClick(navigation, Qt.Key.Key_Down)
    assert chosen.args == ["health"]


def test_a_count_is_seen_and_read_aloud(navigation: Navigation) -> None:
    navigation.set_badge("attention", 1204, "need attention")

    assert navigation.badge("attention") == "1,204"
    assert spoken(navigation, 1) == "Needs attention, 1,204 need attention"

    navigation.set_badge("attention", 0)
    assert navigation.badge("attention") == ""
    assert spoken(navigation, 1) == "Needs attention"


def test_the_tooltip_tells_the_keys(navigation: Navigation) -> None:
    assert navigation.item(0).toolTip() == "Events (Ctrl+1)"


def test_every_title_fits_beside_a_wide_count_at_any_size_of_text(
    qtbot: QtBot, navigation: Navigation
) -> None:
    before = navigation.sizeHint().width()
    font = navigation.font()
    font.setPointSizeF(font.pointSizeF() * 2)
    navigation.setFont(font)

    after = navigation.sizeHint().width()
    title = navigation.fontMetrics().horizontalAdvance("Needs attention")
    count = navigation.fontMetrics().horizontalAdvance("9,999")
    assert after > before * 1.5
    assert after >= title + count


def test_without_titles_it_is_narrow_but_keeps_icons_and_counts(navigation: Navigation) -> None:
    wide = navigation.sizeHint().width()
    navigation.set_compact(compact=True)
    without_count = navigation.sizeHint().width()
    navigation.set_badge("attention", 12)

    assert without_count < navigation.sizeHint().width() < wide
    assert navigation.grab().width() > 0
    assert navigation.compact
