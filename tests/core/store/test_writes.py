"""The writer's queue: the inbox goes first, the bulk is not forgotten, and nothing is lost."""

from __future__ import annotations

from concurrent.futures import Future

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.store.writes import URGENT_GROUPS, Write, WriteQueue


def write(*, urgent: bool = False, alone: bool = False) -> Write:
    future: Future[None] = Future()
    return Write(lambda _: None, future, simple=True, alone=alone, urgent=urgent)  # type: ignore[arg-type]


def test_what_is_urgent_goes_first() -> None:
    writes = WriteQueue()
    bulk, urgent = write(), write(urgent=True)
    writes.put(bulk)
    writes.put(urgent)

    assert [writes.next_group(), writes.next_group()] == [[urgent], [bulk]]


def test_a_rush_without_end_does_not_keep_the_bulk_waiting() -> None:
    writes = WriteQueue()
    writes.put(write())

    groups = []
    for _ in range(30):
        writes.put(write(urgent=True))
        groups.append(writes.next_group())

    turns = [number for number, group in enumerate(groups) if not group[0].urgent]
    assert turns == [URGENT_GROUPS]


def test_bulk_makes_room_for_what_is_urgent_and_goes_on_where_it_was() -> None:
    writes = WriteQueue()
    bulk = [write() for _ in range(3)]
    for one in bulk:
        writes.put(one)
    group = writes.next_group()
    assert not writes.yields()

    urgent = write(urgent=True)
    writes.put(urgent)

    assert writes.yields()
    writes.put_back(group[1:])
    assert [writes.next_group(), writes.next_group()] == [[urgent], bulk[1:]]


@pytest.mark.parametrize("position", [0, 1, 2])
def test_what_must_be_alone_is_alone(position: int) -> None:
    writes = WriteQueue()
    some = [write(alone=number == position) for number in range(3)]
    for one in some:
        writes.put(one)
    writes.end()

    groups = list(iter(writes.next_group, []))

    assert [one for group in groups for one in group] == some
    assert [some[position]] in groups


@given(st.lists(st.tuples(st.booleans(), st.booleans())))
def test_every_piece_of_work_comes_out_once_and_each_kind_in_order(
    kinds: list[tuple[bool, bool]],
) -> None:
    writes = WriteQueue()
    some = [write(urgent=urgent, alone=alone and not urgent) for urgent, alone in kinds]
    for one in some:
        writes.put(one)
    writes.end()

    done = [one for group in iter(writes.next_group, []) for one in group]

    for urgent in (False, True):
        wanted = [one for one in some if one.urgent is urgent]
        assert [one for one in done if one.urgent is urgent] == wanted
