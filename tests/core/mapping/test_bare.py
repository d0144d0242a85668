"""Of a message about somebody who was deleted the ids are left, and nothing else of the person."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.mapping.bare import bare
from core.mapping.periods import Wanted
from core.mapping.plan import make_plan
from core.mapping.transform import Call, alias_call, identify_call, track
from core.model import Context, ConversationFact, Fact
from core.segment.message import MessageBuilder
from core.settings import Mapping_

KNOWN = Context(
    customer_id="u1",
    customer_name="Zebulon Quixotek",
    email="zeb@example.com",
    phone="+15551234567",
    external_customer_id="ext-9",
    custom_attributes={"tier": "gold"},
    agent_name="Grace Hopper",
    topic_ids=("t1",),
    topic_names=("Billing",),
)
GONE = Context(
    customer_id="u1", agent_name="Grace Hopper", topic_ids=("t1",), topic_names=("Billing",)
)
AT = 1_780_000_000_123_000_000


def wanted() -> Wanted:
    fact = ConversationFact(
        kind=Fact.CLOSED,
        occurred_ns=AT,
        customer_id="u1",
        agent_id="a1",
        webhook_id=1,
        received_at=1.0,
    )
    return Wanted(
        rule="closed", occurred_ns=AT, agent_id="a1", fact=fact, told_at=1.0, started_ns=AT - 10**10
    )


def built(call: Call) -> bytes:
    return MessageBuilder().build(call)


@pytest.mark.parametrize("names", ["segment-catalog", "gladly-toolkit", "live-chat"])
@pytest.mark.parametrize("user_id", ["gladly", "external", "email-sha256"])
@pytest.mark.parametrize("treated", [{}, {"hash": ("email",)}, {"drop": ("agentName",)}])
def test_it_is_what_would_have_been_sent_of_a_customer_who_is_gone(names, user_id, treated):
    plan = make_plan(Mapping_(names=names, user_id=user_id, **treated), "default")
    sent = built(track(wanted(), "c1", KNOWN, plan, test=False))
    gone = built(track(wanted(), "c1", GONE, plan, test=False))

    left = bare(sent, "u1")

    assert left is not None
    assert json.loads(left[0]) == json.loads(gone)
    assert left[1] == "u1"
    assert bare(left[0], "u1") == left


def test_of_an_identify_call_nothing_is_left():
    plan = make_plan(Mapping_(identify=True), "default")
    call = identify_call(wanted(), "c1", KNOWN, plan, test=False)

    assert call is not None
    assert bare(built(call), "u1") is None


def test_an_alias_is_ids_already():
    plan = make_plan(Mapping_(merges=True), "default")
    sent = built(alias_call("u0", "u1", AT, plan, test=False))

    left = bare(sent, "u1")

    assert left is not None
    assert (json.loads(left[0]), left[1]) == (json.loads(sent), "u1")


def test_without_a_customer_the_conversation_stands_in():
    at = datetime(2026, 5, 28, tzinfo=UTC).isoformat()
    sent = {
        "type": "track",
        "userId": "a" * 64,
        "timestamp": at,
        "properties": {"conversation_id": "c7", "customer_name": "Zeb"},
    }

    left = bare(json.dumps(sent).encode(), None)

    assert left is not None
    message = json.loads(left[0])
    assert message["anonymousId"] == left[1] == "conversation:c7"
    assert "userId" not in message
    assert message["properties"] == {"conversation_id": "c7"}


@given(st.binary(max_size=30) | st.sampled_from([b"[1]", b"null", b'{"type": "track"}']))
def test_what_is_no_message_leaves_nothing(payload):
    assert bare(payload, None) is None
