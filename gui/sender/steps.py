"""The steps of a test event in words, and what a scenario is called."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QCoreApplication

from core.model import Fact
from core.sender.bodies import Scenario
from core.sender.progress import Step
from gui.words import Word

translate = QCoreApplication.translate


class Tale(NamedTuple):
    """What a scenario is called, and what happens in it."""

    name: str
    story: str


def step_word(step: Step) -> Word:
    """How far an event is."""
    return {
        Step.STORED: Word(translate("Steps", "Stored"), "received", "busy"),
        Step.WAITING: Word(translate("Steps", "Waiting"), "waiting", "busy"),
        Step.MAPPED: Word(translate("Steps", "Mapped"), "mapping", "busy"),
        Step.RETRYING: Word(translate("Steps", "Retrying"), "retrying", "warn"),
        Step.ACCEPTED: Word(translate("Steps", "Accepted"), "accepted", "good"),
        Step.SKIPPED: Word(translate("Steps", "Skipped"), "skipped", "idle"),
        Step.UNMAPPABLE: Word(translate("Steps", "Unmappable"), "unmappable", "bad"),
        Step.DEAD: Word(translate("Steps", "Dead"), "dead", "bad"),
        Step.LATE: Word(translate("Steps", "Not yet accepted"), "clock", "warn"),
    }[step]


def to_be_sent() -> Word:
    """Its turn has not come yet."""
    return Word(translate("Steps", "To be sent"), "pending", "idle")


def not_sent() -> Word:
    """Its turn will not come."""
    return Word(translate("Steps", "Not sent"), "discarded", "idle")


def kind_name(kind: object) -> str:
    """What Gladly reports, in a word; a type that is not one of the four as it is."""
    names: dict[str, str] = {
        Fact.CREATED: translate("Steps", "Created"),
        Fact.CLOSED: translate("Steps", "Closed"),
        Fact.REOPENED: translate("Steps", "Reopened"),
        Fact.ASSIGNED: translate("Steps", "Assigned"),
    }
    return names.get(str(kind)) or str(kind or "?")


def tale(scenario: Scenario) -> Tale:
    """What a scenario is called, and what happens in it."""
    return {
        Scenario.OPENED: Tale(
            translate("Steps", "Opened"),
            translate("Steps", "A new one, with an agent on it."),
        ),
        Scenario.CLOSED: Tale(
            translate("Steps", "Closed"), translate("Steps", "A conversation ends.")
        ),
        Scenario.OPENED_AND_CLOSED: Tale(
            translate("Steps", "Opened and Closed"),
            translate("Steps", "One minute long: two events."),
        ),
        Scenario.REOPENED: Tale(
            translate("Steps", "Reopened"),
            translate("Steps", "A closed one begins again: one more Opened event."),
        ),
        Scenario.ASSIGNED_LATER: Tale(
            translate("Steps", "Assigned later"),
            translate(
                "Steps",
                "An agent takes it after a minute: one Opened event, dated at the begin.",
            ),
        ),
    }[scenario]
