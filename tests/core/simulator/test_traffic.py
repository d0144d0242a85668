"""Invented traffic is believable, and the truth about it follows the contract."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from core.simulator.events import Conversation, Event, EventMaker
from core.simulator.people import make_world
from core.simulator.timestamps import timestamp_ns, to_ns
from core.simulator.traffic import make_history, truth

END = 1_776_175_391.0
MS = 1_000_000
FACTS = {
    "CONVERSATION/CREATED",
    "CONVERSATION/CLOSED",
    "CONVERSATION/REOPENED",
    "CONVERSATION_ASSIGNEE/UPDATED",
    "CONVERSATION/TOPIC_ADDED",
    "CUSTOMER/MERGED",
    "CUSTOMER_PROFILE/DELETED",
}


@pytest.fixture(scope="module")
def history() -> list[Event]:
    return make_history(make_world(1), ends_at=END, seed=1, conversations=300)


def lived(*steps: str, agent: str | None = None) -> list[Event]:
    """Events 1 ms, 2 ms, ... after 1970; `agent` is on the conversation from the start."""
    maker = EventMaker(random.Random(1), (9,))
    conversation = Conversation(id="c", customer_id="u", inbox_id="i", agent_id=agent)
    events = []
    for ms, step in enumerate(steps, start=1):
        if step == "assigned":
            events.append(maker.assigned(conversation, ms * MS, "amy"))
        elif step == "given back":
            events.append(maker.assigned(conversation, ms * MS, None))
        else:
            events.append(getattr(maker, step)(conversation, ms * MS))
    return events


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        (lived("created"), set()),
        (lived("created", agent="amy"), {("opened", "c", 1)}),
        (lived("created", "assigned"), {("opened", "c", 1)}),
        (lived("created", "assigned", "assigned"), {("opened", "c", 1)}),
        (lived("created", "given back"), set()),
        (lived("created", "closed"), {("closed", "c", 2)}),
        (lived("created", "closed", "assigned"), {("closed", "c", 2)}),
        (lived("assigned", "closed"), {("closed", "c", 2)}),
        (
            lived("created", "assigned", "closed", "reopened", "closed"),
            {("opened", "c", 1), ("closed", "c", 3), ("opened", "c", 4), ("closed", "c", 5)},
        ),
        (
            lived("created", "closed", "reopened", "assigned"),
            {("closed", "c", 2), ("opened", "c", 3)},
        ),
    ],
)
def test_opened_once_per_period_with_an_agent_and_closed_once_per_close(events, expected):
    assert truth(events) == expected


def test_opened_at_every_start_if_so_wished():
    events = lived("created", "closed", "reopened", "assigned")

    assert truth(events, "created") == {
        ("opened", "c", 1),
        ("closed", "c", 2),
        ("opened", "c", 3),
    }


def test_the_truth_does_not_depend_on_order_or_repetition(history):
    shuffled = history * 2
    random.Random(1).shuffle(shuffled)

    assert truth(history) == truth(shuffled)


def test_the_same_seed_gives_the_same_history(history):
    assert history == make_history(make_world(1), ends_at=END, seed=1, conversations=300)


def test_history_runs_forward_and_ends_now(history):
    times = [timestamp_ns(event["timestamp"]) for event in history]

    assert times == sorted(times)
    assert to_ns(END - 2 * 86_400) - 1_000_000_000 <= times[0]
    assert to_ns(END - 3600) < times[-1] <= to_ns(END)


def test_everything_happens_that_can_happen(history):
    assert Counter(event["type"] for event in history).keys() == FACTS


def test_some_conversations_close_before_anybody_took_them(history):
    assert len(truth(history, "created")) > len(truth(history))


def test_customers_return(history):
    created = Counter(
        event["content"]["customerId"]
        for event in history
        if event["type"] == "CONVERSATION/CREATED"
    )

    assert created.most_common(1)[0][1] > 5


def test_who_was_merged_or_deleted_has_no_open_conversation(history):
    open_now: dict[str, str] = {}
    for event in history:
        content = event["content"]
        if event["type"] in {"CONVERSATION/CREATED", "CONVERSATION/REOPENED"}:
            open_now[content["conversationId"]] = content["customerId"]
        elif event["type"] == "CONVERSATION/CLOSED":
            del open_now[content["conversationId"]]
        elif event["type"].startswith("CUSTOMER"):
            gone = content.get("sourceCustomerId") or content["customerId"]
            assert gone not in open_now.values()
