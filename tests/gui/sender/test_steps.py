"""Every step and every scenario has its words."""

from __future__ import annotations

import pytest

from core.model import Fact
from core.sender.bodies import Scenario
from core.sender.progress import Step
from gui.icons import GLYPHS
from gui.palettes import TONES
from gui.sender import steps


@pytest.mark.parametrize("step", list(Step))
def test_every_step_has_a_word_an_icon_and_a_tone(step: Step):
    word = steps.step_word(step)

    assert word.text
    assert word.icon in GLYPHS
    assert word.tone in TONES


@pytest.mark.parametrize("word", [steps.to_be_sent(), steps.not_sent()])
def test_so_have_events_without_a_step(word: steps.Word):
    assert word.text
    assert word.icon in GLYPHS


@pytest.mark.parametrize("scenario", list(Scenario))
def test_every_scenario_has_a_name_and_a_story(scenario: Scenario):
    name, story = steps.tale(scenario)

    assert name
    assert story.endswith(".")


def test_kinds_have_names_and_others_stay_as_they_are():
    assert steps.kind_name(Fact.ASSIGNED) == "Assigned"
    assert [steps.kind_name(one) for one in ("X/Y", None, 7)] == ["X/Y", "?", "7"]
