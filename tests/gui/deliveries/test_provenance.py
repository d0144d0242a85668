"""Provenance: where every value came from."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from core.model import Channel
from core.settings import Mapping_
from gui.deliveries.provenance import Compared, compare, profile_names
from tests.gui.deliveries.details import LOOKED_UP, PROPERTIES, accepted, detail, message, webhook

SHA = "a" * 64


def compared(mapping: Mapping_ | None = None, **changes: Any) -> dict[str, Compared]:
    rows = compare(detail(**changes), mapping or Mapping_())
    return {row.name: row for row in rows}


def test_every_member_of_the_call_is_there_in_its_order() -> None:
    rows = compare(accepted(), Mapping_())

    assert [row.name for row in rows] == [
        "event",
        "userId",
        "timestamp",
        "messageId",
        *PROPERTIES,
        "phone",
    ]


@pytest.mark.parametrize(
    ("name", "origin", "why"),
    [
        ("event", "plan", "Naming profile (now segment-catalog)."),
        ("userId", "webhook", "Customer in webhook CONVERSATION/CLOSED."),
        ("timestamp", "webhook", "Time of webhook CONVERSATION/CLOSED."),
        ("messageId", "plan", "Made of alias, event, conversation and time."),
        ("customerName", "lookup", "Customer, looked up in Gladly."),
        ("conversationId", "webhook", "Webhook CONVERSATION/CLOSED."),
        ("status", "plan", "What the event means."),
        ("agentId", "webhook", "Webhook CONVERSATION/CLOSED."),
        ("agentName", "lookup", "Agent, looked up in Gladly."),
        ("topics", "lookup", "Conversation, looked up in Gladly."),
        ("phone", "nowhere", "Not known in Gladly, so left out."),
    ],
)
def test_each_value_says_where_it_came_from(name: str, origin: str, why: str) -> None:
    row = compared()[name]

    assert (row.origin, row.why) == (origin, why)


def test_values_are_shown_as_they_were_sent() -> None:
    rows = compared()

    assert rows["customerName"].value == "Zoë Müller"
    assert rows["topics"].value == '["t1"]'
    assert rows["phone"].value == ""


def test_the_agent_may_come_from_another_webhook() -> None:
    assigned = webhook(
        7,
        kind="CONVERSATION_ASSIGNEE/UPDATED",
        body=b'{"type": "CONVERSATION_ASSIGNEE/UPDATED", "content": '
        b'{"conversationId": "conv-1", "assignee": {"agentId": "agent-1"}}}',
    )
    own = webhook(body=b'{"type": "CONVERSATION/CLOSED", "content": {"customerId": "cust-1"}}')

    rows = compared(webhooks=(own, assigned))

    assert rows["agentId"].why == "Webhook CONVERSATION_ASSIGNEE/UPDATED."


def test_webhooks_that_are_gone_or_unreadable_are_said_to_be() -> None:
    removed = compared(webhooks=())
    unreadable = compared(webhooks=(webhook(body=b"no json"),))

    assert removed["conversationId"].why == "A webhook that is no longer here."
    assert removed["agentId"].why == "A webhook that is no longer here."
    assert unreadable["agentId"].why == "A webhook that is no longer here."


@pytest.mark.parametrize(
    ("user", "seen", "why"),
    [
        ("cust-2", {"customerId": "cust-2"}, "Customer into whom the one in the webhook was"),
        ("ext-1", {"externalCustomerId": "ext-1"}, "External id of the customer, looked up"),
        (SHA, {}, "SHA-256 of the e-mail address (mapping.user_id)."),
        ("who", {}, "It is not known from where."),
    ],
)
def test_the_user_id_says_which_id_it_is(user: str, seen: dict[str, str], why: str) -> None:
    row = compared(sent=message(userId=user), looked_up=seen)["userId"]

    assert row.why.startswith(why)


def test_an_anonymous_id_stands_in() -> None:
    sent = message(anonymousId="cust-1")
    del sent["userId"]

    assert compared(sent=sent)["anonymousId"].origin == "plan"


def test_settings_that_hash_and_drop_are_named() -> None:
    mapping = Mapping_(hash=("email",), drop=("phone",))
    rows = compared(mapping)

    assert rows["email"].why.endswith("Sent as SHA-256 (mapping.hash).")
    assert rows["phone"].why == "Left out by the settings (mapping.drop)."


def test_what_gladly_could_not_be_asked_for_or_forgot_is_said() -> None:
    sent = message(properties={"conversationId": "conv-1"})

    missing = compared(sent=sent, looked_up={"missing": ["customer"]})
    gone = compared(sent=sent, looked_up={"gone": ["customer"]})

    assert missing["email"].why == "Gladly could not be asked."
    assert gone["email"].why == "Gladly no longer knows it."
    made_up = compared(sent=sent, looked_up={"gone": ["customer"]}, channel=Channel.TEST)
    assert made_up["email"].why == "Made up for a test, so Gladly does not know it."
    assert gone["agentName"].why == "Not known in Gladly, so left out."


def test_other_naming_profiles_are_understood() -> None:
    properties = {"customer_name": "Z", "agent_id": "agent-1", "conversation_duration": 5}
    rows = compared(Mapping_(names="live-chat"), sent=message(properties=properties))

    assert rows["customer_name"].origin == "lookup"
    assert rows["agent_id"].why == "Webhook CONVERSATION/CLOSED."
    assert rows["conversation_duration"].why == "From the start of the period to its end."
    assert profile_names("live-chat")["customer_name"] == "customerName"


def test_an_identify_call_has_traits() -> None:
    sent = {"type": "identify", "userId": "cust-1", "messageId": "m", "traits": {"name": "Zoë"}}
    rows = compared(sent=sent)

    assert rows["name"].origin == "lookup"
    assert "agentId" not in rows


def test_an_alias_has_both_customers_from_the_merge() -> None:
    sent = {"type": "alias", "previousId": "old", "userId": "new", "messageId": "m"}
    content = {"sourceCustomerId": "old", "destinationCustomerId": "new"}
    merge = msgspec.json.encode({"type": "CUSTOMER/MERGED", "content": content})
    told = webhook(kind="CUSTOMER/MERGED", conversation_id=None, body=merge)
    alone = msgspec.structs.replace(detail(sent=sent), webhooks=(told,))
    rows = {row.name: row for row in compare(alone, Mapping_())}

    assert [*rows] == ["previousId", "userId", "messageId"]
    assert rows["previousId"].why == "Customer who was merged, in webhook CUSTOMER/MERGED."
    assert rows["userId"].why == "Customer in webhook CUSTOMER/MERGED."
    assert rows["messageId"].why == "Made of alias, both customers and time."


def test_what_nobody_knows_is_said_not_to_be_known() -> None:
    assert compared(sent=message(properties={"odd": 1}))["odd"].origin == "nowhere"


def test_what_retention_removed_cannot_be_compared() -> None:
    assert compare(detail(bare=True), Mapping_()) == ()


def test_missing_is_not_taken_from_something_else() -> None:
    rows = compared(sent=message(properties=[1]), looked_up={**LOOKED_UP, "missing": None})

    assert rows["customerName"].why == "Not known in Gladly, so left out."
