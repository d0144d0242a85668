"""Statuses, times and numbers as a person reads them: one table per kind of status."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QCoreApplication

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.doctor.outcome import Verdict
    from core.health import State

MINUTE = 60
HOUR = 3600
DAY = 86_400

translate = QCoreApplication.translate


def QT_TRANSLATE_NOOP(_context: str, text: str) -> str:
    """Mark a text for lupdate, which knows this name; Qt's own has no types."""
    return text


class Word(NamedTuple):
    """A status for the eye: what it is called, its icon by meaning, its tone.

    `tone` is one of good, busy, warn, bad, idle.
    """

    text: str
    icon: str
    tone: str


DELIVERIES: Mapping[str, Word] = {
    "pending": Word(QT_TRANSLATE_NOOP("Words", "Pending"), "pending", "busy"),
    "sending": Word(QT_TRANSLATE_NOOP("Words", "Sending"), "sending", "busy"),
    "retrying": Word(QT_TRANSLATE_NOOP("Words", "Retrying"), "retrying", "warn"),
    "accepted": Word(QT_TRANSLATE_NOOP("Words", "Accepted"), "accepted", "good"),
    "confirmed": Word(QT_TRANSLATE_NOOP("Words", "Confirmed"), "confirmed", "good"),
    "dead": Word(QT_TRANSLATE_NOOP("Words", "Dead"), "dead", "bad"),
    "discarded": Word(QT_TRANSLATE_NOOP("Words", "Discarded"), "discarded", "idle"),
}
WEBHOOKS: Mapping[str, Word] = {
    "received": Word(QT_TRANSLATE_NOOP("Words", "Received"), "received", "busy"),
    "waiting": Word(QT_TRANSLATE_NOOP("Words", "Waiting"), "waiting", "busy"),
    "resolved": Word(QT_TRANSLATE_NOOP("Words", "Resolved"), "resolved", "good"),
    "skipped": Word(QT_TRANSLATE_NOOP("Words", "Skipped"), "skipped", "idle"),
    "unmappable": Word(QT_TRANSLATE_NOOP("Words", "Unmappable"), "unmappable", "bad"),
}
VERDICTS: Mapping[str, Word] = {
    "ok": Word(QT_TRANSLATE_NOOP("Words", "OK"), "ok", "good"),
    "warn": Word(QT_TRANSLATE_NOOP("Words", "Warning"), "warn", "warn"),
    "fail": Word(QT_TRANSLATE_NOOP("Words", "Failed"), "fail", "bad"),
    "skip": Word(QT_TRANSLATE_NOOP("Words", "Not checked"), "skip", "idle"),
}
#: by the words that components say (`core.health`)
STATES: Mapping[str, Word] = {
    "ok": Word(QT_TRANSLATE_NOOP("Words", "OK"), "ok", "good"),
    "listening": Word(QT_TRANSLATE_NOOP("Words", "Listening"), "ok", "good"),
    "starting": Word(QT_TRANSLATE_NOOP("Words", "Starting"), "waiting", "busy"),
    "off": Word(QT_TRANSLATE_NOOP("Words", "Off"), "off", "idle"),
    "unknown": Word(QT_TRANSLATE_NOOP("Words", "Not tried yet"), "unknown", "idle"),
    "paused": Word(QT_TRANSLATE_NOOP("Words", "Paused"), "paused", "warn"),
    "backing-off": Word(QT_TRANSLATE_NOOP("Words", "Retrying"), "retrying", "warn"),
    "busy": Word(QT_TRANSLATE_NOOP("Words", "Overloaded"), "warn", "warn"),
    "low-space": Word(QT_TRANSLATE_NOOP("Words", "Low on space"), "warn", "warn"),
    "skewed": Word(QT_TRANSLATE_NOOP("Words", "Clock is wrong"), "warn", "warn"),
    "silent": Word(QT_TRANSLATE_NOOP("Words", "Silent"), "warn", "warn"),
    "gap": Word(QT_TRANSLATE_NOOP("Words", "Has a gap"), "warn", "warn"),
    "missing": Word(QT_TRANSLATE_NOOP("Words", "Missing"), "warn", "warn"),
    "disabled": Word(QT_TRANSLATE_NOOP("Words", "Disabled"), "warn", "warn"),
    "switched-off": Word(QT_TRANSLATE_NOOP("Words", "Switched off"), "fail", "bad"),
    "unreachable": Word(QT_TRANSLATE_NOOP("Words", "Unreachable"), "fail", "bad"),
    "unavailable": Word(QT_TRANSLATE_NOOP("Words", "Unavailable"), "fail", "bad"),
    "removed": Word(QT_TRANSLATE_NOOP("Words", "Removed"), "warn", "warn"),
    "refused": Word(QT_TRANSLATE_NOOP("Words", "Refused"), "fail", "bad"),
    "refusing": Word(QT_TRANSLATE_NOOP("Words", "Refusing"), "fail", "bad"),
    "failed": Word(QT_TRANSLATE_NOOP("Words", "Failed"), "fail", "bad"),
    "full": Word(QT_TRANSLATE_NOOP("Words", "Disk full"), "fail", "bad"),
    "moved": Word(QT_TRANSLATE_NOOP("Words", "Moved"), "fail", "bad"),
    "corrupt": Word(QT_TRANSLATE_NOOP("Words", "Damaged"), "fail", "bad"),
    "too_new": Word(QT_TRANSLATE_NOOP("Words", "Too new"), "fail", "bad"),
    "in_use": Word(QT_TRANSLATE_NOOP("Words", "In use"), "fail", "bad"),
}
#: by what became of a time in which nobody listened (`core.coverage.Fate`)
FATES: Mapping[str, Word] = {
    "open": Word(QT_TRANSLATE_NOOP("Words", "Open"), "waiting", "warn"),
    "healed": Word(QT_TRANSLATE_NOOP("Words", "Healed by polling"), "ok", "good"),
    "imported": Word(QT_TRANSLATE_NOOP("Words", "Healed from export"), "import", "good"),
    "lost": Word(QT_TRANSLATE_NOOP("Words", "Declared lost"), "fail", "bad"),
}
MONTHS = (
    QT_TRANSLATE_NOOP("Words", "Jan"),
    QT_TRANSLATE_NOOP("Words", "Feb"),
    QT_TRANSLATE_NOOP("Words", "Mar"),
    QT_TRANSLATE_NOOP("Words", "Apr"),
    QT_TRANSLATE_NOOP("Words", "May"),
    QT_TRANSLATE_NOOP("Words", "Jun"),
    QT_TRANSLATE_NOOP("Words", "Jul"),
    QT_TRANSLATE_NOOP("Words", "Aug"),
    QT_TRANSLATE_NOOP("Words", "Sep"),
    QT_TRANSLATE_NOOP("Words", "Oct"),
    QT_TRANSLATE_NOOP("Words", "Nov"),
    QT_TRANSLATE_NOOP("Words", "Dec"),
)


def _look_up(table: Mapping[str, Word], status: str) -> Word:
    """The word for a status; one that a newer engine may say appears as it is."""
    word = table.get(status)
    if word is None:
        return Word(status.replace("-", " ").replace("_", " ").capitalize(), "unknown", "warn")
    return word._replace(text=translate("Words", word.text))


def delivery_word(status: str) -> Word:
    """How a delivery stands."""
    return _look_up(DELIVERIES, status)


def webhook_word(status: str) -> Word:
    """How a webhook stands."""
    return _look_up(WEBHOOKS, status)


def verdict_word(verdict: Verdict) -> Word:
    """What a check found."""
    return _look_up(VERDICTS, verdict)


def state_word(state: State) -> Word:
    """How a component is."""
    return _look_up(STATES, state.word)


def fate_word(fate: str) -> Word:
    """What became of a gap."""
    return _look_up(FATES, fate)


def when(seconds: float, now: float | None = None) -> str:
    """A moment in the local zone: `14:03:22` today, else `Nov 21, 14:03`, with a year if not this.

    Args:
        seconds: Epoch seconds.
        now: Epoch seconds; the clock's when left out.
    """
    moment, today = _local(seconds), _local(time.time() if now is None else now)
    if moment.date() == today.date():
        return f"{moment:%H:%M:%S}"
    month = translate("Words", MONTHS[moment.month - 1])
    if moment.year == today.year:
        return f"{month} {moment.day}, {moment:%H:%M}"
    return f"{month} {moment.day} {moment.year}, {moment:%H:%M}"


def utc(seconds: float) -> str:
    """A moment (epoch seconds) exactly, in UTC: `2025-11-21 14:03:22.118 UTC`."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03d} UTC"


def span(seconds: float) -> str:
    """A length of time, roughly: `0.4 s`, `12 s`, `3 min`, `2 h 5 min`, `3 d 4 h`."""
    seconds = max(0.0, seconds)
    if seconds < MINUTE:
        exact = seconds < 10  # noqa: PLR2004 - one decimal below ten seconds
        text = f"{seconds:.1f}".removesuffix(".0") if exact else str(int(seconds))
        return translate("Words", "{0} s").format(text)
    minutes, hours, days = int(seconds // MINUTE), int(seconds // HOUR), int(seconds // DAY)
    if not hours:
        return translate("Words", "{0} min").format(minutes)
    if not days:
        rest, large, both = minutes % 60, hours, translate("Words", "{0} h {1} min")
        alone = translate("Words", "{0} h")
    else:
        rest, large, both = hours % 24, days, translate("Words", "{0} d {1} h")
        alone = translate("Words", "{0} d")
    return both.format(large, rest) if rest else alone.format(large)


def ago(seconds: float, now: float | None = None) -> str:
    """How far away a moment is: `just now`, `3 min ago`, `in 40 s`.

    Args:
        seconds: Epoch seconds; for a length of time use `span`.
        now: Epoch seconds; the clock's when left out.
    """
    distance = (time.time() if now is None else now) - seconds
    if abs(distance) < 1:
        return translate("Words", "just now")
    text = span(float(int(abs(distance))))
    return (
        translate("Words", "{0} ago").format(text)
        if distance > 0
        else translate("Words", "in {0}").format(text)
    )


def number(count: float) -> str:
    """A count with its thousands apart: `12,345`."""
    return f"{count:,}"


def _local(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).astimezone()
