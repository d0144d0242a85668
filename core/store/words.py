"""By which words a delivery is found: those of the customer, the agent, the e-mail, and the rest.

Words stand in one column only: free words are looked for in all of them. messageIds stand in
none, having an index of their own. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from core.model import NewDelivery

#: what every messageId begins with (core/mapping/transform.py)
MESSAGE_PREFIX: Final = "gs-"
_WORD = re.compile(r"[\w-]+")


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """The words of one delivery, by column of the search index."""

    search: str
    customer: str
    agent: str
    email: str


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """Who a message names, by whichever naming profile; empty where it does not."""

    customer: str = ""
    email: str = ""
    agent: str = ""
    agent_id: str = ""


class _Named(msgspec.Struct, frozen=True):
    """Properties as the naming profiles call them, and traits; of any type, being JSON."""

    customer_name: Any = msgspec.field(default=None, name="customerName")
    customer_name_too: Any = msgspec.field(default=None, name="customer_name")
    name: Any = None
    agent_name: Any = msgspec.field(default=None, name="agentName")
    agent_name_too: Any = msgspec.field(default=None, name="agent_name")
    agent_id: Any = msgspec.field(default=None, name="agentId")
    agent_id_too: Any = msgspec.field(default=None, name="agent_id")
    email: Any = None


class _Message(msgspec.Struct, frozen=True):
    properties: _Named = _Named()
    traits: _Named = _Named()


_decode = msgspec.json.Decoder(_Message).decode


def names_in(payload: bytes) -> Names:
    """The names in what goes to Segment; a payload that is no message has none."""
    try:
        message = _decode(payload)
    except (msgspec.DecodeError, RecursionError):
        return Names()
    sent, traits = message.properties, message.traits
    return Names(
        customer=_first(sent.customer_name, sent.customer_name_too, traits.name),
        email=_first(sent.email, traits.email),
        agent=_first(sent.agent_name, sent.agent_name_too),
        agent_id=_first(sent.agent_id, sent.agent_id_too),
    )


def _first(*values: object) -> str:
    """The first that is a text with something in it."""
    return next((one for one in values if isinstance(one, str) and one), "")


def words_of(new: NewDelivery) -> Words:
    """The words of a delivery."""
    names = names_in(new.payload)
    user = "" if new.user_id == new.customer_id else new.user_id or ""
    customer = composed(f"{names.customer} {new.customer_id or ''} {user}".strip())
    agent = composed(f"{names.agent} {names.agent_id}".strip())
    email = composed(names.email.lower())
    known = f"{new.message_id} {customer} {agent} {email}".split()
    rest = sorted(set(composed(new.search).split()).difference(known))
    return Words(search=" ".join(rest), customer=customer, agent=agent, email=email)


def split(text: str) -> list[str]:
    """The words of a search text, each of which is looked for as a prefix."""
    return [word for word in _WORD.findall(composed(text)) if any(map(str.isalnum, word))]


def composed(text: str) -> str:
    """The text with each letter and its accents as one character, so that spellings meet."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def storable(text: str) -> str:
    """The text without what no database takes (NUL, half a surrogate pair)."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
