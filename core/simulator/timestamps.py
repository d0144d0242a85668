"""Times as both services write them: ISO 8601 with 0 to 9 fraction digits, kept exact (pure)."""

from __future__ import annotations

import re
from datetime import UTC, datetime

NS_PER_SECOND = 1_000_000_000
NS_PER_MS = 1_000_000
MAX_DIGITS = 9
_PATTERN = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)")


def timestamp_ns(text: str) -> int:
    """Epoch nanoseconds.

    Raises:
        ValueError: Not a time, or without a time zone.
    """
    match = _PATTERN.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not an ISO 8601 time with a time zone.")
    seconds, fraction, zone = match.groups()
    offset = "+00:00" if zone == "Z" else zone
    whole = int(datetime.fromisoformat(seconds + offset).timestamp())
    return whole * NS_PER_SECOND + int((fraction or "").ljust(MAX_DIGITS, "0"))


def timestamp_ms(text: str) -> int:
    """Epoch milliseconds, the rest cut off.

    Raises:
        ValueError: Not a time, or without a time zone.
    """
    return timestamp_ns(text) // NS_PER_MS


def format_timestamp(ns: int, digits: int = MAX_DIGITS) -> str:
    """Write epoch nanoseconds as Gladly does: cut to `digits`, without trailing zeros."""
    seconds, rest = divmod(ns, NS_PER_SECOND)
    whole = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    fraction = f"{rest:09d}"[:digits].rstrip("0")
    return f"{whole}.{fraction}Z" if fraction else f"{whole}Z"


def to_ns(seconds: float) -> int:
    """Epoch nanoseconds of epoch seconds."""
    return int(seconds * NS_PER_SECOND)
