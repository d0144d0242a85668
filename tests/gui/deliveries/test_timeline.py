"""The timeline: steps with times and gaps, drawn from top to bottom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QLabel

from gui import words
from gui.deliveries.story import Step, steps
from gui.deliveries.timeline import Timeline
from tests.gui.deliveries.details import accepted, attempt, detail
from tests.gui.deliveries.test_columns import NOW

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look


@pytest.fixture
def timeline(qtbot: QtBot, look: Look) -> Timeline:
    """An empty timeline on screen."""
    made = Timeline(look)
    qtbot.addWidget(made)
    made.resize(400, 300)
    with qtbot.waitExposed(made):
        made.show()
    return made


def labels(timeline: Timeline) -> list[str]:
    return [one.text() for one in timeline.findChildren(QLabel) if one.text() and one.isVisible()]


def test_every_step_is_there_with_its_time_and_gap(timeline: Timeline) -> None:
    timeline.set_steps(steps(accepted(), NOW + 10))

    texts = labels(timeline)
    assert any("Attempt 2" in text for text in texts)
    assert words.when(NOW) in texts
    assert "+1.0 s" in texts
    assert len(timeline.texts()) == 7


def test_a_reason_without_blanks_does_not_push_the_times_out(timeline: Timeline) -> None:
    said = '{"success":false,"code":"invalid_request","message":"' + "x" * 200 + '"}'
    timeline.set_steps([Step(title="Attempt 1", note=said, icon="attempt", at=NOW)])

    assert timeline.minimumSizeHint().width() <= 400
    assert timeline.texts() == [f"Attempt 1 {said}"]
    told = next(one for one in timeline.findChildren(QLabel) if "Attempt" in one.text())
    assert told.accessibleName() == f"Attempt 1. {said}"


def test_times_say_exactly_when_in_a_tooltip(timeline: Timeline) -> None:
    timeline.set_steps([Step(title="Received", icon="received", at=NOW)])

    tips = [one.toolTip() for one in timeline.findChildren(QLabel)]
    assert words.utc(NOW) in tips


def test_markup_in_an_error_is_only_text(timeline: Timeline) -> None:
    error = "<b>bold</b> & <img src=x>"
    timeline.set_steps([Step(title="Attempt 1", note=error, icon="attempt")])

    text = next(one for one in labels(timeline) if "Attempt" in one)
    assert "<img" not in text
    assert "&lt;img" in text


def test_the_same_steps_change_nothing(timeline: Timeline) -> None:
    told = steps(accepted(), NOW + 10)
    timeline.set_steps(told)
    before = timeline.findChildren(QLabel)

    timeline.set_steps(told)

    assert timeline.findChildren(QLabel) == before


def test_other_steps_take_their_place(timeline: Timeline) -> None:
    timeline.set_steps(steps(accepted(), NOW + 10))
    timeline.set_steps([Step(title="Only this", icon="received")])

    assert len(labels(timeline)) == 1


def test_is_as_high_as_its_steps(timeline: Timeline) -> None:
    timeline.set_steps(steps(detail(), NOW))
    short = timeline.heightForWidth(400)
    timeline.set_steps(steps(detail(attempts=tuple(map(attempt, range(1, 7)))), NOW))

    assert timeline.heightForWidth(400) > short > 0


def test_follows_the_look(timeline: Timeline, look: Look) -> None:
    timeline.set_steps(steps(detail(attempts=(attempt(1),)), NOW))
    light = timeline.grab().toImage()

    look.force("dark")

    assert timeline.grab().toImage() != light
