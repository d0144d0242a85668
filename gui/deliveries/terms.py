"""Takes apart and changes the text of the filter: which term the caret is in, what may stand there.

Pure; `core.search` says what the text means.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from core.model import Channel, DeliveryStatus
from core.search import FIELDS, TRAITS, YES_NO

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_VALUE = r'(?:"(?:[^"\\]|\\.)*"?|[^\s"]+)?'
_TERM = re.compile(rf"(?:[A-Za-z_]+:)?{_VALUE}")


class Term(NamedTuple):
    """A part of the text: where it begins and ends, and what it says."""

    start: int
    end: int
    text: str


def term_at(text: str, caret: int) -> Term:
    """The term that ends at (or holds) the caret, up to the caret; an empty one between terms."""
    place = 0
    while place < caret:
        if text[place].isspace():
            place += 1
            continue
        match = _TERM.match(text, place)
        end = match.end() if match is not None and match.end() > place else place + 1
        if end >= caret:
            return Term(place, caret, text[place:caret])
        place = end
    return Term(caret, caret, "")


def proposals(term: str, events: Sequence[str] = ()) -> list[str]:
    """What the term that is being typed may become, the whole of it."""
    field, colon, begun = term.partition(":")
    if not colon:
        return [f"{name}:" for name in FIELDS if term and name.startswith(term.lower())]
    known = _values(field.lower(), events)
    *before, last = begun.split(",")
    head = "".join(f"{one}," for one in before)
    return [
        f"{field.lower()}:{head}{one}"
        for one in known
        if one.lower().lstrip('"').startswith(last.lower().lstrip('"')) and one not in before
    ]


def with_values(text: str, field: str, values: Iterable[str]) -> str:
    """The text with exactly these values for a field; without the field where there are none."""
    kept, place = [], 0
    while place < len(text):
        match = _TERM.match(text, place)
        if text[place].isspace() or match is None or match.end() == place:
            place += 1
            continue
        if not match[0].lower().startswith(f"{field}:"):
            kept.append(match[0])
        place = match.end()
    terms = [quoted(one) for one in values]
    if any(one.startswith('"') for one in terms):  # a comma in quotes belongs to the value
        wanted = [f"{field}:{one}" for one in terms]
    else:
        wanted = [f"{field}:{','.join(terms)}"] if terms else []
    return " ".join([*wanted, *kept])


def quoted(value: str) -> str:
    """A value as it may stand after a field."""
    if re.fullmatch(r'[^\s",]+', value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _values(field: str, events: Sequence[str]) -> list[str]:
    return {
        "status": [str(one) for one in DeliveryStatus],
        "channel": [str(one) for one in Channel],
        "event": [quoted(one) for one in events],
        "test": list(YES_NO),
        "incomplete": list(YES_NO),
        "is": list(TRAITS),
    }.get(field, [])
