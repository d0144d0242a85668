"""What a track call says, by naming profile and by what is known."""

from __future__ import annotations

import hashlib
import random
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import __version__
from core.mapping.periods import Wanted
from core.mapping.plan import make_plan
from core.mapping.transform import alias_call, from_ns, identify_call, message_id, track
from core.model import Context, ConversationFact, Fact
from core.settings import Mapping_

AT = 1_780_000_000_123_456_789
FULL = Context(
    customer_id="customer-1",
    customer_name="Ada Lovelace",
    email="ada@example.com",
    phone="+15551234567",
    external_customer_id="ext-9",
    custom_attributes={"tier": "gold"},
    agent_name="Grace Hopper",
    topic_ids=("topic-1", "topic-2"),
    topic_names=("Billing", "Returns"),
)
TEXT = st.text(max_size=300)
NS = st.integers(0, 4_000_000_000_000_000_000)
RULES = st.sampled_from(["opened", "closed", "identify-opened", "identify-closed"])


def plan_of(alias="default", **options):
    return make_plan(Mapping_(**options), alias)


def wanted(rule="opened", *, at=AT, agent="agent-1", started=AT - 90_500_000_000):
    fact = ConversationFact(
        kind=Fact.CREATED if rule == "opened" else Fact.CLOSED,
        occurred_ns=at,
        customer_id="customer-1",
        agent_id=agent,
        webhook_id=1,
        received_at=1000.0,
    )
    return Wanted(
        rule=rule, occurred_ns=at, agent_id=agent, fact=fact, told_at=1000.0, started_ns=started
    )


def call(rule="opened", *, context=FULL, plan=None, test=False, **options):
    return track(wanted(rule, **options), "c1", context, plan or plan_of(), test=test)


# --- messageId --------------------------------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(alias=TEXT, rule=RULES, conversation=TEXT, at=NS)
def test_the_message_id_is_deterministic_and_within_segments_limit(alias, rule, conversation, at):
    one = message_id(alias, rule, conversation, at)

    assert one == message_id(alias, rule, conversation, at)
    assert 0 < len(one) <= 100
    assert one.isascii()


@settings(max_examples=100, deadline=None)
@given(at=NS, data=st.data())
def test_the_message_id_is_the_same_within_the_millisecond_only(at, data):
    start = at // 1_000_000 * 1_000_000
    same = start + data.draw(st.integers(0, 999_999))

    one = message_id("default", "opened", "c1", at)

    assert message_id("default", "opened", "c1", same) == one
    assert message_id("default", "opened", "c1", start + 1_000_000) != one
    assert message_id("default", "opened", "c1", start - 1) != one


PARTS = st.tuples(TEXT, RULES, TEXT, NS.map(lambda ns: ns // 1_000_000 * 1_000_000))


@settings(max_examples=100, deadline=None)
@given(one=PARTS, other=PARTS)
def test_different_parts_give_different_message_ids(one, other):
    assert (message_id(*one) == message_id(*other)) is (one == other)


def test_the_parts_of_a_message_id_cannot_run_into_each_other():
    ids = {
        message_id("a", "opened", "bc", AT),
        message_id("ab", "opened", "c", AT),
        message_id("ab", "closed", "c", AT),
        message_id("default", "opened", "c", AT),
    }

    assert len(ids) == 4


def test_the_alias_keeps_the_events_of_two_sources_apart():
    here = call(plan=plan_of("emea"))
    there = call(plan=plan_of("amer"))

    assert here.message_id == message_id("emea", "opened", "c1", AT)
    assert here.message_id != there.message_id


def test_agent_and_context_do_not_change_the_message_id():
    poor = call(context=Context(), agent=None)

    assert poor.message_id == call().message_id


# --- time -------------------------------------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(at=NS)
def test_times_are_aware_and_cut_to_the_millisecond(at):
    when = from_ns(at)

    assert when.tzinfo is UTC
    assert when.microsecond % 1000 == 0
    milliseconds = round((when - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000)
    assert milliseconds == at // 1_000_000


def test_a_time_is_cut_and_not_rounded():
    assert from_ns(999_999_999).microsecond == 999_000


def test_the_event_carries_gladlys_time():
    assert call().timestamp == datetime(2026, 5, 28, 20, 26, 40, 123_000, tzinfo=UTC)


# --- properties -------------------------------------------------------------------------------


def test_opened_says_everything_known_under_the_catalogs_names():
    one = call("opened")

    assert one.type == "track"
    assert one.event == "Conversation Opened"
    assert (one.user_id, one.anonymous_id) == ("customer-1", None)
    assert one.properties == {
        "customerName": "Ada Lovelace",
        "email": "ada@example.com",
        "phone": "+15551234567",
        "conversationId": "c1",
        "status": "OPEN",
        "agentId": "agent-1",
        "agentName": "Grace Hopper",
    }


def test_closed_adds_the_topics_as_ids():
    one = call("closed")

    assert one.event == "Conversation Closed"
    assert one.properties["status"] == "CLOSED"
    assert one.properties["topics"] == ["topic-1", "topic-2"]


@pytest.mark.parametrize("rule", ["opened", "closed"])
def test_what_is_unknown_is_left_out(rule):
    one = call(rule, context=Context(customer_name="", email=""), agent=None)

    assert one.properties.keys() == {"conversationId", "status"}


def test_a_conversation_without_topics_has_an_empty_list():
    one = call("closed", context=Context(topic_ids=(), topic_names=()))

    assert one.properties["topics"] == []


@settings(max_examples=60, deadline=None)
@given(
    known=st.fixed_dictionaries(
        {},
        optional={
            "customer_id": st.just("customer-1"),
            "customer_name": st.text(max_size=5) | st.none(),
            "email": st.text(max_size=5) | st.none(),
            "phone": st.none() | st.just("+1555"),
            "custom_attributes": st.just({}) | st.just({"tier": 1}) | st.none(),
            "agent_name": st.none() | st.just("Grace"),
            "topic_ids": st.none() | st.lists(st.text(max_size=3)).map(tuple),
            "topic_names": st.none() | st.lists(st.text(max_size=3)).map(tuple),
        },
    ),
    rule=st.sampled_from(["opened", "closed"]),
    names=st.sampled_from(["segment-catalog", "gladly-toolkit", "live-chat"]),
)
def test_no_property_is_null_and_topics_are_on_closed_only_and_a_list(known, rule, names):
    one = call(rule, context=Context(**known), plan=plan_of(names=names))

    assert None not in one.properties.values()
    assert isinstance(one.properties.get("topics", []), list)
    assert rule == "closed" or "topics" not in one.properties
    assert bool(one.user_id) is not bool(one.anonymous_id)


def test_gladly_toolkit_names_events_as_gladly_does_and_adds_custom_attributes():
    plan = plan_of(names="gladly-toolkit")

    opened, closed = call("opened", plan=plan), call("closed", plan=plan)

    assert (opened.event, closed.event) == (
        "Gladly Conversation Created",
        "Gladly Conversation Closed",
    )
    assert opened.properties["customAttributes"] == {"tier": "gold"}
    assert closed.properties["topics"] == ["topic-1", "topic-2"]


def test_only_gladly_toolkit_sends_custom_attributes():
    assert "customAttributes" not in call().properties


def test_live_chat_uses_its_own_names_topic_names_and_the_duration():
    one = call("closed", plan=plan_of(names="live-chat"))

    assert one.event == "Live Chat Conversation Ended"
    assert one.properties == {
        "customer_name": "Ada Lovelace",
        "email": "ada@example.com",
        "phone": "+15551234567",
        "conversation_id": "c1",
        "status": "CLOSED",
        "agent_id": "agent-1",
        "agent_name": "Grace Hopper",
        "topics": ["Billing", "Returns"],
        "conversation_duration": 90,
    }
    assert isinstance(one.properties["conversation_duration"], int)


def test_live_chat_leaves_the_duration_out_where_the_start_was_not_seen():
    plan = plan_of(names="live-chat")

    closed, opened = call("closed", plan=plan, started=None), call("opened", plan=plan)

    assert "conversation_duration" not in closed.properties
    assert opened.event == "Live Chat Conversation Started"
    assert "conversation_duration" not in opened.properties


# --- context ----------------------------------------------------------------------------------


def test_the_context_names_app_and_integration_and_nothing_else():
    about = {"name": "Gladly Source", "version": __version__}

    assert call().context == {"app": about, "integration": about}


def test_a_test_event_is_marked_in_its_context():
    assert call(test=True).context["test"] is True


# --- drop and hash ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["customerName", "customer_name"])
def test_drop_knows_a_property_by_either_name(name):
    plan = plan_of(names="live-chat", drop=(name,), identify=True)

    tracked = call(plan=plan)
    identified = identify_call(wanted(), "c1", FULL, plan, test=False)

    assert "customer_name" not in tracked.properties
    assert identified.properties == {"email": "ada@example.com", "phone": "+15551234567"}


@pytest.mark.parametrize("name", ["customerName", "customer_name"])
def test_hash_knows_a_property_by_either_name(name):
    plan = plan_of(names="live-chat", hash=(name,), identify=True)
    hashed = hashlib.sha256(b"Ada Lovelace").hexdigest()

    tracked = call(plan=plan)
    identified = identify_call(wanted(), "c1", FULL, plan, test=False)

    assert tracked.properties["customer_name"] == hashed
    assert identified.properties["name"] == hashed
    assert "Ada" not in str((tracked, identified))


# --- alias -----------------------------------------------------------------------------------


def test_an_alias_says_who_somebody_was_and_is():
    one = alias_call("old", "new", AT, plan_of(), test=False)

    assert (one.type, one.event) == ("alias", "alias")
    assert (one.previous_id, one.user_id, one.anonymous_id) == ("old", "new", None)
    assert one.timestamp == from_ns(AT)
    assert "test" not in one.context
    assert alias_call("old", "new", AT, plan_of(), test=True).context["test"] is True


ID = st.text(st.characters(exclude_characters="\0"), min_size=1, max_size=256)
MERGE = st.tuples(ID | st.sampled_from("ab"), ID | st.sampled_from("ab"), NS)


@given(MERGE, MERGE)
def test_an_alias_has_one_id_for_each_merge_to_the_millisecond(one, other):
    ids = [alias_call(*merge, plan_of(), test=False).message_id for merge in (one, other)]
    same = one[:2] == other[:2] and one[2] // 10**6 == other[2] // 10**6

    assert (ids[0] == ids[1]) is same
    assert all(len(message) <= 100 for message in ids)


@given(MERGE, RULES)
def test_no_other_call_and_no_other_source_shares_the_id_of_an_alias(merge, rule):
    one = alias_call(*merge, plan_of(), test=False).message_id

    assert one != alias_call(*merge, plan_of("other"), test=False).message_id
    assert one != message_id("default", rule, f"{merge[0]}\0{merge[1]}", merge[2])


# --- identify ---------------------------------------------------------------------------------


def test_identify_carries_the_customers_traits():
    one = identify_call(wanted(), "c1", FULL, plan_of(), test=True)

    assert (one.type, one.event, one.user_id) == ("identify", "identify", "customer-1")
    assert one.properties == {
        "name": "Ada Lovelace",
        "email": "ada@example.com",
        "phone": "+15551234567",
    }
    assert one.timestamp == from_ns(AT)
    assert one.context["test"] is True


def test_identify_has_a_message_id_of_its_own_beside_each_track():
    ids = [
        call("opened").message_id,
        call("closed").message_id,
        identify_call(wanted("opened"), "c1", FULL, plan_of(), test=False).message_id,
        identify_call(wanted("closed"), "c1", FULL, plan_of(), test=False).message_id,
    ]

    assert len(set(ids)) == 4


@pytest.mark.parametrize(
    "context",
    [Context(customer_id="customer-1"), Context(email="ada@example.com")],
    ids=["nothing to say", "nobody to say it of"],
)
def test_identify_is_left_out(context):
    assert identify_call(wanted(), "c1", context, plan_of(), test=False) is None


def test_properties_keep_their_types_over_many_events():
    dice = random.Random(1)
    plan = plan_of(names="live-chat")

    calls = [call("closed", plan=plan, started=AT - dice.randrange(10**15)) for _ in range(50)]

    kinds = {name: type(value) for one in calls for name, value in one.properties.items()}
    for one in calls:
        assert {name: type(value) for name, value in one.properties.items()} == kinds
