"""Fault drills in words: what happens, what to watch, and how one stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QCoreApplication

from core.simulator.drills import HOURS_ASLEEP, Drill, Stage
from gui import words

if TYPE_CHECKING:
    from core.simulator.drills import DrillProgress

translate = QCoreApplication.translate
#: recovering for longer is worth a word
LONG_SECONDS = 120


class Lesson(NamedTuple):
    """One drill: its icon, its name, what happens, and what to watch."""

    icon: str
    name: str
    story: str
    watch: str


class Standing(NamedTuple):
    """How a drill stands: its tone, a sentence, and the figures behind it."""

    tone: str
    title: str
    text: str


def lesson(drill: Drill, seconds: float) -> Lesson:
    """What a drill that lasts so long is about."""
    match drill:
        case Drill.SEGMENT_DOWN:
            made = _segment_down()
        case Drill.GLADLY_DOWN:
            made = _gladly_down()
        case Drill.WRONG_KEY:
            made = _wrong_key()
        case Drill.LOST_ANSWERS:
            made = _lost_answers()
        case Drill.ASLEEP:
            made = _asleep()
    lasts = words.span(seconds)
    return made._replace(name=made.name.format(lasts), story=made.story.format(lasts))


def standing(name: str, progress: DrillProgress) -> Standing:
    """How a drill stands, in words."""
    match progress.stage:
        case Stage.STRIKING:
            return _striking(name, progress)
        case Stage.RECOVERING:
            return _recovering(name, progress)
        case Stage.RECOVERED:
            return _recovered(name, progress)


def _striking(name: str, progress: DrillProgress) -> Standing:
    title = translate("Drills", "{0}: {1} left").format(name, words.span(round(progress.left)))
    text = translate(
        "Drills", "{0} events so far ought to be at Segment; {1} of them are not yet."
    ).format(words.number(progress.owed), words.number(progress.missing))
    return Standing("warn", title, text)


def _recovering(name: str, progress: DrillProgress) -> Standing:
    title = translate("Drills", "{0} is over: recovering for {1}").format(
        name, words.span(round(progress.seconds))
    )
    text = translate("Drills", "{0} of {1} events are still on their way.").format(
        words.number(progress.missing), words.number(progress.owed)
    )
    if progress.given_up:
        text += " " + _given_up(progress)
    elif progress.seconds > LONG_SECONDS:
        text += " " + translate("Drills", "This takes long: look at Health.")
    return Standing("busy", title, text)


def _recovered(name: str, progress: DrillProgress) -> Standing:
    title = translate("Drills", "{0}: recovered after {1}").format(
        name, words.span(progress.seconds)
    )
    text = translate("Drills", "All {0} events of that time are at Segment.").format(
        words.number(progress.owed)
    )
    if progress.repeated:
        text += " " + translate(
            "Drills", "{0} came more than once; Segment dropped the copies by their messageId."
        ).format(words.number(progress.repeated))
    if progress.figures.twice:
        text += " " + translate("Drills", "{0} were counted twice since the demo began.").format(
            words.number(progress.figures.twice)
        )
        return Standing("bad", title, text)
    return Standing("good", title, text)


def _given_up(progress: DrillProgress) -> str:
    return translate(
        "Drills",
        "Gladly gave up on {0} webhooks and does not send them again: only its Events API still "
        "has them.",
    ).format(words.number(progress.given_up))


def _segment_down() -> Lesson:
    return Lesson(
        "segment",
        translate("Drills", "Segment down for {0}"),
        translate("Drills", "Segment answers every upload with 503."),
        translate(
            "Drills",
            "Deliveries turn to Retrying and the strip says so. Afterwards everything arrives: "
            "none lost, none twice.",
        ),
    )


def _gladly_down() -> Lesson:
    return Lesson(
        "gladly",
        translate("Drills", "Gladly down for {0}"),
        translate("Drills", "Gladly's API answers 503. Webhooks still come, look-ups fail."),
        translate(
            "Drills",
            "Webhooks wait for their look-up instead of going out half empty. Afterwards they go "
            "out with name, e-mail and topics.",
        ),
    )


def _wrong_key() -> Lesson:
    return Lesson(
        "key",
        translate("Drills", "Wrong key for {0}"),
        translate("Drills", "Segment refuses the write key (401)."),
        translate(
            "Drills",
            "Nothing is given up: all events wait. Segment is asked again by itself within a "
            "minute, or at once if you press the button.",
        ),
    )


def _lost_answers() -> Lesson:
    return Lesson(
        "replay",
        translate("Drills", "Lost answers for {0}"),
        translate("Drills", "Segment takes the events, but every answer is lost on the way."),
        translate(
            "Drills",
            "Events are uploaded again, because nobody can know. Segment drops the copies by their "
            "messageId: none is counted twice.",
        ),
    )


def _asleep() -> Lesson:
    hours = translate("Drills", "an hour") if HOURS_ASLEEP == 1 else _hours()
    return Lesson(
        "snooze",
        translate("Drills", "Asleep for {0}").format(hours),
        translate(
            "Drills", "{0} in which Gladly cannot reach this machine; here it passes in {1}."
        ).format(hours[0].upper() + hours[1:], "{0}"),
        translate(
            "Drills",
            "Gladly sends each webhook again after 30 s, 5 min, 30 min and 1 h. Events arrive "
            "late, with the times at which they happened.",
        ),
    )


def _hours() -> str:
    return translate("Drills", "{0} hours").format(HOURS_ASLEEP)
