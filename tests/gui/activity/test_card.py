"""Chart cards: a legend drawn as in the chart, and the chart in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QWidget

from gui.activity.card import ChartCard, Mark, Sample

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look


def test_words_are_there_for_readers_too(qtbot: QtBot, look: Look) -> None:
    plot = QWidget()
    card = ChartCard(look, "Backlog", plot)  # type: ignore[arg-type]
    qtbot.addWidget(card)

    card.say("Nothing waited.")
    card.read("10:00 to 10:01: 5 under way")

    assert card.summary.text() == plot.accessibleDescription() == "Nothing waited."
    assert card.read_out.text() == "10:00 to 10:01: 5 under way"
    card.read("")
    assert card.read_out.text().strip() == ""


def test_the_legend_says_how_each_thing_is_drawn(qtbot: QtBot, look: Look) -> None:
    card = ChartCard(look, "Latency", QWidget())  # type: ignore[arg-type]
    qtbot.addWidget(card)

    card.add_key(Mark.DOTS, "accent", "Half")
    card.add_key(Mark.DASHES, "warn", "95 of 100")

    assert len(card.findChildren(Sample)) == 2


@pytest.mark.parametrize("mark", list(Mark))
def test_a_sample_is_drawn_in_its_colour(qtbot: QtBot, look: Look, mark: Mark) -> None:
    sample = Sample(look, mark, "bad")
    qtbot.addWidget(sample)
    sample.resize(sample.sizeHint())

    picture = sample.grab().toImage()

    colours = {
        picture.pixelColor(x, y).name()
        for x in range(picture.width())
        for y in range(picture.height())
    }
    assert look.colour("bad").name() in colours
