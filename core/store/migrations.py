"""Brings a SQLite store to the newest schema: numbered SQL files, a backup before each start.

Each file is applied in one transaction together with its number, so a crash leaves the old
schema or the new one.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from importlib import resources
from typing import TYPE_CHECKING

from core.errors import StoreTooNew
from core.store.moved import MOVED_TO, moved
from core.store.sqlite_errors import translated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def available(dialect: str) -> list[tuple[int, str]]:
    """Every migration as (number, SQL text), in order."""
    folder = resources.files("resources").joinpath(f"schema/{dialect}")
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return [
        (int(file.name.split("_")[0]), file.read_text("utf-8"))
        for file in files
        if file.name.endswith(".sql")
    ]


def version(connection: sqlite3.Connection) -> int:
    """The schema version of an open store; 0 for an empty file."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def is_current(path: Path) -> bool:
    """Whether a store has this program's schema, so that it may be read as it is.

    Raises:
        StoreError: It cannot be read.
    """
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
            return version(connection) == available("sqlite")[-1][0]
    except sqlite3.Error as exc:
        raise translated(exc) from exc


def refuse_newer(found: int, known: int) -> None:
    """Stop before touching a store that a newer program wrote.

    Raises:
        StoreTooNew: `found` is above `known`.
    """
    if found > known:
        raise StoreTooNew(
            f"This store was written by a newer version (schema {found}; this one knows {known}).",
            "Install the newest version of Gladly Source, or choose another --home.",
        )


def refuse_moved(connection: sqlite3.Connection) -> None:
    """Stop before using a store whose rows are in another database now.

    Raises:
        StoreMoved: They are.
    """
    if not version(connection):
        return
    found = connection.execute("SELECT value FROM meta WHERE name = ?", [MOVED_TO]).fetchone()
    if found is not None:
        raise moved(found[0])


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Apply what is missing; keep a copy of the old file in `backups/` first.

    Raises:
        StoreTooNew: The store is newer than this program.
    """
    migrations = available("sqlite")
    found = version(connection)
    refuse_newer(found, migrations[-1][0])
    missing = [(number, sql) for number, sql in migrations if number > found]
    if missing and found:
        _back_up(connection, path, found)
    for number, sql in missing:
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement in _statements(sql):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number:d}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def remove_backups(path: Path) -> None:
    """Delete the copies that were made before migrations.

    Raises:
        OSError: They cannot be deleted.
    """
    for copy in (path.parent / "backups").glob(f"{path.stem}-schema*"):
        copy.unlink()


def _back_up(connection: sqlite3.Connection, path: Path, found: int) -> None:
    folder = path.parent / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    target = folder / f"{path.stem}-schema{found}.db"
    target.touch(mode=0o600)
    with closing(sqlite3.connect(target)) as copy:
        connection.backup(copy)


def _statements(sql: str) -> Iterator[str]:
    """Split a script; triggers hold semicolons, so ask SQLite what is complete."""
    statement = ""
    for line in sql.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if statement.strip():
        yield statement
