"""Ids can be looked up, and say when they are gone or have moved."""

from __future__ import annotations

import pytest

from core.simulator.timestamps import to_ns


@pytest.mark.parametrize("kind", ["agents", "topics", "inboxes"])
async def test_lists_and_gives_one(gladly, api, kind):
    listed = (await api.get(f"/{kind}")).json()

    assert listed == getattr(gladly.world, kind)
    assert (await api.get(f"/{kind}/{listed[0]['id']}")).json() == listed[0]


async def test_names_the_organization(gladly, api):
    assert (await api.get("/organization")).json() == gladly.world.organization


@pytest.mark.parametrize("path", ["/agents/x", "/conversations/x", "/customer-profiles/x"])
async def test_what_is_unknown_is_404(api, path):
    answer = await api.get(path)

    assert answer.status_code == 404
    assert answer.json()["errors"][0]["code"] == "not_exist"


async def test_a_customer_is_given_whole(gladly, api):
    person = gladly.world.customers[0]

    assert (await api.get(f"/customer-profiles/{person['id']}")).json() == person


async def test_a_merged_customer_is_301_with_the_new_id(gladly, api, clock, maker):
    old, new = (person["id"] for person in gladly.world.customers[:2])
    gladly.publish(maker.merged(old, new, to_ns(clock())))

    answer = await api.get(f"/customer-profiles/{old}")

    assert answer.status_code == 301
    assert answer.json()["errors"][0]["meta"] == {"old": old, "new": new}


async def test_a_deleted_customer_is_404(gladly, api, clock, maker):
    person = gladly.world.customers[0]["id"]
    gladly.publish(maker.deleted(person, to_ns(clock())))

    assert (await api.get(f"/customer-profiles/{person}")).status_code == 404


async def test_a_conversation_is_given_as_it_is_now(gladly, api, clock, maker, conversation):
    gladly.publish(maker.created(conversation, to_ns(clock())))
    gladly.publish(maker.assigned(conversation, to_ns(clock()), "amy"))

    found = (await api.get("/conversations/conversation-1")).json()

    assert {"status": "OPEN", "agentId": "amy", "topicIds": []}.items() <= found.items()


async def test_errors_may_be_an_object(gladly, api):
    gladly.faults.set(["errors-object"])

    assert (await api.get("/agents/x")).json()["errors"]["code"] == "not_exist"
