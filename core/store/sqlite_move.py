"""The file that a move reads: nobody else has it meanwhile, and its rows come in order of keys."""

from __future__ import annotations

import secrets
import sqlite3
from typing import TYPE_CHECKING, Any, Final, cast

import filelock

from core.errors import OperationError, StoreInUse
from core.store import migrations
from core.store.moved import MOVED_TO, NOT_OWN, STORE_ID, WRITABLE
from core.store.row_sums import Kind, Table
from core.store.sqlite_errors import translated, unavailable
from core.store.sqlite_readers import BUSY_MS

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

    from core.store.base import Row

TABLES: Final = (
    "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
    " AND name NOT LIKE 'sqlite@_%' ESCAPE '@' ORDER BY rowid"
)
VIRTUAL: Final = "SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL%'"


class SqliteSource:
    """A SQLite store that is to be moved.

    Args:
        path: The store file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = filelock.FileLock(path.with_suffix(".lock"), mode=0o600, thread_local=False)
        self._connection: sqlite3.Connection | None = None

    @property
    def bytes(self) -> int:
        """How large the file is."""
        return self._path.stat().st_size

    def open(self) -> None:
        """Take the file, so that no engine can, and bring it to the newest schema.

        Raises:
            OperationError: There is none.
            StoreInUse: An engine has it.
            StoreError: It cannot be used.
        """
        self._take_lock()
        try:
            self._connection = connection = self._connect("rw")
            newest = migrations.available("sqlite")[-1][0]
            migrations.refuse_newer(migrations.version(connection), newest)
            connection.execute("PRAGMA synchronous = FULL")
            migrations.migrate(connection, self._path)
        except sqlite3.Error as exc:
            self.close()
            raise translated(exc) from exc
        except BaseException:
            self.close()
            raise

    def look(self) -> None:
        """Open only to count, beside an engine as well.

        Raises:
            OperationError: There is none.
            StoreError: It cannot be read.
        """
        self._connection = self._connect("ro")

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
        self._lock.release()

    def tables(self) -> list[Table]:
        """Every table that is not made from another one, as the search index is."""
        made = [name for (name,) in self._run(VIRTUAL)]
        return [
            self._table(name)
            for (name,) in self._run(TABLES)
            if not any(name.startswith(f"{one}_") for one in made)
        ]

    def count(self, table: Table) -> int:
        """How many rows are to be copied."""
        count: int = self._run(f"SELECT COUNT(*) FROM {_some(table)}")[0][0]  # noqa: S608 - names of ours
        return count

    def rows(self, table: Table, after: Sequence[Any] | None = None) -> Generator[Row, None, None]:
        """The rows behind this key, in order of keys, just as they are.

        Raises:
            StoreError: They cannot be read.
        """
        key = ", ".join(table.key)
        behind = f" AND ({key}) > ({', '.join('?' * len(table.key))})" if after else ""
        columns = ", ".join(table.columns)
        text = f"SELECT {columns} FROM {_some(table)}{behind} ORDER BY {key}"  # noqa: S608 - names of ours
        try:
            yield from self._open.execute(text, list(after or ()))
        except sqlite3.Error as exc:
            raise translated(exc) from exc

    def last_ids(self) -> dict[str, int]:
        """The highest number ever given to a row, by table: no other may get it again."""
        return dict(self._run("SELECT name, seq FROM sqlite_sequence"))

    def identity(self) -> str:
        """What tells this store from others, made now if it has none."""
        self._run(
            "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
            [STORE_ID, secrets.token_hex(16)],
        )
        return self._meta(STORE_ID) or ""

    def state(self) -> str:
        """What it was left with by whoever wrote to it last."""
        return self._meta(WRITABLE) or ""

    def begin(self) -> str:
        """Note that a move begins; the `state` until somebody else opens it to write."""
        state = f"moving {secrets.token_hex(16)}"
        self._set_meta(WRITABLE, state)
        return state

    def mark_moved(self, url: str) -> None:
        """From now on no engine uses this file."""
        self._set_meta(MOVED_TO, url)

    def moved_to(self) -> str | None:
        """Where its rows are, if they were moved."""
        return self._meta(MOVED_TO) if migrations.version(self._open) else None

    @property
    def _open(self) -> sqlite3.Connection:
        assert self._connection is not None  # noqa: S101 - opened first
        return self._connection

    def _table(self, name: str) -> Table:
        columns = self._run(f"PRAGMA table_info ({name})")
        key = sorted((place, column) for _, column, _, _, _, place in columns if place)
        return Table(
            name=name,
            columns=tuple(column[1] for column in columns),
            kinds=tuple(cast("Kind", column[2]) for column in columns),
            key=tuple(column for _, column in key),
        )

    def _meta(self, name: str) -> str | None:
        rows = self._run("SELECT value FROM meta WHERE name = ?", [name])
        return str(rows[0][0]) if rows else None

    def _set_meta(self, name: str, value: str) -> None:
        self._run(
            "INSERT INTO meta (name, value) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            [name, value],
        )

    def _run(self, text: str, values: Sequence[object] = ()) -> list[Row]:
        try:
            return self._open.execute(text, values).fetchall()
        except sqlite3.Error as exc:
            raise translated(exc) from exc

    def _take_lock(self) -> None:
        self._refuse_missing()
        try:
            self._lock.acquire(timeout=0)
        except filelock.Timeout as exc:
            raise StoreInUse(
                f"An engine works on {self._path.parent}.", "Stop it, then run this again."
            ) from exc
        except OSError as exc:
            raise unavailable(self._path, exc) from exc

    def _connect(self, mode: str) -> sqlite3.Connection:
        self._refuse_missing()
        try:
            return sqlite3.connect(
                f"{self._path.as_uri()}?mode={mode}",
                uri=True,
                isolation_level=None,
                timeout=BUSY_MS / 1000,
            )
        except sqlite3.Error as exc:
            raise translated(exc) from exc

    def _refuse_missing(self) -> None:
        if not self._path.exists():
            raise OperationError(
                f"There is no store in {self._path.parent} to move.",
                "To begin with an empty one on PostgreSQL, set store.url and start the engine.",
            )


def _some(table: Table) -> str:
    """The table, for a FROM; a WHERE is begun."""
    return f"{table.name} WHERE {NOT_OWN if table.name == 'meta' else '1 = 1'}"
