"""One test event's stages, each as icon and word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.sender.progress import Progress, Step
from gui.setup.trial import STAGES, Stage, Trial
from gui.setup.trial_view import TrialView

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look


@pytest.fixture
def view(qtbot: QtBot, look: Look) -> TrialView:
    made = TrialView(look, "Opened")
    qtbot.addWidget(made)
    made.show()
    return made


def words(view: TrialView) -> list[str]:
    return [view.pills[stage].text() for stage in STAGES]


def progress(step: Step, sentence: str) -> Progress:
    return Progress(number=0, step=step, at=0.0, sentence=sentence)


def test_in_the_beginning_everything_is_to_come(view: TrialView) -> None:
    assert words(view) == ["To come"] * 5
    assert not view.said.isVisible()


def test_progress_is_shown_in_words(view: TrialView) -> None:
    view.show_trial(Trial(lookup=False).begun().moved(progress(Step.STORED, "")))

    assert words(view) == ["Done", "Done", "Not needed", "Under way", "To come"]
    assert view.pills[Stage.STORED].accessibleName() == "Stored on disk: Done"


def test_a_failure_says_why_and_what_to_do(view: TrialView) -> None:
    view.show_trial(Trial().begun().moved(progress(Step.DEAD, "Segment refuses the write key.")))

    assert view.said.text() == "Segment refuses the write key."
    assert "write key" in view.advice.text()
    assert view.advice.isVisible()


def test_success_says_how_long_it_took(view: TrialView) -> None:
    view.show_trial(Trial().begun().moved(progress(Step.ACCEPTED, "")))

    assert words(view) == ["Done"] * 5
    assert "It took" in view.said.text()
    assert not view.advice.isVisible()
