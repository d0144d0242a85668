"""Builds one message with Segment's library and refuses, aloud, what Segment drops silently."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, cast

from segment.analytics import Client

from core.errors import EventRefused

if TYPE_CHECKING:
    from core.mapping.transform import Call

MAX_EVENT_BYTES = 32 * 1024
MAX_MESSAGE_ID = 100
#: Segment's spec: discarded inside properties, because they collide with the top level
RESERVED = frozenset({"event", "userId", "timestamp", "id", "sentAt"})


class MessageBuilder:
    """Turns calls into the JSON that is stored and later uploaded as it is."""

    def __init__(self) -> None:
        # send=False: nothing of the library's in-memory queue is ever started.
        self._client = Client("not-sent", send=False)

    def build(self, call: Call) -> bytes:
        """The message as ASCII JSON, exactly as long as it will be on the wire.

        Raises:
            EventRefused: Segment would drop it: no event name or id, a reserved property name,
                a number that JSON does not know, a time without a zone, or more than 32 KB.
        """
        _check(call)
        try:
            built, message = self._make(call)
        except RuntimeError:
            # The library counts what it sends as null, too; its error holds the whole event.
            raise EventRefused(
                f"The event has more than the {MAX_EVENT_BYTES:,} bytes that Segment takes.",
                "Drop a large property with mapping.drop.",
            ) from None
        if not built:
            raise EventRefused("Segment's library refused the event.")
        content = {key: value for key, value in message.items() if value is not None}
        if not content.get("integrations"):
            content.pop("integrations", None)
        payload = json.dumps(content).encode("ascii")
        if len(payload) > MAX_EVENT_BYTES:
            raise EventRefused(
                f"The event has {len(payload):,} bytes; Segment takes {MAX_EVENT_BYTES:,}.",
                "Drop a large property with mapping.drop.",
            )
        return payload

    def _make(self, call: Call) -> tuple[bool, dict[str, Any]]:
        names = {
            "user_id": call.user_id,
            "anonymous_id": call.anonymous_id,
            "context": _without_nulls(call.context),
            "timestamp": call.timestamp,
            "message_id": call.message_id,
        }
        content = _without_nulls(call.properties)
        if call.type == "alias":
            del names["anonymous_id"]
            made = self._client.alias(previous_id=call.previous_id, **names)
        elif call.type == "identify":
            made = self._client.identify(traits=content, **names)
        else:
            made = self._client.track(event=call.event, properties=content, **names)
        return cast("tuple[bool, dict[str, Any]]", made)


def _check(call: Call) -> None:
    if not call.event:
        raise EventRefused("The event has no name.")
    if not (call.user_id or call.anonymous_id):
        raise EventRefused("The event is about nobody: no userId and no anonymousId.")
    if call.type == "alias" and not (call.user_id and call.previous_id):
        raise EventRefused("An alias needs both ids: the customer's before and after the merge.")
    if len(call.message_id) > MAX_MESSAGE_ID:
        raise EventRefused("The messageId is longer than 100 characters.")
    if call.timestamp.tzinfo is None:
        raise EventRefused("The event's time has no time zone; Segment's library would guess one.")
    if call.type == "track" and (reserved := RESERVED & call.properties.keys()):
        raise EventRefused(f"The property {sorted(reserved)[0]!r} is reserved by Segment.")
    if not _finite(call.properties):
        raise EventRefused("A property holds a number that JSON does not know (NaN or infinity).")


def _without_nulls(value: Any) -> Any:  # noqa: ANN401 - JSON
    """A copy without null members, however deep: unknown is left out, never null."""
    if isinstance(value, dict):
        return {key: _without_nulls(one) for key, one in value.items() if one is not None}
    if isinstance(value, list | tuple):
        return [_without_nulls(one) for one in value if one is not None]
    return value


def _finite(value: Any) -> bool:  # noqa: ANN401 - JSON
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        return all(map(_finite, value.values()))
    if isinstance(value, list | tuple):
        return all(map(_finite, value))
    return True
