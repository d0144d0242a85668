"""The window with believable data in it, for tests that walk over it and for pictures of it."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from core.simulator.gladly import DEMO_EMAIL, DEMO_TOKEN, GladlySimulator
from core.simulator.runner import SimulatorServer
from core.simulator.segment import SegmentSimulator
from core.simulator.traffic import make_history
from gui.factories import make_window
from gui.run import Phase
from gui.session import Session
from tests.bench.rows import fill

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from core.home import Home
    from core.simulator.events import Event
    from core.simulator.people import World
    from gui.bridge import Bridge
    from gui.look import Look
    from gui.window import MainWindow

ROWS = 3000
HOUR = 3600.0
#: from when to when (hours ago) nobody listened, and how many conversations there were
LOST_HOURS, MISSED = (100.0, 65.0), 9
SECRETS = {
    "write-key": "demo" * 8,
    "gladly-token": DEMO_TOKEN,
    "webhook-password": "of-a-throw-away-home",
}


class MemoryPlace:
    """Keeps secrets in memory, in place of the OS keyring."""

    def __init__(self, secrets: dict[str, str] | None = None) -> None:
        self.secrets = dict(secrets or {})

    def get(self, name: str) -> str | None:
        """The secret, or None."""
        return self.secrets.get(name)

    def set(self, name: str, value: str) -> None:
        """Keep the secret."""
        self.secrets[name] = value

    def delete(self, name: str) -> bool:
        """Forget the secret."""
        return self.secrets.pop(name, None) is not None


def fill_home(home: Home, rows: int = ROWS) -> None:
    """A home in which a busy day lies, with a little of everything that can go wrong."""
    fill(home.store_file, rows, days=1.0)
    home.path.chmod(0o700)
    home.store_file.chmod(0o600)
    later = time.time() + 5 * 86_400
    with closing(sqlite3.connect(home.store_file)) as connection:
        # What is due would be sent at once, and the picture would not hold still.
        connection.execute(
            "UPDATE delivery SET next_attempt_at = next_attempt_at + :by, "
            "status = CASE WHEN attempts > 0 THEN 'retrying' ELSE status END "
            "WHERE status IN ('pending', 'retrying')",
            {"by": later - time.time()},
        )
        # Copies are made with notifications of their own, and skipped ones without a reason.
        connection.execute("UPDATE delivery SET replay_of = NULL")
        connection.execute(
            "UPDATE webhook SET reason = 'Nothing is sent for it.' WHERE status = 'skipped'"
        )
        fill_ledger(connection, time.time())
        connection.commit()


def fill_ledger(connection: sqlite3.Connection, now: float) -> None:
    """A weekend away, half of it lost; tonight the computer slept, and that was read afterwards."""
    spans = (
        ("webhook", 120.0, 100.0),
        ("webhook", 41.0, 13.2),
        ("webhook", 6.4, 0.0),
        ("poll", 120.0, 100.0),
        ("poll", 65.0, 4.3),
        ("poll", 3.6, 0.0),
    )
    gaps = (
        ("Gladly Source was not running.", "lost", *LOST_HOURS, 0),
        ("Gladly Source was not running.", "healed", 65.0, 41.0, 212),
        ("The computer was asleep.", "healed", 13.2, 6.4, 37),
    )
    connection.executemany(
        "INSERT INTO coverage (channel, started_at, ended_at) VALUES (?, ?, ?)",
        [(name, now - start * HOUR, now - end * HOUR) for name, start, end in spans],
    )
    connection.executemany(
        "INSERT INTO gap (reason, fate, started_at, ended_at, settled_at, events) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        [
            (why, fate, now - start * HOUR, now - end * HOUR, now - min(end, 41.0) * HOUR, events)
            for why, fate, start, end, events in gaps
        ],
    )


def missed(world: World) -> list[Event]:
    """What happened at Gladly in the gap that is lost for polling."""
    begin, end = LOST_HOURS
    days = (begin - end) / 24
    return make_history(world, ends_at=time.time() - end * HOUR, conversations=MISSED, days=days)


@contextmanager
def scene(
    bridge: Bridge,
    look: Look,
    home: Home,
    wait: Callable[[Callable[[], object]], None],
    *,
    profile: str | None = None,
    rows: int = ROWS,
) -> Iterator[MainWindow]:
    """The main window on a filled home, with simulated Gladly and Segment."""
    if rows:
        fill_home(home, rows)
    segment, gladly = SegmentSimulator(), GladlySimulator()
    if rows:
        gladly.load(missed(gladly.world))
    with SimulatorServer(segment) as segment_server, SimulatorServer(gladly) as gladly_server:
        environ = {
            "GLADLY_SOURCE_LISTENER__PORT": "0",
            "GLADLY_SOURCE_SEGMENT__HOST": segment_server.url,
            "GLADLY_SOURCE_SEGMENT__ALIAS": "support",
            "GLADLY_SOURCE_GLADLY__URL": gladly_server.url,
            "GLADLY_SOURCE_GLADLY__AGENT_EMAIL": DEMO_EMAIL,
        }
        session = Session(bridge, home, environ, place=MemoryPlace(SECRETS), profile=profile)
        window = make_window(session, look)
        window.resize(1180, 760)
        window.show()
        session.start()
        try:
            wait(lambda: session.phase is Phase.RUNNING)
            wait(lambda: session.counts is not None and bool(session.states))
            yield window
        finally:
            session.stop()
            wait(lambda: session.phase is Phase.STOPPED)
            window.let_go()
            window.deleteLater()
