"""What is left of a message when the person it is about was deleted: the ids. Pure."""

from __future__ import annotations

import json
from typing import Any, Final

import msgspec

#: the properties that say nothing of the person, as every naming profile calls them
KEPT: Final = frozenset(
    {
        "conversationId",
        "conversation_id",
        "status",
        "agentId",
        "agent_id",
        "agentName",
        "agent_name",
        "topics",
        "conversation_duration",
    }
)


def bare(payload: bytes, customer_id: str | None) -> tuple[bytes, str] | None:
    """The message as it is when Gladly no longer knows the customer, and the id it goes under.

    None if nothing is left to say.

    Its messageId and timestamp stay. An id that was looked up (external, or made of the e-mail
    address) gives way to the customer's id in Gladly as anonymousId, as with every customer of
    whom nothing is known. Nothing is left of an identify call.
    """
    try:
        message: Any = msgspec.json.decode(payload)
    except (msgspec.DecodeError, RecursionError):
        return None
    if not isinstance(message, dict) or message.get("type") not in {"track", "alias"}:
        return None
    message.pop("traits", None)
    if message["type"] == "track":
        properties = message.get("properties")
        sent = properties if isinstance(properties, dict) else {}
        message["properties"] = {key: one for key, one in sent.items() if key in KEPT}
        _name_plainly(message, customer_id)
    user_id = message.get("userId") or message.get("anonymousId")
    if not isinstance(user_id, str):
        return None
    return json.dumps(message).encode("ascii"), user_id


def _name_plainly(message: dict[str, Any], customer_id: str | None) -> None:
    looked_up = message.get("userId")
    if looked_up is None or looked_up == customer_id:
        return
    del message["userId"]
    conversation = message["properties"].get("conversationId") or message["properties"].get(
        "conversation_id"
    )
    message["anonymousId"] = customer_id or f"conversation:{conversation}"
