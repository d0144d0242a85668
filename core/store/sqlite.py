"""Driver for SQLite: WAL, one writer thread that commits in groups, read-only readers.

One connection writes and checkpoints and every other is opened read-only: SQLite before 3.51.3
can corrupt a WAL when two connections write or checkpoint at once.
"""

from __future__ import annotations

import asyncio
import os
import queue
import sqlite3
import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

import filelock

from core.errors import (
    StoreBusy,
    StoreError,
    StoreInUse,
    StoreUnavailable,
)
from core.store import migrations, queries
from core.store.sqlite_errors import files_of, replaced, translated, unavailable
from core.store.sqlite_tx import SqliteTx, in_dialect

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


T = TypeVar("T")

GROUP = 512
BULK_GROUP = 64
#: so many urgent groups in a row, then what is not urgent gets its turn
URGENT_GROUPS = 8
MAX_WAITING = 20_000
READERS = 2
#: multi-row inserts of every size stay prepared
STATEMENTS = 256
BUSY_MS = 5000
CHECKPOINT_PAGES = 4000
WAL_LIMIT_BYTES = 67_108_864
SEARCH_JOIN = "JOIN delivery_fts ON delivery_fts.rowid = d.id"
SEARCH_CONDITION = "delivery_fts MATCH :search"


class _Write:
    """One piece of work for the writer, and where its result goes."""

    __slots__ = ("alone", "error", "future", "result", "simple", "urgent", "work")

    def __init__(
        self,
        work: Callable[[SqliteTx], Any],
        future: asyncio.Future[Any],
        *,
        simple: bool,
        alone: bool,
        urgent: bool,
    ) -> None:
        self.urgent = urgent
        self.work = work
        self.future = future
        self.simple = simple
        self.alone = alone
        self.result: Any = None
        self.error: BaseException | None = None


class SqliteDriver:
    """Runs pieces of work on one SQLite file.

    Args:
        path: The store file; its folder is created.
        read_only: Open as a viewer beside another engine: no lock, no writes.
    """

    search_join = SEARCH_JOIN
    search_condition = SEARCH_CONDITION

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self._path = path
        self._read_only = read_only
        self._lock = filelock.FileLock(path.with_suffix(".lock"), mode=0o600, thread_local=False)
        self._queue: queue.SimpleQueue[_Write | None] = queue.SimpleQueue()
        self._held: deque[_Write] = deque()
        self._urgent: list[_Write] = []
        self._urgent_groups = 0
        self._ending = False
        self._closed = False
        self._waiting = 0
        self._thread: threading.Thread | None = None
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")
        self._local = threading.local()
        self._open_readers: list[sqlite3.Connection] = []
        self._statements = {name: in_dialect(sql) for name, sql in queries.load().items()}

    async def open(self) -> None:
        """Lock, create or migrate, and prove that the file can be written.

        Raises:
            StoreInUse: Another engine holds the file.
            StoreTooNew: A newer program wrote it.
            StoreUnavailable, StoreFull, StoreCorrupt: It cannot be used.
        """
        self._loop = asyncio.get_running_loop()
        if self._read_only:
            await self._loop.run_in_executor(self._readers, self._reader)
            return
        self._take_lock()
        try:
            self._connection = await asyncio.to_thread(self._connect)
        except BaseException:
            self._lock.release()
            raise
        self._files = files_of(self._path)
        self._thread = threading.Thread(target=self._write_loop, name="store-writer", daemon=True)
        self._thread.start()

    async def close(self) -> None:
        """Commit what waits, then let go of the file."""
        self._closed = True
        if self._thread is not None:
            self._queue.put(None)
            await asyncio.to_thread(self._thread.join)
        await asyncio.to_thread(self._readers.shutdown)
        for reader in self._open_readers:
            reader.close()
        self._open_readers.clear()
        if self._thread is not None:
            # Last, because only the last connection, if it may write, empties the WAL.
            self._connection.close()
            self._thread = None
        self._lock.release()

    async def write(self, work: Callable[[SqliteTx], T], *, simple: bool = False) -> T:
        """Run `work` in a transaction and return after its commit.

        Args:
            work: What to do; runs on the writer thread. If it raises, it alone is undone.
            simple: It is a single statement, which SQLite undoes by itself when it fails.

        Raises:
            StoreError: It could not be committed.
        """
        return await self._put(work, simple=simple)

    def submit(self, work: Callable[[SqliteTx], T], *, simple: bool = False) -> asyncio.Future[T]:
        """Begin what `write` does, before all that is not urgent; done after the commit.

        Raises:
            StoreError: It cannot even be begun.
        """
        return self._put(work, simple=simple, urgent=True)

    async def read(self, work: Callable[[SqliteTx], T]) -> T:
        """Run `work` on a read-only connection.

        Raises:
            StoreError: The file cannot be read.
        """
        self._refuse_closed()
        return await self._loop.run_in_executor(self._readers, self._read, work)

    async def scrub(self) -> None:
        """Make deleted content unrecoverable: merge the search index, empty the WAL, no backups.

        Raises:
            StoreError: The file cannot be written, or somebody still reads what was deleted.
        """
        await self._put(_merge_search, simple=False, alone=True)
        try:
            await asyncio.to_thread(migrations.remove_backups, self._path)
        except OSError as exc:
            raise unavailable(self._path, exc) from exc

    def _refuse_closed(self) -> None:
        if self._closed:
            raise StoreUnavailable("The store is closed.", "Start Gladly Source again.")

    def _put(
        self,
        work: Callable[[SqliteTx], T],
        *,
        simple: bool,
        alone: bool = False,
        urgent: bool = False,
    ) -> asyncio.Future[T]:
        self._refuse_closed()
        if self._read_only or self._thread is None:
            raise StoreInUse(
                "This store is open for reading only: another engine holds it.",
                "Stop that engine, or ask it.",
            )
        if self._waiting >= MAX_WAITING:
            raise StoreBusy("The store is too busy.", "Try again shortly.")
        future: asyncio.Future[T] = self._loop.create_future()
        self._waiting += 1
        self._queue.put(_Write(work, future, simple=simple, alone=alone, urgent=urgent))
        return future

    def _take_lock(self) -> None:
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
        except filelock.Timeout as exc:
            raise StoreInUse(
                f"Another Gladly Source is running on {self._path.parent}.",
                "Stop it, or choose another --home.",
            ) from exc
        except OSError as exc:
            raise unavailable(self._path, exc) from exc

    def _connect(self) -> sqlite3.Connection:
        try:
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
            connection = sqlite3.connect(
                self._path,
                isolation_level=None,
                check_same_thread=False,
                timeout=BUSY_MS / 1000,
                cached_statements=STATEMENTS,
            )
        except OSError as exc:
            raise unavailable(self._path, exc) from exc
        except sqlite3.Error as exc:
            raise translated(exc) from exc
        try:
            # Read before anything is changed: a store from the future must stay as it is.
            newest = migrations.available("sqlite")[-1][0]
            migrations.refuse_newer(migrations.version(connection), newest)
            connection.execute("PRAGMA journal_mode = WAL")
            # NORMAL may lose a commit on power loss, and Gladly was told 200.
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES:d}")
            connection.execute(f"PRAGMA journal_size_limit = {WAL_LIMIT_BYTES:d}")
            connection.execute("PRAGMA cache_size = -16000")
            connection.execute("PRAGMA secure_delete = ON")  # erased means overwritten
            migrations.migrate(connection, self._path)
            SqliteTx(connection, self._statements).run("set_meta", name="writable", value="yes")
        except (sqlite3.Error, OSError) as exc:
            connection.close()
            if isinstance(exc, sqlite3.Error):
                raise translated(exc) from exc
            raise unavailable(self._path, exc) from exc
        except BaseException:
            connection.close()
            raise
        return connection

    def _write_loop(self) -> None:
        tx = SqliteTx(self._connection, self._statements)
        while group := self._next_group():
            if group[0].alone:
                self._run_alone(tx, group[0])
            else:
                self._commit(tx, group)
            self._loop.call_soon_threadsafe(self._deliver, group)

    def _next_group(self) -> list[_Write]:
        """What is committed next: urgent work first, else what has waited longest; [] at the end.

        Gladly waits for the inbox, nobody waits for the workers' bulk; but a rush without end must
        not keep that waiting for ever.
        """
        urgent = self._urgent
        while len(urgent) < GROUP:
            try:
                idle = not (urgent or self._held or self._ending)
                write = self._queue.get() if idle else self._queue.get_nowait()
            except queue.Empty:
                break
            if write is None:
                self._ending = True
            else:
                (urgent if write.urgent else self._held).append(write)
        if urgent and not (self._held and self._urgent_groups >= URGENT_GROUPS):
            self._urgent, self._urgent_groups = [], self._urgent_groups + 1
            return urgent
        self._urgent_groups = 0
        group: list[_Write] = []
        while self._held and len(group) < BULK_GROUP:
            if self._held[0].alone and group:
                break
            group.append(self._held.popleft())
            if group[-1].alone:
                break
        return group

    def _commit(self, tx: SqliteTx, group: list[_Write]) -> None:
        connection = self._connection
        if self._files != files_of(self._path):
            for write in group:
                write.error = replaced(self._path)
            return
        try:
            connection.execute("BEGIN IMMEDIATE")
            for write in group:
                self._run_one(tx, write)
            connection.execute("COMMIT")
        except sqlite3.Error as exc:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            error = translated(exc)
            for write in group:
                write.error = write.error or error

    def _run_one(self, tx: SqliteTx, write: _Write) -> None:
        connection = self._connection
        if not write.simple:
            connection.execute("SAVEPOINT one")
        try:
            write.result = write.work(tx)
        except BaseException as exc:
            if isinstance(exc, sqlite3.Error) and isinstance(translated(exc), StoreError):
                raise  # a full disk and its like undo the whole group
            write.error = exc
            if not write.simple:
                connection.execute("ROLLBACK TO one")
        if not write.simple:
            connection.execute("RELEASE one")

    def _run_alone(self, tx: SqliteTx, write: _Write) -> None:
        try:
            write.result = write.work(tx)
            busy = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except sqlite3.Error as exc:
            write.error = translated(exc)
        else:
            if busy:
                write.error = StoreBusy(
                    "What was deleted is still being read by another program.",
                    "Close it and repeat: only then is nothing left in the files.",
                )

    def _deliver(self, group: list[_Write]) -> None:
        self._waiting -= len(group)
        for write in group:
            if write.future.done():
                continue
            if write.error is not None:
                write.future.set_exception(write.error)
            else:
                write.future.set_result(write.result)

    def _reader(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
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
            self._local.connection = connection
            self._open_readers.append(connection)
        return connection

    def _read(self, work: Callable[[SqliteTx], T]) -> T:
        connection = self._reader()
        try:
            connection.execute("BEGIN")
            try:
                return work(SqliteTx(connection, self._statements))
            finally:
                connection.execute("ROLLBACK")
        except sqlite3.Error as exc:
            raise translated(exc) from exc


def _merge_search(tx: SqliteTx) -> None:
    """Rewrite the search index so that erased words leave its pages."""
    tx.sql("INSERT INTO delivery_fts (delivery_fts) VALUES ('optimize')", {})
