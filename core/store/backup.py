"""A consistent copy of a SQLite store while an engine uses it, and such a copy put in place.

SQLite's own copying reads one snapshot: https://www.sqlite.org/backup.html. The store is opened
read-only, so that the engine stays the only one that writes and checkpoints.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import filelock
import msgspec

from core.errors import OperationError, StoreCorrupt, StoreInUse
from core.store import migrations
from core.store.sqlite_errors import translated, unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

_NO_HALF = "Free space, or choose another place. There is no half file."


class Copied(msgspec.Struct, frozen=True, kw_only=True):
    """What a copy holds: its size in bytes, and how many webhooks and deliveries."""

    size: int
    webhooks: int
    deliveries: int


def back_up(store: Path, target: Path, *, replace: bool = False) -> Copied:
    """Copy a store into one file that only this user can read; it is whole, or not there.

    Blocks for as long as it takes to read the store twice: the copy is looked through.

    Args:
        store: The store; an engine may be using it.
        target: Where the copy goes.
        replace: Whether a file that is there already may be replaced.

    Raises:
        StoreError: The store cannot be read.
        OperationError: The copy cannot be written.
    """
    if target.exists() and not replace:
        raise OperationError(
            f"{target} is there already.", "Choose another name, or replace it with --replace."
        )
    with _in_its_place(target) as made:
        _copy(store, made)
        return looked_through(made)


def put_in_place(copy: Path, store: Path, *, replace: bool = False) -> Copied:
    """Make a copy the store; no engine may be running on it.

    Args:
        copy: What `back_up` made; it stays as it is.
        store: The store; its folder is created.
        replace: Whether a store that is there is replaced. It is gone then.

    Raises:
        StoreInUse: An engine uses the store.
        StoreError: The copy cannot be used.
        OperationError: There is a store already, or it cannot be written.
    """
    looked_through(copy)
    lock = filelock.FileLock(store.with_suffix(".lock"), mode=0o600)
    try:
        store.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except filelock.Timeout as exc:
        raise StoreInUse(
            f"Gladly Source is running on {store.parent}.", "Stop it, then restore."
        ) from exc
    except OSError as exc:
        raise unavailable(store, exc) from exc
    with lock:
        if store.exists() and not replace:
            raise OperationError(
                f"There is a store in {store.parent} already.",
                "Restore into another --home, or replace what is there, for good, with --replace.",
            )
        with _in_its_place(store) as made:
            _copy(copy, made)
            copied = looked_through(made)
            for one in (made, store.with_suffix(".lock")):
                _give_to_owner(one, store.parent)
            # SQLite would take what is left in them for changes to the copy.
            for suffix in ("-wal", "-shm"):
                store.with_name(store.name + suffix).unlink(missing_ok=True)
    return copied


def looked_through(copy: Path) -> Copied:
    """What a copy holds, once every page of it was looked at.

    Raises:
        StoreError: It is damaged, no store, or written by a newer program.
    """
    try:
        size = copy.stat().st_size
        with closing(_reading(copy)) as connection:
            found = migrations.version(connection)
            migrations.refuse_newer(found, migrations.available("sqlite")[-1][0])
            (word,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            if word != "ok" or not found:
                raise StoreCorrupt(f"{copy} is damaged or is not a store.", "Take another copy.")
            webhooks, deliveries = (
                connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
                for table in ("webhook", "delivery")
            )
    except OSError as exc:
        raise unavailable(copy, exc) from exc
    except sqlite3.Error as exc:
        raise translated(exc) from exc
    return Copied(size=size, webhooks=webhooks, deliveries=deliveries)


def _reading(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)


def _copy(source: Path, target: Path) -> None:
    """All pages in one step: between steps, a busy engine would make it begin anew."""
    if not source.exists():
        raise OperationError(
            f"There is no store at {source}.", "Say which home with --home, or start the engine."
        )
    try:
        with closing(_reading(source)) as reading, closing(sqlite3.connect(target)) as writing:
            reading.backup(writing, pages=-1)
            # One file, that can be copied and opened read-only anywhere; an engine changes it back.
            writing.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as exc:
        raise translated(exc) from exc


def _give_to_owner(file: Path, folder: Path) -> None:
    """What root makes in the home of a service must be that service's."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        owner = folder.stat()
        os.chown(file, owner.st_uid, owner.st_gid)


@contextmanager
def _in_its_place(target: Path) -> Iterator[Path]:
    """A private file beside `target` that takes its place when it is whole and on disk."""
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        os.close(handle)
    except OSError as exc:
        raise OperationError(
            f"Cannot write {target}: {exc.strerror or exc}.", "Choose another place."
        ) from exc
    made = Path(name)
    try:
        yield made
        with made.open("rb+") as file:
            os.fsync(file.fileno())
        made.replace(target)
    except OSError as exc:
        raise OperationError(f"Cannot write {target}: {exc.strerror or exc}.", _NO_HALF) from exc
    finally:
        for suffix in ("", "-journal", "-wal", "-shm"):
            made.with_name(made.name + suffix).unlink(missing_ok=True)
