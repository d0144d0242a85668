"""What Segment would drop or misread without a word, said aloud (pure)."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_MESSAGE_ID = 100
MAX_SENT_AT_AGE = 60.0
RESERVED_PROPERTIES = frozenset({"event", "userId", "timestamp", "id", "sentAt"})
KNOWN_TYPES = frozenset({"track", "identify", "page", "screen", "group", "alias"})


def fatal_problem(event: dict[str, Any]) -> str | None:
    """Why Segment would answer 200 and throw this event away; None if it would keep it."""
    if event.get("type") not in KNOWN_TYPES:
        return f"type is {event.get('type')!r}"
    if event["type"] == "track" and not _filled(event.get("event")):
        return "event is missing or empty"
    if (problem := _nobody(event)) is not None:
        return problem
    if len(str(event.get("messageId", ""))) > MAX_MESSAGE_ID:
        return f"messageId is longer than {MAX_MESSAGE_ID} characters"
    if event["type"] == "track" and not isinstance(event.get("properties"), dict):
        return "properties is not an object"
    return None


def _nobody(event: dict[str, Any]) -> str | None:
    """Which id it lacks."""
    if event["type"] == "alias":
        both = _filled(event.get("previousId")) and _filled(event.get("userId"))
        return None if both else "alias without previousId or userId"
    if not (_filled(event.get("userId")) or _filled(event.get("anonymousId"))):
        return "neither userId nor anonymousId"
    return None


def flaws(event: dict[str, Any]) -> list[str]:
    """What Segment would keep, but not as it was meant."""
    found = [f"{path} is null" for path, value in _leaves(event) if value is None]
    found += [
        f"{path} is not a finite number"
        for path, value in _leaves(event)
        if isinstance(value, float) and not math.isfinite(value)
    ]
    properties = event.get("properties")
    if isinstance(properties, dict):
        names = sorted(RESERVED_PROPERTIES & properties.keys())
        found += [f"properties.{name} is a reserved name" for name in names]
    if not _filled(event.get("messageId")):
        found.append("messageId is missing")
    return found + _time_flaws("timestamp", event.get("timestamp"))


def sent_at_flaws(sent_at: object, now: float) -> list[str]:
    """What is wrong with the time a request says it was sent at."""
    found = _time_flaws("sentAt", sent_at)
    if not found and abs(parse_time(str(sent_at)) - now) > MAX_SENT_AT_AGE:
        found.append(f"sentAt is more than {MAX_SENT_AT_AGE:g} s from now")
    return found


def parse_time(text: str) -> float:
    """Epoch seconds of an ISO 8601 time.

    Raises:
        ValueError: It is not one, or names no time zone.
    """
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("no time zone")
    return at.astimezone(UTC).timestamp()


def _time_flaws(name: str, value: object) -> list[str]:
    if not _filled(value):
        return [f"{name} is missing"]
    try:
        parse_time(str(value))
    except ValueError as exc:
        return [f"{name} is unusable: {exc}"]
    return []


def _filled(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Every member that is neither object nor list, with its path."""
    match value:
        case dict():
            for name, member in value.items():
                yield from _leaves(member, f"{path}.{name}" if path else str(name))
        case list():
            for index, member in enumerate(value):
                yield from _leaves(member, f"{path}[{index}]")
        case _:
            yield path, value
