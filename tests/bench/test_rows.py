"""The store that is filled in bulk is one that the program itself could have filled."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import msgspec
import pytest

from core.model import DeliveryStatus
from core.search import parse
from core.store import migrations
from core.store.base import Filter
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from core.store.words import words_of
from tests.bench.rows import fill

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

ROWS = 3000
NOW = 1_780_000_000.0


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("home") / "store.db"
    fill(path, ROWS, now=NOW)
    return path


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SqlStore]:
    one = SqlStore(SqliteDriver(path))
    await one.open()
    yield one
    await one.close()


async def test_rows_are_of_every_kind_and_lead_up_to_now(store: SqlStore) -> None:
    rows = (await store.page(Filter(), None, ROWS + 1)).rows
    span = await store.span(Filter())

    assert len(rows) == span.count == ROWS
    assert {one.status for one in rows} == set(DeliveryStatus) - {DeliveryStatus.SENDING}
    assert len({one.event for one in rows}) == 2
    assert rows[0].created_at == pytest.approx(NOW)
    assert rows[-1].created_at < NOW - 6 * 86_400
    assert [one.created_at for one in rows] == sorted((r.created_at for r in rows), reverse=True)
    assert any(one.incomplete for one in rows)


async def test_content_is_what_the_program_would_have_stored(store: SqlStore, path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        words = "SELECT search, customer, agent, email FROM delivery_content WHERE delivery_id = ?"
        for one in range(1, ROWS, 97):
            (new,) = await store.replayables([one])
            kept = connection.execute(words, [one]).fetchone()
            detail = await store.delivery(one)

            assert detail is not None
            assert msgspec.json.decode(new.payload)["messageId"] == detail.delivery.message_id
            assert msgspec.json.decode(new.looked_up)["customerName"]
            assert [*map(set, map(str.split, kept))] == [
                set(column.split()) for column in msgspec.structs.astuple(words_of(new))
            ]
            assert len(detail.attempts) == detail.delivery.attempts
            assert detail.webhooks


async def test_it_can_be_searched_and_worked_on(store: SqlStore, path: Path) -> None:
    for text in ("grace", "customer:martha", "agent:grace", "status:dead", "王", "code:503"):
        page = await store.page(parse(text).filter, None, 5)
        assert page.rows, text
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO delivery_fts (delivery_fts) VALUES ('integrity-check')")
        new = sqlite3.connect(":memory:")
        migrations.migrate(new, path)
        names = "SELECT name FROM sqlite_master ORDER BY name"
        assert connection.execute(names).fetchall() == new.execute(names).fetchall()
        new.close()


def test_the_same_seed_makes_the_same_store(tmp_path: Path) -> None:
    stores = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        path = tmp_path / name / "store.db"
        fill(path, 200, seed, now=NOW)
        with closing(sqlite3.connect(path)) as connection:
            rows = connection.execute("SELECT message_id, received_at FROM delivery").fetchall()
        stores.append(rows)

    assert stores[0] == stores[1]
    assert stores[0] != stores[2]
