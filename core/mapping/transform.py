"""A wanted event + context + plan → the track event. Pure."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from core import __version__
from core.mapping.identity import guard, identify
from core.model import Fact

if TYPE_CHECKING:
    from core.mapping.periods import Wanted
    from core.mapping.plan import Plan
    from core.model import Context

NS_PER_MS = 1_000_000
NS_PER_S = 1_000_000_000
ID_HEX_DIGITS = 40
STATUS = {"opened": "OPEN", "closed": "CLOSED"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One Segment call, before the library builds its message.

    `type` is track, identify or alias; `properties` are traits for identify. An alias has none:
    it says that `previous_id` is now `user_id`.
    """

    type: str
    event: str
    message_id: str
    user_id: str | None
    anonymous_id: str | None
    timestamp: datetime
    properties: dict[str, object]
    context: dict[str, object]
    previous_id: str | None = None


def message_id(alias: str, rule: str, conversation_id: str, occurred_ns: int) -> str:
    """Segment's duplicate key: same fact and same source, same id; ≤ 100 characters.

    Segment drops a repeated messageId for about 24 hours, whatever source it comes from, hence
    the alias. Not made from Gladly's event id: polling and exports may not share it.
    """
    milliseconds = occurred_ns // NS_PER_MS
    text = "\x00".join((alias, rule, conversation_id, str(milliseconds)))
    return "gs-" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:ID_HEX_DIGITS]


def message_id_of(alias: str, kind: str, conversation_id: str, occurred_ns: int) -> str:
    """The messageId of the track call that a webhook of this kind leads to, if to any."""
    rule = "closed" if kind == Fact.CLOSED else "opened"
    return message_id(alias, rule, conversation_id, occurred_ns)


def track(
    wanted: Wanted, conversation_id: str, context: Context, plan: Plan, *, test: bool
) -> Call:
    """The track call for a wanted event; unknown properties are left out, never null."""
    user_id, anonymous_id = identify(context, conversation_id, plan)
    properties = guard(_properties(wanted, conversation_id, context, plan), plan)
    return Call(
        type="track",
        event=plan.profile.opened if wanted.rule == "opened" else plan.profile.closed,
        message_id=message_id(plan.alias, wanted.rule, conversation_id, wanted.occurred_ns),
        user_id=user_id,
        anonymous_id=anonymous_id,
        timestamp=from_ns(wanted.occurred_ns),
        properties=properties,
        context=_about_us(test=test),
    )


def identify_call(
    wanted: Wanted, conversation_id: str, context: Context, plan: Plan, *, test: bool
) -> Call | None:
    """The identify call beside a track call, or None when there is nothing to say or no userId."""
    user_id, _ = identify(context, conversation_id, plan)
    known = {
        "customerName": context.customer_name,
        "email": context.email,
        "phone": context.phone,
    }
    guarded = guard({name: value for name, value in known.items() if value}, plan)
    name = plan.profile.properties["customerName"]
    traits = {("name" if key == name else key): value for key, value in guarded.items()}
    if not traits or not user_id:
        return None
    rule = identify_rule(wanted.rule)
    return Call(
        type="identify",
        event="identify",
        message_id=message_id(plan.alias, rule, conversation_id, wanted.occurred_ns),
        user_id=user_id,
        anonymous_id=None,
        timestamp=from_ns(wanted.occurred_ns),
        properties=traits,
        context=_about_us(test=test),
    )


def alias_call(merged_id: str, into_id: str, occurred_ns: int, plan: Plan, *, test: bool) -> Call:
    """The alias call for two customers of whom Gladly made one."""
    return Call(
        type="alias",
        event="alias",
        # NUL stands in no id, so no other two ids give the same text.
        message_id=message_id(plan.alias, "alias", f"{merged_id}\x00{into_id}", occurred_ns),
        user_id=into_id,
        anonymous_id=None,
        previous_id=merged_id,
        timestamp=from_ns(occurred_ns),
        properties={},
        context=_about_us(test=test),
    )


def identify_rule(rule: str) -> str:
    """The rule of the identify call that goes with a track call of this rule."""
    return f"identify-{rule}"


def from_ns(occurred_ns: int) -> datetime:
    """An aware UTC datetime, cut (not rounded) to the millisecond, as the messageId is."""
    return _EPOCH + timedelta(milliseconds=occurred_ns // NS_PER_MS)


def _properties(
    wanted: Wanted, conversation_id: str, context: Context, plan: Plan
) -> dict[str, object]:
    properties: dict[str, object | None] = {
        "customerName": context.customer_name,
        "email": context.email,
        "phone": context.phone,
        "conversationId": conversation_id,
        "status": STATUS[wanted.rule],
        "agentId": wanted.agent_id,
        "agentName": context.agent_name,
    }
    if plan.profile.custom_attributes and context.custom_attributes:
        properties["customAttributes"] = context.custom_attributes
    if wanted.rule == "closed":
        properties["topics"] = _topics(context, plan)
        if plan.profile.duration and wanted.started_ns is not None:
            properties["duration"] = (wanted.occurred_ns - wanted.started_ns) // NS_PER_S
    return {name: value for name, value in properties.items() if value is not None and value != ""}


def _topics(context: Context, plan: Plan) -> list[str] | None:
    found = context.topic_names if plan.profile.topics == "names" else context.topic_ids
    return None if found is None else list(found)


def _about_us(*, test: bool) -> dict[str, object]:
    about: dict[str, object] = {
        "app": {"name": "Gladly Source", "version": __version__},
        "integration": {"name": "Gladly Source", "version": __version__},
    }
    return {**about, "test": True} if test else about
