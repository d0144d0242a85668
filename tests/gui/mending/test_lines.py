"""Status lines: a pill, a sentence, advice, and a button for each press that helps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gui.mending.lines import StatusLine
from gui.mending.mends import Act, Mend
from gui.words import Word

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look

WORD = Word("Failed", "fail", "bad")
CARD = Mend("Open the card", Act.CARD, "segment")
AGAIN = Mend("Try again", Act.AGAIN)


def make(qtbot: QtBot, look: Look) -> StatusLine:
    line = StatusLine(look, "Segment")
    qtbot.addWidget(line)
    line.show()
    return line


def test_everything_is_said_to_readers_too(qtbot: QtBot, look: Look) -> None:
    line = make(qtbot, look)

    line.show_line(WORD, "It refuses.", "Check the key.", [CARD])

    assert line.accessibleName() == "Segment: Failed. It refuses. Check the key."
    assert (line.sentence.text(), line.hint.text()) == ("It refuses.", "Check the key.")
    assert line.status.word() == WORD


def test_a_press_says_which(qtbot: QtBot, look: Look) -> None:
    line = make(qtbot, look)
    line.show_line(WORD, "It refuses.", "", [CARD, AGAIN])

    assert [button.text() for button in line.buttons] == ["Open the card", "Try again"]
    with qtbot.waitSignal(line.pressed) as pressed:
        line.buttons[1].click()

    assert pressed.args == [AGAIN]


def test_what_is_not_said_takes_no_room(qtbot: QtBot, look: Look) -> None:
    line = make(qtbot, look)
    line.show_line(WORD, "It refuses.", "Check.", [CARD])

    line.show_line(WORD, "", "", [])

    assert not line.sentence.isVisible()
    assert not line.hint.isVisible()
    assert not line.offers.isVisible()
    assert line.buttons == []
