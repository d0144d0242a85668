"""The strip above the rows: why, what to do, and buttons that wrap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gui.attention.strip import Strip
from gui.widgets.buttons import make_button

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look


def test_it_says_why_and_what_to_do(qtbot: QtBot, look: Look) -> None:
    strip = Strip(look)
    qtbot.addWidget(strip)
    strip.show()

    strip.say("Segment rejects it.", "Mend the cause.")

    assert strip.sentence.text() == "Segment rejects it."
    assert strip.hint.isVisible()
    strip.say("Segment rejects it.", "")
    assert not strip.hint.isVisible()


def test_without_buttons_there_is_no_room_for_them(qtbot: QtBot, look: Look) -> None:
    strip = Strip(look)
    qtbot.addWidget(strip)
    strip.show()
    assert not strip.buttons.isVisible()

    strip.add(make_button(look, "Replay"))

    assert strip.buttons.isVisible()
