"""By which words a delivery is found, and which of them it keeps where."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.store.words import Words, composed, split, storable, words_of
from tests.fakes.rows import new_delivery


def test_each_word_stands_in_one_column_and_the_message_id_in_none() -> None:
    properties = {
        "customerName": "Ada Lovelace",
        "email": "Ada@Example.com",
        "agentName": "Grace",
        "agentId": "a-1",
        "phone": "+12025550100",
    }
    new = new_delivery(
        message_id="gs-1",
        customer_id="c-1",
        user_id="u-1",
        payload=json.dumps({"properties": properties}).encode(),
        search="gs-1 u-1 c-1 conv-1 Ada Lovelace ada@example.com +12025550100 OPEN a-1 Grace",
    )

    assert words_of(new) == Words(
        search="+12025550100 OPEN conv-1",
        customer="Ada Lovelace c-1 u-1",
        agent="Grace a-1",
        email="ada@example.com",
    )


def test_one_id_under_two_names_stands_there_once() -> None:
    assert words_of(new_delivery(customer_id="c-1", user_id="c-1")).customer == "c-1"
    assert words_of(new_delivery(customer_id=None, user_id="c-1")).customer == "c-1"
    assert words_of(new_delivery(customer_id=None, user_id=None)).customer == ""


@pytest.mark.parametrize("name", [7, ["Ada"], {"first": "Ada"}, None, True])
def test_names_of_any_type_do_no_harm(name: object) -> None:
    payload = json.dumps({"properties": {"customerName": name, "email": name}}).encode()

    words_of(new_delivery(payload=payload))


@given(payload=st.binary(max_size=40))
def test_any_payload_has_words(payload: bytes) -> None:
    assert words_of(new_delivery(payload=payload, search="ada")).search == "ada"


def test_letters_and_their_accents_are_one_character_everywhere() -> None:
    payload = json.dumps({"properties": {"customerName": "Rene\u0301e"}}).encode()
    new = new_delivery(payload=payload, customer_id=None, user_id=None, search="Zoe\u0308")

    words = words_of(new)

    assert words.customer == "Ren\u00e9e"
    assert words.search == "Zo\u00eb"
    assert split("Rene\u0301e") == ["Ren\u00e9e"]


def test_a_search_is_split_as_the_index_splits() -> None:
    assert split("ada@example.com conv_77-x -- ! 山田") == [
        "ada",
        "example",
        "com",
        "conv_77-x",
        "山田",
    ]


@given(text=st.text(max_size=20))
def test_no_text_is_too_odd(text: str) -> None:
    storable(text).encode()
    assert "\0" not in storable(text)
    assert composed(composed(text)) == composed(text)
    split(text)
