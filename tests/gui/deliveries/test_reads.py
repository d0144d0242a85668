"""Reads: what the table asks the store for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.model import DeliveryStatus
from core.store.base import Filter
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from gui.deliveries import reads
from gui.deliveries.blocks import BLOCK_ROWS, Bounds
from gui.deliveries.columns import Column
from tests.bench.rows import fill

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

DEAD = Filter(statuses=(DeliveryStatus.DEAD,))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    """A thousand deliveries with ids from 1."""
    fill(tmp_path / "store.db", 1000)
    one = SqlStore(SqliteDriver(tmp_path / "store.db", read_only=True))
    await one.open()
    yield one
    await one.close()


async def test_opens_with_the_newest_rows_and_their_names(store: SqlStore) -> None:
    opening = await reads.opening(store, Filter())

    assert [row.id for row in opening.rows] == list(range(1000, 1000 - BLOCK_ROWS, -1))
    assert all(row.text(Column.CUSTOMER) != row.delivery.customer_id for row in opening.rows)
    assert not opening.whole


async def test_knows_when_the_first_rows_are_all_there_are(store: SqlStore) -> None:
    opening = await reads.opening(store, DEAD)

    assert opening.whole
    assert {row.delivery.status for row in opening.rows} == {DeliveryStatus.DEAD}


async def test_a_survey_counts_and_reads_the_newest_blocks_and_those_asked_for(
    store: SqlStore,
) -> None:
    survey = await reads.survey(store, Filter(), around=[5, 6])

    assert survey.lows == (1, 257, 513, 769)
    assert survey.sizes == (256, 256, 256, 232)
    assert survey.top == 1000
    assert set(survey.blocks) == {0, 2, 3}
    assert [row.id for row in survey.blocks[3]] == list(range(769, 1001))


async def test_a_survey_of_nothing_is_empty(store: SqlStore) -> None:
    survey = await reads.survey(store, Filter(search="zzzz-nobody"), around=[5])

    assert (survey.lows, survey.sizes, survey.blocks) == ((), (), {})


async def test_a_block_ends_where_the_next_begins(store: SqlStore) -> None:
    rows = await reads.block(store, Filter(), Bounds(low=257, high=513), BLOCK_ROWS)

    assert [row.id for row in rows] == list(range(257, 513))


async def test_tells_what_is_newer_and_how_shown_rows_stand(store: SqlStore) -> None:
    fresh = await reads.fresh(store, Filter(), 998, [3, 4, 4000])

    assert [row.id for row in fresh.newer] == [999, 1000]
    assert set(fresh.standing) == {3, 4}
    assert not fresh.more


async def test_says_when_there_is_more_that_is_newer(store: SqlStore) -> None:
    fresh = await reads.fresh(store, Filter(), 0, [])

    assert len(fresh.newer) == reads.NEWER
    assert fresh.more


async def test_gathers_the_ids_of_blocks(store: SqlStore) -> None:
    found = await reads.ids(store, Filter(), {1: (Bounds(low=257, high=513), 256)})

    assert found == {1: list(range(257, 513))}
