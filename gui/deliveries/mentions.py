"""Whether a filter names a person: by id, address, number or name, also half typed. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from core.model import DeliveryDetail

#: terms of a filter that may name a person; the empty one is free words
PERSONAL: Final = frozenset({"", "customer", "email", "conversation", "message"})
#: members of what was sent and looked up that say who it was
NAMES: Final = frozenset({"customername", "name", "firstname", "lastname"})
ADDRESSES: Final = frozenset({"email", "userid", "externalcustomerid", "conversationid"})
#: what begins with fewer letters may mean anybody
LEAST_LETTERS: Final = 3
LEAST_OF_ID: Final = 6
LEAST_DIGITS: Final = 6
_TERM = re.compile(r'(?:([A-Za-z_]+):)?("(?:[^"\\]|\\.)*"?|[^\s"]+)')
_WORD = re.compile(r"[\w-]+")


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """By what one person is known here, folded.

    Args:
        ids: Of the person and of their conversations and deliveries; and e-mail addresses.
        names: The words of their names.
        phones: The digits of their numbers.
    """

    ids: frozenset[str]
    names: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()


def person_of(customer_id: str, details: Iterable[DeliveryDetail]) -> Person:
    """The person as their deliveries tell of them."""
    ids, names, phones = {folded(customer_id)}, set[str](), set[str]()
    for detail in details:
        one = detail.delivery
        known = (one.message_id, one.conversation_id, one.user_id)
        ids |= {folded(each) for each in known if each}
        for key, value in _told(detail):
            if key in NAMES:
                names |= set(_WORD.findall(folded(value)))
            elif key in ADDRESSES:
                ids.add(folded(value))
            elif key == "phone":
                phones.add(_digits(value))
    phones = {one for one in phones if len(one) >= LEAST_DIGITS}
    return Person(ids=frozenset(ids), names=frozenset(names), phones=frozenset(phones))


def mentions(person: Person, text: str) -> bool:
    """Whether a filter's text names the person, or begins to."""
    personal = [value for field, value in _TERM.findall(text) if field.lower() in PERSONAL]
    said = [one for value in personal for one in re.split(r"[\s,]+", folded(value.strip('"')))]
    return _has_number(person, " ".join(personal)) or any(_begins(person, one) for one in said)


def labelled(person: Person, name: str) -> bool:
    """Whether the name of a filter names the person."""
    text = folded(name)
    written = any(one in text for one in person.ids if len(one) >= LEAST_OF_ID)
    return written or _has_number(person, name) or not person.names.isdisjoint(_WORD.findall(text))


def folded(text: str) -> str:
    """The text without case and accents."""
    apart = unicodedata.normalize("NFKD", text)
    return "".join(one for one in apart if not unicodedata.combining(one)).casefold()


def _begins(person: Person, said: str) -> bool:
    """Whether a word of a search is the beginning of what the person is known by."""
    if said in person.ids:
        return True
    address = [one for one in person.ids if "@" in one]
    if len(said) >= LEAST_LETTERS and any(one.startswith(said) for one in address):
        return True
    if len(said) >= LEAST_OF_ID and any(one.startswith(said) for one in person.ids):
        return said != "gs-"
    words = _WORD.findall(said)
    return any(
        word in person.names
        or (len(word) >= LEAST_LETTERS and any(one.startswith(word) for one in person.names))
        for word in words
    )


def _has_number(person: Person, text: str) -> bool:
    digits = _digits(text)
    return any(one in digits for one in person.phones)


def _digits(text: str) -> str:
    return "".join(one for one in text if one.isdecimal())


def _told(detail: DeliveryDetail) -> Iterator[tuple[str, str]]:
    """Members of what was sent and of what was looked up, whatever the naming profile."""
    for content in (detail.payload, detail.looked_up):
        try:
            yield from _members(msgspec.json.decode(content or b"{}"))
        except (msgspec.DecodeError, RecursionError):
            continue


def _members(value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any JSON
    if not isinstance(value, dict):
        return
    for key, one in value.items():
        if key in {"properties", "traits"}:
            yield from _members(one)
        elif isinstance(one, str):
            yield str(key).replace("_", "").lower(), one
