"""What an operation would reach, counted first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.model import DeliveryStatus
from core.pipeline.operations import DISCARDABLE, Selection
from core.store.base import Filter
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from gui.deliveries import counting
from tests.bench.rows import fill

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    """A thousand deliveries."""
    fill(tmp_path / "store.db", 1000)
    one = SqlStore(SqliteDriver(tmp_path / "store.db"))
    await one.open()
    yield one
    await one.close()


async def count(store: SqlStore, *statuses: DeliveryStatus) -> int:
    return (await store.span(Filter(statuses=statuses))).count


async def test_counts_what_is_still_to_be_sent(store: SqlStore) -> None:
    expected = await count(store, *DISCARDABLE)

    assert await counting.discardable(store, Selection(wanted=Filter())) == (expected, 1000)
    accepted = Selection(wanted=Filter(statuses=(DeliveryStatus.ACCEPTED,)))
    assert (await counting.discardable(store, accepted))[0] == 0


def test_of_a_filter_only_what_may_be_discarded_is_kept() -> None:
    wanted = Filter(statuses=(DeliveryStatus.DEAD, DeliveryStatus.ACCEPTED), search="ada")

    assert counting.still_to_send(wanted) == Filter(statuses=(DeliveryStatus.DEAD,), search="ada")
    assert counting.still_to_send(Filter(statuses=(DeliveryStatus.CONFIRMED,))) is None


async def test_counts_the_deliveries_of_a_customer(store: SqlStore) -> None:
    page = await store.page(Filter(), None, 1000)
    customer = page.rows[0].customer_id
    expected = len([one for one in page.rows if one.customer_id == customer])

    assert await counting.deliveries_of(store, customer) == expected
    assert await counting.deliveries_of(store, "nobody") == 0
