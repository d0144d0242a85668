"""An installation in a temporary home, and an engine that runs on it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from core import control
from core.credentials import Secret, Secrets
from core.doctor.subject import Outside, Subject
from core.engine import Engine, EngineSecrets
from core.home import Home
from core.ingest.server import bind
from core.settings import Settings
from tests.fakes import MemorySecrets

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


class NoWait:
    """A clock on which waiting takes no time."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def home(tmp_path: Path) -> Home:
    path = tmp_path / "home"
    path.mkdir(mode=0o700)
    return Home(path=path)


@pytest.fixture
def make_subject(home: Home):
    """Builds an installation: secrets in a keyring in memory, nothing outside unless given."""

    def make(
        *,
        kept: dict[str, str] | None = None,
        environ: dict[str, str] | None = None,
        keyring: bool = True,
        settings: Settings | None = None,
        engine_running: bool = False,
        **outside: Any,
    ) -> Subject:
        environ = environ or {}
        return Subject(
            home=home,
            environ=environ,
            secrets=Secrets(environ, MemorySecrets(kept, available=keyring)),
            settings=settings,
            engine_running=engine_running,
            outside=Outside(clock=NoWait(), **outside),
        )

    return make


@pytest.fixture
def settings():
    """Settings from the values of some sections."""

    def make(**sections: dict[str, object]) -> Settings:
        return msgspec.convert(sections, Settings)

    return make


@pytest.fixture
def free_port() -> int:
    sock = bind("127.0.0.1", 0)
    port = sock.getsockname()[1]
    sock.close()
    return port


@pytest.fixture
def engine_on(monkeypatch: pytest.MonkeyPatch):
    """Runs the receiving half of an engine, up to the point where others can talk to it."""

    @asynccontextmanager
    async def run(home: Home, settings: Settings) -> AsyncIterator[Engine]:
        reachable = asyncio.Event()
        write = control.write_private

        def tell(path: Path, content: bytes) -> None:
            write(path, content)
            reachable.set()

        monkeypatch.setattr(control, "write_private", tell)
        secrets = EngineSecrets(webhook_password=Secret("correct horse"))
        engine = Engine(home, settings, secrets, role="receive")
        async with asyncio.TaskGroup() as group:
            group.create_task(engine.run())
            await reachable.wait()
            yield engine
            engine.stop()

    return run
