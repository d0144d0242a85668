"""Which index leads: the one with the fewest rows, whatever a database would guess."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.model import Channel, DeliveryStatus
from core.store import ways
from core.store.base import Filter
from core.store.pages import DELIVERY_COLUMNS
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from core.store.ways import Way, Ways
from tests.fakes.rows import NOW, new_delivery

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

PENDING, DEAD = DeliveryStatus.PENDING, DeliveryStatus.DEAD
FILTERS = [
    Filter(),
    Filter(statuses=(DEAD,)),
    Filter(statuses=(DeliveryStatus.ACCEPTED, DEAD)),
    Filter(statuses=tuple(DeliveryStatus), event="x", channel=Channel.POLL),
    Filter(event="x", since=1.0, until=2.0),
    Filter(since=1.0),
    Filter(test=True, incomplete=True, replay=True),
    Filter(test=False, incomplete=False, replay=False),
    Filter(ids=(3, 1, 2)),
    Filter(messages=("gs-2", "gs-1")),
    Filter(codes=("http",)),
    Filter(codes=("accepted",)),
    Filter(conversation="c1", email="ada@example.com"),
    Filter(search="ada"),
    Filter(search="gs-1 gs-2"),
    Filter(search="ada", statuses=(DeliveryStatus.ACCEPTED, DEAD)),
    Filter(search="ada gs-1", customer="b", agent="c", email="d@e", since=1.0),
]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    """Forty opened, four closed, one of them a test."""
    one = SqlStore(SqliteDriver(tmp_path / "store.db"))
    await one.open()
    opened = [new_delivery(event="opened", received_at=NOW + n) for n in range(40)]
    closed = [new_delivery(event="closed", received_at=NOW + n) for n in range(3)]
    test = new_delivery(event="closed", channel=Channel.TEST, search="ada")
    await one.enqueue_each([*opened, *closed, test])
    yield one
    await one.close()


async def way_to(store: SqlStore, wanted: Filter, **terms: bool) -> Way:
    return await store.driver.read(lambda tx: Ways(store.driver).find(tx, wanted, **terms))


async def plan(store: SqlStore, way: Way, **terms: str) -> str:
    """How SQLite would run the statement."""
    text = way.select(DELIVERY_COLUMNS, **terms)
    explain = f"EXPLAIN QUERY PLAN {text}"
    rows = await store.driver.read(lambda tx: tx.sql(explain, way.parameters))
    return "; ".join(row[3] for row in rows)


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (Filter(event="opened", statuses=(PENDING,)), "delivery_event"),
        (Filter(event="opened", statuses=(DEAD,)), "delivery_status"),
        (Filter(event="closed", statuses=(PENDING,), test=True), "delivery_channel"),
        (Filter(statuses=(PENDING,)), "delivery_status"),
        (Filter(codes=("x",)), ""),
        (Filter(conversation="c1", event="closed"), "delivery_event"),
        (Filter(incomplete=True), "delivery_incomplete"),
        (Filter(replay=True), "delivery_replay"),
        (Filter(since=NOW, until=NOW + 1), "delivery_received"),
        (Filter(since=NOW + 39, event="opened"), "delivery_received"),
        (Filter(since=NOW, event="closed"), "delivery_event"),
        (Filter(search="ada", test=True), "delivery_channel"),
    ],
)
async def test_the_part_with_the_fewest_rows_leads(
    store: SqlStore, wanted: Filter, index: str
) -> None:
    assert index in await plan(store, await way_to(store, wanted))


@pytest.mark.parametrize("enough", [0, 50_000], ids=["many rows", "few rows"])
@pytest.mark.parametrize("order", ["ASC", "DESC"])
@pytest.mark.parametrize("wanted", FILTERS, ids=lambda wanted: str(FILTERS.index(wanted)))
async def test_no_page_needs_a_sort(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch, wanted: Filter, order: str, enough: int
) -> None:
    monkeypatch.setattr(ways, "ENOUGH", enough)
    way = await way_to(store, wanted)
    for bound in ("", "> 7" if order == "ASC" else "< 7"):
        used = await plan(store, way, bound=bound, order=order, tail="LIMIT 10")

        assert "TEMP B-TREE" not in used


async def test_a_long_time_is_narrowed_to_the_ids_between(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ways, "ENOUGH", 5)
    wanted = Filter(since=NOW + 20, until=NOW + 30)

    way, older = await way_to(store, wanted), await way_to(store, wanted, below=True)

    assert way.first == older.first == 21
    assert "d.id <= 44" in way.checks
    assert not any("d.id <=" in check for check in older.checks)
    assert [one.id for one in await store.rows_from(wanted, 0, 99)] == list(range(21, 31))


async def test_first_rows_of_many_times_are_not_remembered_for_ever(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ways, "ENOUGH", 0)
    monkeypatch.setattr(ways, "FIRSTS", 3)
    finder = Ways(store.driver)

    for second in range(10):
        wanted = Filter(since=NOW + second)
        way = await store.driver.read(lambda tx, wanted=wanted: finder.find(tx, wanted))
        assert way.first == second + 1
    assert len(finder._firsts) <= 3
