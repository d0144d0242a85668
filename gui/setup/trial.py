"""How far the two test events of set-up are, stage by stage; no widgets here."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QCoreApplication

from core.sender.progress import Step
from core.sentences import duration

if TYPE_CHECKING:
    from core.sender.progress import Progress

translate = QCoreApplication.translate


class Stage(StrEnum):
    """What happens to an event, in this order."""

    ANSWERED = "answered"
    STORED = "stored"
    LOOKED_UP = "looked-up"
    MAPPED = "mapped"
    ACCEPTED = "accepted"


class Light(StrEnum):
    """How a stage stands."""

    TODO = "todo"
    BUSY = "busy"
    GOOD = "good"
    SKIPPED = "skipped"
    WARN = "warn"
    BAD = "bad"


STAGES = tuple(Stage)
#: codes of uploads that did not come through, or whose answer did not
NO_NETWORK = frozenset(
    f"segment.{how}"
    for how in (
        "unreachable",
        "connect_timeout",
        "connection_lost",
        "no_answer",
        "request_failed",
    )
)
#: the stage that a step is at work on, and how it stands
AT: dict[Step, tuple[Stage, Light]] = {
    Step.STORED: (Stage.LOOKED_UP, Light.BUSY),
    Step.WAITING: (Stage.LOOKED_UP, Light.WARN),
    Step.MAPPED: (Stage.ACCEPTED, Light.BUSY),
    Step.RETRYING: (Stage.ACCEPTED, Light.WARN),
    Step.ACCEPTED: (Stage.ACCEPTED, Light.GOOD),
    Step.SKIPPED: (Stage.MAPPED, Light.BAD),
    Step.UNMAPPABLE: (Stage.MAPPED, Light.BAD),
    Step.DEAD: (Stage.ACCEPTED, Light.BAD),
}


def _all_to_come() -> dict[Stage, Light]:
    return dict.fromkeys(STAGES, Light.TODO)


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """One test event: how each stage stands, and a sentence where there is more to say.

    `code` is what the last upload that failed came to; `lookup` whether Gladly is asked.
    """

    lights: dict[Stage, Light] = msgspec.field(default_factory=_all_to_come)
    sentence: str = ""
    lookup: bool = True
    code: str = ""

    @property
    def over(self) -> bool:
        """Whether nothing more happens."""
        last = self.lights[Stage.ACCEPTED]
        return last is Light.GOOD or Light.BAD in self.lights.values()

    @property
    def accepted(self) -> bool:
        """Whether it went the whole way."""
        return self.lights[Stage.ACCEPTED] is Light.GOOD

    @property
    def at(self) -> Stage:
        """The stage that is under way, or went wrong; the last one when all is well."""
        calm = {Light.GOOD, Light.SKIPPED}
        return next((one for one in STAGES if self.lights[one] not in calm), Stage.ACCEPTED)

    def begun(self) -> Trial:
        """It is being posted."""
        return self._at(Stage.ANSWERED, Light.BUSY, "")

    def moved(self, progress: Progress) -> Trial:
        """The event came this far."""
        if progress.step is Step.LATE:
            return self._at(self.at, Light.BAD, progress.sentence)
        stage, light = AT[progress.step]
        if progress.step is Step.ACCEPTED:
            return self._at(stage, light, self._accepted(progress))
        said = progress.sentence if light in {Light.WARN, Light.BAD} else ""
        moved = self._at(stage, light, said)
        return msgspec.structs.replace(moved, code=_code(progress))

    def failed(self, sentence: str) -> Trial:
        """Nothing more comes, and why."""
        return self if self.over else self._at(self.at, Light.BAD, sentence)

    def _accepted(self, progress: Progress) -> str:
        """How long it took; that Gladly does not know the customer is as it should be."""
        took = [one.accepted_at - one.received_at for one in progress.deliveries if one.accepted_at]
        said = translate("Trial", "It took {time}.").format(time=duration(max(took, default=0.0)))
        if not self.lookup:
            return said
        return f"{said} " + translate(
            "Trial", "The customer is made up, so Gladly had no name for it."
        )

    def _at(self, stage: Stage, light: Light, sentence: str) -> Trial:
        """Everything before this stage went well, everything after it is still to come."""
        here = STAGES.index(stage)
        lights = dict.fromkeys(STAGES[:here], Light.GOOD)
        lights |= dict.fromkeys(STAGES[here:], Light.TODO)
        lights[stage] = light
        if not self.lookup and lights[Stage.LOOKED_UP] is not Light.TODO:
            lights[Stage.LOOKED_UP] = Light.SKIPPED
            if stage is Stage.LOOKED_UP:
                lights[Stage.MAPPED] = light
        return msgspec.structs.replace(self, lights=lights, sentence=sentence)


def stage_name(stage: Stage) -> str:
    """What the stage is called on screen."""
    return {
        Stage.ANSWERED: translate("Trial", "The listener answered"),
        Stage.STORED: translate("Trial", "Stored on disk"),
        Stage.LOOKED_UP: translate("Trial", "Looked up in Gladly"),
        Stage.MAPPED: translate("Trial", "Mapped to a track event"),
        Stage.ACCEPTED: translate("Trial", "Accepted by Segment"),
    }[stage]


def advice(trial: Trial) -> str:
    """What to do about what went wrong."""
    return {
        Stage.ANSWERED: translate("Trial", "Go back to How events arrive and look at the port."),
        Stage.STORED: translate("Trial", "Look at the free space and at the Health page."),
        Stage.LOOKED_UP: translate(
            "Trial", "Go back to Gladly and check the API token: that tells what is wrong."
        ),
        Stage.MAPPED: translate("Trial", "Go back to What is sent and look at the preview."),
        Stage.ACCEPTED: _about_upload(trial.code),
    }[trial.at]


def _about_upload(code: str) -> str:
    """What to do about an upload that failed, by its cause."""
    if code in NO_NETWORK:
        return translate(
            "Trial", "Check this computer's network and firewall. The event is kept until then."
        )
    if code == "segment.tls":
        return translate(
            "Trial",
            "Check this computer's clock, and whether a company proxy opens encrypted traffic.",
        )
    if code == "segment.not_segment":
        return translate(
            "Trial", "Log in to the network in a browser, or go back to Segment: is the host right?"
        )
    if code.startswith("segment.http_"):
        return translate("Trial", "Nothing to do here: it is tried again by itself.")
    return translate("Trial", "Go back to Segment and check the write key.")


def _code(progress: Progress) -> str:
    return next((one.last_code for one in progress.deliveries if one.last_code), "")
