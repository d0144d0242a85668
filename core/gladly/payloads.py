"""Typed views of Gladly's webhooks and resources.

Lenient on purpose: Gladly adds types and members without notice (Gladly's help page on webhooks),
so unknown members are passed over and every member that may be missing is optional. Nothing here
knows a clock or does I/O.
"""

from __future__ import annotations

import json
from typing import Any, Final, NoReturn

import msgspec

from core.errors import Unmappable
from core.gladly.timestamps import parse_timestamp
from core.model import Fact

__all__ = [
    "NOT_BOTH",
    "NO_CONVERSATION",
    "NO_CUSTOMER",
    "NO_TIME",
    "Agent",
    "Conversation",
    "CustomerProfile",
    "Email",
    "Organization",
    "Phone",
    "Topic",
    "WebhookView",
    "parse_timestamp",
    "parse_webhook",
]

#: Gladly's ids are under 50 characters (OpenAPI, POST /api/v1/customer-profiles); what is
#: far longer is no id, and no database should have to index it.
MAX_TEXT: Final = 256

#: what a webhook may lack to be of use
NO_CONVERSATION: Final = "The body names no conversation."
NO_CUSTOMER: Final = "The body names no customer."
NOT_BOTH: Final = "The body does not name both customers."
NO_TIME: Final = "The body has no readable timestamp."


class Wire(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Base of what Gladly sends: immutable, camelCase on the wire."""


class Organization(Wire, frozen=True):
    """An organisation (Gladly's OpenAPI document, /api/v1/organization)."""

    id: str | None = None
    name: str | None = None
    login_domain: str | None = None
    timezone: str | None = None
    gladly_url: str | None = None


class Agent(Wire, frozen=True):
    """An agent (Gladly's OpenAPI document, /api/v1/agents); `id` is empty if Gladly omits it."""

    id: str = ""
    name: str | None = None
    email_address: str | None = None


class Topic(Wire, frozen=True):
    """A topic (Gladly's OpenAPI document, /api/v1/topics); `id` is empty if Gladly omits it."""

    id: str = ""
    name: str | None = None
    disabled: bool | None = None
    parent_id: str | None = None


class Conversation(Wire, frozen=True):
    """A conversation (Gladly's OpenAPI document, /api/v1/conversations/{conversationId}).

    `status` is `OPEN`, `WAITING` or `CLOSED`; times are RFC 3339 text, `closed_at`
    only when closed.
    """

    id: str | None = None
    customer_id: str | None = None
    agent_id: str | None = None
    inbox_id: str | None = None
    topic_ids: tuple[str, ...] | None = None
    status: str | None = None
    created_at: str | None = None
    closed_at: str | None = None


class Email(Wire, frozen=True):
    """A customer's address, `original` as entered; at most one is `primary`."""

    original: str | None = None
    normalized: str | None = None
    primary: bool | None = None


class Phone(Wire, frozen=True):
    """A customer's number, `normalized` in E.164, `original` as entered."""

    original: str | None = None
    normalized: str | None = None
    extension: str | None = None
    primary: bool | None = None
    type: str | None = None


class CustomerProfile(Wire, frozen=True):
    """A customer (Gladly's OpenAPI document, /api/v1/customer-profiles/{customerId}).

    `external_customer_id` exists with Lookup Adaptors installed before 05/12/21,
    `external_customer_ids` with later ones.
    """

    id: str | None = None
    name: str | None = None
    emails: tuple[Email, ...] | None = None
    phones: tuple[Phone, ...] | None = None
    external_customer_id: str | None = None
    external_customer_ids: dict[str, Any] | None = None
    custom_attributes: dict[str, Any] | None = None


class WebhookView(msgspec.Struct, frozen=True, kw_only=True):
    """What the program reads of a webhook's body.

    A member is None when it is absent or unusable: no string, empty, longer than 256 characters,
    or with characters that no database takes (NUL, half a surrogate pair). `occurred_ns` is None
    also when the timestamp cannot be read. `agent_id` is the agent on the conversation: for an
    assignment the new one, else the one before the event (`context`, Gladly's help page).
    Of a merge, `merged_id` is the customer that is no more, `merged_into_id` the one that remains.
    """

    type: str
    id: str | None = None
    occurred_ns: int | None = None
    conversation_id: str | None = None
    customer_id: str | None = None
    agent_id: str | None = None
    merged_id: str | None = None
    merged_into_id: str | None = None


class _Assignee(Wire, frozen=True):
    agent_id: str | None = None


class _Before(Wire, frozen=True):
    assignee: _Assignee | None = None


class _Content(Wire, frozen=True):
    conversation_id: str | None = None
    customer_id: str | None = None
    source_customer_id: str | None = None
    destination_customer_id: str | None = None
    assignee: _Assignee | None = None
    context: _Before | None = None


class _Body(Wire, frozen=True):
    type: str
    id: str | None = None
    timestamp: str | None = None
    content: _Content | None = None


_decode = msgspec.json.Decoder(_Body).decode


def parse_webhook(body: bytes) -> WebhookView:
    """Read a webhook's body: one typed decode, and a forgiving second look when that fails.

    Raises:
        Unmappable: The body is no JSON, not an object, too deeply nested, or has no type.
    """
    try:
        typed = _decode(body)
    except (ValueError, RecursionError):  # msgspec's errors are ValueErrors
        typed = _forgiving(body)
    kind = _usable(typed.type)
    if kind is None:
        raise Unmappable("The body has no type.")
    content = typed.content or _NO_CONTENT
    return WebhookView(
        type=kind,
        id=_usable(typed.id),
        occurred_ns=_occurred(typed.timestamp),
        conversation_id=_usable(content.conversation_id),
        customer_id=_usable(content.customer_id),
        agent_id=_agent(kind, content),
        merged_id=_usable(content.source_customer_id),
        merged_into_id=_usable(content.destination_customer_id),
    )


_NO_CONTENT: Final = _Content()


def _usable(text: str | None) -> str | None:
    """Return `text` if an id or a type may look like that."""
    if not text or len(text) > MAX_TEXT:
        return None
    if "\0" in text:
        return None
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return None
    return text


def _agent(kind: str, content: _Content) -> str | None:
    if kind == Fact.ASSIGNED:
        assignee = content.assignee
    else:
        assignee = content.context.assignee if content.context else None
    return _usable(assignee.agent_id) if assignee else None


def _occurred(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        occurred_ns = parse_timestamp(text)
    except ValueError:
        return None
    return occurred_ns if occurred_ns >= 0 else None  # no conversation is older than 1970


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _forgiving(body: bytes) -> _Body:
    """Read what is usable of a body whose members are not what they ought to be."""
    try:
        # Digits are not worth a conversion: no number is read, and a long one is refused by int().
        data = json.loads(body, parse_int=float, parse_constant=_no_constant)
    except RecursionError as exc:
        raise Unmappable("The body is nested too deeply.") from exc
    except ValueError as exc:
        raise Unmappable("The body is no JSON.") from exc
    if not isinstance(data, dict):
        raise Unmappable("The body is not an object.")
    content = _object(data, "content")
    before = _Before(assignee=_assignee(_object(content, "context")))
    return _Body(
        type=_text(data, "type") or "",
        id=_text(data, "id"),
        timestamp=_text(data, "timestamp"),
        content=_Content(
            conversation_id=_text(content, "conversationId"),
            customer_id=_text(content, "customerId"),
            source_customer_id=_text(content, "sourceCustomerId"),
            destination_customer_id=_text(content, "destinationCustomerId"),
            assignee=_assignee(content),
            context=before,
        ),
    )


def _assignee(parent: dict[str, Any]) -> _Assignee:
    return _Assignee(agent_id=_text(_object(parent, "assignee"), "agentId"))


def _object(parent: dict[str, Any], key: str) -> dict[str, Any]:
    value = parent.get(key)
    return value if isinstance(value, dict) else {}


def _text(parent: dict[str, Any], key: str) -> str | None:
    value = parent.get(key)
    return value if isinstance(value, str) else None
