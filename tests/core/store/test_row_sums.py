"""Checksums of rows: the same for the same rows in any order, another for any other value."""

from __future__ import annotations

import itertools

from hypothesis import assume, given
from hypothesis import strategies as st

from core.store.row_sums import REPORT_ROWS, TableSum, fitting, sum_of

values = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.binary(),
)
rows = st.lists(st.tuples(values, values), max_size=8)


def checksum(found: list[tuple]) -> TableSum:
    return sum_of(map(fitting, found), lambda _: None)


@given(st.data(), rows)
def test_the_order_of_rows_does_not_matter(data: st.DataObject, found: list[tuple]) -> None:
    shuffled = data.draw(st.permutations(found))

    assert checksum(found) == checksum(shuffled)


@given(rows, st.tuples(values, values), st.tuples(values, values))
def test_any_other_value_is_noticed(found: list[tuple], one: tuple, other: tuple) -> None:
    assume(repr(fitting(one)) != repr(fitting(other)))

    assert checksum([*found, one]) != checksum([*found, other])


def test_what_looks_alike_is_not_the_same() -> None:
    alike = [1, 1.0, "1", b"1", None, "", b"", 0, 0.1, 0.1 + 2**-56]

    for one, other in itertools.combinations(alike, 2):
        assert checksum([(one,)]) != checksum([(other,)]), (one, other)


def test_a_row_twice_is_not_a_row_never() -> None:
    assert checksum([("a",), ("a",)]) != checksum([])
    assert checksum([("a",), ("a",), ("b",)]) != checksum([("b",)])


def test_text_is_summed_up_as_postgresql_keeps_it() -> None:
    assert checksum([("a\0b", b"\0")]) == checksum([("a\ufffdb", b"\0")])


def test_it_says_how_far_it_is_and_counts_every_row() -> None:
    told: list[int] = []

    found = sum_of(((number,) for number in range(2 * REPORT_ROWS + 7)), told.append)

    assert told == [REPORT_ROWS, REPORT_ROWS, 7]
    assert found.rows == 2 * REPORT_ROWS + 7
