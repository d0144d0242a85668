"""Our errors for what SQLite and the file system say."""

from __future__ import annotations

import errno
import sqlite3
from typing import TYPE_CHECKING

from core.errors import StoreBusy, StoreCorrupt, StoreError, StoreFull, StoreUnavailable

if TYPE_CHECKING:
    from pathlib import Path


def translated(exc: sqlite3.Error) -> StoreError | sqlite3.Error:
    """Our error for what the environment did; a bug of ours stays as it is."""
    code = getattr(exc, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return StoreFull(
            "The disk is full: new events cannot be stored.",
            "Free some space; Gladly Source goes on by itself.",
        )
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return StoreCorrupt(
            "The store file is damaged or is not a store.",
            "Restore store.db from a backup, or move it away and start anew.",
        )
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return StoreBusy("The store is locked by another program.", "Close that program.")
    if code in {
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_NOMEM,
    }:
        return StoreUnavailable(
            f"The store cannot be read or written ({exc}).",
            "Check that the home folder exists, is writable and has free space.",
        )
    return exc


def unavailable(path: Path, exc: OSError) -> StoreError:
    """Our error for a file or folder that the system does not give."""
    if exc.errno == errno.ENOSPC:
        return StoreFull("The disk is full: the store cannot be opened.", "Free some space.")
    return StoreUnavailable(
        f"The store {path} cannot be opened: {exc.strerror or exc}.",
        "Check that the home folder is writable, or choose another with --home.",
    )


def files_of(path: Path) -> tuple[tuple[int, int], ...] | None:
    """Which files the store and its WAL are; None when one is missing or empty."""
    try:
        found = [path.stat(), path.with_name(path.name + "-wal").stat()]
    except OSError:
        return None
    if not found[0].st_size:
        return None
    return tuple((one.st_dev, one.st_ino) for one in found)


def replaced(path: Path) -> StoreError:
    """Our error for a store that somebody took away while it was in use."""
    return StoreUnavailable(
        f"The store {path} was deleted, replaced or emptied while it was in use.",
        "Put it back, or restart Gladly Source to begin a new one.",
    )
