"""Every rule that Segment applies in silence is applied here aloud."""

from __future__ import annotations

import json
import math
import traceback
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import EventRefused
from core.mapping.transform import Call
from core.segment.message import MAX_EVENT_BYTES, RESERVED, MessageBuilder

CALL = Call(
    type="track",
    event="Conversation Opened",
    message_id="gs-1",
    user_id="customer-1",
    anonymous_id=None,
    timestamp=datetime(2026, 5, 28, 10, 0, 0, 123_000, tzinfo=UTC),
    properties={"conversationId": "c1", "status": "OPEN"},
    context={"app": {"name": "Gladly Source", "version": "1"}},
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


def call(**changes):
    return msgspec.structs.replace(CALL, **changes)


def built(**changes):
    return json.loads(MessageBuilder().build(call(**changes)))


def test_an_alias_is_the_two_ids_and_the_time():
    message = built(type="alias", event="alias", previous_id="old", properties={})

    assert (message["type"], message["previousId"], message["userId"]) == (
        "alias",
        "old",
        "customer-1",
    )
    assert (message["messageId"], message["timestamp"][:23]) == ("gs-1", "2026-05-28T10:00:00.123")
    assert not message.keys() & {"event", "properties", "traits", "anonymousId", "integrations"}


@pytest.mark.parametrize("ids", [{"user_id": None, "anonymous_id": "a"}, {"previous_id": ""}])
def test_an_alias_of_one_id_is_refused(ids):
    named = {"previous_id": "old", **ids}
    with pytest.raises(EventRefused, match="both ids"):
        MessageBuilder().build(call(type="alias", event="alias", properties={}, **named))


def refusal(**changes):
    with pytest.raises(EventRefused) as caught:
        MessageBuilder().build(call(**changes))
    return caught.value


def has_null(value):
    if isinstance(value, dict):
        return any(map(has_null, value.values()))
    if isinstance(value, list):
        return any(map(has_null, value))
    return value is None


# --- what is built ----------------------------------------------------------------------------


def test_a_track_call_becomes_segments_message():
    message = built()

    library = message["context"].pop("library")
    assert library["name"] == "analytics-python"
    assert message == {
        "type": "track",
        "event": "Conversation Opened",
        "messageId": "gs-1",
        "userId": "customer-1",
        "timestamp": "2026-05-28T10:00:00.123+00:00",
        "properties": {"conversationId": "c1", "status": "OPEN"},
        "context": {"app": {"name": "Gladly Source", "version": "1"}},
    }


def test_an_identify_call_carries_traits():
    message = built(type="identify", event="identify", properties={"name": "Ada", "id": "kept"})

    assert message["type"] == "identify"
    assert message["traits"] == {"name": "Ada", "id": "kept"}
    assert "properties" not in message
    assert "event" not in message


def test_an_anonymous_id_stands_alone():
    message = built(user_id=None, anonymous_id="conversation:c1")

    assert message["anonymousId"] == "conversation:c1"
    assert "userId" not in message


def test_no_empty_integrations_are_sent():
    assert "integrations" not in built()


@settings(max_examples=100, deadline=None)
@given(custom=st.dictionaries(st.text(max_size=5), JSON, max_size=4))
def test_nothing_null_is_sent_however_deep(custom):
    message = built(properties={"customAttributes": custom, "agentName": None})

    assert not has_null(message)


def test_what_is_not_null_is_kept_as_it_is():
    custom = {"a": None, "b": [0, False, "", {"c": None, "d": 1}], "e": {}}

    message = built(properties={"customAttributes": custom})

    assert message["properties"] == {
        "customAttributes": {"b": [0, False, "", {"d": 1}], "e": {}},
    }


@pytest.mark.parametrize("kind", ["track", "identify"])
def test_the_callers_own_dictionaries_are_not_changed(kind):
    context, properties = {"app": {"name": "x"}}, {"conversationId": "c1", "nothing": None}

    MessageBuilder().build(call(type=kind, context=context, properties=properties))

    assert context == {"app": {"name": "x"}}
    assert properties == {"conversationId": "c1", "nothing": None}


@settings(max_examples=60, deadline=None)
@given(
    properties=st.dictionaries(
        st.text(min_size=6, max_size=8).filter(lambda name: name not in RESERVED),
        JSON,
        max_size=4,
    )
)
def test_the_payload_is_as_long_as_it_will_be_on_the_wire(properties):
    payload = MessageBuilder().build(call(properties={**properties, "conversationId": "c1"}))

    # The library writes the batch with json.dumps and its defaults.
    assert json.dumps(json.loads(payload)).encode() == payload
    assert payload.isascii()


def test_a_time_of_another_zone_keeps_its_instant():
    elsewhere = timezone(timedelta(hours=5, minutes=30))

    message = built(timestamp=CALL.timestamp.astimezone(elsewhere))

    assert datetime.fromisoformat(message["timestamp"]) == CALL.timestamp


# --- what is refused --------------------------------------------------------------------------


def test_an_event_without_a_name_is_refused():
    assert refusal(event="").title == "The event has no name."


@pytest.mark.parametrize("nobody", [None, ""])
def test_an_event_about_nobody_is_refused(nobody):
    assert "nobody" in refusal(user_id=nobody, anonymous_id=nobody).title


def test_a_message_id_of_more_than_100_characters_is_refused():
    assert built(message_id="x" * 100)["messageId"] == "x" * 100
    assert "messageId" in refusal(message_id="x" * 101).title


@pytest.mark.parametrize("name", ["event", "userId", "timestamp", "id", "sentAt"])
def test_a_reserved_property_is_refused_by_name(name):
    assert f"'{name}'" in refusal(properties={name: "x", "fine": 1}).title


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize(
    "wrap",
    [lambda n: n, lambda n: [n], lambda n: {"a": [1, {"b": n}]}, lambda n: ({"c": (n,)},)],
    ids=["bare", "list", "deep", "tuple"],
)
def test_a_number_that_json_does_not_know_is_refused_however_deep(number, wrap):
    assert "NaN or infinity" in refusal(properties={"custom": wrap(number)}).title


def test_a_naive_time_is_refused_because_the_library_would_guess_its_zone():
    naive = datetime(2026, 5, 28, 10, 0, 0)  # noqa: DTZ001 - the point

    assert "time zone" in refusal(timestamp=naive).title


def sized(extra, fill="x"):
    return {"conversationId": "c1", "customerName": fill * extra}


def room():
    """How many ASCII characters fit into a customer's name, at most."""
    return MAX_EVENT_BYTES - len(MessageBuilder().build(call(properties=sized(0))))


#: the library counts what it sends as null, although that is stripped afterwards
MARGIN = 100


@pytest.mark.parametrize(
    ("character", "on_the_wire"),
    [("x", 1), ("é", 6), ("€", 6), ("😀", 12), ('"', 2), ("\n", 2)],
)
def test_the_size_counts_as_it_is_on_the_wire(character, on_the_wire):
    most = (room() - MARGIN) // on_the_wire
    too_many = room() // on_the_wire + 1

    fits = MessageBuilder().build(call(properties=sized(most, character)))
    error = refusal(properties=sized(too_many, character))

    assert MAX_EVENT_BYTES - MARGIN - on_the_wire < len(fits) <= MAX_EVENT_BYTES
    assert "32,768 bytes" in error.title
    assert "mapping.drop" in error.hint


@pytest.mark.parametrize("much", [1, 60, 5_000, 1_000_000])
@pytest.mark.parametrize("kind", ["track", "identify"])
def test_a_refusal_for_size_does_not_repeat_the_content(much, kind):
    error = refusal(type=kind, properties=sized(room() + much, "s"))

    assert "ssss" not in str(error)
    assert "ssss" not in "".join(traceback.format_exception(error))
    assert "bytes" in error.title


class Library:
    """Segment's client as it might be one day."""

    def __init__(self, *, built=True, message=None):
        self._answer = (built, message or {})

    def track(self, **_):
        return self._answer


def test_a_library_that_would_let_a_large_event_pass_is_not_trusted():
    builder = MessageBuilder()
    builder._client = Library(message={"properties": "x" * MAX_EVENT_BYTES})

    with pytest.raises(EventRefused, match="32,786 bytes; Segment takes 32,768"):
        builder.build(CALL)


def test_an_event_that_the_library_refuses_is_refused():
    builder = MessageBuilder()
    builder._client = Library(built=False)

    with pytest.raises(EventRefused, match="library refused"):
        builder.build(CALL)


def test_integrations_that_say_something_would_stay():
    builder = MessageBuilder()
    builder._client = Library(message={"integrations": {"All": False}})

    assert json.loads(builder.build(CALL)) == {"integrations": {"All": False}}
