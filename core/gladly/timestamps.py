"""Gladly's times: ISO 8601 text to epoch nanoseconds, exactly."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

NANOSECONDS: Final = 1_000_000_000
FRACTION_DIGITS: Final = 9
MINUTE_SECONDS: Final = 60
HOUR_SECONDS: Final = 3_600
LEAP_SECOND: Final = "60"
#: epoch nanoseconds travel as signed 64-bit integers, in SQLite as in PostgreSQL
MIN_NS: Final = -(2**63)
MAX_NS: Final = 2**63 - 1
_UTC_FORM: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z", re.ASCII)
_ANY_FORM: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d):(\d\d)(?:[.,](\d{1,9}))?"
    r"(?:[Zz]|([+-])([01]\d|2[0-3])(?::?([0-5]\d))?)?",
    re.ASCII,
)


def parse_timestamp(text: str) -> int:
    """Turn an ISO 8601 time with 0 to 9 fraction digits into epoch nanoseconds, exactly.

    A missing zone means UTC: Gladly's times are UTC. A leap second (:60) is the last nanosecond
    of its minute. The result fits into 64 bits, which means the years 1677 to 2262.

    Raises:
        ValueError: The text is no such time.
    """
    common = _UTC_FORM.fullmatch(text)
    if common is not None and not common[1].endswith(LEAP_SECOND):
        return _in_range(_epoch_seconds(common[1]) * NANOSECONDS + _nanoseconds(common[2]))
    match = _ANY_FORM.fullmatch(text)
    if match is None:
        raise ValueError("not an ISO 8601 time with 0 to 9 fraction digits")
    day, minute, second, fraction, sign, hours, minutes = match.groups()
    if second == LEAP_SECOND:
        second, fraction = "59", "9" * FRACTION_DIGITS
    seconds = _epoch_seconds(f"{day}T{minute}:{second}")
    if sign:
        offset = int(hours) * HOUR_SECONDS + int(minutes or 0) * MINUTE_SECONDS
        seconds += offset if sign == "-" else -offset
    return _in_range(seconds * NANOSECONDS + _nanoseconds(fraction))


@lru_cache(maxsize=256)  # events come in the order of time: the same second, many times
def _epoch_seconds(text: str) -> int:
    """Read `YYYY-MM-DDThh:mm:ss` as UTC; ValueError names a field that is out of range."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def _nanoseconds(fraction: str | None) -> int:
    return int(fraction.ljust(FRACTION_DIGITS, "0")) if fraction else 0


def _in_range(nanoseconds: int) -> int:
    if MIN_NS <= nanoseconds <= MAX_NS:
        return nanoseconds
    raise ValueError("a time outside the years 1677 to 2262")


def format_ns(at_ns: int) -> str:
    """Epoch nanoseconds since 1970 as Gladly's documents write a time, exactly."""
    seconds, fraction = divmod(at_ns, NANOSECONDS)
    text = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{fraction:09d}Z"


def format_timestamp(at: float) -> str:
    """Epoch seconds as Gladly's documents write a time, cut to the millisecond."""
    text = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
