"""Readers: who no longer wants an answer frees the thread; a version tells of every commit."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from core.errors import StoreError, StoreUnavailable
from core.store import migrations
from core.store.sqlite_readers import READERS, Readers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from core.store.base import Row, Tx

ENDLESS = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT COUNT(*) FROM n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store file."""
    path = tmp_path / "store.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        migrations.migrate(connection, path)
    return path


@pytest.fixture
async def readers(path: Path) -> AsyncIterator[Readers]:
    one = Readers(path, {})
    await one.open()
    yield one
    await asyncio.to_thread(one.shut_down)
    one.close()


def write(path: Path) -> None:
    """Commit something from elsewhere."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("INSERT INTO meta VALUES (hex(randomblob(8)), 'x')")


async def test_readings_that_nobody_wants_any_more_make_room(readers: Readers) -> None:
    begun = threading.Semaphore(0)

    def endless(tx: Tx) -> list[Row]:
        begun.release()
        return tx.sql(ENDLESS, {})

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(readers.read(endless)) for _ in range(READERS + 1)]
        for _ in range(READERS):
            await asyncio.to_thread(begun.acquire)
        for task in tasks:
            task.cancel()

    answer = await asyncio.wait_for(readers.read(lambda tx: tx.sql("SELECT 7", {})), 10)
    assert answer == [(7,)]


async def test_one_who_is_cancelled_disturbs_nobody_else(readers: Readers) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(tx: Tx) -> list[Row]:
        begun.set()
        go_on.wait(10)
        return tx.sql("SELECT 1", {})

    async with asyncio.TaskGroup() as group:
        gone, kept = (group.create_task(readers.read(work)) for work in (_endless, slow))
        await asyncio.to_thread(begun.wait, 10)
        gone.cancel()
        go_on.set()

    assert kept.result() == [(1,)]


def _endless(tx: Tx) -> list[Row]:
    return tx.sql(ENDLESS, {})


async def test_the_version_changes_with_a_commit_of_another(path: Path, readers: Readers) -> None:
    before = await readers.version()
    same = await readers.version()
    await asyncio.to_thread(write, path)

    assert same == before
    assert await readers.version() != before


async def test_watching_keeps_no_transaction_open(path: Path, readers: Readers) -> None:
    """Or else the WAL could never be emptied."""
    await readers.version()
    await asyncio.to_thread(write, path)
    await readers.version()

    with closing(sqlite3.connect(path)) as connection:
        busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    assert busy == 0


async def test_a_store_that_is_no_more_is_told(tmp_path: Path) -> None:
    one = Readers(tmp_path / "gone.db", {})

    with pytest.raises(StoreUnavailable):
        await one.version()
    with pytest.raises(StoreError):
        await one.open()
    one.shut_down()
    one.close()
