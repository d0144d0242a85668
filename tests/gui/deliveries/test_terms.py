"""Terms: the text of the filter, taken apart and changed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.search import parse
from gui.deliveries.terms import Term, proposals, quoted, term_at, with_values

EVENTS = ("Conversation Opened", "Conversation Closed")


@pytest.mark.parametrize(
    ("text", "caret", "expected"),
    [
        ("sta", 3, Term(0, 3, "sta")),
        ("ada status:de", 13, Term(4, 13, "status:de")),
        ("ada status:de more", 13, Term(4, 13, "status:de")),
        ("ada status:de", 7, Term(4, 7, "sta")),
        ("ada ", 4, Term(4, 4, "")),
        ("", 0, Term(0, 0, "")),
        ('event:"Conv Op', 14, Term(0, 14, 'event:"Conv Op')),
        ('"open quote', 11, Term(0, 11, '"open quote')),
    ],
)
def test_finds_the_term_at_the_caret(text: str, caret: int, expected: Term) -> None:
    assert term_at(text, caret) == expected


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("st", ["status:"]),
        ("", []),
        ("status:", None),
        ("status:de", ["status:dead"]),
        ("status:dead,re", ["status:dead,retrying"]),
        ("channel:p", ["channel:poll"]),
        ("event:conv", ['event:"Conversation Opened"', 'event:"Conversation Closed"']),
        ('event:"conv', ['event:"Conversation Opened"', 'event:"Conversation Closed"']),
        ("test:", ["test:yes", "test:no"]),
        ("is:re", ["is:replay"]),
        ("customer:a", []),
        ("nonsense:a", []),
    ],
)
def test_proposes_fields_then_values(term: str, expected: list[str] | None) -> None:
    found = proposals(term, EVENTS)

    if expected is None:
        assert len(found) == 7
    else:
        assert found == expected


def test_every_proposal_makes_sense() -> None:
    for term in ("status:", "channel:", "event:", "test:", "incomplete:", "is:"):
        for found in proposals(term, EVENTS):
            assert parse(found).problem is None


@pytest.mark.parametrize(
    ("text", "field", "values", "expected"),
    [
        ("", "status", ["dead"], "status:dead"),
        ("ada", "status", ["dead", "pending"], "status:dead,pending ada"),
        ("status:dead ada", "status", [], "ada"),
        ("ada status:dead status:pending b", "status", ["accepted"], "status:accepted ada b"),
        ('event:"A B" ada', "event", ["C D", "E"], 'event:"C D" event:E ada'),
        ('"status:dead" ada', "status", [], '"status:dead" ada'),
        ("STATUS:dead x", "status", [], "x"),
    ],
)
def test_sets_the_values_of_a_field_and_leaves_the_rest(
    text: str, field: str, values: list[str], expected: str
) -> None:
    assert with_values(text, field, values) == expected


@given(st.text(max_size=40))
def test_the_rest_of_any_text_means_the_same(text: str) -> None:
    before = parse(with_values(text, "status", [])).filter
    after = parse(with_values(text, "status", ["dead"])).filter

    assert after.statuses == ("dead",)
    assert (after.search, after.customer, after.events) == (
        before.search,
        before.customer,
        before.events,
    )


@given(st.text(min_size=1, max_size=20))
def test_a_quoted_value_is_one_value(value: str) -> None:
    expected = " ".join(value.split())
    if expected:
        assert parse(f"event:{quoted(value)}").filter.events == (expected,)


@given(st.text(max_size=30), st.integers(0, 30))
def test_any_text_and_caret_have_a_term(text: str, caret: int) -> None:
    caret = min(caret, len(text))
    term = term_at(text, caret)

    assert term.end == caret
    assert text[term.start : term.end] == term.text
