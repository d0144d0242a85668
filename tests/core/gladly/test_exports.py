"""Export jobs, and what a line of their files tells."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.gladly.exports import ExportJob, StatusChange, status_change


def item(**changes: Any) -> dict[str, Any]:
    made = {
        "id": "item-1",
        "conversationId": "conversation-1",
        "customerId": "customer-1",
        "timestamp": "2026-11-20T08:00:00.123456789Z",
        "initiator": {"id": "agent-1", "type": "AGENT"},
        "content": {"type": "CONVERSATION_STATUS_CHANGE", "status": "CLOSED"},
    }
    return made | changes


def read(**changes: Any) -> StatusChange | None:
    return status_change(json.dumps(item(**changes)).encode())


def test_a_change_of_status_is_read_to_the_nanosecond():
    change = read()
    assert change == StatusChange(
        item_id="item-1",
        conversation_id="conversation-1",
        customer_id="customer-1",
        at_ns=1_795_161_600_123_456_789,
        status="CLOSED",
        initiator_id="agent-1",
        initiator_type="AGENT",
    )
    assert change is not None
    assert change.agent_id == "agent-1"


def test_a_customer_who_opens_is_no_agent():
    change = read(initiator={"id": "customer-1", "type": "CUSTOMER"})
    assert change is not None
    assert change.agent_id is None


@pytest.mark.parametrize(
    "other",
    [
        {"content": {"type": "CHAT_MESSAGE", "content": "CONVERSATION_STATUS_CHANGE"}},
        {
            "content": {
                "type": "CONVERSATION_NOTE",
                "body": "CONVERSATION_STATUS_CHANGE",
                "status": 5,
            }
        },
        {"content": {"type": "EMAIL", "content": "Hello"}},
        {"conversationId": None},
    ],
)
def test_other_items_are_passed_over(other: dict[str, Any]):
    assert read(**other) is None


@pytest.mark.parametrize(
    "broken",
    [
        {"timestamp": "yesterday"},
        {"timestamp": "1959-01-01T00:00:00Z"},
        {"id": ""},
        {"id": "x" * 300},
        {"customerId": "a\0b"},
        {"customerId": None},
        {"content": {"type": "CONVERSATION_STATUS_CHANGE", "status": "ASLEEP"}},
    ],
)
def test_a_change_that_cannot_be_understood_is_no_silent_loss(broken: dict[str, Any]):
    with pytest.raises(ValueError, match=r"."):
        read(**broken)


@given(st.binary(max_size=200))
def test_any_line_is_read_passed_over_or_refused(line: bytes):
    for text in (line, line + b"CONVERSATION_STATUS_CHANGE", b'{"content":' + line + b"}"):
        try:
            assert status_change(text) is None
        except ValueError:
            continue


def test_a_job_says_which_time_it_exports():
    job = msgspec.json.decode(
        b'{"id":"j","status":"COMPLETED","files":["agents.jsonl","conversation_items.jsonl"],'
        b'"parameters":{"type":"CONVERSATIONS","startAt":"2026-11-20T00:00:00Z",'
        b'"endAt":"2026-11-21T00:00:00Z"}}',
        type=ExportJob,
    )
    assert job.readable
    assert job.window == (1_795_132_800.0, 1_795_219_200.0)


@pytest.mark.parametrize("text", [b'{"id":"j"}', b'{"id":"j","status":"PENDING","parameters":{}}'])
def test_a_job_that_is_not_done_holds_nothing(text: bytes):
    job = msgspec.json.decode(text, type=ExportJob)
    assert not job.readable
    assert job.window is None
