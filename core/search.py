"""The language of the filter bar: free words, and `field:value` terms; from text to a Filter. Pure.

`ada status:dead,retrying customer:"Zoë Müller" test:no` are words and terms that must all hold;
values after one field are alternatives. Nothing a person types raises an error: what cannot be
understood becomes a sentence, and the rest still filters. Words without a letter or digit say
nothing, so that nobody replays everything by a slip of the finger.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec

from core.model import Channel, DeliveryStatus
from core.store.base import Filter
from core.store.words import split
from core.sums import NEXT, start_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

#: every field, with an example of its value
FIELDS: Final = {
    "status": "dead",
    "event": "closed",
    "customer": "ada",
    "email": "ada@example.com",
    "agent": "grace",
    "conversation": "an id of Gladly",
    "message": "gs-1a2b3c",
    "id": "d12",
    "code": "http_503",
    "day": "2026-05-28",
    "channel": "poll",
    "test": "no",
    "incomplete": "yes",
    "is": "replay",
    "source": "marketing",
}
#: after `source:`, the source of [segment]
MAIN: Final = "main"
YES_NO: Final = {"yes": True, "no": False}
#: what may stand after `is:`, and the member of the filter that it sets
TRAITS: Final = {"replay": "replay", "test": "test", "incomplete": "incomplete"}
_STATUSES: Final = frozenset(map(str, DeliveryStatus))
#: words in the names that events have by the naming profiles
_OF_EVENTS: Final = frozenset({"conversation", "opened", "closed", "created", "started", "ended"})
#: SQLite's largest id has 19 digits
_ID = re.compile(r"[dD]?([0-9]{1,18})", re.ASCII)
_FIELD = re.compile(r"([A-Za-z_]+):")
_DAYS = re.compile(r"(20\d\d-\d\d-\d\d)(?:\.\.(20\d\d-\d\d-\d\d))?", re.ASCII)
_ESCAPED = re.compile(r'\\(["\\])')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.|\\$)*)("|$)', re.DOTALL)
_BARE = re.compile(r'[^\s"]+')


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What a text asks for; `problem` is a sentence about the first part that makes no sense."""

    filter: Filter
    problem: str | None


class _Term(msgspec.Struct, frozen=True):
    """One word or `field:value` of the text."""

    field: str
    value: str
    quoted: bool


def parse(text: str) -> Query:
    """Understand a text as far as it makes sense."""
    members: dict[str, Any] = {}
    problems = [said for term in _terms(text) if (said := _take(term, members))]
    return Query(filter=Filter(**members), problem=next(iter(problems), None))


def compose(wanted: Filter) -> str:
    """A text that `parse` understands as this filter; times that are no days are left out."""
    event = () if wanted.event is None else (wanted.event,)
    channel = () if wanted.channel is None else (wanted.channel,)
    flags = {"test": wanted.test, "incomplete": wanted.incomplete}
    terms = [
        _listed("status", wanted.statuses),
        *(_said("event", one) for one in (*event, *wanted.events)),
        _said("customer", wanted.customer),
        _said("email", wanted.email),
        _said("agent", wanted.agent),
        _said("conversation", wanted.conversation),
        _said("day", _days_said(wanted.since, wanted.until)),
        *(_said("message", one) for one in wanted.messages),
        _listed("id", [f"d{one}" for one in wanted.ids]),
        *(_said("code", one) for one in wanted.codes),
        _listed("channel", (*channel, *wanted.channels)),
        *(f"{name}:{'yes' if flag else 'no'}" for name, flag in flags.items() if flag is not None),
        "is:replay" if wanted.replay else "",
        *(_said("source", one or MAIN) for one in wanted.sources),
        _words(wanted.search or ""),
    ]
    return " ".join(term for term in terms if term)


def term_for(text: str) -> str | None:
    """The term that a free word of the text was meant as: words are not looked for in there."""
    for term in _terms(text):
        word = term.value.lower()
        if term.field or not word:
            continue
        if word in _STATUSES:
            return f"status:{word}"
        if word in _OF_EVENTS:
            return f"event:{word}"
    return None


def _terms(text: str) -> Iterator[_Term]:
    place = 0
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        field = ""
        if match := _FIELD.match(text, place):
            field, place = match[1].lower(), match.end()
        value, quoted, place = _value(text, place)
        yield _Term(field, value, quoted)


def _value(text: str, place: int) -> tuple[str, bool, int]:
    """The value that begins here: in quotes, which may still be open, or up to a space."""
    if match := _QUOTED.match(text, place):
        return _tidy(_ESCAPED.sub(r"\1", match[1])), True, match.end()
    if match := _BARE.match(text, place):
        return match[0], False, match.end()
    return "", False, place


def _tidy(value: str) -> str:
    return " ".join(value.split())


def _take(term: _Term, members: dict[str, Any]) -> str | None:
    """Add a term to the filter's members, or say what is wrong with it."""
    if not term.field:
        _add_words(members, "search", term.value)
        return None
    if term.field not in FIELDS:
        return (
            f"There is no field {term.field}. Known are {', '.join(FIELDS)}; "
            f'to search for the text itself, put it in quotes: "{term.field}:…".'
        )
    if not any(_alternatives(term)):
        return f"{term.field}: wants a value, as in {term.field}:{FIELDS[term.field]}"
    return _TAKE[term.field](term, members)


def _choice(name: str, member: str, known: Iterable[Any]) -> Callable[..., str | None]:
    """Values of a closed set, in any case."""
    by_word = {str(one): one for one in known}

    def take(term: _Term, members: dict[str, Any]) -> str | None:
        for word in _alternatives(term):
            if (value := by_word.get(word.lower())) is None:
                return f"There is no {name} {word}. Known are {', '.join(by_word)}."
            _append(members, member, value)
        return None

    return take


def _several(member: str) -> Callable[..., str | None]:
    def take(term: _Term, members: dict[str, Any]) -> str | None:
        for value in _alternatives(term):
            _append(members, member, value)
        return None

    return take


def _text(member: str) -> Callable[..., str | None]:
    """Words that must all occur in one field."""

    def take(term: _Term, members: dict[str, Any]) -> str | None:
        if not _add_words(members, member, term.value):
            return f"{term.field}: wants letters or digits, as in {term.field}:{FIELDS[term.field]}"
        return None

    return take


def _add_words(members: dict[str, Any], member: str, value: str) -> bool:
    """Add the words of a value that say something; False when none does."""
    words = [word for word in value.split() if split(word)]
    if words:
        members[member] = " ".join([*members.get(member, "").split(), *words])
    return bool(words)


def _once(member: str, said: str, value: object, members: dict[str, Any]) -> str | None:
    if members.setdefault(member, value) != value:
        return f"{said}: is there twice with different values, which no delivery can have."
    return None


def _conversation(term: _Term, members: dict[str, Any]) -> str | None:
    return _once("conversation", "conversation", term.value, members)


def _day(term: _Term, members: dict[str, Any]) -> str | None:
    """Days of this computer's zone, by arrival here."""
    days = _days(term.value)
    if days is None:
        return (
            f"{term.value} is no day: day: goes with one, as in day:{FIELDS['day']}, or with the "
            "first and the last, as in day:2026-05-22..2026-05-28."
        )
    first, last = days
    return _once("since", "day", start_of(first, None), members) or _once(
        "until", "day", start_of(last + NEXT, None), members
    )


def _days(value: str) -> tuple[date, date] | None:
    """The first and the last day that a text names."""
    if (match := _DAYS.fullmatch(value)) is None:
        return None
    try:
        first, last = (date.fromisoformat(match[one] or match[1]) for one in (1, 2))
    except ValueError:
        return None
    return (first, last) if first <= last else None


def _days_said(since: float | None, until: float | None) -> str:
    """Days as they read back; nothing for times that are not whole days."""
    if since is None or until is None:
        return ""
    first, end = (datetime.fromtimestamp(at, UTC).astimezone().date() for at in (since, until))
    if (start_of(first, None), start_of(end, None)) != (since, until) or first >= end:
        return ""
    last = end - NEXT
    return str(first) if first == last else f"{first}..{last}"


def _ids(term: _Term, members: dict[str, Any]) -> str | None:
    for word in _alternatives(term):
        if (match := _ID.fullmatch(word)) is None:
            return f"{word} is no delivery: an id looks like d12."
        _append(members, "ids", int(match[1]))
    return None


def _flag(member: str) -> Callable[..., str | None]:
    def take(term: _Term, members: dict[str, Any]) -> str | None:
        if (value := YES_NO.get(term.value.lower())) is None:
            return f"{member}: is yes or no."
        return _once(member, member, value, members)

    return take


def _is(term: _Term, members: dict[str, Any]) -> str | None:
    if (member := TRAITS.get(term.value.lower())) is None:
        return f"is: goes with {', '.join(TRAITS)}."
    return _once(member, f"is:{member}", True, members)  # noqa: FBT003 - the member's value


def _source(term: _Term, members: dict[str, Any]) -> str | None:
    for alias in _alternatives(term):
        _append(members, "sources", "" if alias.lower() == MAIN else alias.lower())
    return None


_TAKE: Final[dict[str, Callable[[_Term, dict[str, Any]], str | None]]] = {
    "status": _choice("status", "statuses", DeliveryStatus),
    "event": _several("events"),
    "customer": _text("customer"),
    "email": _text("email"),
    "agent": _text("agent"),
    "conversation": _conversation,
    "message": _several("messages"),
    "id": _ids,
    "code": _several("codes"),
    "day": _day,
    "channel": _choice("channel", "channels", Channel),
    "test": _flag("test"),
    "incomplete": _flag("incomplete"),
    "is": _is,
    "source": _source,
}


def _alternatives(term: _Term) -> list[str]:
    """The alternatives of a value; a comma in quotes belongs to it."""
    return [term.value] if term.quoted else [one for one in term.value.split(",") if one]


def _append(members: dict[str, Any], member: str, value: object) -> None:
    known = members.get(member, ())
    if value not in known:
        members[member] = (*known, value)


def _listed(field: str, values: Iterable[object]) -> str:
    text = ",".join(str(value) for value in values)
    return f"{field}:{text}" if text else ""


def _said(field: str, value: str | None) -> str:
    if not value:
        return ""
    return f"{field}:{value if _plain(value) else _quoted(value)}"


def _words(search: str) -> str:
    words = search.split()
    if all(_BARE.fullmatch(word) and not _FIELD.match(word) for word in words):
        return " ".join(words)
    return _quoted(search)


def _plain(value: str) -> bool:
    """Whether a value reads back without quotes."""
    return bool(_BARE.fullmatch(value)) and "," not in value


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
