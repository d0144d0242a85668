"""A bar that says what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QBoxLayout

from gui.palettes import LIGHT, TONES
from gui.widgets.notice import Notice

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look

#: the offscreen platform says so whenever a window with a smallest size is shown
pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")

TEXT = "Segment refuses the write key, so 1,204 deliveries wait."
HINT = "Copy the write key from Segment again."


@pytest.fixture
def notice(qtbot: QtBot, look: Look) -> Notice:
    notice = Notice(look)
    qtbot.addWidget(notice)
    return notice


def test_it_is_hidden_until_there_is_something(notice: Notice) -> None:
    assert notice.isHidden()


@pytest.mark.parametrize("tone", TONES)
def test_it_says_it_on_the_ground_of_its_tone(notice: Notice, tone: str) -> None:
    notice.show_message(tone, TEXT)
    notice.resize(600, 40)

    assert notice.grab().toImage().pixelColor(300, 4).name() == LIGHT[f"{tone}_soft"]
    assert not notice.icon.pixmap().isNull()


def test_readers_hear_text_and_hint(notice: Notice) -> None:
    notice.show_message("bad", TEXT, HINT)

    assert notice.accessibleName() == f"{TEXT} {HINT}"


def test_what_there_is_not_takes_no_room(notice: Notice) -> None:
    notice.show_message("bad", TEXT, HINT, "Open Settings")
    notice.show_message("good", "Segment takes events again.")

    assert notice.hint.isHidden()
    assert notice.button.isHidden()


def test_its_button_can_be_pressed(qtbot: QtBot, notice: Notice) -> None:
    notice.show_message("bad", TEXT, HINT, "Open Settings")

    with qtbot.waitSignal(notice.activated):
        notice.button.click()

    assert notice.button.text() == "Open Settings"


def test_the_button_goes_below_the_text_where_it_is_narrow(notice: Notice) -> None:
    notice.show_message("bad", TEXT, HINT, "Open Settings")
    notice.resize(900, 60)
    wide = notice._row.direction()

    notice.resize(200, 200)

    assert wide is QBoxLayout.Direction.LeftToRight
    assert notice._row.direction() is QBoxLayout.Direction.TopToBottom


def test_it_grows_higher_where_it_is_narrow(notice: Notice) -> None:
    notice.show_message("bad", TEXT, HINT)

    assert notice.heightForWidth(220) > notice.heightForWidth(900)


def test_it_can_be_cleared(notice: Notice) -> None:
    notice.show_message("bad", TEXT)

    notice.clear()

    assert notice.isHidden()
