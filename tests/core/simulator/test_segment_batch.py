"""A batch is measured as it was written."""

from __future__ import annotations

import gzip

import pytest
from starlette.datastructures import Headers

from core.simulator.segment_batch import (
    MAX_EVENT_BYTES,
    MAX_REQUEST_BYTES,
    BatchRefused,
    is_poison,
    read_batch,
    read_events,
    read_key,
)

PLAIN = Headers({})


def event_of(size: int) -> bytes:
    return b'{"a":"' + b"x" * (size - 8) + b'"}'


def test_an_event_may_be_32_kb_and_no_byte_more():
    fits = read_batch(b'{"batch":[' + event_of(MAX_EVENT_BYTES) + b"]}", PLAIN)
    too_large = read_batch(b'{"batch":[' + event_of(MAX_EVENT_BYTES + 1) + b"]}", PLAIN)

    assert len(read_events(fits)) == 1
    with pytest.raises(BatchRefused, match="32KB"):
        read_events(too_large)


@pytest.mark.parametrize("packed", [False, True])
def test_a_request_may_be_500_kb_and_no_byte_more(packed):
    body = b'{"batch":[]}'
    fits = body + b" " * (MAX_REQUEST_BYTES - len(body))
    headers = Headers({"content-encoding": "gzip"}) if packed else PLAIN
    pack = gzip.compress if packed else bytes

    assert read_batch(pack(fits), headers).batch == []
    with pytest.raises(BatchRefused, match="500KB"):
        read_batch(pack(fits + b" "), headers)


def test_the_basic_user_goes_before_the_key_in_the_body():
    batch = read_batch(b'{"batch":[],"writeKey":"from-the-body"}', PLAIN)

    assert read_key(batch, PLAIN) == "from-the-body"
    assert read_key(batch, Headers({"authorization": "Basic YmFzaWMta2V5Og=="})) == "basic-key"


@pytest.mark.parametrize(
    ("event", "wanted", "poison"),
    [
        ({"properties": {"customerName": "Poison Ivy"}}, None, True),
        ({"properties": {"conversationId": "poison-1"}}, None, True),
        ({"properties": {"email": "poison"}}, None, False),
        ({"properties": None}, None, False),
        ({"messageId": "m7"}, "m7", True),
        ({"properties": {"note": "Gift für Łukasz"}}, "Łukasz", True),
        ({"messageId": "m8"}, "m7", False),
    ],
)
def test_knows_poison(event, wanted, poison):
    assert is_poison(event, wanted) is poison
