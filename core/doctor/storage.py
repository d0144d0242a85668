"""Checks of the store: can it be used, who else may read it, is there room."""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING

from core.doctor.blocking import on_own_thread
from core.doctor.outcome import Findings
from core.doctor.subject import existing
from core.errors import StoreError, StoreInUse, StoreUnavailable
from core.store import migrations
from core.store.sqlite import SqliteDriver

if TYPE_CHECKING:
    from pathlib import Path

    from core.doctor.outcome import Outcome
    from core.doctor.subject import Subject
    from core.home import Home
    from core.settings import Settings

GIGABYTE = 1_000_000_000
MEGABYTE = 1_000_000
WARN_BYTES = GIGABYTE
FAIL_BYTES = 100 * MEGABYTE
_OTHERS = 0o077


async def schema_version(path: Path) -> int:
    """The schema version of an existing store; changes nothing.

    Raises:
        StoreError: It cannot be read, or a newer program wrote it.
    """
    driver = SqliteDriver(path, read_only=True)
    try:
        await driver.open()
        rows = await driver.read(lambda tx: tx.sql("PRAGMA user_version", {}))
    finally:
        await driver.close()
    return int(rows[0][0])


async def store(subject: Subject, settings: Settings) -> Outcome:
    """Whether the store can be read and written; an old one is not migrated by looking at it."""
    findings = Findings("store")
    if settings.store.url is not None:
        return findings.warn(
            "store.not_sqlite",
            "The store is on a database server, which this check cannot look into.",
            "Start `gladly-source serve`: it says whether it can use that server.",
        )
    path = subject.home.store_file
    try:
        if not await on_own_thread(path.exists):
            return await on_own_thread(lambda: _creatable(subject.home))
        found = await schema_version(path)
        held = subject.engine_running or await _held_or_written(path, found)
        wide = await on_own_thread(lambda: _wider_than_private(subject.home))
    except StoreError as exc:
        return findings.failed(exc, file=str(path))
    except OSError as exc:
        return findings.fail(
            StoreUnavailable.code,
            f"The store cannot be looked at: {exc.strerror or exc}.",
            "Check the owner and the rights of the home folder, or choose another with --home.",
            file=str(path),
        )
    return _usable(path, found=found, held=held, wide=wide)


def _usable(path: Path, *, found: int, held: bool, wide: list[str]) -> Outcome:
    findings = Findings("store")
    if wide:
        return findings.warn(
            "store.readable_by_others",
            "Other users of this computer can look into the store.",
            "Take that right away: " + " and ".join(wide) + ".",
            file=str(path),
        )
    who = "a running engine works on it" if held else "it can be written"
    return findings.ok(
        "store.ready",
        f"The store can be read, and {who}.",
        file=str(path),
        schema=f"{found} of {migrations.available('sqlite')[-1][0]}",
    )


async def _held_or_written(path: Path, found: int) -> bool:
    """Whether an engine holds the store; proves that it can be written where none does.

    Raises:
        StoreError: It cannot be written.
    """
    if found < migrations.available("sqlite")[-1][0]:
        await on_own_thread(lambda: _prove_writable(path))
        return False
    driver = SqliteDriver(path)
    try:
        await driver.open()
    except StoreInUse:
        return True
    finally:
        await driver.close()
    return False


def _prove_writable(path: Path) -> None:
    """Open for writing, change nothing."""
    try:
        os.close(os.open(path, os.O_RDWR))
    except OSError as exc:
        raise StoreError(
            f"The store cannot be written: {exc.strerror or exc}.",
            "Check the owner and the rights of store.db.",
        ) from exc


def _creatable(home: Home) -> Outcome:
    findings = Findings("store")
    folder = home.path
    try:
        folder = existing(home.path)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as exc:
        return findings.fail(
            "store.not_creatable",
            f"There is no store yet, and {folder} cannot be written: {exc.strerror or exc}.",
            "Check the folder's owner, or choose another with --home.",
            folder=str(folder),
        )
    return findings.ok(
        "store.creatable",
        "There is no store yet; it is made when the engine starts.",
        file=str(home.store_file),
    )


def _wider_than_private(home: Home) -> list[str]:
    """What to type for each thing that others may read; Windows has other rights."""
    if os.name == "nt":
        return []
    wide = [f"`chmod 700 {home.path}`"] if _mode(home.path) & _OTHERS else []
    files = (home.store_file, *(home.path / f"store.db-{end}" for end in ("wal", "shm")))
    return wide + [f"`chmod 600 {file}`" for file in files if _mode(file) & _OTHERS]


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return 0  # SQLite takes its side files away when it closes


async def space(subject: Subject) -> Outcome:
    """Free space where the store lies."""
    findings = Findings("space")
    folder = subject.home.path
    try:
        free = await on_own_thread(lambda: subject.outside.free_bytes(folder))
    except OSError as exc:
        return findings.warn(
            "space.unknown",
            f"The free space cannot be asked for: {exc.strerror or exc}.",
            "Check that the home folder is on a disk that is there.",
            folder=str(folder),
        )
    words = in_words(free)
    hint = "Free some space, or move the home to a larger disk with --home."
    if free < FAIL_BYTES:
        title = f"Only {words} are free: new events may soon not be stored."
        return findings.fail("space.out", title, hint, free=words)
    if free < WARN_BYTES:
        return findings.warn("space.low", f"Only {words} are free.", hint, free=words)
    return findings.ok("space.enough", f"{words} are free.", free=words)


def in_words(size: int) -> str:
    """A number of bytes as a person would say it."""
    if size >= GIGABYTE:
        return f"{size / GIGABYTE:.1f} GB"
    return f"{size // MEGABYTE} MB"
