"""Batches stay under Segment's limits, and lose and double nothing."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.model import Claimed
from core.segment.batch import MAX_BATCH_BYTES, halves, pack

WIRE_LIMIT = 450_000
EXAMPLES = settings(max_examples=100, deadline=None)


def claimed(number, size=200, tries=0):
    text = json.dumps({"n": number, "fill": ""})
    payload = text.replace('""', '"' + "x" * max(0, size - len(text)) + '"').encode()
    return Claimed(
        id=number, message_id=f"gs-{number}", payload=payload, tries=tries, queued_at=0.0
    )


@st.composite
def backlogs(draw):
    rows = draw(
        st.lists(
            st.tuples(st.sampled_from([60, 900, 5_000, 32_768]), st.integers(0, 10)), max_size=150
        )
    )
    return [claimed(number, size, tries) for number, (size, tries) in enumerate(rows)]


@EXAMPLES
@given(rows=backlogs(), most=st.integers(1, 100))
def test_nothing_is_lost_or_doubled(rows, most):
    ids = [one.id for batch in pack(rows, most) for one in batch]

    assert sorted(ids) == [one.id for one in rows]


@EXAMPLES
@given(rows=backlogs(), most=st.integers(1, 100))
def test_no_batch_exceeds_the_limits_on_the_wire(rows, most):
    for batch in pack(rows, most):
        wire = json.dumps(
            {
                "batch": [json.loads(one.payload) for one in batch],
                "sentAt": "2026-05-28T10:00:00.123456+00:00",
                "writeKey": "k" * 32,
            }
        )
        assert 1 <= len(batch) <= most
        assert len(wire) <= WIRE_LIMIT == MAX_BATCH_BYTES


@EXAMPLES
@given(rows=backlogs(), most=st.integers(1, 100))
def test_the_order_is_kept_within_equal_tries(rows, most):
    batches = list(pack(rows, most))

    for tries in {one.tries for one in rows}:
        sent = [one.id for batch in batches for one in batch if one.tries == tries]
        assert sent == sorted(sent)


@EXAMPLES
@given(rows=backlogs(), most=st.integers(1, 100))
def test_a_batch_holds_deliveries_tried_as_often_and_halves_with_each_try(rows, most):
    for batch in pack(rows, most):
        tries = {one.tries for one in batch}
        assert len(tries) == 1
        assert len(batch) <= max(1, most // 2 ** tries.pop())


@EXAMPLES
@given(rows=backlogs())
def test_what_was_never_tried_goes_first(rows):
    tries = [batch[0].tries for batch in pack(rows, 100)]

    assert all(before <= after for before, after in pairwise(tries))


def test_as_few_batches_as_the_limits_allow():
    batches = list(pack([claimed(number) for number in range(250)], 100))

    assert [len(batch) for batch in batches] == [100, 100, 50]


def test_after_enough_tries_a_delivery_goes_alone():
    batches = list(pack([claimed(number, tries=7) for number in range(3)], 100))

    assert [len(batch) for batch in batches] == [1, 1, 1]


def test_a_delivery_larger_than_a_batch_goes_alone():
    rows = [claimed(1), claimed(2, size=MAX_BATCH_BYTES), claimed(3)]

    batches = list(pack(rows, 100))

    assert [[one.id for one in batch] for batch in batches] == [[1], [2], [3]]


def test_nothing_makes_no_batch():
    assert list(pack([], 100)) == []


@pytest.mark.parametrize("count", [2, 3, 7, 100])
def test_halves_share_a_batch_evenly_and_in_order(count):
    batch = [claimed(number) for number in range(count)]

    first, second = halves(batch)

    assert first + second == batch
    assert 0 <= len(second) - len(first) <= 1
    assert first
