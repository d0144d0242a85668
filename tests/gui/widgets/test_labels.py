"""Headings, running text, icons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette

from gui.palettes import DARK, LIGHT
from gui.widgets.labels import Heading, IconLabel, Rule, Text

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look


def test_a_heading_has_the_font_of_its_level(qtbot: QtBot, look: Look) -> None:
    heading = Heading(look, "Events", 1)
    qtbot.addWidget(heading)

    assert heading.font().pointSizeF() == look.heading(1).pointSizeF()


def test_text_is_never_read_as_markup(qtbot: QtBot, look: Look) -> None:
    text = Text("<b>Ana</b>")
    qtbot.addWidget(text)

    assert text.textFormat() is Qt.TextFormat.PlainText


def test_text_takes_the_colour_of_its_tone_and_changes_it(qtbot: QtBot, look: Look) -> None:
    text = Text("Saved.", "muted")
    qtbot.addWidget(text)
    text.ensurePolished()

    def ink() -> str:
        return text.palette().color(QPalette.ColorRole.WindowText).name()

    before = ink()
    text.set_tone("bad")

    assert (before, ink()) == (LIGHT["muted"], LIGHT["bad"])


def test_text_grows_higher_where_it_is_narrow(qtbot: QtBot, look: Look) -> None:
    text = Text("One sentence that is long enough to be broken into several lines.")
    qtbot.addWidget(text)

    assert text.heightForWidth(100) > text.heightForWidth(600)


def test_an_icon_follows_the_look(qtbot: QtBot, look: Look) -> None:
    icon = IconLabel(look, "stop", "bad", factor=2)
    qtbot.addWidget(icon)

    look.force("dark")

    image = icon.pixmap().toImage()
    inks = {image.pixelColor(x, y).name() for x in range(32) for y in range(32)}
    assert DARK["bad"] in inks


def test_an_icon_can_be_changed_and_left_away(qtbot: QtBot, look: Look) -> None:
    icon = IconLabel(look)
    qtbot.addWidget(icon)
    nothing = icon.pixmap().isNull()

    icon.set_icon("ok", "good")

    assert nothing
    assert not icon.pixmap().isNull()


def test_a_rule_is_a_thin_line(qtbot: QtBot, look: Look) -> None:
    rule = Rule()
    qtbot.addWidget(rule)
    rule.ensurePolished()

    assert rule.maximumHeight() == 1
