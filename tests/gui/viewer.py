"""A session that only looks: a store with believable rows, no engine, and changes on demand."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
import shiboken6
from PySide6.QtCore import QObject, Signal

from core.settings import Settings
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from gui.memory import Memory
from gui.run import Phase
from tests.bench.rows import fill
from tests.fakes.rows import new_delivery

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from core.errors import GladlySourceError
    from core.home import Home
    from core.model import Counts
    from gui.bridge import Bridge

PATIENCE = 10


class FakeLink:
    """Stands in for the engine: notes what is asked of it."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, object]] = []
        self.error: GladlySourceError | None = None


class Viewer(QObject):
    """What Session gives, over a store that only this test changes."""

    phase_changed = Signal(object)
    changed = Signal()
    counted = Signal(object)
    health_changed = Signal(object)
    settings_changed = Signal(object)

    def __init__(self, bridge: Bridge, home: Home) -> None:
        super().__init__()
        self._bridge = bridge
        self.home = home
        self.settings = Settings()
        self.memory = Memory(bridge, None, self)
        self.phase = Phase.RUNNING
        self.error: GladlySourceError | None = None
        self.counts: Counts | None = None
        self.link = FakeLink()
        self.store: SqlStore
        self.has_store = False
        self.profile = "sandbox"
        self.webhook_url = "http://127.0.0.1:8377/gladly/webhook"
        self.reads = 0

    def ask(self, make, *, owner, then=lambda _: None, failed=lambda _: None):
        self.reads += 1
        return self._bridge.ask(make, owner=owner, then=then, failed=failed)

    def wait(self, make):
        """The result of a coroutine on the work thread."""
        return asyncio.run_coroutine_threadsafe(make(), self._bridge._loop).result(PATIENCE)

    def open(self) -> None:
        store = SqlStore(SqliteDriver(self.home.store_file, read_only=True))
        self.wait(store.open)
        self.store, self.has_store = store, True

    def close(self) -> None:
        if self.has_store:
            self.wait(self.store.close)

    def sql(self, text: str, *parameters: object) -> None:
        """Change the store behind the program's back."""
        with closing(sqlite3.connect(self.home.store_file, timeout=5)) as connection:
            connection.execute(text, parameters)
            connection.commit()

    def add(self, count: int, **changes: object) -> list[int]:
        """Queue deliveries as the engine does; their ids."""

        async def write() -> list[int]:
            store = SqlStore(SqliteDriver(self.home.store_file))
            await store.open()
            try:
                news = [new_delivery(**changes) for _ in range(count)]
                await asyncio.gather(*(store.enqueue(new) for new in news))
                return [(await store.find(new.message_id))[1] for new in news]
            finally:
                await store.close()

        return sorted(self.wait(write))


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Stores with so many rows, each made once; whoever wants to change one copies it."""
    folder = tmp_path_factory.mktemp("filled")

    def ready(rows: int, **how: object) -> Path:
        path = folder / "-".join([str(rows), *(f"{key}={how[key]}" for key in sorted(how))])
        if not path.exists():
            fill(path, rows, **how)
        return path

    return ready


@pytest.fixture
def make_viewer(
    bridge: Bridge, home: Home, filled: Callable[..., Path]
) -> Iterator[Callable[..., Viewer]]:
    """Builds a session that looks at so many rows."""
    made: list[Viewer] = []

    def make(rows: int = 0, **how: object) -> Viewer:
        home.path.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(filled(rows, **how), home.store_file)
        viewer = Viewer(bridge, home)
        viewer.open()
        made.append(viewer)
        return viewer

    yield make
    for viewer in made:
        viewer.close()
        # Here and now: the collector would do it on whichever thread it runs.
        shiboken6.delete(viewer)
