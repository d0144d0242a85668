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


def words_of(new: NewDelivery) -> Words:
    """The words of a delivery; a payload that is no message has no names."""
    try:
        message = _decode(new.payload)
    except (msgspec.DecodeError, RecursionError):
        message = _Message()
    sent, traits = message.properties, message.traits
    name = sent.customer_name or sent.customer_name_too or traits.name or ""
    user = "" if new.user_id == new.customer_id else new.user_id or ""
    customer = composed(f"{name} {new.customer_id or ''} {user}".strip())
    agent_name = sent.agent_name or sent.agent_name_too or ""
    agent = composed(f"{agent_name} {sent.agent_id or sent.agent_id_too or ''}".strip())
    email = composed(f"{sent.email or traits.email or ''}".lower())
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
