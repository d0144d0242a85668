"""Builds the services from settings and runs them; the only composition root of the engine."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
import uuid
from typing import TYPE_CHECKING

from core import home_lock
from core.control import ControlServer
from core.credentials import Secret
from core.engine_secrets import EngineSecrets, Role, gather_secrets, make_gate
from core.errors import OperationError
from core.fellows import Fellows
from core.figures import Figures
from core.gladly.budget import SystemClock
from core.gladly.client import connect
from core.gladly.lookup import ContextLookup
from core.health import Health
from core.ingest.app import ListenerApp
from core.ingest.channels import Channels
from core.ingest.echo import Echo
from core.ingest.intake import Intake
from core.ingest.server import HttpServer
from core.mapping.plan import make_plans
from core.model import DeliveryStatus
from core.pipeline.forwarder import Forwarder, Settled
from core.pipeline.forwarders import Forwarders
from core.pipeline.janitor import Janitor
from core.pipeline.lookups import NoLookup
from core.pipeline.operations import Operations
from core.pipeline.resolver import Queued, Resolver, Rules
from core.readiness import Readiness
from core.report import EngineReport
from core.segment.client import SegmentClient
from core.segment.message import MessageBuilder
from core.signals import Signal
from core.store.opening import driver_for
from core.store.sql_store import SqlStore
from core.supervisor import Service, Supervisor

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.gladly.client import GladlyClient
    from core.home import Home
    from core.ingest.backfills import Backfills
    from core.ingest.poller import CatchUp
    from core.pipeline.lookups import Lookup
    from core.settings import Settings

__all__ = ["Engine", "EngineSecrets", "Role", "Service", "gather_secrets"]

log = logging.getLogger(__name__)

STOP_SECONDS = 7.0
#: requests with wrong credentials in a row that are an alarm
REFUSALS = 5
SECONDS_PER_MINUTE = 60
NOBODY_TO_ASK = "The running engine has no Gladly to ask."
ASK_WHOM = "Set gladly.url, gladly.agent_email and the secret gladly-token, and restart it."


class Engine:
    """All running services of one home.

    Args:
        home: Where the store lies.
        settings: Checked settings.
        secrets: What `gather_secrets` found.
        role: Which half to run.
    """

    def __init__(
        self,
        home: Home,
        settings: Settings,
        secrets: EngineSecrets,
        *,
        role: Role = "all",
    ) -> None:
        self._home = home
        self._secrets = secrets
        self.settings = settings
        self.plans = make_plans(settings)
        self.health = Health(time.time)
        self.store = SqlStore(driver_for(home, settings.store.url))
        self.queued: Signal[Queued] = Signal()
        self.settled: Signal[Settled] = Signal()
        self.intake = Intake(self.store, self.store.clock)
        self.figures = Figures()
        self.settled.connect(self.figures.settle)
        self.operations = Operations(self.store, wake=self._try_now, forget=self._forget)
        self.gladly: GladlyClient | None = None
        self.lookup: ContextLookup | None = None
        self.gate = make_gate(settings.listener, secrets)
        self.listener: HttpServer | None = None
        #: this engine's name in leases
        self._owner = uuid.uuid4().hex
        self.forwarders = Forwarders(self.store)
        self.resolver: Resolver | None = None
        self.echo: Echo | None = None
        self._app: ListenerApp | None = None
        self._stopping = asyncio.Event()
        self._supervisor = Supervisor(self.health, self._stopping)
        self._janitor = Janitor(
            self.store,
            None if self.store.shared else home.path,
            settings.retention,
            health=self.health,
            recovered=self._look_again,
            sources=settings.sources,
            leads=lambda: self._fellows.leads,
        )
        self._services = self._make_services(role)

    def stop(self) -> None:
        """Stop accepting, finish what is under way, close; call on the engine's loop."""
        self._stopping.set()

    def webhook_url(self) -> str | None:
        """The webhook's address on this machine; None while there is no listener."""
        if self.listener is None:
            return None
        return self.listener.url + self.settings.listener.path

    def resume(self) -> None:
        """End a pause, and try Segment now, whatever held uploads back."""
        self.forwarders.resume()

    def _try_now(self) -> None:
        self._fellows.tell_redrive()
        self.forwarders.try_now()

    def pause(self) -> None:
        """Send nothing to Segment until `resume()`; receiving goes on."""
        self.forwarders.pause()

    async def catch_up(self, since: float | None = None) -> CatchUp:
        """Read from Gladly what happened since then, or since the last reading.

        Raises:
            OperationError: This engine has no Gladly to ask.
            GladlyError, StoreError: It cannot be read, or not kept.
        """
        self._fellows.refuse_follower()
        if self._channels.poller is None:
            raise OperationError(NOBODY_TO_ASK, ASK_WHOM)
        return await self._channels.poller.catch_up(since)

    @property
    def backfills(self) -> Backfills:
        """Imports history from Gladly's export files.

        Raises:
            OperationError: This engine has no Gladly to ask.
        """
        self._fellows.refuse_follower()
        if self._channels.backfills is None:
            raise OperationError(NOBODY_TO_ASK, ASK_WHOM)
        return self._channels.backfills

    def last_ping_at(self) -> float | None:
        """When Gladly last asked whether the webhook answers (epoch seconds)."""
        return self.intake.last_ping_at

    async def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Open the store, start the services, and run until `stop()`.

        Raises:
            GladlySourceError: It could not start; nothing is left running.
        """
        # A store that is not shared has a lock of its own.
        with home_lock.held(self._home) if self.store.shared else contextlib.nullcontext():
            await self._run(ready)

    async def _run(self, ready: Callable[[], None]) -> None:
        await self.store.open()
        try:
            await self._fellows.join(self.resolver, self.forwarders or None)
            if self.listener is not None:
                self.listener.open()
            self._say_first()
            if self.listener is not None:
                self.health.set("listener", "listening", f"Listens on {self.listener.url}.")
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(self._supervisor.run(name, service), name=name)
                    for name, service in self._services.items()
                ]
                ready()
                await self._stopping.wait()
                await self._stop_all(tasks)
        finally:
            if self.listener is not None:
                self.listener.close()  # stopped before it ran
            if self.gladly is not None:
                await self.gladly.aclose()
            await self._fellows.leave()
            await self.store.close()

    async def _stop_all(self, tasks: list[asyncio.Task[None]]) -> None:
        log.info("stopping")
        for service in self._services.values():
            service.stop()
        _, late = await asyncio.wait(tasks, timeout=STOP_SECONDS)
        for task in late:
            log.warning("cancelled at the deadline", extra={"service": task.get_name()})
            task.cancel()

    def _make_services(self, role: Role) -> dict[str, Service]:
        services: dict[str, Service] = {}
        if role != "forward" and self.settings.listener.enabled:
            self.listener = self._make_listener()
            services["listener"] = self.listener
        if role != "receive":
            self.forwarders = self._make_forwarders()
            self.resolver = self._make_resolver()
            services["resolver"] = self.resolver
            services |= self.forwarders.services
            self.intake.stored.connect(self._wake_resolver)
            self.queued.connect(self._wake_forwarder)
        services["janitor"] = self._janitor
        listens = self.settings.listener.enabled
        fellows = self._fellows = Fellows(
            self.store,
            role=role,
            owner=self._owner,
            listens=self.listener is not None,
            intake=self.intake,
            health=self.health,
            look_again=self._look_again,
            heed=self.forwarders.heed,
        )
        fellows.tell_of(self.queued)
        self._channels = Channels(
            fellows.leaders_store(),
            self.intake,
            self.settings,
            health=self.health,
            gladly=self.gladly,
            listens=listens if self.store.shared else self.listener is not None,
            is_heard=fellows.presence.hears_a_listener if self.store.shared else lambda: True,
            clock=self.store.clock,
        )
        services |= fellows.lead(self._channels.services)
        services["presence"] = fellows.presence
        services["control"] = ControlServer(
            self._home,
            self.operations,
            self.resume,
            pause=self.pause,
            listener=self.webhook_url,
            health=self.health,
            last_ping_at=self.last_ping_at,
            catch_up=self.catch_up,
            backfills=lambda: self.backfills,
            profile=self.settings.app.profile,
            segment=self.settings.segment.url,
            gate=self.gate,
        )
        return services

    def _say_first(self) -> None:
        """The states before anything happened."""
        if self.listener is None:
            self.health.set("listener", "off", "The listener is switched off.")
        if self.gladly is None:
            self.health.set("gladly", "off", "No Gladly address is set: events carry ids only.")
        else:
            self.health.set("gladly", "unknown", "Gladly was not asked yet.")
        self._channels.say_first()

    def _forget(self, customer_id: str) -> None:
        """A person was erased: out of the caches, too."""
        if self.lookup is not None:
            self.lookup.invalidate_customer(customer_id)

    def _say_refusing(self, refused: int) -> None:
        """Wrong credentials: after an hour of refusals Gladly switches the webhook off."""
        if self.listener is None:
            return
        if refused >= REFUSALS:
            self.health.set(
                "listener",
                "refusing",
                f"The last {refused} requests had wrong credentials: compare user and password "
                "of the webhook in Gladly with listener.username and webhook-password.",
            )
        elif refused == 0:
            self.health.set("listener", "listening", f"Listens on {self.listener.url}.")

    def _look_again(self) -> None:
        """The store can be written again: work may have been left lying."""
        self.forwarders.wake()
        self._wake_resolver(0)

    def _wake_resolver(self, _: int) -> None:
        if self.resolver is not None:
            self.resolver.wake()

    def _wake_forwarder(self, queued: Queued) -> None:
        if queued.deliveries:
            self.forwarders.wake()

    def _make_listener(self) -> HttpServer:
        listener = self.settings.listener
        self._app = ListenerApp(
            path=listener.path,
            gate=self.gate,
            intake=self.intake,
            max_body=listener.max_body_bytes,
            report=EngineReport(
                self.store,
                self.health,
                self._totals,
                figures=self.figures,
                intake=self.intake,
                readiness=Readiness(self.store.driver, self.health, self._stopping.is_set),
            ),
            alarm=self._janitor.alarm,
            refusing=self._say_refusing,
            echo=self._make_echo(),
        )
        return HttpServer(self._app, host=listener.host, port=listener.port, direct=self._app)

    def _make_echo(self) -> Echo | None:
        if not self.settings.confirm.echo:
            return None
        secret = self._secrets.echo_secret or Secret("")
        echo = self.echo = Echo(secret, self.store, health=self.health, clock=self.store.clock)
        echo.confirmed.connect(self._tell_confirmed)
        return echo

    def _tell_confirmed(self, count: int) -> None:
        self.settled.emit(Settled(counts={DeliveryStatus.CONFIRMED: count}))

    def _make_forwarders(self) -> Forwarders:
        keys = {"": self._secrets.write_key, **self._secrets.source_keys}
        urls = {alias: one.url for alias, one in self.settings.sources.items()}
        return Forwarders(
            self.store,
            [
                self._make_forwarder(alias, SegmentClient(keys.get(alias) or Secret(""), url))
                for alias, url in {"": self.settings.segment.url, **urls}.items()
            ],
        )

    def _make_forwarder(self, source: str, client: SegmentClient) -> Forwarder:
        return Forwarder(
            self.store,
            self.figures.measured(client),
            self.settings.delivery,
            health=self.health,
            settled=self.settled,
            source=source,
            owner=self._owner,
        )

    def _make_resolver(self) -> Resolver:
        return Resolver(
            self.store,
            self._make_lookup(),
            self.plans,
            MessageBuilder(),
            Rules(
                settle_seconds=self.settings.mapping.settle_seconds,
                give_up_seconds=self.settings.gladly.lookup_give_up_minutes * SECONDS_PER_MINUTE,
            ),
            health=self.health,
            queued=self.queued,
            owner=self._owner,
            forget=self._forget,
        )

    def _make_lookup(self) -> Lookup:
        gladly = self.settings.gladly
        if gladly.url is None or gladly.agent_email is None or self._secrets.gladly_token is None:
            return NoLookup()
        clock = SystemClock()
        self.gladly = connect(gladly, self._secrets.gladly_token, clock, wall=self.store.clock)
        self.lookup = ContextLookup(self.gladly, clock=clock)
        return self.lookup

    def _totals(self) -> dict[str, int]:
        app, gladly = self._app, self.gladly
        return {
            "unauthorized_requests": app.unauthorized if app else 0,
            "unsigned_echoes": self.echo.unsigned if self.echo else 0,
            "requests_refused_by_store": app.refused_store if app else 0,
            "gladly_requests": gladly.requests.total() if gladly else 0,
        }
