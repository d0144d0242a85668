"""What Segment passes over in silence has a name here."""

from __future__ import annotations

from typing import Any

import pytest

from core.simulator.segment_rules import fatal_problem, flaws, sent_at_flaws

NOW = 1_776_175_391.0
SENT_AT = "2026-04-14T14:03:11Z"


def track(**changes: Any) -> dict[str, Any]:
    event = {
        "type": "track",
        "event": "Conversation Opened",
        "userId": "u",
        "messageId": "m",
        "timestamp": "2026-04-14T14:03:11.07Z",
        "properties": {"conversationId": "c"},
    }
    return {**event, **changes}


def test_a_good_event_has_no_problem():
    assert fatal_problem(track()) is None
    assert flaws(track()) == []


def test_an_alias_names_both_ids():
    alias = track(type="alias", previousId="old")
    assert fatal_problem(alias) is None
    assert fatal_problem({**alias, "previousId": ""}) == "alias without previousId or userId"
    assert fatal_problem({**alias, "userId": None}) == "alias without previousId or userId"


def test_an_anonymous_event_has_no_problem():
    assert fatal_problem(track(userId=None, anonymousId="a")) is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"type": None}, "type is None"),
        ({"event": " "}, "event is missing or empty"),
        ({"userId": ""}, "neither userId nor anonymousId"),
        ({"messageId": "m" * 101}, "messageId is longer than 100 characters"),
        ({"properties": []}, "properties is not an object"),
    ],
)
def test_names_why_an_event_would_be_dropped(changes, reason):
    assert fatal_problem(track(**changes)) == reason


@pytest.mark.parametrize(
    ("changes", "flaw"),
    [
        ({"properties": {"email": None}}, "properties.email is null"),
        ({"properties": {"a": [float("inf")]}}, "properties.a[0] is not a finite number"),
        ({"properties": {"timestamp": "x"}}, "properties.timestamp is a reserved name"),
        ({"messageId": ""}, "messageId is missing"),
        ({"timestamp": ""}, "timestamp is missing"),
        ({"timestamp": "2026-04-14T14:03:11"}, "timestamp is unusable: no time zone"),
    ],
)
def test_names_what_would_be_misread(changes, flaw):
    assert flaws(track(**changes)) == [flaw]


@pytest.mark.parametrize(
    ("sent_at", "now", "expected"),
    [
        (SENT_AT, NOW, []),
        (None, NOW, ["sentAt is missing"]),
        (SENT_AT, NOW + 61, ["sentAt is more than 60 s from now"]),
        ("2026-04-14T14:03:11", NOW, ["sentAt is unusable: no time zone"]),
    ],
)
def test_sent_at_must_be_the_clock_of_this_attempt(sent_at, now, expected):
    assert sent_at_flaws(sent_at, now) == expected
