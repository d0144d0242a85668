"""A simulated Gladly, an engine that listens, and an office between the two, on real sockets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import msgspec
import pytest

from core.control import ControlClient
from core.credentials import Secrets
from core.engine_secrets import gather_secrets
from core.registration.office import WebhookOffice
from core.settings import Gladly
from core.simulator.gladly import DEMO_EMAIL, DEMO_TOKEN, GladlySimulator
from core.simulator.runner import SimulatorServer
from tests.fakes import MemorySecrets
from tests.fakes.rig import HOOK, Rig, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from core.settings import Settings


class NoWait:
    """A clock on which waiting takes no time."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


class Losing(httpx.AsyncBaseTransport):
    """The network, which loses the answer to the next so many requests of a method."""

    def __init__(self, method: str, times: int = 1, *, before: bool = False) -> None:
        self.method = method
        self.times = times
        self.before = before
        self.seen: list[str] = []
        self._wire = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request.method)
        lost = request.method == self.method and self.times > 0
        self.times -= lost
        if lost and self.before:
            raise httpx.ConnectTimeout("lost on the way there")
        answer = await self._wire.handle_async_request(request)
        if lost:
            await answer.aread()
            raise httpx.ReadTimeout("lost on the way back")
        return answer

    async def aclose(self) -> None:
        await self._wire.aclose()


class Installation:
    """One home between an engine and a simulated Gladly."""

    def __init__(self, path: Path, gladly: GladlySimulator, **settings: object) -> None:
        self.path = path
        self.gladly = gladly
        self.place = MemorySecrets({"gladly-token": DEMO_TOKEN, "webhook-password": "first"})
        self.environ: dict[str, str] = {}
        self._settings = settings
        self.rig: Rig | None = None
        self._port = 0

    @property
    def secrets(self) -> Secrets:
        return Secrets(self.environ, self.place)

    def start(self) -> Rig:
        """Start an engine with what the secret store holds now; on the same port again."""
        rig = Rig(self.path, role="receive", listener__port=self._port, **self._settings)
        rig._secrets = gather_secrets(rig.settings, self.secrets, "receive")
        rig.__enter__()
        self._port = rig.engine.listener.port  # type: ignore[union-attr]
        assert wait_until(lambda: ControlClient.find(rig.home), 5)
        self.rig = rig
        return rig

    def stop(self) -> None:
        if self.rig is not None:
            assert self.rig.stop()
            self.rig = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}{HOOK}"

    def settings(self, **gladly: Any) -> Settings:
        base = Rig(self.path, **self._settings).settings
        listener = msgspec.structs.replace(
            base.listener, public_url=f"http://127.0.0.1:{self._port}"
        )
        reached = Gladly(url=self.gladly.url, agent_email=DEMO_EMAIL)  # type: ignore[attr-defined]
        return msgspec.structs.replace(
            base, listener=listener, gladly=msgspec.structs.replace(reached, **gladly)
        )

    def office(
        self,
        settings: Settings | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> WebhookOffice:
        return WebhookOffice(
            Rig(self.path).home,
            settings or self.settings(),
            self.secrets,
            transport=transport,
            clock=NoWait(),
        )

    def post(self, password: str) -> int:
        """The status that somebody with this password gets."""
        body = {"type": "CONVERSATION/CLOSED"}
        auth = ("gladly", password)
        return httpx.post(self.url, json=body, auth=auth, trust_env=False).status_code


@pytest.fixture
def gladly() -> Iterator[GladlySimulator]:
    """A simulated Gladly; its address is `gladly.url`."""
    simulator = GladlySimulator(requests_per_second=0)
    with SimulatorServer(simulator) as server:
        simulator.url = server.url  # type: ignore[attr-defined]
        yield simulator


@pytest.fixture
def installation(tmp_path: Path, gladly: GladlySimulator) -> Iterator[Installation]:
    """A home whose engine runs."""
    made = Installation(tmp_path / "home", gladly)
    made.path.mkdir()
    made.start()
    yield made
    made.stop()
