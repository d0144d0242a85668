"""Bodies look like Gladly's, are about whom they should be, and can be repeated."""

from __future__ import annotations

import itertools

import pytest

from core.gladly.payloads import parse_webhook
from core.model import Fact
from core.sender.bodies import (
    STEPS,
    BodyMaker,
    Scenario,
    Subject,
    subject_of,
    with_subject,
)
from core.sender.problems import check

NOW = 1_780_000_000
SUBJECT = Subject(customer_id="cu-1", conversation_id="co-1", agent_id="ag-1")


@pytest.fixture
def maker() -> BodyMaker:
    marks = itertools.count(1)
    return BodyMaker(clock=lambda: NOW * 10**9, mark=lambda: f"m{next(marks)}")


@pytest.mark.parametrize("scenario", list(Scenario))
def test_every_scenario_is_what_gladly_would_send(maker: BodyMaker, scenario: Scenario):
    bodies = maker.make(scenario, SUBJECT)

    assert len(bodies) == len(STEPS[scenario])
    assert check(bodies, NOW) == []
    assert subject_of(bodies) == SUBJECT


@pytest.mark.parametrize("scenario", list(Scenario))
def test_what_is_not_given_is_made_up_the_same_in_all_events(maker: BodyMaker, scenario: Scenario):
    bodies = maker.make(scenario)

    views = [parse_webhook(str(body).replace("'", '"').encode()) for body in bodies]
    assert len({view.conversation_id for view in views}) == 1
    assert len({view.id for view in views}) == len(views)
    assert subject_of(bodies).agent_id == "test-agent"


def test_two_events_happen_one_after_the_other_and_end_now(maker: BodyMaker):
    opened, closed = maker.make(Scenario.OPENED_AND_CLOSED)

    assert opened["timestamp"] < closed["timestamp"] == "2026-05-28T20:26:40.000Z"


def test_nobody_has_it_before_it_is_assigned(maker: BodyMaker):
    created, assigned = maker.make(Scenario.ASSIGNED_LATER, SUBJECT)

    assert "agentId" not in created["content"]["context"]["assignee"]
    assert assigned["type"] == Fact.ASSIGNED
    assert assigned["content"]["assignee"]["agentId"] == "ag-1"


def test_an_agent_may_be_left_out(maker: BodyMaker):
    (body,) = maker.make(Scenario.CLOSED, Subject(agent_id=""))

    assert "agentId" not in body["content"]["context"]["assignee"]
    assert body["initiator"]["type"] == "CUSTOMER"


@pytest.mark.parametrize("scenario", list(Scenario))
def test_the_subject_can_be_exchanged(maker: BodyMaker, scenario: Scenario):
    bodies = maker.make(scenario, SUBJECT)
    other = Subject(customer_id="cu-2", conversation_id="co-2", agent_id="ag-2")

    changed = with_subject(bodies, other)

    assert subject_of(changed) == other
    assert subject_of(bodies) == SUBJECT
    assert check(changed, NOW) == []


def test_an_agent_who_was_left_out_comes_back_where_the_assignment_is(maker: BodyMaker):
    bodies = maker.make(Scenario.ASSIGNED_LATER, Subject(agent_id=""))

    created, assigned = with_subject(bodies, SUBJECT)

    assert "agentId" not in created["content"]["context"]["assignee"]
    assert assigned["content"]["assignee"]["agentId"] == "ag-1"


def test_what_is_no_body_of_gladlys_is_left_as_it_is():
    odd: list[dict] = [{}, {"content": 1, "initiator": []}, {"content": {"context": "x"}}]

    changed = with_subject(odd, SUBJECT)

    assert changed[:2] == odd[:2]
    assert subject_of(odd) == Subject(customer_id="", conversation_id="", agent_id="")


def test_copies_are_new_events_of_other_conversations(maker: BodyMaker):
    bodies = maker.make(Scenario.OPENED_AND_CLOSED, SUBJECT)

    numbered = maker.repeat(bodies, 2, new_conversation=False)
    fresh = maker.repeat(bodies, 2, new_conversation=True)

    assert maker.repeat(bodies, 0, new_conversation=True) == bodies
    assert subject_of(numbered).conversation_id == "co-1-3"
    assert len({body["content"]["conversationId"] for body in fresh}) == 1
    ids = {body["id"] for body in (*bodies, *numbered, *fresh)}
    assert len(ids) == 6


def test_odd_members_survive_a_copy(maker: BodyMaker):
    odd: list[dict] = [{"id": 7, "content": {"conversationId": None}}, {"content": []}]

    assert maker.repeat(odd, 1, new_conversation=True) == odd
