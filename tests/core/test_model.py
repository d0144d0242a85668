"""Records are immutable, and the statuses are the contract's words."""

from __future__ import annotations

import inspect

import msgspec
import pytest

from core import model
from core.model import Channel, DeliveryStatus, Fact, WebhookStatus

RECORDS = [
    one
    for _, one in inspect.getmembers(model, inspect.isclass)
    if issubclass(one, msgspec.Struct) and one.__module__ == "core.model"
]


def test_the_statuses_are_those_of_the_contract():
    assert [str(one) for one in WebhookStatus] == [
        "received",
        "waiting",
        "resolved",
        "skipped",
        "unmappable",
    ]
    assert [str(one) for one in DeliveryStatus] == [
        "pending",
        "sending",
        "retrying",
        "accepted",
        "confirmed",
        "dead",
        "discarded",
    ]


def test_the_facts_are_gladlys_event_types():
    assert {str(one) for one in Fact} == {
        "CONVERSATION/CREATED",
        "CONVERSATION/REOPENED",
        "CONVERSATION/CLOSED",
        "CONVERSATION_ASSIGNEE/UPDATED",
    }


@pytest.mark.parametrize("kind", [WebhookStatus, DeliveryStatus, Channel, Fact])
def test_a_word_from_the_store_becomes_its_member_again(kind):
    for member in kind:
        assert kind(str(member)) is member


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_records_cannot_be_changed_and_name_their_parts(record):
    config = record.__struct_config__

    assert config.frozen
    assert all(
        parameter.kind is inspect.Parameter.KEYWORD_ONLY
        for parameter in inspect.signature(record).parameters.values()
    )
