"""The demo behind a window: simulators, their traffic, and a session on a throw-away home."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from core.errors import GladlySourceError, OperationError
from core.home import Home
from core.simulator import leftovers
from core.simulator.demo import DEFAULT_RATE, DemoWorld
from core.simulator.drills import TIME_SCALE, Drills
from gui.run import Phase
from gui.session import Session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gui.bridge import Bridge

PROFILE = "demo"


class NoKeyring:
    """Keeps secrets in memory: a demo must not reach for those of the real program."""

    def __init__(self) -> None:
        self._kept: dict[str, str] = {}

    def get(self, name: str) -> str | None:
        """The secret, or None when it was never set."""
        return self._kept.get(name)

    def set(self, name: str, value: str) -> None:
        """Keep the secret until the demo ends."""
        self._kept[name] = value

    def delete(self, name: str) -> bool:
        """Forget the secret; whether there was one."""
        return self._kept.pop(name, None) is not None


class DemoHost(QObject):
    """Starts a demo and clears it away; `session` and `drills` are there once it is ready.

    Signals:
        ready: The session runs, and traffic flows through it.
        failed: It could not be started, and why (a GladlySourceError); `stop` clears it away.
        ended: Nothing of it is left.

    Args:
        bridge: Does all that takes time.
        rate: Track events per second.
        faults: What goes wrong from the beginning.
    """

    ready = Signal()
    failed = Signal(object)
    ended = Signal()

    session: Session
    drills: Drills

    def __init__(
        self,
        bridge: Bridge,
        *,
        rate: float = DEFAULT_RATE,
        faults: Sequence[str] = (),
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._rate = rate
        self._faults = tuple(faults)
        self._folder: Path | None = None
        self.world: DemoWorld | None = None
        self._running: Session | None = None
        self._building = False
        self._told = False
        self._stopping = False

    def start(self) -> None:
        """Begin; `ready` or `failed` tells."""
        self._building = True
        self._bridge.ask(
            lambda: asyncio.to_thread(self._build),
            owner=self,
            then=self._on_built,
            failed=self._on_not_built,
        )

    def stop(self) -> None:
        """End, and remove the throw-away home; `ended` tells."""
        if self._stopping:
            return
        self._stopping = True
        if self._running is not None and self._running.phase is not Phase.STOPPED:
            self._running.stop()
        elif not self._building:
            self._clear_away()

    def _build(self) -> DemoWorld:
        """Make the home and start the simulators; on a thread of its own."""
        leftovers.remove()
        try:
            self._folder = Path(tempfile.mkdtemp(prefix=leftovers.PREFIX))
        except OSError as exc:
            raise OperationError(
                f"There is no room for the demo's home: {exc.strerror or exc}.",
                "Check the folder for temporary files.",
            ) from exc
        home = Home(path=self._folder / "home")
        world = DemoWorld(home, rate=self._rate, faults=self._faults, time_scale=TIME_SCALE)
        return world.start()

    def _on_built(self, world: DemoWorld) -> None:
        self._building = False
        self.world = world
        if self._stopping:
            self._clear_away()
            return
        self.drills = Drills(world)
        self.session = self._running = Session(
            self._bridge,
            world.home,
            world.environ,
            place=NoKeyring(),
            profile=PROFILE,
            parent=self,
        )
        self.session.phase_changed.connect(self._on_phase)
        self.session.start()

    def _on_not_built(self, error: GladlySourceError) -> None:
        self._building = False
        if self._stopping:
            self._clear_away()
        else:
            self.failed.emit(error)

    def _on_phase(self, phase: Phase) -> None:
        if phase is Phase.STOPPED and self._stopping:
            self._clear_away()
        elif phase is Phase.RUNNING and not self._stopping:
            self._connect()
        elif phase is Phase.FAILED and not self._told:
            self._told = True
            self.failed.emit(self.session.error)

    def _connect(self) -> None:
        """Have Gladly report here; after each restart the address may be another."""
        url, world, first = self.session.webhook_url, self.world, not self._told
        self._told = True

        def connect() -> None:
            if world is not None and url is not None:
                world.connect(url)
                if first:
                    world.resume()

        self._bridge.ask(
            lambda: asyncio.to_thread(connect),
            owner=self,
            then=lambda _: self.ready.emit() if first else None,
        )

    def _clear_away(self) -> None:
        """Stop the simulators and remove the home."""
        if self._running is not None:
            self._running.memory.flush()
        world, folder = self.world, self._folder

        def clear() -> None:
            try:
                if world is not None:
                    world.stop()
            finally:
                if folder is not None:
                    shutil.rmtree(folder, ignore_errors=True)

        self._bridge.ask(
            lambda: asyncio.to_thread(clear),
            owner=self,
            then=self._on_cleared,
            failed=self._on_cleared,
        )

    def _on_cleared(self, _: object) -> None:
        self.ended.emit()
