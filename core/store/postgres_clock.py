"""The database server's clock, as it would read now: what all engines on it count leases by."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from core.store.postgres_connections import Connection

#: seconds until it is read anew
FRESH: Final = 60.0
READ: Final = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS DOUBLE PRECISION)"


class ServerClock:
    """Goes on from the last reading by this machine's monotonic clock.

    So setting this machine's time, before or meanwhile, changes nothing.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ahead = time.time() - time.monotonic()
        self._read_at: float | None = None

    def now(self) -> float:
        """Epoch seconds; this machine's own until the server's were read."""
        with self._lock:
            return time.monotonic() + self._ahead

    def is_fresh(self) -> bool:
        """Whether the last reading is good enough."""
        return self._read_at is not None and time.monotonic() - self._read_at < FRESH

    def read(self, connection: Connection) -> None:
        """Ask the server.

        Raises:
            psycopg.Error: It does not say.
        """
        before = time.monotonic()
        server = float(connection.execute(READ).fetchall()[0][0])
        after = time.monotonic()
        with self._lock:
            self._ahead = server - (before + after) / 2
            self._read_at = after
