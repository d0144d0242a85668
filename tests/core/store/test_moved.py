"""After a move nothing works on the wrong database."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg
import pytest

from core.errors import StoreMoved, StoreUnavailable
from core.store import moved
from core.store.postgres import PostgresDriver
from core.store.sqlite import SqliteDriver

if TYPE_CHECKING:
    from pathlib import Path

URL = "postgresql://gladly@db.example.com/gladly"


@pytest.mark.parametrize("read_only", [False, True])
async def test_a_file_whose_rows_are_elsewhere_is_refused(tmp_path: Path, read_only: bool) -> None:
    path = tmp_path / "store.db"
    driver = SqliteDriver(path)
    await driver.open()
    await driver.close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO meta VALUES (?, ?)", [moved.MOVED_TO, URL])

    driver = SqliteDriver(path, read_only=read_only)
    with pytest.raises(StoreMoved, match="was moved to") as caught:
        await driver.open()
    await driver.close()

    assert URL in caught.value.hint
    assert not caught.value.retryable


@pytest.mark.parametrize("read_only", [False, True])
async def test_a_database_with_a_part_of_a_store_is_refused(
    postgres_url: str, read_only: bool
) -> None:
    driver = PostgresDriver(postgres_url)
    await driver.open()
    await driver.close()
    with closing(psycopg.connect(postgres_url, autocommit=True)) as connection:
        connection.execute("INSERT INTO meta VALUES (%s, '{}')", [moved.MOVING])

    driver = PostgresDriver(postgres_url, read_only=read_only)
    with pytest.raises(StoreUnavailable, match="has not ended"):
        await driver.open()
