"""Tests of core.gladly.payloads."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import Unmappable
from core.gladly.payloads import (
    Agent,
    Conversation,
    CustomerProfile,
    Organization,
    Topic,
    WebhookView,
    parse_webhook,
)

# a shared machine may be slow
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

# The examples are those of Gladly's OpenAPI document.
EVENT_ID = "yHaHXjD4SR-moMR9LbULDb"
CUSTOMER = "THx8Z8y-ScuMoqBH8Awtng"
CONVERSATION = "aGaHXjD4li-moMR8LbULZb"
INBOX = "NFpDZtfqhk2pI6fjaVDlFf"
AGENT = "zGaHXjD4SR-moMR9LbULDa"
TIMESTAMP = "2019-07-03T04:30:12.07Z"
OCCURRED_NS = 1_562_128_212_070_000_000


def event(kind, content=None, **extra):
    return {
        "id": EVENT_ID,
        "type": kind,
        "timestamp": TIMESTAMP,
        "initiator": {"id": INBOX, "type": "AGENT"},
        "content": content,
    } | extra


def on_conversation(*, before=AGENT, **extra):
    assignee = {"inboxId": INBOX} | ({"agentId": before} if before else {})
    return {
        "customerId": CUSTOMER,
        "conversationId": CONVERSATION,
        "context": {"assignee": assignee},
    } | extra


def parse(body):
    return parse_webhook(json.dumps(body).encode())


@pytest.mark.parametrize(
    "kind", ["CONVERSATION/CREATED", "CONVERSATION/CLOSED", "CONVERSATION/REOPENED"]
)
def test_reads_what_happened_to_a_conversation(kind):
    expected = WebhookView(
        type=kind,
        id=EVENT_ID,
        occurred_ns=OCCURRED_NS,
        conversation_id=CONVERSATION,
        customer_id=CUSTOMER,
        agent_id=AGENT,
    )

    assert expected == parse(event(kind, on_conversation()))


def test_a_conversation_that_nobody_had_taken_has_no_agent():
    assert parse(event("CONVERSATION/CREATED", on_conversation(before=None))).agent_id is None


def test_an_assignment_names_the_new_agent():
    content = on_conversation(before="old", assignee={"inboxId": INBOX, "agentId": "new"})

    assert parse(event("CONVERSATION_ASSIGNEE/UPDATED", content)).agent_id == "new"


@pytest.mark.parametrize("new", [{"assignee": {"inboxId": INBOX}}, {"assignee": None}, {}])
def test_an_assignment_to_an_inbox_does_not_name_the_agent_who_lost_it(new):
    content = on_conversation(before="old", **new)

    assert parse(event("CONVERSATION_ASSIGNEE/UPDATED", content)).agent_id is None


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("AGENT_AVAILABILITY/UPDATED", {"agentId": AGENT, "availableFor": ["MAIL", "VOICE"]}),
        ("AGENT_STATUS/LOGGED_IN", {"agentId": AGENT, "activeReason": {"id": "x", "name": "y"}}),
        ("AUTOMATION/MESSAGE_RECEIVED", {"sessionId": "s", "context": {"URL": "https://x"}}),
        ("CONTACT/ENDED", on_conversation(channel="SMS", contactId="c", status="ENDED")),
        ("CONVERSATION_STATUS/UPDATED", {"conversationId": CONVERSATION, "customerId": CUSTOMER}),
        ("CONVERSATION/CUSTOM_ATTRIBUTE_ADDED", on_conversation(customAttributeValue="12324")),
        ("CONVERSATION/NOTE_CREATED", {"noteId": "UAAAlBdOQwGl7mzqQUfVow"}),
        ("CONVERSATION/TOPIC_ADDED", on_conversation(topicId="0f2oNq7sR6CJpKq0WDbTbg")),
        ("CONVERSATION/TOPIC_REMOVED", on_conversation(topicId="0f2oNq7sR6CJpKq0WDbTbg")),
        ("CUSTOMER/MERGED", {"destinationCustomerId": CUSTOMER, "sourceCustomerId": "old"}),
        ("CUSTOMER_PROFILE/DELETED", {"customerId": CUSTOMER}),
        ("EXPORT_JOB/COMPLETED", {"jobId": "job"}),
        ("TASK/CREATED", {"customerId": CUSTOMER, "taskId": "t", "context": {"assignee": None}}),
        ("SOMETHING/NEW", {"anything": [1, {"deep": None}]}),
    ],
)
def test_reads_every_other_kind(kind, content):
    view = parse(event(kind, content))

    assert kind == view.type
    assert view.id == EVENT_ID
    assert view.occurred_ns == OCCURRED_NS
    assert content.get("customerId") == view.customer_id
    assert content.get("conversationId") == view.conversation_id
    assert content.get("sourceCustomerId") == view.merged_id
    assert content.get("destinationCustomerId") == view.merged_into_id


def test_a_merge_with_a_member_of_another_kind_names_the_rest():
    view = parse(event("CUSTOMER/MERGED", {"sourceCustomerId": 7, "destinationCustomerId": "new"}))

    assert (view.merged_id, view.merged_into_id) == (None, "new")


def test_a_ping_needs_nothing_but_its_type():
    assert WebhookView(type="PING") == parse({"type": "PING"})


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "The body is no JSON."),
        (b"<html>", "The body is no JSON."),
        (b'{"type":"PING"', "The body is no JSON."),
        (b'{"type":"PING","x":NaN}', "The body is no JSON."),
        (b'\xff{"type":"PING"}', "The body is no JSON."),
        (b"[]", "The body is not an object."),
        (b"null", "The body is not an object."),
        (b'"PING"', "The body is not an object."),
        (b"{}", "The body has no type."),
        (b'{"type":null}', "The body has no type."),
        (b'{"type":7}', "The body has no type."),
        (b'{"type":""}', "The body has no type."),
        (b'{"type":"\\ud800"}', "The body has no type."),
        (b'{"type":"a\\u0000"}', "The body has no type."),
        (b"[" * 100_000, "The body is nested too deeply."),
        (b'{"type":"PING","x":' + b'{"x":' * 100_000, "The body is nested too deeply."),
    ],
)
def test_says_why_a_body_cannot_be_read(body, sentence):
    with pytest.raises(Unmappable) as caught:
        parse_webhook(body)

    assert sentence == caught.value.title


@pytest.mark.parametrize(
    "odd",
    [
        {"id": 7},
        {"id": None},
        {"id": ""},
        {"id": "x" * 257},
        {"id": "\ud800"},
        {"id": "a\0b"},
        {"id": ["x"]},
    ],
)
def test_an_odd_id_does_not_hide_the_rest(odd):
    view = parse(event("CONVERSATION/CLOSED", on_conversation()) | odd)

    assert view.id is None
    assert view.conversation_id == CONVERSATION
    assert view.agent_id == AGENT


@pytest.mark.parametrize("content", [None, [], 5, "text", {"customerId": 5, "conversationId": {}}])
def test_odd_content_leaves_type_and_time(content):
    view = parse(event("CONVERSATION/CLOSED", content))

    expected = WebhookView(type="CONVERSATION/CLOSED", id=EVENT_ID, occurred_ns=OCCURRED_NS)
    assert expected == view


@pytest.mark.parametrize("timestamp", [None, "", "yesterday", 1562128212, "9999-12-31T00:00:00Z"])
def test_a_time_that_cannot_be_read_is_unknown(timestamp):
    view = parse(event("CONVERSATION/CLOSED", on_conversation(), timestamp=timestamp))

    assert view.occurred_ns is None
    assert view.customer_id == CUSTOMER


def test_half_a_surrogate_pair_elsewhere_does_no_harm():
    content = on_conversation(assignee=5, customAttributeValue="\ud83d")

    view = parse(event("CONVERSATION/CUSTOM_ATTRIBUTE_ADDED", content))

    assert (view.customer_id, view.agent_id) == (CUSTOMER, AGENT)


def test_numbers_beyond_all_bounds_do_no_harm():
    body = b'{"type":"PING","id":%s,"x":1e999999}' % (b"9" * 100_000)

    assert WebhookView(type="PING") == parse_webhook(body)


def test_of_equal_keys_the_last_counts():
    assert parse_webhook(b'{"type":"A","type":"B","id":1,"id":"x"}').type == "B"


def test_ids_beyond_ascii_are_kept():
    assert parse({"type": "PING", "id": "é"}).id == "é"


def check_total(body):
    try:
        view = parse_webhook(body)
    except Unmappable:
        return
    texts = (view.type, view.id, view.conversation_id, view.customer_id, view.agent_id)
    for text in texts:
        assert text is None or (text.encode() and "\0" not in text)


@UNHURRIED
@given(st.binary())
def test_any_bytes_are_read_or_unmappable(body):
    check_total(body)


SURROGATES = st.text(st.characters(codec=None) | st.just("\ud800") | st.just("\0"), max_size=5)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | SURROGATES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "type",
                    "id",
                    "content",
                    "timestamp",
                    "context",
                    "assignee",
                    "agentId",
                    "conversationId",
                    "customerId",
                    "other",
                ]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=12,
)


@UNHURRIED
@given(JSON, st.booleans())
def test_any_json_is_read_or_unmappable(data, escaped):
    text = json.dumps(data, ensure_ascii=escaped)
    check_total(text.encode(errors="surrogatepass"))


@UNHURRIED
@given(JSON)
def test_any_content_leaves_the_type(content):
    assert parse(event("CONVERSATION/CLOSED", content, timestamp=None)).type == (
        "CONVERSATION/CLOSED"
    )


@UNHURRIED
@given(JSON)
def test_both_ways_of_reading_agree(content):
    body = event("CONVERSATION/CLOSED", on_conversation()) | {"other": content}
    spoilt = body | {"initiator": "\ud800"}  # not read, but refused by the fast way

    assert parse(body) == parse(spoilt)


@pytest.mark.parametrize(
    ("shape", "data"),
    [
        (Organization, {"id": "ihKsWxiZCDVtXg1iwVmT9Q", "name": "My Organization", "new": 1}),
        (Agent, {"id": "WmeA3Y51Q5ayCAaZ1AotIA", "name": "Amy Agent", "emailAddress": "a@b.c"}),
        (Topic, {"id": "8eiDakrnTgKa3HIxtgV5OA", "disabled": False, "parentId": "Z_Oto7j"}),
        (Conversation, {"id": "HXRqKC5GSV-jAlq0-sxYTA", "topicIds": ["a", "b"], "status": "OPEN"}),
        (CustomerProfile, {"emails": [{"original": "a@b.c"}], "phones": [{"type": "HOME"}]}),
    ],
)
def test_resources_take_unknown_and_missing_members(shape, data):
    read = msgspec.json.decode(json.dumps(data), type=shape)

    back = msgspec.to_builtins(read)
    assert {key: back[key] for key in data if key in ("id", "name", "status")} == {
        key: value for key, value in data.items() if key in ("id", "name", "status")
    }
    assert shape() == msgspec.json.decode("{}", type=shape)
