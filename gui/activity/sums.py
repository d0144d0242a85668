"""The sums of some days in words: whether they add up, and the next thing to do. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QCoreApplication

from gui.words import MONTHS, Word, number

if TYPE_CHECKING:
    from core.sums import DaySums, Sums

translate = QCoreApplication.translate

#: offending rows that a sentence names
NAMED = 3
#: which page shows what is wrong, and where the diagnostics are saved
HEALTH = "health"


class Stretch(NamedTuple):
    """How far back days are added up.

    `days` counts today; 0 goes back to the first.
    """

    name: str
    title: str
    days: int


class Told(NamedTuple):
    """What is said above the days, and what its button does: a filter for Events, or a page."""

    tone: str
    title: str
    hint: str = ""
    action: str = ""
    query: str = ""
    page: str = ""


def stretches() -> tuple[Stretch, ...]:
    """What can be chosen."""
    return (
        Stretch("week", translate("Sums", "Last 7 days"), 7),
        Stretch("month", translate("Sums", "Last 30 days"), 30),
        Stretch("all", translate("Sums", "All days"), 0),
    )


def day_in_words(day: date, today: date) -> str:
    """A day: today, or its date, with the year if it is not this."""
    if day == today:
        return translate("Sums", "Today")
    return date_in_words(day, today)


def date_in_words(day: date, today: date) -> str:
    """A date: `Nov 20`, with the year if it is not this."""
    text = f"{translate('Words', MONTHS[day.month - 1])} {day.day}"
    return text if day.year == today.year else f"{text}, {day.year}"


def under_way(one: DaySums) -> int:
    """How many are still to become something else by themselves."""
    return one.waiting + one.pending + one.retrying


def missing(one: DaySums) -> int:
    """By how many a day does not add up, on both sides."""
    return abs(one.unaccounted) + abs(one.unmatched)


def verdict(one: DaySums) -> Word:
    """Whether a day adds up; if not, which side, and by how many."""
    seen, mapped = one.unaccounted, one.unmatched
    if seen and mapped:
        text = translate("Sums", "{0} do not add up").format(number(missing(one)))
    elif seen:
        more, less = translate("Sums", "{0} more than seen"), translate("Sums", "{0} seen, no more")
        text = (less if seen > 0 else more).format(number(abs(seen)))
    elif mapped:
        less = translate("Sums", "{0} mapped, no delivery")
        more = translate("Sums", "{0} more than mapped")
        text = (less if mapped > 0 else more).format(number(abs(mapped)))
    elif under_way(one):
        text = translate("Sums", "{0} under way").format(number(under_way(one)))
        return Word(text, "pending", "busy")
    else:
        return Word(translate("Sums", "Adds up"), "ok", "good")
    return Word(text, "fail", "bad")


def verdict_of_all(found: Sums) -> Word:
    """The same of all days together: days that balance each other out do not add up."""
    wrong = sum(not one.adds_up for one in found.days)
    if wrong:
        one = translate("Sums", "1 day does not add up")
        many = translate("Sums", "{0} days do not add up")
        return Word(one if wrong == 1 else many.format(number(wrong)), "fail", "bad")
    if found.offenders:
        return Word(translate("Sums", "Rows contradict"), "fail", "bad")
    return verdict(found.total)


def verdict_in_full(one: DaySums) -> str:
    """The verdict as a sentence or two."""
    parts = []
    if one.unaccounted > 0:
        said = translate(
            "Sums", "{0} of {1} seen are neither mapped, skipped, unmappable nor waiting."
        )
        parts.append(said.format(number(one.unaccounted), number(one.seen)))
    elif one.unaccounted:
        said = translate("Sums", "{0} more are accounted for than were seen.")
        parts.append(said.format(number(-one.unaccounted)))
    if one.unmatched > 0:
        said = translate("Sums", "{0} of {1} mapped have no delivery.")
        parts.append(said.format(number(one.unmatched), number(one.mapped)))
    elif one.unmatched:
        said = translate("Sums", "There are {0} more deliveries than were mapped.")
        parts.append(said.format(number(-one.unmatched)))
    if parts:
        return " ".join([translate("Sums", "Does not add up:"), *parts])
    text = translate("Sums", "Both sums add up.")
    if not under_way(one):
        return text
    said = translate("Sums", "{0} are still waiting, pending or retrying.")
    return f"{text} {said.format(number(under_way(one)))}"


def told(found: Sums, stretch: Stretch, today: date) -> Told:
    """What is said above the days; there is at least one."""
    wrong = [one for one in found.days if not one.adds_up]
    if wrong:
        return _not_accounted_for(found, wrong, today)
    if found.offenders:
        return _contradicting(found)
    total = found.total
    hints = []
    if under_way(total):
        said = translate("Sums", "{0} of them are under way, and go on by themselves.")
        hints.append(said.format(number(under_way(total))))
    if not total.dead:
        return Told("good", _accounted_for(found, stretch, today), " ".join(hints))
    said = translate("Sums", "{0} of them are dead: see why, and send them again.")
    hints.append(said.format(number(total.dead)))
    query = f"status:dead {days_query(found.days[0].day, found.days[-1].day)}"
    action = translate("Sums", "Show the dead")
    return Told("good", _accounted_for(found, stretch, today), " ".join(hints), action, query)


def days_query(first: date, last: date) -> str:
    """The filter text for what came on these days (see `core.search`)."""
    return f"day:{first}" if first == last else f"day:{first}..{last}"


def _accounted_for(found: Sums, stretch: Stretch, today: date) -> str:
    seen, first = found.total.seen, found.days[0].day
    if stretch.days and _covers(found, stretch, today):
        one = translate("Sums", "The one notification of the last {1} days is accounted for.")
        many = translate(
            "Sums", "Every one of the {0} notifications of the last {1} days is accounted for."
        )
        return (one if seen == 1 else many).format(number(seen), stretch.days)
    one = translate("Sums", "The one notification since {1} is accounted for.")
    many = translate("Sums", "Every one of the {0} notifications since {1} is accounted for.")
    return (one if seen == 1 else many).format(number(seen), date_in_words(first, today))


def _covers(found: Sums, stretch: Stretch, today: date) -> bool:
    """Whether retention left all the days that were asked for."""
    first = today - timedelta(days=stretch.days - 1)
    return date.fromtimestamp(found.since) <= first  # noqa: DTZ012 - the day on this computer


def _not_accounted_for(found: Sums, wrong: list[DaySums], today: date) -> Told:
    count = sum(map(missing, wrong))
    last = date_in_words(wrong[-1].day, today)
    if len(wrong) == 1:
        one = translate("Sums", "On {1}, 1 notification is not accounted for.")
        many = translate("Sums", "On {1}, {0} notifications are not accounted for.")
        title = (one if count == 1 else many).format(number(count), last)
    else:
        many = translate(
            "Sums", "On {1} days, {0} notifications are not accounted for, the last on {2}."
        )
        title = many.format(number(count), number(len(wrong)), last)
    hint = translate("Sums", "Something may not have been sent.")
    return _loud(title, hint, found)


def _contradicting(found: Sums) -> Told:
    rows = len(found.shown)
    one = translate("Sums", "The days add up, but 1 row cannot be as it is.")
    many = translate("Sums", "The days add up, but {0} rows cannot be as they are.")
    title = one if rows == 1 else many.format(number(rows))
    return _loud(title, "", found)


def _loud(title: str, hint: str, found: Sums) -> Told:
    """What to do where something is wrong: look at the rows, and report it."""
    faults: dict[str, list[str]] = {}
    for row, fault in list(found.shown.items())[:NAMED]:
        faults.setdefault(fault, []).append(row)
    rows = [f"{', '.join(some)} ({fault})" for fault, some in faults.items()]
    parts = [hint]
    if rows:
        said = translate("Sums", "Look with `gladly-source show ID` at {0}.")
        parts.append(said.format("; ".join(rows)))
    parts.append(translate("Sums", "Please report it with the diagnostics, which Health saves."))
    advice = " ".join(part for part in parts if part)
    ids = sorted({one.row for one in found.offenders if one.row.startswith("d")})
    if ids:
        query = f"id:{','.join(ids)}"
        return Told("bad", title, advice, translate("Sums", "Show them in Events"), query)
    return Told("bad", title, advice, translate("Sums", "Open Health"), page=HEALTH)
