"""PostgreSQL's words: searches mean what they mean on SQLite, and statements keep their values."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.store import queries
from core.store.postgres_dialect import (
    ROW_BYTES,
    WORD_BYTES,
    PostgresDialect,
    folded,
    in_dialect,
    lexemes,
    parametrised,
)
from core.store.words import split

NO_WORDS = {"search": "", "customer": "", "agent": "", "email": ""}
texts = st.text(max_size=40)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Ada", "ada"),
        ("Zoë", "zoe"),
        ("Rene\u0301e", "renee"),
        ("STRAẞE", "straße"),
        ("ΣΟΦΟΣ", "σοφοσ"),
        ("σοφος", "σοφοσ"),
        ("Йога", "йога"),  # an accent of another script is part of the letter
        ("が", "が"),
        ("王小明", "王小明"),
        ("conv_77-x", "conv_77-x"),
    ],
)
def test_words_are_looked_for_without_case_and_latin_accents(word: str, expected: str) -> None:
    assert folded(word) == expected


@given(text=texts)
def test_every_word_of_a_row_is_among_its_lexemes(text: str) -> None:
    found = lexemes({**NO_WORDS, "customer": text})

    assert {f"c{folded(word)}" for word in split(text)} == set(found)


@given(text=texts)
def test_no_word_ends_its_quotes_in_a_search(text: str) -> None:
    words = split(text)
    query = PostgresDialect().search_query(words, {"agent": words})

    quoted = re.findall(r"'([^']*)':\*", query)
    assert len(quoted) == 5 * len(words)
    assert not any("\\" in one for one in quoted)


def test_words_and_rows_stay_within_what_the_server_takes() -> None:
    found = lexemes({**NO_WORDS, "search": " ".join(f"{n}{'é' * 1500}王" for n in range(1000))})

    assert max(len(word.encode()) for word in found) <= WORD_BYTES + 1
    assert sum(len(word.encode()) for word in found) <= ROW_BYTES
    assert folded("é" * 3000) == "e" * WORD_BYTES


def test_parameters_and_percent_signs_reach_the_server_as_they_are() -> None:
    text = parametrised("SELECT id % :every, CAST(:v1 AS TEXT) FROM delivery WHERE a = :v1")

    assert text == "SELECT id %% %(every)s, CAST(%(v1)s AS TEXT) FROM delivery WHERE a = %(v1)s"


def test_every_statement_is_spelled_out() -> None:
    for name, sql in queries.load().items():
        left = set(re.findall(r"\{[^}]*\}|(?<!:):[a-z]\w*", in_dialect(sql)))

        assert left <= {"{rows of 10}"}, name
