"""One home that is looked at: its engine, its store, its states; all that a page needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec
from PySide6.QtCore import QObject, Signal

from core.credentials import KeyringPlace, Secrets
from core.doctor.blocking import on_own_thread
from core.errors import GladlySourceError, OperationError, StoreUnavailable
from core.settings import Settings
from gui.link import not_running
from gui.memory import Memory
from gui.run import Phase, Run
from gui.saving import Use, put_back, save
from gui.source import Source, source_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from core.credentials import Secret, SecretPlace
    from core.health import State
    from core.home import Home
    from core.model import Counts
    from core.settings import Loaded
    from core.store.sql_store import SqlStore
    from gui.bridge import Asked, Bridge
    from gui.link import EngineLink
    from gui.saving import Saved

T = TypeVar("T")


def _nothing(_: object) -> None:
    """Nobody waits for this."""


class Session(QObject):
    """One home: starts its engine, or looks on where another process runs it.

    Args:
        bridge: Does all that takes time.
        home: The home.
        environ: Settings and secrets from outside the home.
        place: Where secrets are kept; the OS keyring if not given.
        profile: A label that overrides the settings', such as `demo`.
        learn: Told every secret that the engine uses, so that no log shows it.

    Signals:
        phase_changed: The new Phase.
        changed: Something in the store changed; at most ten times a second.
        counted: The new Counts.
        health_changed: The states of all components.
        settings_changed: The Settings that were read or applied.
        applied: The settings given to `apply` are saved; the Use that is made of them.
        apply_failed: They are not in use, and why; and whether they are saved nevertheless.
    """

    phase_changed = Signal(object)
    changed = Signal()
    counted = Signal(object)
    health_changed = Signal(object)
    settings_changed = Signal(object)
    applied = Signal(object)
    apply_failed = Signal(object, bool)

    def __init__(
        self,
        bridge: Bridge,
        home: Home,
        environ: Mapping[str, str],
        *,
        place: SecretPlace | None = None,
        profile: str | None = None,
        learn: Callable[[list[Secret]], None] = _nothing,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._learn = learn
        self.home = home
        self.environ = environ
        self.secrets = Secrets(environ, place or KeyringPlace(home.path))
        self.memory = Memory(bridge, home, self)
        self.settings = Settings()
        self.origin: dict[str, str] = {}
        self.phase = Phase.STOPPED
        self.error: GladlySourceError | None = None
        self.counts: Counts | None = None
        self.states: tuple[State, ...] = ()
        self._label = profile
        self._run: Run | None = None
        self._again = False
        self._wanted = False
        self._applying = False
        self._saved: Saved | None = None

    @property
    def profile(self) -> str:
        """The label that tells sources apart: production, sandbox, demo."""
        return self._label or self.settings.app.profile

    @property
    def store(self) -> SqlStore:
        """The store, to read; its coroutines run inside `ask`.

        Raises:
            StoreUnavailable: There is none yet.
        """
        if self._run is None or self._run.store is None:
            raise StoreUnavailable("There is no store yet.", "It is made when the engine starts.")
        return self._run.store

    @property
    def has_store(self) -> bool:
        """Whether there is anything to read."""
        return self._run is not None and self._run.store is not None

    @property
    def link(self) -> EngineLink:
        """The running engine; its coroutines run inside `ask`.

        Raises:
            OperationError: None runs.
        """
        if self._run is None or self._run.link is None:
            raise not_running()
        return self._run.link

    @property
    def webhook_url(self) -> str | None:
        """Where the webhook is reached on this machine, while it is."""
        return None if self._run is None else self._run.webhook_url

    @property
    def holder(self) -> int | None:
        """The process that runs the engine, where it is another one."""
        return None if self._run is None else self._run.holder

    @property
    def source(self) -> Source | None:
        """Where the engine sends, ours or another's; None where another's does not say."""
        if self.phase is Phase.ATTACHED:
            return None if self._run is None else self._run.source
        return source_of(self.settings, self.profile)

    def ask(
        self,
        make: Callable[[], Awaitable[T]],
        *,
        owner: QObject,
        then: Callable[[T], None] = _nothing,
        failed: Callable[[GladlySourceError], None] = _nothing,
    ) -> Asked:
        """Await what `make` makes, away from Qt's thread; see Bridge.ask."""
        return self._bridge.ask(make, owner=owner, then=then, failed=failed)

    def start(self) -> None:
        """Start the engine, or look on at another's; phase_changed tells what came of it."""
        self._wanted = True
        if self._run is not None:
            return
        run = Run(
            self.home,
            self.environ,
            self.secrets,
            tell=lambda call: self._tell(run, call),
            learn=self._learn,
        )
        run.on_settings = self._on_settings
        run.on_phase = self._on_phase
        run.on_states = self._on_states
        run.on_counts = self._on_counts
        run.on_change = self.changed.emit
        run.on_crash = self._bridge.crashed.emit
        self._run = run
        self._on_phase(Phase.STARTING, None)
        self._bridge.ask(run.live, owner=self, then=lambda _: self._on_end(run))

    def stop(self) -> None:
        """Stop looking, and stop the engine if it is ours; returns at once."""
        self._again = self._wanted = False
        self._end()

    def restart(self) -> None:
        """Stop, then start with what the settings say now."""
        if self._run is None:
            self.start()
            return
        self._again = True
        self._end()

    def apply(self, settings: Settings, secrets: Mapping[str, str | None] | None = None) -> None:
        """Save settings and secrets (None forgets one) and restart the engine with them.

        If it ran before and does not start with them, the old ones are put back. What only the
        window minds (`app`) is in use at once. `applied` or `apply_failed` tells.

        Raises:
            OperationError: Another change is being saved.
        """
        if self._applying:
            raise OperationError("Another change is being saved.", "Try again in a moment.")
        home, place, given = self.home, self.secrets.place, dict(secrets or {})
        base = self.settings
        self._applying = True
        self._bridge.ask(
            lambda: on_own_thread(lambda: save(home, place, settings, given, base)),
            owner=self,
            then=lambda saved: self._on_saved(saved, settings, restart=bool(given)),
            failed=self._on_not_applied,
        )

    def _on_not_applied(self, error: GladlySourceError | None, *, kept: bool = False) -> None:
        self._applying = False
        self.apply_failed.emit(error, kept)

    def _on_applied(self, use: Use) -> None:
        self._applying = False
        self.applied.emit(use)

    def _on_saved(self, saved: Saved, settings: Settings, *, restart: bool) -> None:
        same = msgspec.structs.replace(settings, app=self.settings.app) == self.settings
        if same and not restart and self.settings != settings:
            self.settings = settings
            self.settings_changed.emit(settings)
            self._on_applied(Use.WINDOW)
            return
        if not self._wanted:
            self._on_applied(Use.NOBODY)  # it ends: the next start uses them
            return
        ran = self.phase in {Phase.RUNNING, Phase.ATTACHED}
        self._saved = saved if ran else None
        self._once_started(self._on_tried)
        self.restart()

    def _on_tried(self) -> None:
        saved, self._saved = self._saved, None
        if self.phase is Phase.FAILED and saved is not None:
            error = self.error
            home, place = self.home, self.secrets.place

            def again(_: None) -> None:
                if self._wanted:
                    self.restart()
                self._on_not_applied(error)

            self._bridge.ask(
                lambda: on_own_thread(lambda: put_back(home, place, saved)),
                owner=self,
                then=again,
                failed=lambda exc: self._on_not_applied(exc, kept=True),
            )
        elif self.phase is Phase.FAILED:
            self._on_not_applied(self.error, kept=True)
        else:
            self._on_applied(Use.LATER if self.phase is Phase.ATTACHED else Use.ENGINE)

    def _once_started(self, call: Callable[[], None]) -> None:
        """Run `call` when the next start has succeeded or failed."""
        began = False

        def look(phase: Phase) -> None:
            nonlocal began
            began = began or phase is Phase.STARTING
            if began and phase in {Phase.RUNNING, Phase.ATTACHED, Phase.FAILED}:
                self.phase_changed.disconnect(look)
                call()

        self.phase_changed.connect(look)

    def _end(self) -> None:
        if self._run is None:
            return
        if self.phase is not Phase.STOPPING:
            self._on_phase(Phase.STOPPING, None)
        run = self._run
        self._bridge.ask(run.stop, owner=self)

    def _tell(self, run: Run, call: Callable[[], None]) -> None:
        """From the work thread: run `call` on Qt's, unless that run is over."""

        def deliver() -> None:
            if self._run is run and self.phase is not Phase.STOPPING:
                call()

        self._bridge.post(deliver)

    def _on_end(self, run: Run) -> None:
        if self._run is not run:
            return
        self._run = None
        self._on_phase(Phase.STOPPED, None)
        if self._again:
            self._again = False
            self.start()

    def _on_settings(self, loaded: Loaded) -> None:
        self.settings, self.origin = loaded.settings, loaded.origin
        self.settings_changed.emit(self.settings)

    def _on_phase(self, phase: Phase, error: GladlySourceError | None) -> None:
        self.phase, self.error = phase, error
        if phase not in {Phase.RUNNING, Phase.ATTACHED}:
            self._on_states(())
        self.phase_changed.emit(phase)

    def _on_states(self, states: tuple[State, ...]) -> None:
        if states != self.states:
            self.states = states
            self.health_changed.emit(states)

    def _on_counts(self, counts: Counts) -> None:
        if counts != self.counts:
            self.counts = counts
            self.counted.emit(counts)
