"""Who an event is about, and what of a person is dropped or hashed."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.mapping.identity import guard, identify, normal_email, sha256
from core.mapping.plan import make_plan
from core.model import Context
from core.settings import Mapping_

ADA = Context(customer_id="customer-1", external_customer_id="ext-9", email=" Ada@Example.com ")
ADA_HASH = hashlib.sha256(b"ada@example.com").hexdigest()


def plan_of(**options):
    return make_plan(Mapping_(**options), "default")


@pytest.mark.parametrize(
    ("rule", "user_id"),
    [("gladly", "customer-1"), ("external", "ext-9"), ("email-sha256", ADA_HASH)],
)
def test_the_user_id_is_the_one_the_plan_asks_for(rule, user_id):
    assert identify(ADA, "c1", plan_of(user_id=rule)) == (user_id, None)


@pytest.mark.parametrize("rule", ["external", "email-sha256"])
def test_without_the_wanted_id_the_customer_stays_one_person_by_anonymous_id(rule):
    known = Context(customer_id="customer-1")

    assert identify(known, "c1", plan_of(user_id=rule)) == (None, "customer-1")


@pytest.mark.parametrize("rule", ["gladly", "external", "email-sha256"])
def test_without_any_customer_the_conversation_stands_in(rule):
    assert identify(Context(), "c1", plan_of(user_id=rule)) == (None, "conversation:c1")


@pytest.mark.parametrize("blank", ["", "  ", "\t\n"])
def test_a_blank_address_does_not_make_one_person_of_many(blank):
    known = Context(customer_id="customer-1", email=blank)

    assert identify(known, "c1", plan_of(user_id="email-sha256")) == (None, "customer-1")


@settings(max_examples=100, deadline=None)
@given(
    context=st.builds(
        Context,
        customer_id=st.none() | st.text(max_size=3),
        external_customer_id=st.none() | st.text(max_size=3),
        email=st.none() | st.text(max_size=3),
    ),
    rule=st.sampled_from(["gladly", "external", "email-sha256"]),
)
def test_there_is_always_exactly_one_id(context, rule):
    user_id, anonymous_id = identify(context, "c1", plan_of(user_id=rule))

    assert [bool(user_id), bool(anonymous_id)].count(True) == 1
    assert None in (user_id, anonymous_id)


@pytest.mark.parametrize("written", ["ada@example.com", "ADA@EXAMPLE.COM", "  Ada@Example.com\n"])
def test_spellings_of_one_address_are_one_person(written):
    assert sha256(normal_email(written)) == ADA_HASH


def test_text_that_is_no_unicode_can_be_hashed():
    assert len(sha256("\ud800")) == 64


def test_what_is_dropped_is_gone():
    guarded = guard({"email": "a@b.c", "phone": "+1"}, plan_of(drop=("email",)))

    assert guarded == {"phone": "+1"}


def test_drop_wins_over_hash():
    guarded = guard({"email": "a@b.c"}, plan_of(drop=("email",), hash=("email",)))

    assert guarded == {}


def test_a_hashed_address_is_hashed_in_its_normal_form():
    guarded = guard({"email": "  ADA@example.com"}, plan_of(hash=("email",)))

    assert guarded == {"email": ADA_HASH}


def test_other_properties_are_hashed_as_they_are_written():
    guarded = guard({"customerName": "Ada"}, plan_of(hash=("customerName",)))

    assert guarded == {"customerName": hashlib.sha256(b"Ada").hexdigest()}


def test_a_list_stays_a_list_and_an_object_an_object_when_hashed():
    plan = plan_of(names="gladly-toolkit", hash=("topics", "customAttributes"))

    guarded = guard({"topics": ["t1"], "customAttributes": {"tier": 3}}, plan)

    assert guarded == {
        "topics": [hashlib.sha256(b"t1").hexdigest()],
        "customAttributes": {"tier": hashlib.sha256(b"3").hexdigest()},
    }


@pytest.mark.parametrize("name", ["agentId", "agent_id"])
@pytest.mark.parametrize("what", ["drop", "hash"])
def test_a_property_may_be_named_as_the_plan_or_the_profile_calls_it(name, what):
    plan = plan_of(names="live-chat", **{what: (name,)})

    guarded = guard({"agentId": "agent-1", "agentName": "Grace"}, plan)

    assert guarded["agent_name"] == "Grace"
    assert guarded.get("agent_id") != "agent-1"
    assert ("agent_id" in guarded) is (what == "hash")
