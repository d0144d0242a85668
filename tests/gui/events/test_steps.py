"""Steps: an operation on many deliveries, a few at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.model import DeliveryStatus
from core.pipeline.operations import Operations, Selection, Step
from core.store.base import Filter
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from gui.events import steps
from tests.bench.rows import fill

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

DEAD = Filter(statuses=(DeliveryStatus.DEAD,))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    """A thousand deliveries."""
    fill(tmp_path / "store.db", 1000)
    one = SqlStore(SqliteDriver(tmp_path / "store.db"))
    await one.open()
    yield one
    await one.close()


async def through(store: SqlStore, selection: Selection, deed: steps.Deed) -> list[Step]:
    """All steps of an operation."""
    link = Operations(store)
    told = [await steps.go_on(store, link, selection, deed, None)]
    while told[-1].before is not None:
        told.append(await steps.go_on(store, link, selection, deed, told[-1].before))
    return told


async def count(store: SqlStore, *statuses: DeliveryStatus) -> int:
    return (await store.span(Filter(statuses=statuses))).count


async def test_ids_are_gone_through_in_their_order(store: SqlStore) -> None:
    told = await through(store, Selection(ids=tuple(range(1, 501))), "discard")

    assert [step.seen for step in told] == [200, 200, 100]


async def test_a_filter_is_gone_through_to_its_end(store: SqlStore) -> None:
    dead = await count(store, DeliveryStatus.DEAD)

    told = await through(store, Selection(wanted=DEAD), "replay")

    assert sum(step.done for step in told) == dead > 0
    assert await count(store, DeliveryStatus.DEAD) == 0


async def test_a_replay_with_new_ids_ends(store: SqlStore) -> None:
    accepted = Filter(statuses=(DeliveryStatus.ACCEPTED,))
    before = (await store.span(accepted)).count

    told = await through(store, Selection(wanted=accepted), "replay-new")

    assert sum(step.done for step in told) == before
    assert (await store.span(accepted)).count == before


async def test_nothing_is_one_step(store: SqlStore) -> None:
    told = await through(store, Selection(wanted=Filter(search="nobody-zzz")), "discard")

    assert told == [Step()]


async def test_counts_what_is_still_to_be_sent(store: SqlStore) -> None:
    expected = await count(store, *steps.DISCARDABLE)

    assert await steps.discardable(store, Selection(wanted=Filter())) == (expected, 1000)
    accepted = Selection(wanted=Filter(statuses=(DeliveryStatus.ACCEPTED,)))
    assert (await steps.discardable(store, accepted))[0] == 0


def test_of_a_filter_only_what_may_be_discarded_is_kept() -> None:
    wanted = Filter(statuses=(DeliveryStatus.DEAD, DeliveryStatus.ACCEPTED), search="ada")

    assert steps.still_to_send(wanted) == Filter(statuses=(DeliveryStatus.DEAD,), search="ada")
    assert steps.still_to_send(Filter(statuses=(DeliveryStatus.CONFIRMED,))) is None


async def test_counts_the_deliveries_of_a_customer(store: SqlStore) -> None:
    page = await store.page(Filter(), None, 1000)
    customer = page.rows[0].customer_id
    expected = len([one for one in page.rows if one.customer_id == customer])

    assert await steps.deliveries_of(store, customer) == expected
    assert await steps.deliveries_of(store, "nobody") == 0
