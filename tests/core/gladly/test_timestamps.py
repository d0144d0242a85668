"""Tests of core.gladly.timestamps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.gladly import payloads
from core.gladly.timestamps import format_timestamp, parse_timestamp

# a shared machine may be slow
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

BASE = 1_562_128_212_000_000_000  # 2019-07-03T04:30:12Z


def test_is_offered_by_payloads():
    assert parse_timestamp is payloads.parse_timestamp


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2019-07-03T04:30:12Z", BASE),
        ("2019-07-03T04:30:12.07Z", BASE + 70_000_000),
        ("2019-07-03T04:30:12.123456789Z", BASE + 123_456_789),
        ("2019-07-03T04:30:12.000000001Z", BASE + 1),
        ("2019-07-03t04:30:12z", BASE),
        ("2019-07-03 04:30:12,5", BASE + 500_000_000),
        ("2019-07-03T04:30:12", BASE),
        ("2019-07-03T05:30:12+01:00", BASE),
        ("2019-07-03T05:30:12+01", BASE),
        ("2019-07-02T19:00:12.25-0930", BASE + 250_000_000),
        ("2019-07-03T04:30:12-00:00", BASE),
        ("1970-01-01T00:00:00Z", 0),
        ("1969-12-31T23:59:59.999999999Z", -1),
        ("2016-12-31T23:59:60Z", 1_483_228_799_999_999_999),
        ("2016-12-31T23:59:60.5Z", 1_483_228_799_999_999_999),
        ("2017-01-01T00:59:60+01:00", 1_483_228_799_999_999_999),
        ("2262-04-11T23:47:16.854775807Z", 2**63 - 1),
        ("1677-09-21T00:12:43.145224192Z", -(2**63)),
    ],
)
def test_reads_every_form_exactly(text, expected):
    assert expected == parse_timestamp(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2019-07-03",
        "2019-07-03T04:30Z",
        "2019-07-03T04:30:12.Z",
        "2019-07-03T04:30:12.1234567890Z",
        "2019-07-03T04:30:12+",
        "2019-07-03T04:30:12+01:",
        "2019-07-03T04:30:12+24:00",
        "2019-07-03T04:30:12+01:60",
        "2019-07-03T04:30:61Z",
        "2019-07-03T04:60:00Z",
        "2019-07-03T24:00:00Z",
        "2019-02-30T00:00:00Z",
        "2019-13-01T00:00:00+01:00",
        "0000-01-01T00:00:00Z",
        "2019-07-03T04:30:12Z\n",
        " 2019-07-03T04:30:12Z",
        "२०१९-07-03T04:30:12Z",
        "2262-04-11T23:47:16.854775808Z",
        "1677-09-21T00:12:43.145224191Z",
        "9999-12-31T23:59:59-23:59",
    ],
)
def test_refuses_what_is_no_time(text):
    with pytest.raises(ValueError, match=r"\w"):
        parse_timestamp(text)


@UNHURRIED
@given(
    st.datetimes(min_value=datetime(1700, 1, 1), max_value=datetime(2262, 1, 1)),  # noqa: DTZ001
    st.integers(0, 999),
    st.integers(-23 * 60 - 59, 23 * 60 + 59),
)
def test_agrees_with_datetime_to_the_nanosecond(naive, nanos, offset_minutes):
    moment = naive.replace(tzinfo=timezone(timedelta(minutes=offset_minutes)))
    whole = moment.strftime("%Y-%m-%dT%H:%M:%S")
    sign, minutes = "-" if offset_minutes < 0 else "+", abs(offset_minutes)
    text = f"{whole}.{moment.microsecond:06}{nanos:03}{sign}{minutes // 60:02}:{minutes % 60:02}"
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    expected = (since // timedelta(microseconds=1)) * 1_000 + nanos

    assert expected == parse_timestamp(text)


@UNHURRIED
@given(st.text(max_size=40) | st.from_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,10})?[Zz+-]?"))
def test_returns_an_integer_of_64_bits_or_raises_value_error(text):
    try:
        result = parse_timestamp(text)
    except ValueError:
        return
    assert -(2**63) <= result < 2**63


def test_what_is_written_is_read_again_to_the_millisecond() -> None:
    at = 1_780_000_000.1239

    assert format_timestamp(at) == "2026-05-28T20:26:40.123Z"
    assert parse_timestamp(format_timestamp(at)) == 1_780_000_000_123 * 10**6
