"""A real engine on its own thread, in a home of its own, for tests that look from outside."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Self, TypeVar

import httpx

from core import settings as settings_module
from core.credentials import Secret
from core.engine import Engine, EngineSecrets, Role
from core.home import Home
from core.runner import EngineThread
from core.store.base import Filter, WebhookFilter

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path
    from types import TracebackType

    from core.model import Delivery, Webhook

T = TypeVar("T")
PATIENCE = 10.0
HOOK = "/gladly/webhook"
SECRETS = EngineSecrets(
    write_key=Secret("w" * 32), webhook_password=Secret("pässwörd"), gladly_token=Secret("t" * 30)
)


class Rig:
    """One engine; `settings` are written as `section__key=value`."""

    def __init__(
        self,
        path: Path,
        *,
        role: Role = "all",
        secrets: EngineSecrets = SECRETS,
        prepare: Callable[[Engine], None] = lambda _: None,
        **settings: object,
    ) -> None:
        self.home = Home(path=path)
        values = {
            "listener__port": 0,
            "delivery__linger_ms": 0,
            "mapping__settle_seconds": 0,
            **settings,
        }
        environ = {f"GLADLY_SOURCE_{name.upper()}": str(one) for name, one in values.items()}
        self.settings = settings_module.load(self.home, environ).settings
        self._secrets = secrets
        self._role = role
        self._prepare = prepare
        self.changed = threading.Condition()
        self.thread = EngineThread(self._make)

    def _make(self) -> Engine:
        engine = Engine(self.home, self.settings, self._secrets, role=self._role)
        for signal in (engine.queued, engine.settled, engine.intake.stored, engine.health.changed):
            signal.connect(self._note)
        self._prepare(engine)
        return engine

    def _note(self, _: object) -> None:
        with self.changed:
            self.changed.notify_all()

    def __enter__(self) -> Self:
        self.engine = self.thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self.stop()

    def stop(self) -> bool:
        """Stop; whether the engine ended in time."""
        self.thread.stop()
        return self.thread.join(PATIENCE)

    @property
    def url(self) -> str:
        """Where the listener is."""
        assert self.engine.listener is not None
        return self.engine.listener.url

    def client(self) -> httpx.Client:
        """A peer with the right credentials."""
        password = SECRETS.webhook_password.reveal().encode()  # type: ignore[union-attr]
        return httpx.Client(
            base_url=self.url, auth=httpx.BasicAuth(b"gladly", password), trust_env=False
        )

    def ask(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run something on the engine's loop."""
        return self.thread.call(coroutine).result(PATIENCE)

    def webhooks(self) -> list[Webhook]:
        """All inbox rows, oldest first."""
        page = self.ask(self.engine.store.webhook_page(WebhookFilter(), None, 100_000))
        return list(reversed(page.rows))

    def deliveries(self) -> list[Delivery]:
        """All outbox rows, oldest first."""
        page = self.ask(self.engine.store.page(Filter(), None, 100_000))
        return list(reversed(page.rows))

    def wait(self, predicate: Callable[[], object], timeout: float = PATIENCE) -> bool:
        """Wait until something holds, looking again whenever the engine says something."""
        return wait_until(predicate, timeout, self.changed)


def wait_until(
    predicate: Callable[[], object], timeout: float, changed: threading.Condition | None = None
) -> bool:
    """Wait on a condition; it is looked at when `changed` says so, and now and then."""
    changed = changed or threading.Condition()
    deadline = time.monotonic() + timeout
    while not predicate():
        if time.monotonic() > deadline:
            return False
        with changed:
            changed.wait(0.02)
    return True
