"""Read-only connections to one SQLite file: a few threads that read, one that watches."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from core.errors import StoreBusy
from core.store import migrations
from core.store.sqlite_errors import translated
from core.store.sqlite_tx import SqliteTx

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

T = TypeVar("T")

READERS = 2
BUSY_MS = 5000
#: between two attempts to stop what nobody wants any more
AGAIN_SECONDS = 0.05


class _Reading:
    """One piece of work under way; what runs it can be told to stop."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._cancelled = False

    def begin(self, connection: sqlite3.Connection) -> bool:
        """Note what runs the work; False when nobody wants it any more."""
        with self._lock:
            self._connection = connection
            return not self._cancelled

    def end(self) -> None:
        """From now on, the connection does something else."""
        with self._lock:
            self._connection = None

    def cancel(self, loop: asyncio.AbstractEventLoop) -> None:
        """Stop the statement that runs, so that the next reader need not wait for it."""
        with self._lock:
            self._cancelled = True
            if self._connection is None:
                return
            self._connection.interrupt()
        # A statement that was just about to begin has not noticed.
        loop.call_later(AGAIN_SECONDS, self.cancel, loop)


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
        self._version = 0

    async def open(self) -> None:
        """Prove that the file can be read.

        Raises:
            StoreError: It cannot.
        """
        await asyncio.get_running_loop().run_in_executor(self._threads, self._connection)

    async def read(self, work: Callable[[SqliteTx], T]) -> T:
        """Run `work` in a transaction of its own; cancelled, it ends soon.

        Raises:
            StoreError: The file cannot be read.
        """
        reading = _Reading()
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._threads, self._read, work, reading)
        except asyncio.CancelledError:
            reading.cancel(loop)
            raise

    async def version(self) -> int:
        """A number that changes with every commit of another connection.

        On the loop's own thread: it takes microseconds, as no transaction stays open and nothing
        is waited for.

        Raises:
            StoreError: The file cannot be read.
        """
        try:
            if self._watcher is None:
                self._watcher = self._connect(timeout=0)
            self._version = self._watcher.execute("PRAGMA data_version").fetchone()[0]
        except sqlite3.Error as exc:
            error = translated(exc)
            if not isinstance(error, StoreBusy):
                raise error from exc
        return self._version

    def shut_down(self) -> None:
        """End the threads, once their work is done."""
        self._threads.shutdown()

    def close(self) -> None:
        """Let go of the file."""
        for connection in self._open:
            connection.close()
        self._open.clear()

    def _connect(self, *, timeout: float = BUSY_MS / 1000) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{self._path.as_uri()}?mode=ro",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            timeout=timeout,
        )
        self._open.append(connection)
        newest = migrations.available("sqlite")[-1][0]
        migrations.refuse_newer(migrations.version(connection), newest)
        migrations.refuse_moved(connection)
        return connection

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            try:
                connection = self._local.connection = self._connect()
            except sqlite3.Error as exc:
                raise translated(exc) from exc
        return connection

    def _read(self, work: Callable[[SqliteTx], T], reading: _Reading) -> T:
        connection = self._connection()
        try:
            connection.execute("BEGIN")
            try:
                if not reading.begin(connection):
                    raise asyncio.CancelledError
                return work(SqliteTx(connection, self._statements))
            finally:
                reading.end()
                connection.execute("ROLLBACK")
        except sqlite3.Error as exc:
            raise translated(exc) from exc
