"""Driver for SQLite: WAL, one writer thread that commits in groups, read-only readers.

One connection writes and checkpoints and every other is opened read-only: SQLite before 3.51.3
can corrupt a WAL when two connections write or checkpoint at once.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from typing import TYPE_CHECKING, TypeVar

import filelock

from core.errors import (
    StoreBusy,
    StoreError,
    StoreInUse,
    StoreUnavailable,
)
from core.store import migrations, queries
from core.store.session import Alone
from core.store.sqlite_dialect import SqliteDialect
from core.store.sqlite_errors import files_of, replaced, translated, unavailable
from core.store.sqlite_readers import BUSY_MS, Readers
from core.store.sqlite_tx import SqliteTx, in_dialect
from core.store.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from core.store.writes import Write

T = TypeVar("T")

#: pages of the search index rewritten in one step; 200 took under 50 ms
MERGE_PAGES = 200
#: multi-row inserts of every size stay prepared
STATEMENTS = 256
#: about 15 ms of copying, in which nothing is committed; four times as many made p99 twice as long
CHECKPOINT_PAGES = 4000
WAL_LIMIT_BYTES = 67_108_864
#: seconds between looks whether the files are still there
LOOK_SECONDS = 0.05


class SqliteDriver(SqliteDialect):
    """Runs pieces of work on one SQLite file.

    Args:
        path: The store file; its folder is created.
        read_only: Open as a viewer beside another engine: no lock, no writes.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self._path = path
        self._read_only = read_only
        self._lock = filelock.FileLock(path.with_suffix(".lock"), mode=0o600, thread_local=False)
        self._writer = Writer(self._run)
        self._closed = False
        self._look_at = 0.0
        self._statements = {name: in_dialect(sql) for name, sql in queries.load().items()}
        self._readers = Readers(path, self._statements)

    def session(self, *, candidate: bool) -> Alone:
        """This engine is alone, and leads whether it wants to or not."""
        del candidate
        return Alone()

    def clock(self) -> float:
        """This machine's time: only its engine uses the file."""
        return time.time()

    async def open(self) -> None:
        """Lock, create or migrate, and prove that the file can be written.

        Raises:
            StoreInUse: Another engine holds the file.
            StoreTooNew: A newer program wrote it.
            StoreMoved: Its rows are in another database now.
            StoreUnavailable, StoreFull, StoreCorrupt: It cannot be used.
        """
        if self._read_only:
            await self._readers.open()
            return
        self._take_lock()
        try:
            self._connection = await asyncio.to_thread(self._connect)
        except BaseException:
            self._lock.release()
            raise
        self._files = files_of(self._path)
        self._writer.start()

    async def close(self) -> None:
        """Commit what waits, then let go of the file."""
        self._closed = True
        writing = self._writer.started
        await self._writer.stop()
        await asyncio.to_thread(self._readers.shut_down)
        self._readers.close()
        if writing:
            # Last, because only the last connection, if it may write, empties the WAL.
            self._connection.close()
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
        return await self._readers.read(work)

    async def settled(self, table: str) -> int:
        """The newest id: rows are committed in the order of their ids.

        Raises:
            StoreError: The file cannot be read.
        """
        rows = await self.read(lambda tx: tx.run(f"newest_{table}"))
        return rows[0][0] or 0

    async def version(self) -> int:
        """A number that changes with every commit of another connection.

        Raises:
            StoreError: The file cannot be read.
        """
        self._refuse_closed()
        return await self._readers.version()

    async def tidy(self) -> None:
        """Take deleted words out of the search index, in steps that hold up nobody for long.

        What is left to `scrub` is then soon done.

        Raises:
            StoreError: The file cannot be written.
        """
        changed = await self._put(_merging(-MERGE_PAGES), simple=False)
        while changed > 1:
            changed = await self._put(_merging(MERGE_PAGES), simple=False)

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
        if self._read_only or not self._writer.started:
            raise StoreInUse(
                "This store is open for reading only: another engine holds it.",
                "Stop that engine, or ask it.",
            )
        return self._writer.put(work, simple=simple, alone=alone, urgent=urgent)

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
            migrations.refuse_moved(connection)
            connection.execute("PRAGMA journal_mode = WAL")
            # NORMAL may lose a commit on power loss, and Gladly was told 200.
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES:d}")
            connection.execute(f"PRAGMA journal_size_limit = {WAL_LIMIT_BYTES:d}")
            connection.execute("PRAGMA cache_size = -16000")
            # Else an insert of many rows keeps what it could take back in a file, one a commit.
            connection.execute("PRAGMA temp_store = MEMORY")
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

    def _run(self, group: list[Write]) -> None:
        tx = SqliteTx(self._connection, self._statements)
        if group[0].alone:
            self._run_alone(tx, group[0])
        else:
            self._commit(tx, group)

    def _commit(self, tx: SqliteTx, group: list[Write]) -> None:
        connection = self._connection
        if self._is_replaced():
            for write in group:
                write.error = replaced(self._path)
            return
        if len(group) == 1 and group[0].simple:
            self._run_simple(tx, group[0])
            return
        try:
            connection.execute("BEGIN IMMEDIATE")
            for number, write in enumerate(group):
                self._run_one(tx, write)
                if self._writer.cut(group, number + 1):
                    break
            connection.execute("COMMIT")
        except sqlite3.Error as exc:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            error = translated(exc)
            for write in group:
                write.error = write.error or error

    def _is_replaced(self) -> bool:
        """Whether somebody took the files away; asked at most every LOOK_SECONDS in a rush."""
        now = time.monotonic()
        if now < self._look_at:
            return False
        gone = self._files != files_of(self._path)
        if not gone:  # else the next group looks again: nothing may go into a lost file
            self._look_at = now + LOOK_SECONDS
        return gone

    def _run_simple(self, tx: SqliteTx, write: Write) -> None:
        """One statement is a transaction of its own.

        Without BEGIN and COMMIT around it the writer gives up the interpreter's lock once, and
        in a rush has to wait once to get it back.
        """
        try:
            write.result = write.work(tx)
        except sqlite3.Error as exc:
            write.error = translated(exc)
        except Exception as exc:  # noqa: BLE001 - handed to whoever waits
            write.error = exc

    def _run_one(self, tx: SqliteTx, write: Write) -> None:
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

    def _run_alone(self, tx: SqliteTx, write: Write) -> None:
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


def _merge_search(tx: SqliteTx) -> None:
    """Rewrite the search index so that erased words leave its pages."""
    tx.sql("INSERT INTO delivery_fts (delivery_fts) VALUES ('optimize')", {})


def _merging(pages: int) -> Callable[[SqliteTx], int]:
    """Rewrite so many pages of the search index, that erased words leave it; what was changed.

    The first step, with a negative number, has all of the index rewritten (SQLite's documentation
    of FTS5, "The 'merge' Command"); it is over when a step changes less than two rows.
    """

    def merge(tx: SqliteTx) -> int:
        before = tx.sql("SELECT total_changes()", {})[0][0]
        tx.sql(
            "INSERT INTO delivery_fts (delivery_fts, rank) VALUES ('merge', :pages)",
            {"pages": pages},
        )
        return int(tx.sql("SELECT total_changes()", {})[0][0] - before)

    return merge
