"""Events have the shape of the OpenAPI document; `context` is the state before them."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from core.simulator.events import Conversation, EventMaker
from core.simulator.timestamps import timestamp_ns

SAMPLES = Path(__file__).parents[3] / "resources" / "samples"
AT = timestamp_ns("2026-04-14T14:03:11.123456789Z")


@pytest.fixture
def maker() -> EventMaker:
    return EventMaker(random.Random(1))


@pytest.fixture
def conversation() -> Conversation:
    return Conversation(id="c", customer_id="u", inbox_id="i")


def test_an_assignment_tells_the_new_agent_and_the_state_before(maker, conversation):
    event = maker.assigned(conversation, AT, "amy")

    assert event["content"]["assignee"] == {"inboxId": "i", "agentId": "amy"}
    assert event["content"]["context"] == {"assignee": {"inboxId": "i"}}
    assert maker.closed(conversation, AT)["content"]["context"]["assignee"]["agentId"] == "amy"


def test_giving_a_conversation_back_names_no_agent(maker, conversation):
    maker.assigned(conversation, AT, "amy")

    content = maker.assigned(conversation, AT, None)["content"]

    assert "agentId" not in content["assignee"]
    assert content["context"]["assignee"]["agentId"] == "amy"


def test_timestamps_have_no_to_nine_digits(maker, conversation):
    texts = {maker.created(conversation, AT)["timestamp"] for _ in range(100)}

    assert {0, 2, 3, 6, 9} == {len(text.partition(".")[2].rstrip("Z")) for text in texts}


def test_a_merge_names_both_customers(maker):
    content = maker.merged("old", "new", AT)["content"]

    assert (content["sourceCustomerId"], content["destinationCustomerId"]) == ("old", "new")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("created", "CONVERSATION/CREATED"),
        ("assigned", "CONVERSATION_ASSIGNEE/UPDATED"),
        ("closed", "CONVERSATION/CLOSED"),
        ("reopened", "CONVERSATION/REOPENED"),
        ("topic_added", "CONVERSATION/TOPIC_ADDED"),
        ("customer_merged", "CUSTOMER/MERGED"),
        ("ping", "PING"),
    ],
)
def test_there_is_a_sample_of_each_kind(name, kind):
    sample = json.loads((SAMPLES / f"{name}.json").read_text())

    assert kind == sample["type"]
    assert {"id", "type", "timestamp", "content"} <= sample.keys()
    assert timestamp_ns(sample["timestamp"])


def test_the_sample_of_created_has_an_agent():
    sample = json.loads((SAMPLES / "created.json").read_text())

    assert sample["content"]["context"]["assignee"]["agentId"]
