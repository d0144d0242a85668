"""Read-only connections to one SQLite file: a few threads that read, one that watches."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from core.store import migrations
from core.store.sqlite_errors import translated
from core.store.sqlite_tx import SqliteTx

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

T = TypeVar("T")

READERS = 2
BUSY_MS = 5000


class Readers:
    """Runs pieces of work without the right to change anything.

    Args:
        path: The store file.
        statements: The named statements, in SQLite's dialect.
    """

    def __init__(self, path: Path, statements: dict[str, str]) -> None:
        self._path = path
        self._statements = statements
        self._threads = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._watcher: sqlite3.Connection | None = None

    async def open(self) -> None:
        """Prove that the file can be read.

        Raises:
            StoreError: It cannot.
        """
        await asyncio.get_running_loop().run_in_executor(self._threads, self._connection)

    async def read(self, work: Callable[[SqliteTx], T]) -> T:
        """Run `work` in a transaction of its own.

        Raises:
            StoreError: The file cannot be read.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._read, work)

    async def version(self) -> int:
        """A number that changes with every commit of another connection.

        Raises:
            StoreError: The file cannot be read.
        """
        return await asyncio.to_thread(self._version)

    def shut_down(self) -> None:
        """End the threads, once their work is done."""
        self._threads.shutdown()

    def close(self) -> None:
        """Let go of the file."""
        for connection in self._open:
            connection.close()
        self._open.clear()

    def _connect(self) -> sqlite3.Connection:
        try:
            connection = sqlite3.connect(
                f"{self._path.as_uri()}?mode=ro",
                uri=True,
                isolation_level=None,
                check_same_thread=False,
                timeout=BUSY_MS / 1000,
            )
            newest = migrations.available("sqlite")[-1][0]
            migrations.refuse_newer(migrations.version(connection), newest)
        except sqlite3.Error as exc:
            raise translated(exc) from exc
        self._open.append(connection)
        return connection

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._connect()
        return connection

    def _read(self, work: Callable[[SqliteTx], T]) -> T:
        connection = self._connection()
        try:
            connection.execute("BEGIN")
            try:
                return work(SqliteTx(connection, self._statements))
            finally:
                connection.execute("ROLLBACK")
        except sqlite3.Error as exc:
            raise translated(exc) from exc

    def _version(self) -> int:
        if self._watcher is None:
            self._watcher = self._connect()
        try:
            return int(self._watcher.execute("PRAGMA data_version").fetchone()[0])
        except sqlite3.Error as exc:
            raise translated(exc) from exc
