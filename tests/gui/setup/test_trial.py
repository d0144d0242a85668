"""The stages of a test event: which is done, which is under way, where it went wrong."""

from __future__ import annotations

import msgspec
import pytest

from core.model import DeliveryStatus
from core.sender.progress import Progress, Step
from gui.setup.trial import STAGES, Light, Stage, Trial, advice, stage_name
from tests.core.sender.test_progress import DELIVERY


def progress(step: Step, sentence: str = "said") -> Progress:
    return Progress(number=0, step=step, at=0.0, sentence=sentence)


def lights(trial: Trial) -> str:
    return " ".join(trial.lights[stage] for stage in STAGES)


def test_the_stages_turn_green_one_after_the_other() -> None:
    trial = Trial()
    assert lights(trial) == "todo todo todo todo todo"
    trial = trial.begun()
    assert lights(trial) == "busy todo todo todo todo"
    trial = trial.moved(progress(Step.STORED))
    assert lights(trial) == "good good busy todo todo"
    trial = trial.moved(progress(Step.MAPPED))
    assert lights(trial) == "good good good good busy"
    assert not trial.over
    trial = trial.moved(progress(Step.ACCEPTED))
    assert lights(trial) == "good good good good good"
    assert trial.accepted
    assert trial.over
    assert "made up" in trial.sentence


def test_without_an_api_token_the_look_up_is_not_needed() -> None:
    trial = Trial(lookup=False).begun().moved(progress(Step.STORED))
    assert lights(trial) == "good good skipped busy todo"
    trial = trial.moved(progress(Step.ACCEPTED))
    assert lights(trial) == "good good skipped good good"
    assert "made up" not in trial.sentence


@pytest.mark.parametrize(
    ("step", "stage", "light"),
    [
        (Step.WAITING, Stage.LOOKED_UP, Light.WARN),
        (Step.RETRYING, Stage.ACCEPTED, Light.WARN),
        (Step.SKIPPED, Stage.MAPPED, Light.BAD),
        (Step.UNMAPPABLE, Stage.MAPPED, Light.BAD),
        (Step.DEAD, Stage.ACCEPTED, Light.BAD),
    ],
)
def test_what_goes_wrong_is_told_where_it_went_wrong(
    step: Step, stage: Stage, light: Light
) -> None:
    trial = Trial().begun().moved(progress(step, "because"))

    assert trial.at is stage
    assert trial.lights[stage] is light
    assert trial.sentence == "because"
    assert trial.over is (light is Light.BAD)


def test_an_event_that_takes_too_long_fails_where_it_was() -> None:
    trial = Trial().begun().moved(progress(Step.WAITING)).moved(progress(Step.LATE, "too long"))

    assert trial.at is Stage.LOOKED_UP
    assert trial.lights[Stage.LOOKED_UP] is Light.BAD
    assert trial.sentence == "too long"


def test_a_listener_that_does_not_answer_is_where_it_ends() -> None:
    trial = Trial().begun().failed("Nothing answers.")

    assert trial.at is Stage.ANSWERED
    assert trial.lights[Stage.ANSWERED] is Light.BAD


def test_what_is_over_stays_as_it_is() -> None:
    trial = Trial().begun().moved(progress(Step.ACCEPTED))

    assert trial.failed("later") is trial


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_has_a_name_and_says_what_to_do(stage: Stage) -> None:
    trial = Trial()._at(stage, Light.BAD, "because")

    assert stage_name(stage)
    assert advice(trial).endswith(".")


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("segment.unreachable", "network"),
        ("segment.connect_timeout", "network"),
        ("segment.tls", "clock"),
        ("segment.not_segment", "browser"),
        ("segment.http_503", "by itself"),
        ("segment.http_429", "by itself"),
        ("segment.refused", "write key"),
        ("", "write key"),
    ],
)
def test_advice_on_an_upload_that_failed_goes_by_the_cause(code: str, word: str) -> None:
    failed = msgspec.structs.replace(DELIVERY, status=DeliveryStatus.RETRYING, last_code=code)
    moved = msgspec.structs.replace(progress(Step.RETRYING), deliveries=(failed,))

    said = advice(Trial().begun().moved(moved))

    assert word in said
    assert ("write key" in said) is (word == "write key")


def test_one_that_was_late_is_advised_on_by_what_held_it_up() -> None:
    failed = msgspec.structs.replace(
        DELIVERY, status=DeliveryStatus.RETRYING, last_code="segment.unreachable"
    )
    moved = msgspec.structs.replace(progress(Step.RETRYING), deliveries=(failed,))

    trial = Trial().begun().moved(moved).moved(progress(Step.LATE, "too late"))

    assert "network" in advice(trial)
