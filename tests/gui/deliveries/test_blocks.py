"""Blocks: rows by position, few of them in memory."""

from __future__ import annotations

import random
from typing import NamedTuple

import pytest

from gui.deliveries.blocks import Blocks, Bounds


class Row(NamedTuple):
    """Something with an id."""

    id: int


def rows(*ids: int) -> list[Row]:
    return [Row(one) for one in ids]


@pytest.fixture
def blocks() -> Blocks[Row]:
    """Ten rows with even ids in blocks of four; none is loaded."""
    made: Blocks[Row] = Blocks(size=4, kept=2)
    made.lay_out((2, 10, 18), (4, 4, 2))
    return made


def test_knows_how_many_rows_there_are_before_any_is_loaded(blocks: Blocks[Row]) -> None:
    assert len(blocks) == 10
    assert blocks.at(9) is None


def test_a_loaded_row_is_found_by_position_and_by_id(blocks: Blocks[Row]) -> None:
    blocks.put(1, rows(10, 12, 14, 16))

    assert blocks.at(5) == Row(12)
    assert blocks.position_of(12) == 5
    assert blocks.position_of(13) is None
    assert blocks.position_of(2) is None


def test_tells_which_blocks_of_a_stretch_are_missing_newest_first(blocks: Blocks[Row]) -> None:
    blocks.put(1, rows(10, 12, 14, 16))

    assert blocks.missing(0, 9) == [2, 0]
    assert blocks.missing(5, 6) == []
    assert blocks.missing(3, 2) == []


def test_bounds_of_the_newest_block_are_open(blocks: Blocks[Row]) -> None:
    assert blocks.bounds(1) == Bounds(low=10, high=18)
    assert blocks.bounds(2) == Bounds(low=18, high=None)


def test_keeps_only_the_blocks_used_last_in_memory(blocks: Blocks[Row]) -> None:
    blocks.put(0, rows(2, 4, 6, 8))
    blocks.put(1, rows(10, 12, 14, 16))
    blocks.missing(0, 0)
    blocks.put(2, rows(18, 20))

    assert blocks.missing(0, len(blocks) - 1) == [1]
    assert blocks.in_memory == 6


def test_a_block_takes_the_size_it_turns_out_to_have(blocks: Blocks[Row]) -> None:
    blocks.put(0, rows(2, 6))

    assert len(blocks) == 8
    assert blocks.at(1) == Row(6)
    assert blocks.start(1) == 2


def test_a_block_of_another_size_has_to_be_loaded_again(blocks: Blocks[Row]) -> None:
    blocks.put(0, rows(2, 4, 6, 8))

    blocks.resize(0, 3)

    assert len(blocks) == 9
    assert blocks.missing(0, 0) == [0]


def test_newer_rows_fill_the_newest_block_then_begin_another(blocks: Blocks[Row]) -> None:
    blocks.put(2, rows(18, 20))

    blocks.append(rows(22, 24))
    blocks.append(rows(26))

    assert len(blocks) == 13
    assert blocks.count == 4
    assert [blocks.at(one) for one in range(8, 13)] == rows(18, 20, 22, 24, 26)


def test_newer_rows_begin_a_block_where_the_newest_is_not_loaded(blocks: Blocks[Row]) -> None:
    blocks.append(rows(22, 24, 26, 28, 30))

    assert blocks.count == 5
    assert blocks.bounds(2) == Bounds(low=18, high=22)
    assert blocks.at(14) == Row(30)


def test_a_row_is_taken_out_and_another_replaced(blocks: Blocks[Row]) -> None:
    blocks.put(1, rows(10, 12, 14, 16))

    blocks.remove(5)
    blocks.replace(5, Row(15))

    assert len(blocks) == 9
    assert blocks.rows_of(1) == rows(10, 15, 16)


def test_an_emptied_block_is_passed_over(blocks: Blocks[Row]) -> None:
    blocks.put(1, [])
    blocks.put(2, rows(18, 20))

    assert blocks.at(4) == Row(18)
    assert blocks.missing(0, 5) == [0]


def test_positions_stay_right_through_any_changes() -> None:
    dice = random.Random(7)
    blocks: Blocks[Row] = Blocks(size=5, kept=10_000)
    expected: list[Row] = []
    newest = 0
    for _ in range(400):
        if expected and dice.random() < 0.4:
            place = dice.randrange(len(expected))
            blocks.remove(place)
            del expected[place]
        else:
            fresh = rows(*range(newest + 1, newest + 1 + dice.randrange(1, 9)))
            newest = fresh[-1].id
            blocks.append(fresh)
            expected += fresh

    assert [blocks.at(one) for one in range(len(blocks))] == expected
    assert all(blocks.position_of(row.id) == one for one, row in enumerate(expected))


def test_says_whether_it_is_laid_out_so(blocks: Blocks[Row]) -> None:
    assert blocks.is_laid_out((2, 10, 18), (4, 4, 2))
    assert not blocks.is_laid_out((2, 10, 18), (4, 4, 3))
