"""Whether a filter names a person, also half typed, and without taking others along."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gui.deliveries.mentions import Person, labelled, mentions, person_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

ADA = Person(
    ids=frozenset({"c-4711-ada", "ada.l@example.com", "conv-900100"}),
    names=frozenset({"ada", "lovelace", "nunez"}),
    phones=frozenset({"12025550147"}),
)


@pytest.mark.parametrize(
    "text",
    [
        "customer:c-4711-ada",
        "status:dead customer:ada",
        'customer:"Ada Lovelace"',
        "lovel",
        "NÚÑEZ",
        "email:ada.l@example.com",
        "email:ada.l",
        "conversation:conv-900100",
        "c-4711",
        '"+1 (202) 555-0147"',
        "status:retrying,dead email:ADA.L@EXAMPLE.COM",
    ],
)
def test_a_filter_that_names_the_person_is_found(text: str) -> None:
    assert mentions(ADA, text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "status:dead",
        "agent:ada",
        "email:example.com",
        "customer:grace",
        "timeout",
        "c-",
        "channel:poll",
        "is:replay",
        "code:http_503",
    ],
)
def test_other_filters_are_left_alone(text: str) -> None:
    assert not mentions(ADA, text)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Ada's complaints", True),
        ("núñez", True),
        ("Dead of ada.l@example.com", True),
        ("call +1 202 555 0147", True),
        ("Adapter trouble", False),
        ("Dead today", False),
    ],
)
def test_the_name_of_a_filter_counts_too(name: str, *, found: bool) -> None:
    assert labelled(ADA, name) is found


def test_a_person_is_known_by_what_was_sent_and_looked_up(
    make_viewer: Callable[..., Any],
) -> None:
    viewer = make_viewer(5)
    detail = viewer.wait(lambda: viewer.store.delivery(1))
    sent = json.loads(detail.payload)["properties"]

    person = person_of(detail.delivery.customer_id, [detail])

    for value in (sent["email"], sent["customerName"], sent["phone"], sent["conversationId"]):
        assert mentions(person, f'"{value}"')


def test_of_somebody_nothing_is_known_of_the_id_is() -> None:
    assert mentions(person_of("c-1", ()), "customer:c-1")
