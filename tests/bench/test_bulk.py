"""Rows that SQL made inside either database are such as the program could have left there."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from core.store.base import Filter
from core.store.postgres import PostgresDriver
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from tests.bench import work
from tests.bench.bulk import fill_postgres, fill_sqlite

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fakes.postgres import Server

ROWS = 400


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
async def test_a_store_made_in_bulk_is_whole_and_can_be_worked_on(
    database: str, tmp_path: Path, postgres_server: Server
) -> None:
    path, url = tmp_path / "store.db", postgres_server.empty()
    if database == "sqlite":
        fill_sqlite(path, ROWS)
    else:
        fill_postgres(url, ROWS)
    store = SqlStore(SqliteDriver(path) if database == "sqlite" else PostgresDriver(url))
    await store.open()
    try:
        page = await store.page(Filter(search="martha grace"), None, ROWS + 1)
        detail = await store.delivery(ROWS)
        done = [
            await work.adds(store, 70),
            await work.queue(store, 250),
            await work.send(store, 250),
        ]
        counts = await store.counts()
    finally:
        await store.close()

    assert len(page.rows) == ROWS
    assert detail is not None
    assert detail.attempts
    assert detail.webhooks
    assert done == [70, 250, 250]
    assert counts.webhooks["received"] == 70
    assert counts.deliveries["accepted"] == ROWS + 250
    if database == "sqlite":
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("INSERT INTO delivery_fts (delivery_fts) VALUES ('integrity-check')")
