"""The life of one session from start to stop, on the work thread: engine, store, what changes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from enum import StrEnum
from typing import TYPE_CHECKING

from core import settings as settings_module
from core.doctor.blocking import on_own_thread
from core.errors import GladlySourceError, OperationError, SecretStoreUnavailable, StoreInUse
from core.store.opening import driver_for, is_current, url_for
from core.store.sql_store import SqlStore
from gui.link import OwnEngine
from gui.source import Source, source_at
from gui.traces import log_mistake

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from core.control import ControlClient
    from core.credentials import Secret, Secrets
    from core.engine import Engine, EngineSecrets
    from core.health import State
    from core.home import Home
    from core.model import Counts
    from core.runner import EngineThread
    from core.settings import Loaded, Settings
    from gui.link import EngineLink

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.1
HEALTH_SECONDS = 0.5
COUNT_SECONDS = 0.5
ATTACHED_SECONDS = 1.0
#: an engine that is starting or ending may be out of reach for so many looks
TRIES = 15
#: a keyring may ask its person for a password
KEYRING_SECONDS = 60.0
STOP_SECONDS = 10.0


class Phase(StrEnum):
    """Where a session stands."""

    STARTING = "starting"
    RUNNING = "running"
    #: another process runs the engine; this one looks on
    ATTACHED = "attached"
    FAILED = "failed"
    STOPPING = "stopping"
    STOPPED = "stopped"


class Run:
    """One start-to-stop of a session.

    Args:
        home: The home.
        environ: Settings and secrets from outside it.
        secrets: Where secrets are found.
        tell: Runs a call on Qt's thread.
        learn: Told every secret that the engine uses.
    """

    on_settings: Callable[[Loaded], None]
    on_phase: Callable[[Phase, GladlySourceError | None], None]
    on_states: Callable[[tuple[State, ...]], None]
    on_counts: Callable[[Counts], None]
    on_change: Callable[[], None]
    on_crash: Callable[[Exception], None]

    def __init__(
        self,
        home: Home,
        environ: Mapping[str, str],
        secrets: Secrets,
        *,
        tell: Callable[[Callable[[], None]], None],
        learn: Callable[[list[Secret]], None],
    ) -> None:
        self._learn = learn
        self._home = home
        self._environ = environ
        self._secrets = secrets
        self._tell = tell
        self._stop: asyncio.Event | None = None
        self._told_to_stop = False
        self._tries = 0
        self.store: SqlStore | None = None
        self.link: EngineLink | None = None
        self.webhook_url: str | None = None
        self.holder: int | None = None
        #: where another process's engine sends, if it says so
        self.source: Source | None = None

    async def stop(self) -> None:
        """Begin to end."""
        self._told_to_stop = True
        if self._stop is not None:
            self._stop.set()

    async def live(self) -> None:
        """Run from start to stop; whatever fails is told as a phase."""
        self._stop = asyncio.Event()
        if self._told_to_stop:
            return
        try:
            await self._look_in()
            while not self._stop.is_set():
                try:
                    await self._once()
                except GladlySourceError as exc:
                    await self._fail(exc)
                except Exception as exc:  # noqa: BLE001 - logged, and handed on
                    log_mistake(log, "the engine ended by a mistake of ours", exc)
                    self._tell(lambda exc=exc: self.on_crash(exc))  # type: ignore[misc]
                    await self._fail(
                        OperationError(
                            f"A mistake of ours ended the engine: {type(exc).__name__}.",
                            "Start it again; please report it with the diagnostics.",
                        )
                    )
        finally:
            await self._close_store()

    async def _look_in(self) -> None:
        """Show at once what the store holds, before there is an engine."""
        with contextlib.suppress(GladlySourceError):
            url = await asyncio.to_thread(url_for, self._home, self._environ)
            if await asyncio.to_thread(is_current, self._home, url):
                await self._open_store()
                self._say(Phase.STARTING)  # once more: now there is something to read

    async def _once(self) -> None:
        """Load, then run an engine of our own or look on at another's, until told to stop."""
        loaded = await asyncio.to_thread(settings_module.load, self._home, self._environ)
        self._tell(lambda: self.on_settings(loaded))
        thread = await self._make_thread(loaded.settings)
        try:
            engine = await asyncio.wrap_future(thread.begin())
        except StoreInUse:
            await self._attach()
            return
        try:
            self.link, self.webhook_url = OwnEngine(thread, engine), engine.webhook_url()
            await self._open_store()
            self._say(Phase.RUNNING)
            ended = asyncio.wrap_future(thread.finished)
            await self._watch(HEALTH_SECONDS, until=ended)
            if ended.done() and not ended.cancelled():
                ended.result()
        finally:
            self.link = self.webhook_url = None
            thread.stop()
            await asyncio.to_thread(_join, thread)

    async def _make_thread(self, settings: Settings) -> EngineThread:
        def load() -> tuple[type[EngineThread], type[Engine]]:
            # Half a second of imports that the window need not wait for.
            from core.engine import Engine  # noqa: PLC0415
            from core.runner import EngineThread  # noqa: PLC0415

            return EngineThread, Engine

        make_thread, make_engine = await asyncio.to_thread(load)
        secrets = await self._gather(settings)
        self._learn(secrets.all())
        return make_thread(lambda: make_engine(self._home, settings, secrets))

    async def _gather(self, settings: Settings) -> EngineSecrets:
        from core.engine import gather_secrets  # noqa: PLC0415 - loaded by now

        try:
            async with asyncio.timeout(KEYRING_SECONDS):
                return await on_own_thread(lambda: gather_secrets(settings, self._secrets))
        except TimeoutError as exc:
            raise SecretStoreUnavailable(
                "The OS keyring did not answer.", "Unlock it, then start the engine again."
            ) from exc

    async def _attach(self) -> None:
        """Look on while another process runs the engine; when it ends, return to take over."""
        from core.control import ControlClient  # noqa: PLC0415 - loaded by now

        try:
            client = _reach(ControlClient.find(self._home))
            await client.health()
        except StoreInUse:
            self._tries += 1
            if self._tries > TRIES:
                self._tries = 0
                raise
            await self._pause(ATTACHED_SECONDS)  # it is starting, or has not quite ended
            return
        self._tries = 0
        self.link, self.webhook_url = client, client.address.listener
        self.holder, self.source = client.address.pid, source_at(client.address)
        try:
            await self._open_store()
            self._say(Phase.ATTACHED)
            await self._watch(ATTACHED_SECONDS)
        except (StoreInUse, OperationError):
            self._say(Phase.STARTING)  # it has ended
        finally:
            self.link = self.webhook_url = self.holder = self.source = None

    async def _fail(self, exc: GladlySourceError) -> None:
        """Say why there is no engine, and show what the store holds until told to stop."""
        with contextlib.suppress(GladlySourceError):
            if self._home.store_file.exists():
                await self._open_store()
        self._tell(lambda: self.on_phase(Phase.FAILED, exc))
        with contextlib.suppress(GladlySourceError):
            if self.store is not None:
                counts = await self.store.counts()
                self._tell(lambda: self.on_counts(counts))
        assert self._stop is not None  # noqa: S101 - set when life began
        await self._stop.wait()

    def _say(self, phase: Phase) -> None:
        self._tell(lambda: self.on_phase(phase, None))

    async def _open_store(self) -> None:
        if self.store is None:
            url = await asyncio.to_thread(url_for, self._home, self._environ)
            store = SqlStore(driver_for(self._home, url, read_only=True))
            await store.open()
            self.store = store

    async def _close_store(self) -> None:
        store, self.store = self.store, None
        if store is not None:
            await store.close()

    async def _watch(
        self, health_seconds: float, until: asyncio.Future[None] | None = None
    ) -> None:
        """Tell what changes, until told to stop or `until` is done."""
        assert self._stop is not None  # noqa: S101 - set when life began
        loop = asyncio.get_running_loop()
        health_at = count_at = 0.0
        seen = counted = -1
        while not self._stop.is_set() and not (until is not None and until.done()):
            now = loop.time()
            if now >= health_at and self.link is not None:
                health_at = now + health_seconds
                states = await self.link.health()
                self._tell(lambda states=states: self.on_states(states))  # type: ignore[misc]
            version = await self.store.version() if self.store is not None else seen
            if version != seen:
                seen = version
                self._tell(self.on_change)
            if self.store is not None and counted != version and now >= count_at:
                count_at, counted = now + COUNT_SECONDS, version
                counts = await self.store.counts()
                self._tell(lambda counts=counts: self.on_counts(counts))  # type: ignore[misc]
            await self._pause(LOOK_SECONDS)

    async def _pause(self, seconds: float) -> None:
        """Wait, unless told to stop."""
        assert self._stop is not None  # noqa: S101 - set when life began
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), seconds)


def _join(thread: EngineThread) -> None:
    with contextlib.suppress(GladlySourceError):
        thread.join(STOP_SECONDS)


def _reach(client: ControlClient | None) -> ControlClient:
    if client is None:
        raise StoreInUse(
            "Another Gladly Source holds this home but cannot be reached.",
            "Wait until it has started, or stop it; then try again.",
        )
    return client
