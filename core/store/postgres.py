"""Driver for PostgreSQL: one connection that commits in groups, a few that read.

Any number of engines may work on one database. So a transaction may be run a second time, after
a deadlock or when the connection broke before its commit: what is handed to `write` must not
change anything but the database.

While the server is away, whatever is asked for fails at once as StoreUnavailable, and every
later piece of work tries to connect anew.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final, TypeVar

import psycopg

from core.errors import StoreBusy, StoreError, StoreInUse, StoreUnavailable
from core.store import migrations, postgres_schema
from core.store.postgres_clock import ServerClock
from core.store.postgres_connections import (
    Connection,
    Readers,
    address,
    connect,
    environment,
)
from core.store.postgres_dialect import PostgresDialect
from core.store.postgres_errors import translated, wants_another_try
from core.store.postgres_session import PostgresSession
from core.store.postgres_tx import PostgresTx
from core.store.settling import Settling
from core.store.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.store.writes import Write

T = TypeVar("T")

#: so often a group is run that others, or a broken connection, got in the way of
TRIES: Final = 5
#: seconds after a vain attempt to connect in which no other is made, as each may take seconds
PAUSE: Final = 1.0
#: who inserts holds this lock from before it takes an id until its transaction has ended
WRITERS: Final = (
    "SELECT DISTINCT virtualtransaction FROM pg_locks"
    " WHERE locktype = 'relation' AND mode = 'RowExclusiveLock'"
    " AND relation = CAST(CAST(:table AS TEXT) AS REGCLASS)"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
#: what holds, or held, something about a person
TABLES: Final = ("webhook", "fact", "delivery", "delivery_content", "attempt")


class PostgresDriver(PostgresDialect):
    """Runs pieces of work on one PostgreSQL database.

    Args:
        url: The address, as libpq takes it; see `postgres_connections.address`.
        read_only: Open as a viewer: nothing is created or changed.
    """

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        self._parameters = address(url, environment())
        self._read_only = read_only
        self._closed = False
        self._writer = Writer(self._run)
        self._readers = Readers(self._parameters)
        self._clock = ServerClock()
        self._settling: dict[str, Settling] = {}
        self._connection: Connection | None = None
        self._away: StoreError | None = None
        self._connect_at = 0.0

    def session(self, *, candidate: bool) -> PostgresSession:
        """A standing connection for an engine; a candidate may lead."""
        return PostgresSession(self._parameters, candidate=candidate)

    def clock(self) -> float:
        """Epoch seconds by the server's clock, read anew every minute in which it is used."""
        return self._clock.now()

    async def open(self) -> None:
        """Connect, create or migrate, and prove that it can be written.

        Raises:
            StoreTooNew: A newer program wrote it.
            StoreUnavailable, StoreFull, StoreCorrupt: It cannot be used.
        """
        if self._read_only:
            try:
                await self._readers.open(_refuse_unfit)
            except BaseException:
                await asyncio.to_thread(self._readers.close)
                raise
            return
        try:
            self._connection = await asyncio.to_thread(self._prepare)
        except BaseException:
            await asyncio.to_thread(self._readers.close)
            raise
        self._writer.start()

    async def close(self) -> None:
        """Commit what waits, then let go."""
        self._closed = True
        await self._writer.stop()
        await asyncio.to_thread(self._readers.close)
        if self._connection is not None:
            self._connection.close()

    async def write(self, work: Callable[[PostgresTx], T], *, simple: bool = False) -> T:
        """Run `work` in a transaction and return after its commit.

        Args:
            work: What to do; runs on the writer thread, and may be run again. If it raises, it
                alone is undone.
            simple: It is a single statement, which PostgreSQL undoes by itself when it fails.

        Raises:
            StoreError: It could not be committed, or nobody can know whether it was.
        """
        return await self._put(work, simple=simple)

    def submit(self, work: Callable[[PostgresTx], T], *, simple: bool = False) -> asyncio.Future[T]:
        """Begin what `write` does, before all that is not urgent; done after the commit.

        Raises:
            StoreError: It cannot even be begun.
        """
        return self._put(work, simple=simple, urgent=True)

    async def read(self, work: Callable[[PostgresTx], T]) -> T:
        """Run `work` in a snapshot, without the right to change anything.

        Raises:
            StoreError: The database cannot be read.
        """
        self._refuse_closed()
        return await self._readers.read(work)

    async def settled(self, table: str) -> int:
        """The id up to which everything is there; see core.store.settling.

        Raises:
            StoreError: The database cannot be read.
        """

        def look(tx: PostgresTx) -> tuple[int, frozenset[str]]:
            newest = tx.run(f"newest_{table}")[0][0] or 0
            # What locks there are is no part of the snapshot: it is read now, after the newest.
            writers = tx.sql(WRITERS, {"table": table})
            return newest, frozenset(str(row[0]) for row in writers)

        newest, writers = await self.read(look)
        return self._settling.setdefault(table, Settling()).note(newest, writers)

    async def version(self) -> int:
        """A number that changes with every commit of anybody, in other databases as well.

        Raises:
            StoreError: The database cannot be read.
        """
        self._refuse_closed()
        return await self._readers.version()

    async def tidy(self) -> None:
        """Nothing has to go before `scrub`: that holds up nobody."""

    async def scrub(self) -> None:
        """Take what was deleted out of the tables and their indexes.

        The server's own files may hold it for longer: its write-ahead log, its backups, and
        pages until they are used again. Those are the administrator's.

        Raises:
            StoreError: The server cannot be reached.
        """
        self._refuse_closed()
        await asyncio.to_thread(self._vacuum)

    def _refuse_closed(self) -> None:
        if self._closed:
            raise StoreUnavailable("The store is closed.", "Start Gladly Source again.")

    def _put(
        self, work: Callable[[PostgresTx], T], *, simple: bool, urgent: bool = False
    ) -> asyncio.Future[T]:
        self._refuse_closed()
        if self._read_only or not self._writer.started:
            raise StoreInUse("This store is open for reading only.", "Ask an engine.")
        return self._writer.put(work, simple=simple, urgent=urgent)

    def _prepare(self) -> Connection:
        connection = connect(self._parameters, writing=True)
        try:
            postgres_schema.check_server(connection)
            postgres_schema.migrate(connection)
            postgres_schema.refuse_half(connection)
            self._clock.read(connection)
            PostgresTx(connection).run("set_meta", name="writable", value="yes")
        except psycopg.Error as exc:
            connection.close()
            raise translated(exc) from exc
        except BaseException:
            connection.close()
            raise
        return connection

    def _connected(self) -> Connection:
        if self._connection is None or self._connection.closed:
            if self._away is not None and time.monotonic() < self._connect_at:
                raise StoreUnavailable(self._away.title, self._away.hint)
            try:
                self._connection = connect(self._parameters, writing=True)
            except StoreError as exc:
                self._away = exc
                self._connect_at = time.monotonic() + PAUSE
                raise
            self._away = None
        return self._connection

    def _run(self, group: list[Write]) -> None:
        """A group in one transaction; when that goes wrong for one of them, each on its own."""
        error = self._try(group)
        if error is None:
            return
        if isinstance(error, StoreError) or len(group) == 1:
            for write in group:
                write.error = error
            return
        for write in group:
            write.error = self._try([write]) or write.error

    def _try(self, group: list[Write]) -> BaseException | None:
        """Run a group, again where that helps; why it could not be committed."""
        for number in range(1, TRIES + 1):
            for write in group:
                write.error = None
            transaction = _Transaction(group, self._writer)
            try:
                connection = self._connected()
                if not self._clock.is_fresh():
                    self._clock.read(connection)
                transaction.run(connection)
            except StoreError as exc:
                return exc
            except psycopg.Error as exc:
                lost = self._lost()
                again = not transaction.committing if lost else wants_another_try(exc)
                if again and number < TRIES:
                    continue
                return _unknown(exc) if lost and transaction.committing else translated(exc)
            else:
                return None
        return StoreBusy("The store is busy with other engines.", "Try again shortly.")

    def _lost(self) -> bool:
        """Whether the connection broke; else what was begun is undone."""
        connection = self._connection
        if connection is None or connection.closed:
            return True
        try:
            connection.execute("ROLLBACK")
        except psycopg.Error:
            connection.close()
        return False

    def _vacuum(self) -> None:
        connection = connect(self._parameters, writing=True)
        try:
            for table in TABLES:
                statement: Any = f"VACUUM {table}"
                connection.execute(statement)
        except psycopg.Error as exc:
            raise translated(exc) from exc
        finally:
            connection.close()


class _Transaction:
    """One attempt to commit a group.

    Args:
        group: What it consists of; cut short when something urgent comes.
        writer: Knows whether it has.
    """

    def __init__(self, group: list[Write], writer: Writer) -> None:
        self._group = group
        self._writer = writer
        #: the server was asked to commit; from then on only its answer tells
        self.committing = False

    def run(self, connection: Connection) -> None:
        """Run all and commit.

        Raises:
            psycopg.Error: It is not committed; or, while `committing`, that is not known.
        """
        tx = PostgresTx(connection)
        group = self._group
        if len(group) == 1 and group[0].simple:
            # One statement is a transaction of its own; run twice, it does not matter.
            self._run_simple(tx, group[0])
            return
        connection.execute("BEGIN")
        for number, write in enumerate(group):
            if write.simple:
                self._run_simple(tx, write)
            else:
                _run_one(connection, tx, write)
            if self._writer.cut(group, number + 1):
                break
        self.committing = True
        connection.execute("COMMIT")

    def _run_simple(self, tx: PostgresTx, write: Write) -> None:
        try:
            write.result = write.work(tx)
        except psycopg.Error:
            raise  # ends the transaction
        except Exception as exc:  # noqa: BLE001 - handed to whoever waits
            write.error = exc


def _run_one(connection: Connection, tx: PostgresTx, write: Write) -> None:
    connection.execute("SAVEPOINT one")
    try:
        write.result = write.work(tx)
    except BaseException as exc:
        if isinstance(exc, psycopg.Error) and (
            isinstance(translated(exc), StoreError) or connection.closed
        ):
            raise  # a lost connection and its like undo the whole group
        write.error = exc
        connection.execute("ROLLBACK TO SAVEPOINT one")
    connection.execute("RELEASE SAVEPOINT one")


def _unknown(exc: psycopg.Error) -> StoreError:
    """Our error for a commit whose answer never came."""
    error = translated(exc)
    if isinstance(error, StoreError):
        return error
    return StoreUnavailable("The connection to the database server broke.", "Try again shortly.")


def _refuse_unfit(connection: Connection) -> None:
    found = postgres_schema.version(connection)
    migrations.refuse_newer(found, migrations.available("postgres")[-1][0])
    postgres_schema.refuse_half(connection)
