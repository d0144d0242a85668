"""What Gladly would never send is found, named and placed; nothing makes the check fail."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sender.bodies import BodyMaker, Scenario
from core.sender.problems import MAX_BODIES, check, check_text
from tests.core.sender.test_positions import JSON

NOW = 1_780_000_000.0
BODY = BodyMaker(clock=lambda: int(NOW) * 10**9).make(Scenario.OPENED)[0]
ASSIGNED = BodyMaker(clock=lambda: int(NOW) * 10**9).make(Scenario.ASSIGNED_LATER)[1]


def changed(path: str, value: Any, body: dict[str, Any] = BODY) -> dict[str, Any]:
    """A body with one member replaced; `...` removes it."""
    made = copy.deepcopy(body)
    *parents, name = path.split(".")
    inner = made
    for parent in parents:
        inner = inner[parent]
    if value is ...:
        del inner[name]
    else:
        inner[name] = value
    return made


@pytest.mark.parametrize(
    ("path", "value", "place", "said"),
    [
        ("id", ..., "$", "id is missing"),
        ("id", "", "$.id", "id is missing"),
        ("id", 7, "$.id", "id is no text"),
        ("id", "x" * 300, "$.id", "at most 256"),
        ("id", "a\0b", "$.id", "no database"),
        ("id", "\ud800", "$.id", "no database"),
        ("id", " a", "$.id", "space"),
        ("type", ..., "$", "type is missing"),
        ("type", "CONVERSATION/OPENED", "$.type", "Did you mean CONVERSATION/"),
        ("type", "CUSTOMER/MERGED", "$.type", "mapping.merges"),
        ("type", "CUSTOMER_PROFILE/DELETED", "$.type", "erases"),
        ("type", "CONVERSATION/TOPIC_ADDED", "$.type", "not part of the tracking plan"),
        ("type", "PING", "$.type", "only asks"),
        ("timestamp", ..., "$", "timestamp is missing"),
        ("timestamp", "yesterday", "$.timestamp", "cannot be read"),
        ("timestamp", "2026-04-14T14:03:11+02:00", "$.timestamp", "end with Z"),
        ("timestamp", "1969-04-14T14:03:11Z", "$.timestamp", "1970"),
        ("timestamp", "2090-04-14T14:03:11Z", "$.timestamp", "future"),
        ("initiator", ..., "$", "initiator"),
        ("initiator.type", 1, "$.initiator.type", "AGENT"),
        ("initiator.id", ..., "$.initiator", "no id"),
        ("content", ..., "$", "content is missing"),
        ("content", [], "$.content", "content is missing"),
        ("content.customerId", ..., "$.content", "nobody known"),
        ("content.conversationId", None, "$.content.conversationId", "nothing can go"),
        ("content.context", ..., "$.content", "context.assignee"),
        ("content.context", {}, "$.content.context.assignee", "context.assignee"),
        ("content.context.assignee.agentId", "", "$.content.context.assignee.agentId", "agentId"),
        ("conversationID", "x", "$.conversationID", "a member"),
        ("Type", "x", "$.Type", "Did you mean type?"),
    ],
)
def test_a_problem_is_named_and_placed(path: str, value: Any, place: str, said: str):
    problems = check(changed(path, value), NOW)

    assert [one.path for one in problems if said in one.sentence] == [place]
    assert not any(one.blocks for one in problems)


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        ("content.assignee", ..., "$.content"),
        ("content.assignee.agentId", ..., "$.content.assignee"),
    ],
)
def test_an_assignment_needs_its_agent(path: str, value: Any, place: str):
    problems = check(changed(path, value, ASSIGNED), NOW)

    assert [one.path for one in problems] == [place]


def test_a_slip_in_the_type_hides_no_other_problem():
    slip = changed("type", "CONVERSATION/OPENED", changed("content.customerId", ...))

    assert [one.path for one in check(slip, NOW)] == ["$.type", "$.content"]


def test_the_line_is_that_of_the_member_or_of_what_it_is_missing_from():
    bodies = [BODY, changed("content.customerId", ...)]
    text = json.dumps(bodies, indent=2)

    found = check_text(text, NOW).problems

    lines = text.splitlines()
    ids, missing = sorted(found, key=lambda one: "customerId" in one.sentence)
    assert '"content"' in lines[(missing.line or 0) - 1]
    assert f'"id": "{BODY["id"]}"' in lines[(ids.line or 0) - 1]
    assert "came before" in ids.sentence


@pytest.mark.parametrize(
    ("text", "said", "line"),
    [
        ("", "nothing here", 1),
        ("{\n 'a': 1}", "line 2, column 2", 2),
        ('{"a": NaN}', "NaN is no JSON", None),
        ('{"a": 1e999}', "too large", None),
        ("[" * 100_000, "nested too deeply", None),
        ("7", "is a JSON object", 1),
        ("[]", "1 to 20 events", 1),
        ("[{}, 3]", "is a JSON object", 1),
        (json.dumps([{}] * (MAX_BODIES + 1)), "1 to 20 events", 1),
    ],
)
def test_a_text_that_cannot_be_sent_says_so(text: str, said: str, line: int | None):
    checked = check_text(text, NOW)

    blocking = [one for one in checked.problems if one.blocks]
    assert [one.line for one in blocking] == [line]
    assert said in blocking[0].sentence
    assert checked.bodies == ()


def test_bodies_are_read_as_they_were_written():
    text = json.dumps(changed("content.number", 12345678901234567))

    assert check_text(text, NOW).bodies[0]["content"]["number"] == 12345678901234567
    assert check_text(f"[{text}, {text}]", NOW).bodies[1]["id"] == BODY["id"]


@given(st.text())
def test_no_text_makes_the_check_fail(text: str):
    check_text(text, NOW)


@given(JSON)
def test_no_value_makes_the_check_fail(value: object):
    check(value, NOW)
    check_text(json.dumps(value), NOW)


PATHS = ["type", "id", "timestamp", "initiator", "content", "content.context", "content.customerId"]


@given(st.sampled_from(PATHS), JSON, st.sampled_from([BODY, ASSIGNED]))
def test_no_member_makes_the_check_fail(path: str, value: object, body: dict[str, Any]):
    made = changed(path, value, body)

    check(made, NOW)
    assert check_text(json.dumps(made), NOW).bodies == (made,)
