"""Tests of core.gladly.lookup."""

from __future__ import annotations

import asyncio
import re
from collections import Counter

import httpx
import pytest

from core.errors import GladlyRateLimited, GladlyUnauthorized, GladlyUnavailable
from core.gladly.budget import RequestBudget
from core.gladly.client import GladlyClient
from core.gladly.lookup import ContextLookup
from core.model import Context
from tests.core.gladly.fake_clock import FakeClock


class Gladly:
    """An organisation in a few dictionaries; counts requests by path."""

    def __init__(self):
        self.calls = Counter()
        self.status = {}
        self.gate = asyncio.Event()
        self.gate.set()
        self.agents = [{"id": "a1", "name": "Amy Agent", "emailAddress": "amy@x"}]
        self.topics = [{"id": "t1", "name": "Order Return"}, {"id": "t2", "name": "Damaged"}]
        self.customers = {"k1": customer("k1", "Martha J Williams")}
        self.conversations = {"c1": {"id": "c1", "customerId": "k1", "topicIds": ["t2", "t1"]}}
        self.merged = {}

    async def __call__(self, request):
        path = request.url.path.removeprefix("/api/v1/")
        self.calls[path] += 1
        await self.gate.wait()
        kind, _, name = path.partition("/")
        if kind in self.status:
            return httpx.Response(self.status[kind])
        if kind in ("agents", "topics"):
            return httpx.Response(200, json=getattr(self, kind))
        if name in self.merged and kind == "customer-profiles":
            errors = [{"code": "moved", "meta": {"old": name, "new": self.merged[name]}}]
            return httpx.Response(301, json={"errors": errors})
        known = self.customers if kind == "customer-profiles" else self.conversations
        if name not in known:
            return httpx.Response(404, json={"errors": {"code": "not_exist"}})
        return httpx.Response(200, json=known[name])


def customer(customer_id, name):
    return {
        "id": customer_id,
        "name": name,
        "emails": [{"original": "Martha@x", "normalized": "martha@x"}],
        "phones": [{"original": "7244895501", "normalized": "+17244895501"}],
        "externalCustomerIds": {"ABC12345": "54321"},
        "customAttributes": {"membershipTier": "gold"},
    }


MARTHA = {
    "customer_name": "Martha J Williams",
    "email": "Martha@x",
    "phone": "+17244895501",
    "external_customer_id": "54321",
    "custom_attributes": {"membershipTier": "gold"},
}


@pytest.fixture
def gladly():
    return Gladly()


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def client(gladly, clock):
    return GladlyClient(
        "https://organization.gladly.test",
        "agent@x",
        "token",
        budget=RequestBudget(10, clock),
        transport=httpx.MockTransport(gladly),
        clock=clock,
    )


@pytest.fixture
def lookup(client, clock):
    return ContextLookup(client, clock=clock)


@pytest.fixture
def context(lookup, clock):
    """Look up without having to say what does not matter, moving the clock as needed."""

    async def look(conversation="c1", customer="k1", agent=None, *, topics=False, partial=False):
        method = lookup.partial_context if partial else lookup.context
        return await clock.drive(method(conversation, customer, agent, want_topics=topics))

    return look


async def test_opened_needs_the_customer_and_the_agents(context, gladly):
    found = await context(agent="a1")

    assert found == Context(customer_id="k1", agent_name="Amy Agent", **MARTHA)
    assert gladly.calls == {"customer-profiles/k1": 1, "agents": 1}


async def test_closed_needs_the_conversation_too(context, gladly):
    found = await context(agent="a1", topics=True)

    expected = Context(
        customer_id="k1",
        agent_name="Amy Agent",
        topic_ids=("t2", "t1"),
        topic_names=("Damaged", "Order Return"),
        **MARTHA,
    )
    assert found == expected
    assert gladly.calls == {
        "customer-profiles/k1": 1,
        "conversations/c1": 1,
        "agents": 1,
        "topics": 1,
    }


async def test_a_conversation_without_topics_has_none_and_needs_no_list(context, gladly):
    del gladly.conversations["c1"]["topicIds"]

    found = await context(topics=True)

    assert (found.topic_ids, found.topic_names) == ((), ())
    assert "topics" not in gladly.calls


async def test_topics_that_the_list_lacks_have_no_name(context, gladly):
    gladly.conversations["c1"]["topicIds"] = ["t1", "ghost"]

    found = await context(topics=True)

    assert (found.topic_ids, found.topic_names) == (("t1", "ghost"), ("Order Return",))


async def test_an_unknown_agent_has_no_name(context):
    assert (await context(agent="ghost")).agent_name is None


async def test_without_ids_nothing_is_asked_for(context, gladly):
    assert await context(None, None, None, topics=True) == Context()
    assert gladly.calls == {}


async def test_the_conversation_names_a_customer_that_the_webhook_does_not(context, gladly):
    found = await context(customer=None)

    assert found == Context(customer_id="k1", **MARTHA)
    assert gladly.calls["conversations/c1"] == 1


async def test_what_is_gone_is_named(context, gladly):
    gladly.customers.clear()
    gladly.conversations.clear()

    found = await context(topics=True)

    assert found.customer_id == "k1"
    assert set(found.gone) == {"customer", "conversation"}
    assert (found.topic_ids, found.topic_names, found.missing) == (None, None, ())


async def test_a_customer_that_is_gone_is_asked_for_again_after_a_minute(context, gladly, clock):
    martha = gladly.customers.pop("k1")
    await context()
    await context()
    assert gladly.calls["customer-profiles/k1"] == 1
    gladly.customers["k1"] = martha

    await clock.advance(60)

    assert (await context()).customer_name == "Martha J Williams"


async def test_a_merged_customer_is_followed_to_the_end(context, gladly):
    gladly.merged = {"k5": "k4", "k4": "k3", "k3": "k2", "k2": "k0", "k0": "k1"}

    found = await context(customer="k5")

    assert found == Context(customer_id="k1", **MARTHA)


async def test_a_merge_is_remembered(context, gladly):
    gladly.merged = {"old": "k1"}

    await context(customer="old")
    await context(customer="old")

    assert gladly.calls == {"customer-profiles/old": 1, "customer-profiles/k1": 1}


@pytest.mark.parametrize(
    "merged",
    [
        {"k": "k"},
        {"k": "l", "l": "k"},
        {"k": "2", "2": "3", "3": "4", "4": "5", "5": "6", "6": "k1"},
    ],
)
async def test_merges_that_lead_nowhere_end(context, gladly, merged):
    gladly.merged = merged

    found = await context(customer="k")

    assert (found.customer_id, found.gone) == ("k", ("customer",))
    assert gladly.calls.total() <= 6


async def test_a_customer_merged_into_one_that_is_gone_goes_under_the_new_id(context, gladly):
    gladly.merged = {"old": "ghost"}

    found = await context(customer="old")

    assert (found.customer_id, found.gone) == ("ghost", ("customer",))


async def test_a_customer_is_good_for_five_minutes(context, gladly, clock):
    await context()
    await clock.advance(299)
    await context()
    assert gladly.calls["customer-profiles/k1"] == 1

    await clock.advance(1)
    await context()
    assert gladly.calls["customer-profiles/k1"] == 2


async def test_a_conversation_is_good_for_a_few_seconds(context, gladly, clock):
    await context(topics=True)
    await context(topics=True)
    assert gladly.calls["conversations/c1"] == 1

    await clock.advance(5)
    await context(topics=True)
    assert gladly.calls["conversations/c1"] == 2


async def test_an_invalidated_customer_is_looked_up_anew(context, lookup, gladly):
    await context()
    gladly.customers["k1"]["name"] = "Martha Jones"

    lookup.invalidate_customer("k1")

    assert (await context()).customer_name == "Martha Jones"


async def test_look_ups_at_the_same_time_are_one(lookup, gladly):
    looks = (lookup.context("c1", "k1", "a1", want_topics=True) for _ in range(10))
    found = await asyncio.gather(*looks)

    assert len({one.customer_name for one in found}) == 1
    assert set(gladly.calls.values()) == {1}


async def test_a_cancelled_first_look_up_does_not_break_the_second(lookup, gladly, clock):
    gladly.gate.clear()

    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(lookup.context("c1", "k1", None, want_topics=False)) for _ in range(2)
        ]
        await clock.settle()
        tasks[0].cancel()
        await clock.settle()
        gladly.gate.set()

    assert tasks[0].cancelled()
    assert tasks[1].result().customer_name == "Martha J Williams"


@pytest.mark.parametrize(
    ("status", "error"),
    [(503, GladlyUnavailable), (429, GladlyRateLimited), (401, GladlyUnauthorized)],
)
@pytest.mark.parametrize("kind", ["customer-profiles", "conversations", "agents", "topics"])
async def test_a_part_that_fails_fails_the_whole(context, gladly, kind, status, error):
    gladly.status[kind] = status

    with pytest.raises(error):
        await context(agent="a1", topics=True)


@pytest.mark.parametrize(
    ("kind", "part"),
    [
        ("customer-profiles", "customer"),
        ("conversations", "conversation"),
        ("agents", "agent"),
        ("topics", "topics"),
    ],
)
async def test_a_partial_context_names_what_is_missing(context, gladly, kind, part):
    gladly.status[kind] = 503

    found = await context(agent="a1", topics=True, partial=True)

    assert found.missing == (part,)
    assert found.customer_id == "k1"
    assert (found.customer_name is None) == (part == "customer")
    assert (found.topic_ids is None) == (part == "conversation")
    assert found.topic_names == {
        "conversation": None,
        "topics": (),
    }.get(part, ("Damaged", "Order Return"))
    assert (found.agent_name is None) == (part == "agent")


async def test_a_partial_context_takes_what_is_old(context, gladly, clock):
    whole = await context(agent="a1", topics=True)
    await clock.advance(10_000)
    for kind in ("customer-profiles", "conversations", "agents", "topics"):
        gladly.status[kind] = 500

    assert await context(agent="a1", topics=True, partial=True) == whole


async def test_a_customer_that_only_the_conversation_could_name_is_missing_too(context, gladly):
    gladly.status["conversations"] = 503

    found = await context(customer=None, partial=True)

    assert found == Context(missing=("conversation", "customer"))


async def test_a_partial_context_goes_as_far_along_merges_as_it_can(context, gladly):
    gladly.merged = {"old": "k1"}
    await context(customer="old")
    gladly.status["customer-profiles"] = 503
    gladly.merged = {"other": "k2"}

    assert (await context(customer="old", partial=True)).customer_name == "Martha J Williams"
    assert (await context(customer="other", partial=True)).missing == ("customer",)


async def test_a_partial_context_is_whole_when_nothing_fails(context):
    whole = await context(agent="a1", topics=True)

    assert await context(agent="a1", topics=True, partial=True) == whole


async def work_off(context, gladly, conversations):
    """Open and close conversations, each of another customer; return requests for each."""
    for number in range(conversations):
        key, talk = f"k-{number}", f"c-{number}"
        gladly.customers[key] = customer(key, "Martha")
        gladly.conversations[talk] = {"id": talk, "customerId": key, "topicIds": ["t1"]}
        agent = f"a{number % 3}"
        await context(talk, key, agent)
        await context(talk, key, agent, topics=True)
    return gladly.calls.total() / conversations


async def test_two_requests_a_conversation_are_enough_with_cold_caches(context, gladly, client):
    gladly.agents = [{"id": f"a{number}", "name": "Amy"} for number in range(3)]

    per_conversation = await work_off(context, gladly, 50)

    assert per_conversation <= 2.2
    assert client.requests.total() == gladly.calls.total()


async def test_one_request_a_conversation_is_enough_for_known_customers(context, gladly, clock):
    await work_off(context, gladly, 5)
    gladly.calls.clear()
    await clock.advance(10)

    await work_off(context, gladly, 5)

    assert all(re.match("conversations/", path) for path in gladly.calls)
    assert gladly.calls.total() == 5


async def test_a_partial_context_without_asking_reads_only_what_is_known(
    context, lookup, gladly, clock
):
    whole = await context(agent="a1")
    await clock.advance(10_000)
    asked = gladly.calls.total()

    known = await lookup.partial_context("c1", "k1", "a1", want_topics=False, ask=False)
    unknown = await lookup.partial_context("c2", "k2", "a1", want_topics=False, ask=False)

    assert known == whole
    assert unknown == Context(customer_id="k2", agent_name="Amy Agent", missing=("customer",))
    assert gladly.calls.total() == asked
