"""The test sender may choose from the people that simulated Gladly answers for."""

from __future__ import annotations

from core.sender.bodies import BodyMaker, Scenario, Subject
from core.simulator.demo_people import introductions, people_of
from core.simulator.gladly import GladlySimulator


def test_the_people_are_those_of_the_world():
    gladly = GladlySimulator()

    people = people_of(gladly.world)

    assert people.known
    assert {one.id for one in people.customers} == set(gladly.directory.customers)
    named = next(one for one in people.customers if one.name and one.email)
    assert named.email in str(gladly.directory.customers[named.id]["emails"])
    assert all(one.id in gladly.directory.agents for one in people.agents)
    assert "Holiday 2019" not in {one.name for one in people.topics}


def test_a_conversation_that_never_was_can_be_looked_up_with_its_topics():
    gladly = GladlySimulator()
    people = people_of(gladly.world)
    customer, topic = people.customers[0].id, people.topics[0].id
    bodies = BodyMaker().make(
        Scenario.OPENED_AND_CLOSED, Subject(customer_id=customer, conversation_id="co-1")
    )

    gladly.load(introductions(bodies, [topic], gladly.clock()))

    known = gladly.directory.conversations["co-1"]
    assert (known["customerId"], known["status"]) == (customer, "CLOSED")
    assert known["topicIds"] == [topic]


def test_what_gladly_could_not_have_written_is_left_out():
    gladly = GladlySimulator()
    (body,) = BodyMaker().make(Scenario.OPENED)
    del body["content"]["context"]

    assert introductions([body, {}, {"type": "PING"}], ["t"], gladly.clock()) == []
