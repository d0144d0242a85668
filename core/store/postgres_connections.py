"""Connections to a PostgreSQL server: how they are made, and readers that read through them."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, TypeVar

import psycopg
from psycopg import conninfo

from core.store.postgres_errors import no_connection, translated, unusable_address
from core.store.postgres_tx import PostgresTx, adapt

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


T = TypeVar("T")
Connection = psycopg.Connection[tuple[Any, ...]]

READERS: Final = 4
#: what is not said in the address: give up soon on a server that does not answer, and notice
#: within half a minute that one has vanished (seconds; the last is milliseconds)
DEFAULTS: Final = {
    "application_name": "gladly-source",
    "connect_timeout": "5",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",
}
#: a statement that waits longer than this for another engine fails, and is tried again
WRITER: Final = "SET lock_timeout = '20s'"
#: An acknowledged webhook is on disk: servers may be set to say so before it is. And what a
#: filter asks for differs too much for one plan.
DURABLE: Final = (
    "SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') = 'off'"
)
READER: Final = "SET plan_cache_mode = force_custom_plan"
SNAPSHOT: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


def address(url: str, environ: Mapping[str, str]) -> dict[str, Any]:
    """What a connection is made with.

    Password, certificates and the like may stand in libpq's own variables (PGPASSWORD,
    PGSSLROOTCERT) or files. Over a network TLS is required unless `sslmode` says otherwise;
    libpq itself would go on without.

    Raises:
        StoreUnavailable: It is no address.
    """
    try:
        found = conninfo.conninfo_to_dict(url)
    except psycopg.Error:
        raise unusable_address() from None  # it may quote a password
    parameters = {**DEFAULTS, **found}
    if "sslmode" not in found and "PGSSLMODE" not in environ:
        hosts = str(found.get("host") or environ.get("PGHOST", "")).split(",")
        if not all(_is_near(host) for host in hosts):
            parameters["sslmode"] = "require"
    return parameters


def _is_near(host: str) -> bool:
    """Whether this is a socket in the file system, or this machine."""
    if not host or host.startswith(("/", "@")) or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def connect(parameters: Mapping[str, Any], *, writing: bool) -> Connection:
    """A connection; statements begin and end transactions themselves.

    Raises:
        StoreError: There is none to be had.
    """
    parameters = dict(parameters)
    if writing:  # not a standby
        parameters.setdefault("target_session_attrs", "read-write")
    try:
        connection: Connection = psycopg.connect(**parameters, autocommit=True)
    except psycopg.Error as exc:
        raise no_connection(exc) from None  # it may quote an option's value
    try:
        adapt(connection)
        connection.execute(WRITER if writing else READER)
        if writing:
            connection.execute(DURABLE)
    except psycopg.Error as exc:
        connection.close()
        raise translated(exc) from exc
    return connection


class _Reading:
    """One piece of work under way; what runs it can be told to stop."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self.cancelled = False

    def begin(self, connection: Connection) -> None:
        """Note what runs the work, unless nobody wants it any more."""
        with self._lock:
            if self.cancelled:
                raise asyncio.CancelledError
            self._connection = connection

    def end(self) -> None:
        """From now on, the connection does something else."""
        with self._lock:
            self._connection = None

    def cancel(self) -> None:
        """Stop the statement that runs, so that the next reader need not wait for it."""
        with self._lock:
            self.cancelled = True
            if self._connection is not None:
                try:
                    self._connection.cancel_safe(timeout=5)
                except psycopg.Error:
                    return  # then the server has other worries


class Readers:
    """Runs pieces of work without the right to change anything.

    Args:
        parameters: What connections are made with.
    """

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        self._parameters = parameters
        self._threads = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")
        self._local = threading.local()
        self._lock = threading.Lock()
        self._open: set[Connection] = set()
        self._snapshot = ""
        self._version = 0

    async def open(self, check: Callable[[Connection], None]) -> None:
        """Prove that the database can be read.

        Raises:
            StoreError: It cannot.
        """

        def first() -> None:
            connection = self._connection()
            try:
                check(connection)
            except psycopg.Error as exc:
                raise translated(exc) from exc

        await asyncio.get_running_loop().run_in_executor(self._threads, first)

    async def read(self, work: Callable[[PostgresTx], T]) -> T:
        """Run `work` in a snapshot of its own; cancelled, it ends soon.

        Raises:
            StoreError: The database cannot be read.
        """
        reading = _Reading()
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._threads, self._read, work, reading)
        except asyncio.CancelledError:
            loop.run_in_executor(None, reading.cancel)
            raise

    async def version(self) -> int:
        """A number that changes with every commit of anybody.

        Raises:
            StoreError: The database cannot be read.
        """
        snapshot = await self.read(
            lambda tx: str(tx.sql("SELECT CAST(pg_current_snapshot() AS TEXT)", {})[0][0])
        )
        if snapshot != self._snapshot:
            self._snapshot = snapshot
            self._version += 1
        return self._version

    def close(self) -> None:
        """End the threads once their work is done, and let go of the server."""
        self._threads.shutdown()
        with self._lock:
            for connection in self._open:
                connection.close()
            self._open.clear()

    def _connection(self) -> Connection:
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is None or connection.closed:
            connection = self._local.connection = connect(self._parameters, writing=False)
            with self._lock:
                self._open = {one for one in self._open if not one.closed} | {connection}
        return connection

    def _read(self, work: Callable[[PostgresTx], T], reading: _Reading) -> T:
        try:
            try:
                return self._read_once(work, reading)
            except psycopg.OperationalError:
                if not self._local.connection.closed:
                    raise
                # The server was restarted while this connection rested; reading twice is harmless.
                return self._read_once(work, reading)
        except psycopg.Error as exc:
            if reading.cancelled:
                raise asyncio.CancelledError from exc
            raise translated(exc) from exc

    def _read_once(self, work: Callable[[PostgresTx], T], reading: _Reading) -> T:
        connection = self._connection()
        done = False
        try:
            connection.execute(SNAPSHOT)
            reading.begin(connection)
            result = work(PostgresTx(connection))
            reading.end()
            connection.execute("ROLLBACK")
            done = True
            return result
        finally:
            reading.end()
            if not done:
                _reset(connection, keep=not reading.cancelled)


def _reset(connection: Connection, *, keep: bool) -> None:
    """Leave the transaction; of a cancelled one nobody knows which statement is hit in the end."""
    try:
        if keep and not connection.closed:
            connection.execute("ROLLBACK")
            return
    except psycopg.Error:
        pass
    connection.close()


def environment() -> Mapping[str, str]:
    """Where libpq looks for what the address does not say."""
    return os.environ
