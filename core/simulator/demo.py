"""The world of the demo: simulated Gladly and Segment on loopback, traffic between, and the truth.

It stands around an engine that somebody else runs, on a throw-away home.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from concurrent import futures
from typing import TYPE_CHECKING, Self

import msgspec

from core import settings
from core.credentials import Secret
from core.engine import Engine, EngineSecrets
from core.simulator.demo_people import introductions, people_of
from core.simulator.driver import Driver
from core.simulator.faults import GLADLY_FAULTS, SEGMENT_FAULTS
from core.simulator.gladly import DEMO_EMAIL, DEMO_TOKEN, GladlySimulator
from core.simulator.runner import LOOPBACK, SimulatorServer
from core.simulator.segment import SegmentSimulator
from core.simulator.sender import Sending
from core.simulator.tally import Tally
from core.simulator.webhooks import WebhookChange

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from core.home import Home
    from core.sender.people import People
    from core.simulator.events import Event
    from core.simulator.webhooks import Webhook

USER = "gladly"
PASSWORD = "demo-password"  # noqa: S105 - of a throw-away listener on loopback
WRITE_KEY = "demo" * 8
ALIAS = "demo"
REQUESTS_PER_SECOND = 9
SETTLE_SECONDS = 1.0
STOP_SECONDS = 2.0
DEFAULT_RATE = 8.0


class DemoWorld:
    """Both simulators with what happens in them; its methods may be called from any thread.

    `start`, `stop`, `pause` and `set_rate` take a moment; the rest returns at once.

    Args:
        home: The throw-away home of the engine; whoever made it removes it.
        rate: Track events per second.
        count: How many to cause; None goes on until `pause`.
        faults: What goes wrong from the beginning, such as `500:count=3`.
        time_scale: How much faster Gladly's waits between retries pass.
    """

    def __init__(
        self,
        home: Home,
        *,
        rate: float = DEFAULT_RATE,
        count: int | None = None,
        faults: Iterable[str] = (),
        time_scale: float = 1.0,
    ) -> None:
        of_segment, of_gladly = sorted_faults(faults)
        self.home = home
        self.segment = SegmentSimulator(faults=of_segment)
        self.gladly = GladlySimulator(faults=of_gladly, sending=Sending(time_scale=time_scale))
        self.count = count
        self._rate = rate
        self._segment_server = SimulatorServer(self.segment)
        self._gladly_server = SimulatorServer(self.gladly)
        self._webhook: Webhook | None = None
        self._nowhere: socket.socket | None = None
        self._lock = threading.RLock()
        self._traffic: _Traffic | None = None
        self._tally = Tally(self.gladly, self.segment)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> Self:
        """Start both simulators; nothing happens in them yet."""
        self._segment_server.start()
        try:
            self._gladly_server.start()
        except BaseException:
            self._segment_server.stop()
            raise
        return self

    def stop(self) -> None:
        """End the traffic and both simulators; harmless when nothing runs."""
        self.pause()
        self._gladly_server.stop()
        self._segment_server.stop()
        with self._lock:
            if self._nowhere is not None:
                self._nowhere.close()
                self._nowhere = None

    @property
    def settings(self) -> settings.Settings:
        """What an engine between the two has to be set to."""
        return settings.Settings(
            listener=settings.Listener(port=0),
            segment=settings.Segment(host=self._segment_server.url, alias=ALIAS),
            gladly=settings.Gladly(
                url=self._gladly_server.url,
                agent_email=DEMO_EMAIL,
                requests_per_second=REQUESTS_PER_SECOND,
            ),
            mapping=settings.Mapping_(settle_seconds=SETTLE_SECONDS),
        )

    @property
    def secrets(self) -> EngineSecrets:
        """The secrets to these settings; they open nothing but the simulators."""
        return EngineSecrets(
            write_key=Secret(WRITE_KEY),
            gladly_token=Secret(DEMO_TOKEN),
            webhook_password=Secret(PASSWORD),
        )

    @property
    def environ(self) -> dict[str, str]:
        """Settings and secrets as environment variables, for whoever reads them there."""
        made = self.settings
        values = {
            f"{section}__{key}": value
            for section, key, _ in settings.keys()  # noqa: SIM118 - a function, no dict
            if (value := getattr(getattr(made, section), key))
            != getattr(getattr(settings.Settings(), section), key)
        }
        secrets = {
            "write_key": WRITE_KEY,
            "gladly_token": DEMO_TOKEN,
            "webhook_password": PASSWORD,
        }
        return {
            f"{settings.ENV_PREFIX}{name.upper()}": str(one)
            for name, one in (values | secrets).items()
        }

    def engine(self) -> Engine:
        """An engine between the two; whoever asks runs it."""
        return Engine(self.home, self.settings, self.secrets)

    def connect(self, webhook_url: str) -> None:
        """Have Gladly report to this listener, and switch the webhook on."""
        with self._lock:
            if self._webhook is None:
                self._webhook = self.gladly.add_webhook(
                    webhook_url, username=USER, password=PASSWORD, name="Gladly Source"
                )
            else:
                self._webhook = msgspec.structs.replace(self._webhook, url=webhook_url)
                self.wake()

    def sleep(self) -> None:
        """Let nothing that Gladly sends reach the listener, until `wake`."""
        with self._lock:
            if self._webhook is None:
                return
            if self._nowhere is None:
                # Bound, but nobody listens: whoever connects is refused, as by a closed lid.
                self._nowhere = socket.socket()
                self._nowhere.bind((LOOPBACK, 0))
            port = self._nowhere.getsockname()[1]
            away = WebhookChange(url=f"http://{LOOPBACK}:{port}/asleep")
            self.gladly.webhooks.save(self.gladly.webhooks.changed(self._webhook, away))

    def wake(self) -> None:
        """Let Gladly reach the listener again; a webhook it switched off is switched on."""
        with self._lock:
            if self._webhook is not None:
                here = WebhookChange(url=self._webhook.url, enabled=True)
                self.gladly.webhooks.save(self.gladly.webhooks.changed(self._webhook, here))

    @property
    def rate(self) -> float:
        """Track events per second."""
        return self._rate

    @property
    def running(self) -> bool:
        """Whether conversations are being lived."""
        with self._lock:
            return self._traffic is not None

    def resume(self) -> None:
        """Let conversations live; harmless when they do."""
        with self._lock:
            if self._traffic is None:
                left = None if self.count is None else max(0, self.count - self._tally.caused)
                driver = Driver(self.gladly, rate=self._rate, count=left)
                self._tally.add(driver)
                self._traffic = _Traffic(driver, self._gladly_server)

    def pause(self) -> None:
        """Stop the traffic; conversations under way stay as they are."""
        with self._lock:
            traffic, self._traffic = self._traffic, None
        if traffic is not None:
            traffic.end()

    def set_rate(self, rate: float) -> None:
        """Track events per second from now on."""
        with self._lock:
            self._rate = rate
        if self.running:
            self.pause()
            self.resume()

    def set_faults(self, *, segment: Iterable[str] = (), gladly: Iterable[str] = ()) -> None:
        """Have exactly these faults strike from now on.

        Raises:
            ValueError: One of them cannot be read.
        """
        self.segment.faults.set(segment)
        self.gladly.faults.set(gladly)

    def clear_faults(self) -> None:
        """Let everything be well."""
        self.set_faults()

    @property
    def tally(self) -> Tally:
        """What ought to arrive, what has, and how much of it."""
        return self._tally

    @property
    def people(self) -> People:
        """Everybody that simulated Gladly knows."""
        return people_of(self.gladly.world)

    def introduce(self, bodies: Iterable[Event], topic_ids: Iterable[str] = ()) -> None:
        """Let Gladly know the conversations of test events, so that look-ups find them.

        Bodies that Gladly could not have written are passed over.
        """
        self.gladly.load(introductions(bodies, list(topic_ids), self.gladly.clock()))


class _Traffic:
    """One driver at work on Gladly's loop."""

    def __init__(self, driver: Driver, server: SimulatorServer) -> None:
        self._server = server
        self._stop = asyncio.Event()
        self._work: futures.Future[None] = server.submit(driver.run(self._stop))

    def end(self) -> None:
        """Stop it and wait until it has."""
        if not self._work.done():
            self._server.submit(self._tell())
        futures.wait([self._work], STOP_SECONDS)
        if self._work.done():
            self._work.result()

    async def _tell(self) -> None:
        self._stop.set()


def sorted_faults(faults: Iterable[str]) -> tuple[list[str], list[str]]:
    """Faults as given, for Segment and for Gladly; those that both know strike Segment."""
    given = [(fault.split(":")[0].strip(), fault) for fault in faults]
    return (
        [fault for name, fault in given if name in SEGMENT_FAULTS],
        [fault for name, fault in given if name in GLADLY_FAULTS - SEGMENT_FAULTS],
    )
