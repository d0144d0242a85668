"""An engine's standing connection to PostgreSQL: who leads, and what engines tell each other.

Whoever leads holds an advisory lock on a connection of its own. The server frees the lock when
that connection ends, so after a kill another engine has it within two seconds. A holder that is
no longer heard of though its connection stands (a computer asleep) is cut off by the next one
that wants to lead.

A holder takes itself to lead only for some seconds after its last question to the server, and is
cut off only after more than those. So two lead at a time only when the server itself ends a
connection and that news does not arrive: for HOLD seconds at most.

These locks and LISTEN belong to a session: between here and the server there must be no pooler
that shares connections by transaction.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import selectors
import socket
import threading
import time
from typing import TYPE_CHECKING, Any, Final, cast

import psycopg

from core.errors import StoreError
from core.store.postgres_connections import Connection, connect
from core.store.session import NEWS, News

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

#: seconds between two questions to the server
PING: Final = 2.0
#: seconds after the last question that was answered in which this engine takes itself to lead
HOLD: Final = 6.0
#: seconds of silence after which a holder is cut off
SILENT: Final = 8
#: seconds between two attempts to connect
AGAIN: Final = 1.0
#: seconds between two notifications: a rush is told of in few words
TELL_PAUSE: Final = 0.02
STOP_SECONDS: Final = 5.0
#: Either end notices within some seconds that the other one has vanished.
WATCHFUL: Final = {
    "application_name": "gladly-source session",
    "keepalives_idle": "3",
    "keepalives_interval": "1",
    "keepalives_count": "3",
    "tcp_user_timeout": "6000",
}
SETTINGS: Final = (
    "SELECT set_config('tcp_keepalives_idle', '3', false),"
    " set_config('tcp_keepalives_interval', '1', false),"
    " set_config('tcp_keepalives_count', '3', false),"
    " set_config('tcp_user_timeout', '6000', false)"
)
#: with the schema's name, as several stores may share a database
KEY: Final = (
    "SELECT hashtextextended('gladly-source leader ' || current_schema(), 0), current_schema()"
)
TRY: Final = "SELECT pg_try_advisory_lock(%s)"
#: state_change is when the holder's last question was answered
CUT_OFF: Final = """
    SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND (CAST(l.classid AS BIGINT) << 32) | CAST(l.objid AS BIGINT) = %s
      AND a.state_change < clock_timestamp() - make_interval(secs => %s)
"""


class PostgresSession:
    """Holds the connection on a thread of its own, and opens it again when it breaks.

    Args:
        parameters: What connections are made with.
        candidate: Whether this engine may lead.
    """

    def __init__(self, parameters: Mapping[str, Any], *, candidate: bool) -> None:
        self._parameters = {**parameters, **WATCHFUL}
        self._candidate = candidate
        self._thread = threading.Thread(target=self._work, name="store-session", daemon=True)
        self._lock = threading.Lock()
        self._news: set[News] = set()
        self._ended = False
        self._key = self._pid = 0
        self._channel = ""
        self._leads_until = 0.0

    def start(self, told: Callable[[News], None], changed: Callable[[], None]) -> None:
        """See Session.start."""
        self._loop = asyncio.get_running_loop()
        self._ear, self._mouth = socket.socketpair()
        self._ear.setblocking(False)  # noqa: FBT003 - its only argument
        self._mouth.setblocking(False)  # noqa: FBT003
        self._told = told
        self._changed = changed
        self._thread.start()

    def tell(self, news: News) -> None:
        """Let all other engines on the database know, once for all that is told in a moment."""
        with self._lock:
            first = not self._news
            self._news.add(news)
        if first and self._thread.is_alive():
            self._wake()

    def leads(self) -> bool:
        """Whether this engine leads; False as soon as the server was silent for HOLD seconds."""
        return _seconds() < self._leads_until

    async def stop(self) -> None:
        """Let go of the connection, and so of the lock."""
        if self._thread.ident is None:
            return  # never began
        self._ended = True
        self._wake()
        await self._loop.run_in_executor(None, self._thread.join, STOP_SECONDS)
        self._ear.close()
        self._mouth.close()

    def _wake(self) -> None:
        with contextlib.suppress(OSError):  # full: it wakes anyway; closed: it has ended
            self._mouth.send(b"!")

    def _work(self) -> None:
        while not self._ended:
            with (
                contextlib.suppress(
                    StoreError, psycopg.Error, OSError, ValueError
                ),  # a lost socket
                self._connected() as connection,
            ):
                self._attend(connection)
            if not self._ended:
                self._wait(None, AGAIN)

    @contextlib.contextmanager
    def _connected(self) -> Iterator[Connection]:
        connection = connect(self._parameters, writing=True)
        try:
            connection.execute(SETTINGS)
            self._key, schema = connection.execute(KEY).fetchall()[0]
            digest = hashlib.sha256(schema.encode()).hexdigest()[:16]
            self._channel = f"gladly_source_{digest}"
            self._pid = connection.info.backend_pid
            connection.add_notify_handler(self._hear)
            connection.execute(cast("Any", f"LISTEN {self._channel}"))
            for news in NEWS:  # what was told while nobody listened
                self._pass_on(news)
            yield connection
        finally:
            self._leads_until = 0.0
            self._call(self._changed)
            with contextlib.suppress(psycopg.Error):
                connection.close()

    def _attend(self, connection: Connection) -> None:
        """Ask, listen and tell until the end.

        Raises:
            psycopg.Error: The connection broke.
        """
        ask_at = tell_at = 0.0
        while not self._ended:
            now = time.monotonic()
            if now >= ask_at:
                self._ask(connection)
                ask_at = now + PING
            if self._news and now >= tell_at:
                self._send(connection)
                tell_at = time.monotonic() + TELL_PAUSE
            until = min(ask_at, tell_at) if self._news else ask_at
            if self._wait(connection, until - time.monotonic()):
                self._ask(connection)  # the answer brings along what was told

    def _wait(self, connection: Connection | None, seconds: float) -> bool:
        """Wait for something to do; whether the server has something to say."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._ear, selectors.EVENT_READ)
            if connection is not None:
                selector.register(connection.fileno(), selectors.EVENT_READ)
            found = selector.select(max(0.0, seconds))
        with contextlib.suppress(OSError):
            while self._ear.recv(4096):
                pass
        return any(key.fileobj is not self._ear for key, _ in found)

    def _ask(self, connection: Connection) -> None:
        """Whether the server is there; where this engine may lead, whether it does."""
        asked = _seconds()
        if not self._candidate or self._leads_until:
            connection.execute("SELECT 1")
            if self._leads_until:
                self._leads_until = asked + HOLD
            return
        if connection.execute(TRY, [self._key]).fetchall()[0][0]:
            self._leads_until = asked + HOLD
            self._call(self._changed)
        else:
            connection.execute(CUT_OFF, [self._key, SILENT])

    def _send(self, connection: Connection) -> None:
        with self._lock:
            news, self._news = self._news, set()
        try:
            for one in sorted(news):
                connection.execute("SELECT pg_notify(%s, %s)", [self._channel, one])
        except psycopg.Error:
            with self._lock:
                self._news |= news  # told once there is a connection again
            raise

    def _hear(self, notification: psycopg.Notify) -> None:
        for news in NEWS:
            if notification.payload == news and notification.pid != self._pid:
                self._pass_on(news)

    def _pass_on(self, news: News) -> None:
        self._call(lambda: self._told(news))

    def _call(self, what: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(what)


def _seconds() -> float:
    """Seconds that go on while the computer sleeps, where that can be had."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)
