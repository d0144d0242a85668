"""The Events API gives what happened in the last 24 hours, in order, somewhat late."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from core.simulator.gladly import GladlySimulator
from core.simulator.timestamps import format_timestamp, to_ns

BOTH = ["CONVERSATION", "CUSTOMER"]


def at(seconds: float) -> str:
    return format_timestamp(to_ns(seconds))


async def events(client: Any, **query: Any) -> list[dict[str, Any]]:
    answer = await client.get("/events", params={"entities": BOTH, **query})
    assert (
        answer.status_code,
        answer.headers["content-type"],
    ) == (200, "application/x-jsonlines")
    return [msgspec.json.decode(line) for line in answer.content.splitlines()]


async def test_gives_events_ascending_by_time(gladly, api, clock, maker, conversation):
    late = maker.closed(conversation, to_ns(clock() - 1))
    early = maker.created(conversation, to_ns(clock() - 2))
    gladly.publish(late)
    gladly.publish(early)

    assert [early, late] == await events(api, startAt=at(clock() - 60))


async def test_start_is_included_and_end_is_not(gladly, api, clock, maker, conversation):
    first = maker.created(conversation, to_ns(clock() - 20))
    gladly.load([first, maker.closed(conversation, to_ns(clock() - 10))])

    found = await events(api, startAt=at(clock() - 20), endAt=at(clock() - 10))

    assert found == [first]


async def test_gives_only_the_entities_it_lists(gladly, api, clock, maker, conversation):
    now = to_ns(clock() - 1)
    gladly.publish(maker.assigned(conversation, now, "amy"))
    gladly.publish(maker.merged("a", "b", now))
    gladly.publish(maker.deleted("c", now))
    gladly.publish({**maker.created(conversation, now), "type": "CONVERSATION_STATUS/UPDATED"})

    both = await events(api, startAt=at(clock() - 60))
    one = await events(api, startAt=at(clock() - 60), entities="CUSTOMER")

    assert {"CONVERSATION_ASSIGNEE/UPDATED", "CUSTOMER/MERGED"} == {e["type"] for e in both}
    assert [event["type"] for event in one] == ["CUSTOMER/MERGED"]


@pytest.mark.parametrize(
    ("query", "attr"),
    [
        ({}, "startAt"),
        ({"startAt": "yesterday"}, "startAt"),
        ({"startAt": "now-25h"}, "startAt"),
        ({"startAt": "now", "endAt": "now"}, "startAt"),
        ({"startAt": "now", "entities": []}, "entities"),
        ({"startAt": "now", "entities": ["PEOPLE"]}, "entities"),
    ],
)
async def test_refuses_a_query_that_makes_no_sense(api, clock, query, attr):
    times = {"now": at(clock() - 1), "now-25h": at(clock() - 25 * 3600)}
    filled = {key: times.get(str(value), value) for key, value in query.items()}

    answer = await api.get("/events", params={"entities": BOTH, **filled})

    assert (400, attr) == (answer.status_code, answer.json()["errors"][0]["attr"])


async def test_an_event_is_up_to_the_lag_behind(clock, gladly_client, maker, conversation):
    gladly = GladlySimulator(now=clock, events_lag=15)
    gladly.publish(maker.created(conversation, to_ns(clock() - 1)))

    async with gladly_client(gladly) as client:
        at_once = await events(client, startAt=at(clock() - 60))
        clock.now += 15
        later = await events(client, startAt=at(clock() - 60))

    assert (len(at_once), len(later)) == (0, 1)


async def test_ids_may_differ_from_those_of_webhooks(clock, gladly_client, maker, conversation):
    gladly = GladlySimulator(now=clock, same_ids=False)
    told = maker.created(conversation, to_ns(clock() - 1))
    gladly.publish(told)

    async with gladly_client(gladly) as client:
        [found] = await events(client, startAt=at(clock() - 60))

    assert found["id"] != told["id"]
    assert {**found, "id": told["id"]} == told
