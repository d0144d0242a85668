"""The preview says what would reach Segment, or why nothing does."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.mapping.plan import make_plan
from core.pipeline.departures import TEST_ONLY
from core.sender.bodies import BodyMaker, Scenario, Subject
from core.sender.people import MADE_UP
from core.sender.preview import map_bodies
from core.settings import Mapping_
from tests.core.sender.test_positions import JSON
from tests.fakes import gladly_event

PLAN = make_plan(Mapping_(), "test")
MARTHA = Subject(customer_id="test-customer-martha", conversation_id="co-1", agent_id="test-agent")


def look_up(customer_id: str | None, agent_id: str | None) -> Any:
    return MADE_UP.context(customer_id, agent_id, ["Refund"])


def mapped(scenario: Scenario, **mapping: Any) -> list[Any]:
    plan = make_plan(Mapping_(**mapping), "test")
    return list(map_bodies(BodyMaker().make(scenario, MARTHA), plan, look_up))


def test_a_closed_conversation_shows_everything_that_is_known():
    (one,) = mapped(Scenario.CLOSED)

    (message,) = one.messages
    assert message["event"] == "Conversation Closed"
    assert message["userId"] == "test-customer-martha"
    assert message["context"]["test"] is True
    assert message["properties"] == {
        "customerName": "Martha J Williams",
        "email": "martha.williams@example.com",
        "phone": "+12025550114",
        "conversationId": "co-1",
        "status": "CLOSED",
        "agentId": "test-agent",
        "agentName": "Amy Ortiz",
        "topics": ["test-topic-refund"],
    }


def test_without_a_look_up_there_are_ids_only():
    (one,) = map_bodies(BodyMaker().make(Scenario.OPENED, MARTHA), PLAN)

    assert one.messages[0]["properties"].keys() == {"conversationId", "status", "agentId"}


@pytest.mark.parametrize(
    ("scenario", "events"),
    [
        (Scenario.OPENED, ["Conversation Opened"]),
        (Scenario.REOPENED, ["Conversation Opened"]),
        (Scenario.OPENED_AND_CLOSED, ["Conversation Opened", "Conversation Closed"]),
        (Scenario.ASSIGNED_LATER, ["Conversation Opened", None]),
    ],
)
def test_events_of_one_conversation_are_judged_together(
    scenario: Scenario, events: list[str | None]
):
    found = mapped(scenario)

    assert [one.messages[0]["event"] if one.payloads else None for one in found] == events
    assert all(one.payloads or one.reason for one in found)


def customer_event(kind: str, **content: str) -> dict[str, Any]:
    return {**gladly_event(kind), "content": content}


def test_a_merge_shows_its_alias_where_the_plan_sends_any():
    merge = customer_event("CUSTOMER/MERGED", sourceCustomerId="a", destinationCustomerId="b")

    (sent,) = map_bodies([merge], make_plan(Mapping_(merges=True), "test"))
    (off,) = map_bodies([merge], PLAN)

    (message,) = sent.messages
    assert (message["type"], message["previousId"], message["userId"]) == ("alias", "a", "b")
    assert message["context"]["test"] is True
    assert (off.payloads, "mapping.merges" in off.reason) == ((), True)


def test_a_deletion_is_said_to_erase_nobody_as_a_test():
    (one,) = map_bodies([customer_event("CUSTOMER_PROFILE/DELETED", customerId="a")], PLAN)

    assert (one.payloads, one.reason) == ((), TEST_ONLY)


def test_the_plan_decides_about_names_properties_and_identify():
    (one,) = mapped(Scenario.CLOSED, names="live-chat", drop=("email",), identify=True)

    track, identify = one.messages
    assert track["event"] == "Live Chat Conversation Ended"
    assert track["properties"]["topics"] == ["Refund"]
    assert "email" not in track["properties"] | identify["traits"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (gladly_event("CONVERSATION/CREATED"), "Nobody has taken it yet"),
        (gladly_event("CONVERSATION/TOPIC_ADDED"), "not part of the tracking plan"),
        (gladly_event("CONVERSATION/CREATED", conversation=""), "names no conversation"),
        (gladly_event("CONVERSATION/CREATED", at="soon"), "no readable timestamp"),
        ({"type": "PING"}, "only asks"),
        ({}, "no type"),
    ],
)
def test_where_nothing_goes_out_the_reason_is_told(body: dict[str, Any], said: str):
    (one,) = map_bodies([body], PLAN)

    assert one.payloads == ()
    assert said in one.reason


def test_a_repetition_is_told_apart():
    body = BodyMaker().make(Scenario.CLOSED)[0]

    first, second = map_bodies([body, body], PLAN)

    assert len(first.payloads) == 1
    assert "another id" in second.reason


def test_what_segment_would_drop_is_refused_aloud():
    huge = MADE_UP.context("c", None)

    def endless(*_: object) -> Any:
        return type(huge)(customer_id="c", customer_name="x" * 40_000)

    (one,) = map_bodies(BodyMaker().make(Scenario.OPENED), PLAN, endless)

    assert one.payloads == ()
    assert "bytes" in one.reason


def test_nesting_is_no_reason_to_fail():
    deep: dict[str, Any] = {}
    for _ in range(100_000):
        deep = {"content": deep}

    (one,) = map_bodies([deep], PLAN)

    assert "nested too deeply" in one.reason


@given(st.lists(st.dictionaries(st.sampled_from(["type", "content", "timestamp"]), JSON)))
def test_nothing_makes_the_preview_fail(bodies: list[dict[str, Any]]):
    found = map_bodies(bodies, PLAN)

    assert len(bodies) == len(found)
    assert all(one.payloads or one.reason for one in found)
