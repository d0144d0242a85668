"""Who an event is about, and what of a person leaves the house. Pure."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.mapping.plan import Plan
    from core.model import Context


def identify(context: Context, conversation_id: str, plan: Plan) -> tuple[str | None, str | None]:
    """(userId, anonymousId): exactly one of them is set.

    Without the id that the plan asks for, the customer's Gladly id serves as anonymousId, so
    that events of one person still belong together; without any customer, the conversation's.
    """
    email = normal_email(context.email or "")
    user_id = {
        "gladly": context.customer_id,
        "external": context.external_customer_id,
        "email-sha256": sha256(email) if email else None,
    }[plan.user_id]
    if user_id:
        return user_id, None
    return None, context.customer_id or f"conversation:{conversation_id}"


def normal_email(email: str) -> str:
    """An e-mail address as it is hashed: no outer space, lower case."""
    return email.strip().lower()


def sha256(text: str) -> str:
    """SHA-256 of the text as 64 hex digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def guard(properties: dict[str, object], plan: Plan) -> dict[str, object]:
    """Properties by their plan names, with what is to be dropped or hashed treated so.

    `drop` and `hash` may name a property as the plan or as the profile calls it.
    """
    names = plan.profile.properties
    guarded: dict[str, object] = {}
    for name, value in properties.items():
        out = names.get(name, name)
        if name in plan.drop or out in plan.drop:
            continue
        hashed = name in plan.hash or out in plan.hash
        guarded[out] = _hashed(name, value) if hashed else value
    return guarded


def _hashed(name: str, value: object) -> object:
    if isinstance(value, list | tuple):
        return [_hashed(name, item) for item in value]
    if isinstance(value, dict):
        return {key: _hashed(name, item) for key, item in value.items()}
    return sha256(normal_email(str(value)) if name == "email" else str(value))
