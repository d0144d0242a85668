"""The store: usable, private, roomy; and looking at it changes nothing."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing

import pytest

from core.doctor import storage
from core.store.sqlite import SqliteDriver

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")


async def make_store(home) -> None:
    driver = SqliteDriver(home.store_file)
    await driver.open()
    await driver.close()


def set_version(home, number: int) -> None:
    with closing(sqlite3.connect(home.store_file)) as connection:
        connection.execute(f"PRAGMA user_version = {number:d}")


def read_version(home) -> int:
    with closing(sqlite3.connect(home.store_file)) as connection:
        return connection.execute("PRAGMA user_version").fetchone()[0]


async def test_a_store_that_is_not_there_yet_can_be_made(make_subject, settings, home):
    outcome = await storage.store(make_subject(), settings())

    assert (outcome.verdict, outcome.code) == ("ok", "store.creatable")
    assert list(home.path.iterdir()) == []


async def test_a_folder_that_cannot_hold_a_store_fails(make_subject, settings, home, monkeypatch):
    def refuse(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(storage.tempfile, "TemporaryFile", refuse)

    outcome = await storage.store(make_subject(), settings())

    assert (outcome.verdict, outcome.code) == ("fail", "store.not_creatable")
    assert "Permission denied" in outcome.title
    assert "--home" in outcome.hint


async def test_a_store_is_ready_and_tells_its_schema(make_subject, settings, home):
    await make_store(home)

    outcome = await storage.store(make_subject(), settings())

    assert (outcome.verdict, outcome.code) == ("ok", "store.ready")
    newest = read_version(home)
    assert outcome.detail["schema"] == f"{newest} of {newest}"
    assert "it can be written" in outcome.title


async def test_a_store_that_an_engine_holds_is_only_read(make_subject, settings, home):
    driver = SqliteDriver(home.store_file)
    await driver.open()

    outcome = await storage.store(make_subject(), settings())
    await driver.close()

    assert outcome.verdict == "ok"
    assert "a running engine works on it" in outcome.title


async def test_an_old_store_is_not_migrated_by_looking_at_it(make_subject, settings, home):
    await make_store(home)
    set_version(home, 0)

    outcome = await storage.store(make_subject(), settings())

    assert outcome.verdict == "ok"
    assert outcome.detail["schema"].startswith("0 of ")
    assert read_version(home) == 0


async def test_an_old_store_that_cannot_be_written_fails(make_subject, settings, home, monkeypatch):
    await make_store(home)
    set_version(home, 0)

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(storage.os, "open", refuse)

    outcome = await storage.store(make_subject(), settings())

    assert (outcome.verdict, outcome.code) == ("fail", "store")
    assert "Permission denied" in outcome.title


async def test_a_store_of_a_newer_version_fails(make_subject, settings, home):
    await make_store(home)
    set_version(home, 999)

    outcome = await storage.store(make_subject(), settings())

    assert (outcome.verdict, outcome.code) == ("fail", "store.too_new")
    assert read_version(home) == 999


async def test_a_file_that_is_no_store_fails(make_subject, settings, home):
    home.store_file.write_bytes(b"this is no database, whatever its name says" * 100)

    outcome = await storage.store(make_subject(), settings())

    assert (outcome.verdict, outcome.code) == ("fail", "store.corrupt")


async def test_a_folder_in_the_place_of_the_store_fails(make_subject, settings, home):
    home.store_file.mkdir()

    outcome = await storage.store(make_subject(), settings())

    assert (outcome.verdict, outcome.code) == ("fail", "store.unavailable")


async def test_a_store_that_may_not_be_looked_at_fails(make_subject, settings, home, monkeypatch):
    await make_store(home)

    def refuse(_: object) -> list[str]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(storage, "_wider_than_private", refuse)

    outcome = await storage.store(make_subject(), settings())

    assert (outcome.verdict, outcome.code) == ("fail", "store.unavailable")
    assert "Permission denied" in outcome.title


@posix
async def test_a_store_that_others_may_read_is_a_warning(make_subject, settings, home):
    await make_store(home)
    home.path.chmod(0o755)
    home.store_file.chmod(0o644)

    outcome = await storage.store(make_subject(), settings())

    assert (outcome.verdict, outcome.code) == ("warn", "store.readable_by_others")
    assert f"chmod 700 {home.path}" in outcome.hint
    assert f"chmod 600 {home.store_file}" in outcome.hint


async def test_a_store_on_a_database_server_is_not_looked_into(make_subject, settings):
    wanted = settings(store={"url": "postgresql://user:planted@db/x"})

    outcome = await storage.store(make_subject(), wanted)

    assert (outcome.verdict, outcome.code) == ("warn", "store.not_sqlite")
    assert "planted" not in str(outcome)


@pytest.mark.parametrize(
    ("free", "verdict", "words"),
    [
        (2_500_000_000, "ok", "2.5 GB are free."),
        (1_000_000_000, "ok", "1.0 GB are free."),
        (999_999_999, "warn", "Only 999 MB are free."),
        (100_000_000, "warn", "Only 100 MB are free."),
        (99_999_999, "fail", "Only 99 MB are free: new events may soon not be stored."),
    ],
)
async def test_free_space_is_weighed_and_said_in_words(make_subject, free, verdict, words):
    outcome = await storage.space(make_subject(free_bytes=lambda _: free))

    assert (outcome.verdict, outcome.title) == (verdict, words)


async def test_a_disk_that_does_not_tell_is_a_warning(make_subject):
    def gone(_: object) -> int:
        raise OSError(5, "Input/output error")

    outcome = await storage.space(make_subject(free_bytes=gone))

    assert (outcome.verdict, outcome.code) == ("warn", "space.unknown")
