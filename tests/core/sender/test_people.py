"""Who may be chosen for a test event, and what a look-up would say of them."""

from __future__ import annotations

import pytest

from core.sender.people import MADE_UP, People


def test_a_topic_is_found_by_id_or_name_and_else_stands_for_itself():
    by_name, by_id, own = (
        MADE_UP.topic("order return"),
        MADE_UP.topic("test-topic-refund"),
        MADE_UP.topic(" mine "),
    )

    assert (by_name.id, by_id.name) == ("test-topic-order-return", "Refund")
    assert (own.id, own.name) == ("mine", "mine")


def test_the_context_says_what_a_look_up_would_say():
    context = MADE_UP.context("test-customer-martha", "test-agent", ["Refund", " "])

    assert (context.customer_name, context.agent_name) == ("Martha J Williams", "Amy Ortiz")
    assert (context.email, context.phone) == ("martha.williams@example.com", "+12025550114")
    assert (context.topic_ids, context.topic_names) == (("test-topic-refund",), ("Refund",))


@pytest.mark.parametrize("people", [MADE_UP, People(customers=(), agents=(), topics=())])
def test_whoever_is_not_known_has_only_an_id(people: People):
    context = people.context("somebody", None)

    assert context.customer_id == "somebody"
    assert (context.customer_name, context.email, context.agent_name) == (None, None, None)
    assert context.topic_ids is None


def test_the_made_up_ones_are_made_up():
    assert not MADE_UP.known
    assert all(one.id.startswith("test-") for one in MADE_UP.customers)
    assert len({one.id for one in MADE_UP.customers}) == len(MADE_UP.customers)
