"""Events change what Gladly knows."""

from __future__ import annotations

import pytest

from core.simulator.gladly_state import Directory
from core.simulator.people import make_world
from core.simulator.timestamps import timestamp_ns

AT = timestamp_ns("2026-04-14T14:03:11.07Z")


@pytest.fixture
def directory() -> Directory:
    return Directory(make_world())


def test_a_conversation_lives(directory, maker, conversation):
    directory.apply(maker.created(conversation, AT))
    directory.apply(maker.assigned(conversation, AT, "amy"))
    directory.apply(maker.topic_added(conversation, AT, "t"))
    directory.apply(maker.topic_added(conversation, AT, "t"))
    directory.apply(maker.closed(conversation, AT))

    assert directory.conversations["conversation-1"] == {
        "id": "conversation-1",
        "customerId": conversation.customer_id,
        "inboxId": conversation.inbox_id,
        "agentId": "amy",
        "topicIds": ["t"],
        "createdAt": "2026-04-14T14:03:11.070Z",
        "closedAt": "2026-04-14T14:03:11.070Z",
        "status": "CLOSED",
    }


def test_a_topic_can_be_taken_off(directory, maker, conversation):
    directory.apply(maker.topic_added(conversation, AT, "t"))
    removed = maker.topic_added(conversation, AT, "t")
    directory.apply({**removed, "type": "CONVERSATION/TOPIC_REMOVED"})

    assert directory.conversations["conversation-1"]["topicIds"] == []


def test_reopening_takes_the_end_away(directory, maker, conversation):
    for event in (maker.created, maker.closed, maker.reopened):
        directory.apply(event(conversation, AT))

    found = directory.conversations["conversation-1"]
    assert (found["status"], "closedAt" in found) == ("OPEN", False)


def test_giving_back_takes_the_agent_away(directory, maker, conversation):
    directory.apply(maker.assigned(conversation, AT, "amy"))
    directory.apply(maker.assigned(conversation, AT, None))

    assert "agentId" not in directory.conversations["conversation-1"]


def test_a_merge_moves_the_conversations_too(directory, maker, conversation):
    directory.apply(maker.created(conversation, AT))
    directory.apply(maker.merged(conversation.customer_id, "new", AT))

    assert directory.moved == {conversation.customer_id: "new"}
    assert conversation.customer_id not in directory.customers
    assert directory.conversations["conversation-1"]["customerId"] == "new"


def test_unknown_events_about_a_conversation_are_taken(directory, maker, conversation):
    event = {**maker.created(conversation, AT), "type": "CONVERSATION/NOTE_CREATED"}

    directory.apply(event)

    assert "conversation-1" in directory.conversations


def test_a_reset_forgets(directory, maker, conversation):
    directory.apply(maker.created(conversation, AT))
    directory.apply(maker.deleted(conversation.customer_id, AT))

    directory.reset()

    assert (len(directory.conversations), len(directory.customers)) == (0, 60)
