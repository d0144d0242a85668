"""Invented people are believable, harmless and the same for the same seed."""

from __future__ import annotations

import random
import re
import unicodedata

from core.simulator.people import derived_id, make_world, new_id


def test_the_same_seed_gives_the_same_world():
    assert make_world(3) == make_world(3)
    assert make_world(3) != make_world(4)


def test_ids_have_the_style_of_gladly_and_are_unique():
    world = make_world()
    ids = [
        resource["id"]
        for resources in (world.customers, world.agents, world.inboxes, world.topics)
        for resource in resources
    ]

    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22}", one) for one in ids)
    assert len(ids) == len(set(ids))


def test_names_come_from_several_scripts():
    letters = {c for person in make_world().customers for c in person.get("name", "")}
    scripts = {unicodedata.name(letter).split()[0] for letter in letters if letter.isalpha()}

    assert {"LATIN", "CYRILLIC", "GREEK", "ARABIC", "HEBREW", "CJK", "HANGUL"} <= scripts


def test_addresses_and_numbers_reach_nobody():
    customers = make_world(customers=300).customers
    addresses = [e["original"] for c in customers for e in c.get("emails", [])]
    numbers = [p["normalized"] for c in customers for p in c.get("phones", [])]

    assert all(re.search(r"@(example\.(com|org|net)|work\.example)$", a) for a in addresses)
    fictional = r"\+1\d{3}55501\d\d|\+447700900\d{3}|\+33199\d{6}"
    assert all(re.fullmatch(fictional, number) for number in numbers)


def test_people_differ_in_what_is_known_of_them():
    customers = make_world(customers=300).customers

    for name in ("name", "emails", "phones", "externalCustomerId", "customAttributes"):
        having = sum(name in customer for customer in customers)
        assert 0 < having < len(customers), name
    assert any(e.get("primary") for c in customers for e in c.get("emails", []))


def test_poison_is_put_into_as_many_names_as_asked_for():
    names = [person.get("name", "") for person in make_world(poison=2).customers]

    assert sum("poison" in name for name in names) == 2


def test_an_id_can_be_derived_from_a_text():
    assert derived_id("a") == derived_id("a") != derived_id("b")
    assert len(derived_id("a")) == len(new_id(random.Random(1)))
