"""Every drill says what happens and what to watch, and every stage how it stands."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from core.simulator.drills import PLANS, Drill, DrillProgress, Stage
from core.simulator.tally import Figures
from gui.icons import GLYPHS
from gui.sender.drill_words import LONG_SECONDS, lesson, standing

PROGRESS = DrillProgress(
    drill=Drill.SEGMENT_DOWN,
    stage=Stage.STRIKING,
    seconds=10,
    left=19.6,
    owed=1234,
    missing=30,
    repeated=0,
    given_up=0,
    figures=Figures(),
)


def told(**changes: Any) -> tuple[str, str]:
    tone, title, text = standing("Segment down", msgspec.structs.replace(PROGRESS, **changes))
    return tone, f"{title} | {text}"


@pytest.mark.parametrize("drill", list(Drill))
def test_every_drill_has_its_lesson(drill: Drill):
    made = lesson(drill, PLANS[drill].seconds)

    assert made.icon in GLYPHS
    assert made.story.endswith(".")
    assert made.watch.endswith(".")
    assert "{" not in "".join(made)


def test_while_it_strikes_it_says_how_long_still():
    assert told() == (
        "warn",
        "Segment down: 20 s left | 1,234 events so far ought to be at Segment; 30 of them are not "
        "yet.",
    )


def test_while_it_recovers_it_says_what_is_under_way():
    tone, text = told(stage=Stage.RECOVERING)

    assert tone == "busy"
    assert "recovering for 10 s | 30 of 1,234 events are still on their way." in text


def test_what_takes_long_or_was_given_up_is_said():
    assert "look at Health" in told(stage=Stage.RECOVERING, seconds=LONG_SECONDS + 1)[1]
    assert "gave up on 2 webhooks" in told(stage=Stage.RECOVERING, given_up=2)[1]


def test_recovered_means_that_everything_arrived_once():
    tone, text = told(stage=Stage.RECOVERED, repeated=7)

    assert tone == "good"
    assert "recovered after 10 s | All 1,234 events" in text
    assert "7 came more than once" in text


def test_what_was_counted_twice_is_not_hidden():
    tone, text = told(stage=Stage.RECOVERED, figures=Figures(twice=3))

    assert tone == "bad"
    assert "3 were counted twice" in text
