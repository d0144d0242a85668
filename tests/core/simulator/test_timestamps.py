"""Times are read and written without losing a nanosecond."""

from __future__ import annotations

import pytest

from core.simulator.timestamps import format_timestamp, timestamp_ms, timestamp_ns, to_ns


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("1970-01-01T00:00:01Z", 1_000_000_000),
        ("1970-01-01T00:00:00.07Z", 70_000_000),
        ("1970-01-01T00:00:00.123456789Z", 123_456_789),
        ("1970-01-01T01:00:00.5+01:00", 500_000_000),
    ],
)
def test_reads_any_number_of_fraction_digits(text, ns):
    assert timestamp_ns(text) == ns


@pytest.mark.parametrize("text", ["", "yesterday", "1970-01-01T00:00:00", "1970-01-01"])
def test_refuses_what_is_no_time_or_has_no_zone(text):
    with pytest.raises(ValueError, match="time zone"):
        timestamp_ns(text)


def test_cuts_to_milliseconds():
    assert timestamp_ms("1970-01-01T00:00:00.1239Z") == 123


@pytest.mark.parametrize(
    ("digits", "text"),
    [(9, "1970-01-01T00:00:00.07Z"), (1, "1970-01-01T00:00:00Z"), (0, "1970-01-01T00:00:00Z")],
)
def test_writes_without_trailing_zeros(digits, text):
    assert format_timestamp(70_000_000, digits) == text


def test_seconds_become_nanoseconds():
    assert to_ns(1.5) == 1_500_000_000
