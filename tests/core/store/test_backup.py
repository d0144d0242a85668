"""A copy is one moment of the store, whole or not there; a restored one is that store."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
from contextlib import asynccontextmanager, closing
from typing import TYPE_CHECKING

import pytest

from core.errors import (
    OperationError,
    StoreCorrupt,
    StoreError,
    StoreInUse,
    StoreTooNew,
)
from core.store.backup import back_up, looked_through, put_in_place
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from tests.fakes.rows import new_webhook

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[SqlStore]:
    store = SqlStore(SqliteDriver(path))
    await store.open()
    try:
        yield store
    finally:
        await store.close()


async def made(path: Path, count: int = 3) -> Path:
    async with opened(path) as store:
        for number in range(count):
            await store.add_webhook(new_webhook(dedupe_key=f"e{number}"))
    return path


def left_in(folder: Path) -> set[str]:
    return {one.name for one in folder.iterdir()}


async def test_a_copy_of_a_store_in_use_holds_what_is_committed(tmp_path: Path):
    async with opened(tmp_path / "store.db") as store:
        for number in range(3):
            await store.add_webhook(new_webhook(dedupe_key=f"e{number}"))

        copied = await asyncio.to_thread(back_up, tmp_path / "store.db", tmp_path / "copy.db")

        await store.add_webhook(new_webhook(dedupe_key="later"))

    assert (copied.webhooks, copied.deliveries) == (3, 0)
    assert looked_through(tmp_path / "copy.db") == copied


async def test_a_copy_is_one_private_file_and_nothing_beside_it(tmp_path: Path):
    store = await made(tmp_path / "home" / "store.db")
    folder = tmp_path / "copies"
    folder.mkdir()

    copied = back_up(store, folder / "copy.db")

    assert left_in(folder) == {"copy.db"}
    assert stat.S_IMODE((folder / "copy.db").stat().st_mode) == 0o600
    assert (folder / "copy.db").stat().st_size == copied.size


async def test_commits_meanwhile_are_in_it_wholly_or_not_at_all(tmp_path: Path):
    path = tmp_path / "store.db"
    async with opened(path) as store:
        copying = asyncio.Event()

        async def write() -> None:
            for number in range(300):
                news = [new_webhook(dedupe_key=f"{number}-{half}") for half in "ab"]
                await store.add_many(news)
                if number == 20:
                    copying.set()

        async def copy() -> list[int]:
            await copying.wait()
            counts = []
            for number in range(5):
                target = tmp_path / f"copy{number}.db"
                counts.append((await asyncio.to_thread(back_up, path, target)).webhooks)
            return counts

        async with asyncio.TaskGroup() as group:
            group.create_task(write())
            counts = group.create_task(copy())

    assert all(count >= 40 and count % 2 == 0 for count in counts.result())
    assert counts.result() == sorted(counts.result())


async def test_a_file_that_is_there_is_replaced_only_when_that_is_wanted(tmp_path: Path):
    store = await made(tmp_path / "store.db")
    (tmp_path / "copy.db").write_text("mine")

    with pytest.raises(OperationError, match="there already"):
        back_up(store, tmp_path / "copy.db")

    assert (tmp_path / "copy.db").read_text() == "mine"
    assert back_up(store, tmp_path / "copy.db", replace=True).webhooks == 3


def test_where_there_is_no_store_no_copy_is_left(tmp_path: Path):
    with pytest.raises(OperationError, match="no store"):
        back_up(tmp_path / "store.db", tmp_path / "copy.db")

    assert left_in(tmp_path) == set()


async def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path):
    store = await made(tmp_path / "store.db")

    with pytest.raises(OperationError, match="nowhere"):
        back_up(store, tmp_path / "nowhere" / "copy.db")


async def test_a_restored_copy_is_the_store_it_was(tmp_path: Path):
    store = await made(tmp_path / "store.db")
    back_up(store, tmp_path / "copy.db")

    put_in_place(tmp_path / "copy.db", tmp_path / "new" / "store.db")

    async with opened(tmp_path / "new" / "store.db") as restored:
        counts = await restored.counts()
        again = await restored.add_webhook(new_webhook(dedupe_key="e1"))
    assert counts.webhooks == {"received": 3}
    assert again.duplicate


async def test_what_the_replaced_store_had_in_its_wal_does_not_get_into_the_copy(tmp_path: Path):
    store = await made(tmp_path / "store.db")
    back_up(store, tmp_path / "copy.db")
    wal = tmp_path / "store.db-wal"
    async with opened(store) as running:
        await running.add_webhook(new_webhook(dedupe_key="later"))
        left = wal.read_bytes()
    wal.write_bytes(left)  # as after a power cut

    put_in_place(tmp_path / "copy.db", store, replace=True)

    async with opened(store) as restored:
        assert (await restored.counts()).webhooks == {"received": 3}


async def test_a_store_in_use_or_not_given_up_is_left_alone(tmp_path: Path):
    store = await made(tmp_path / "store.db", 5)
    back_up(await made(tmp_path / "other.db"), tmp_path / "copy.db")

    with pytest.raises(OperationError, match="already"):
        put_in_place(tmp_path / "copy.db", store)
    async with opened(store) as running:
        with pytest.raises(StoreInUse):
            put_in_place(tmp_path / "copy.db", store, replace=True)
        assert (await running.counts()).webhooks == {"received": 5}


async def test_what_is_no_whole_store_is_not_put_in_place(tmp_path: Path):
    store = await made(tmp_path / "store.db")
    back_up(store, tmp_path / "copy.db")
    whole = (tmp_path / "copy.db").read_bytes()
    broken = {
        "text": b"these are my holiday photos " * 200,
        "empty": b"",
        "half": whole[: len(whole) // 2],
        "damaged": whole[:8192] + b"\xff" * 4096 + whole[12288:],
    }
    for name, content in broken.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises((StoreCorrupt, StoreError)):
            put_in_place(tmp_path / name, store, replace=True)

    assert looked_through(store).webhooks == 3


async def test_a_copy_from_the_future_is_refused(tmp_path: Path):
    back_up(await made(tmp_path / "store.db"), tmp_path / "copy.db")
    with closing(sqlite3.connect(tmp_path / "copy.db")) as connection:
        connection.execute("PRAGMA user_version = 999")

    with pytest.raises(StoreTooNew):
        put_in_place(tmp_path / "copy.db", tmp_path / "new.db")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives away")
async def test_what_root_restores_belongs_to_the_home_s_owner(tmp_path: Path):
    back_up(await made(tmp_path / "store.db"), tmp_path / "copy.db")
    home = tmp_path / "home"
    home.mkdir()
    os.chown(home, 65534, 65534)

    put_in_place(tmp_path / "copy.db", home / "store.db")

    assert {one.name: one.stat().st_uid for one in home.iterdir()} == {
        "store.db": 65534,
        "store.lock": 65534,
    }
