"""What an engine has to do with the other engines on its store."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Protocol, cast

from core import __version__
from core.errors import OperationError
from core.leader import Leadership, Led, duties, led
from core.presence import Presence
from core.store.engines import Me
from core.store.session import Fenced
from core.store.sql_store import SqlStore

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from core.engine_secrets import Role
    from core.health import Health
    from core.ingest.intake import Intake
    from core.pipeline.resolver import Queued
    from core.signals import Signal
    from core.store.base import Driver
    from core.store.session import News
    from core.supervisor import Service


class Worker(Protocol):
    """A worker that can be told that there is something to do."""

    def wake(self) -> None:
        """Look now."""


class Fellows:
    """Joins the other engines: leads or follows, tells and hears what is new.

    Args:
        store: What all of them work on.
        role: This engine's.
        owner: This engine's name in leases.
        listens: Whether the webhook may arrive here.
        intake: Where it then arrives.
        health: Where it is told what another engine does.
        look_again: Called when there is work that a gone engine left.
        heed: Called every few seconds, to heed what was asked of another engine.

    Attributes:
        presence: Says that this engine is there; a service.
    """

    def __init__(
        self,
        store: SqlStore,
        *,
        role: Role,
        owner: str,
        listens: bool,
        intake: Intake,
        health: Health,
        look_again: Callable[[], None],
        heed: Callable[[], Awaitable[None]],
    ) -> None:
        self._store = store
        self._owner = owner
        self._intake = intake
        self._health = health
        self._session = store.driver.session(candidate=role != "receive")
        self._leadership = Leadership(self._session)
        self._led: dict[str, Led] = {}
        me = Me(
            id=owner,
            name=f"{socket.gethostname()}:{os.getpid()}",
            role=role,
            version=__version__,
            started_at=0.0,
            listens=listens,
        )
        self.presence = Presence(
            store,
            me,
            leads=lambda: duties(self._led),
            webhook_at=lambda: intake.last_heard_at,
            heard=intake.note_webhook,
            freed=look_again,
            beaten=heed,
        )

    @property
    def leads(self) -> bool:
        """Whether this engine does what only one does."""
        return self._leadership.holds()

    def leaders_store(self) -> SqlStore:
        """The store for what only one engine does: it cannot be written while another leads."""
        if not self._store.shared:
            return self._store
        return SqlStore(cast("Driver", Fenced(self._store.driver, self._leadership.holds)))

    def lead(self, services: dict[str, Service]) -> dict[str, Service]:
        """These services, each running only while this engine leads."""
        if not self._store.shared:
            return services
        self._led = led(services, self._leadership, self._health)
        return {**self._led}

    def refuse_follower(self) -> None:
        """Refuse what only the engine that leads may be asked for.

        Raises:
            OperationError: Another one leads; it names that one.
        """
        if not self.leads:
            raise OperationError(
                "Another engine on this store reads from Gladly: "
                f"{self.presence.leader() or 'it is not known yet which one'}.",
                "Ask that one, with its --home; `gladly-source status` lists the engines.",
            )

    async def join(self, inbox: Worker | None, outbox: Worker | None) -> None:
        """Begin, with the store open: free what dead engines left, and look who is there.

        Args:
            inbox: Woken when another engine has put something there.
            outbox: Likewise.

        Raises:
            StoreError: The store cannot be used.
        """
        await self._free_leases()
        await self.presence.beat()

        def hear(news: News) -> None:
            worker = inbox if news == "webhook" else outbox
            if worker is not None:
                worker.wake()

        self._leadership.watch(self.presence.hurry)  # behind the services, so that they have begun
        self._session.start(hear, self._leadership.changed)

    def tell_of(self, queued: Signal[Queued]) -> None:
        """Tell the others what is put into the inbox, and into the outbox."""
        if self._store.shared:
            self._intake.stored.connect(self._tell_stored)
            queued.connect(self._tell_queued)

    def tell_redrive(self) -> None:
        """Tell the others that something was put back to pending."""
        self._session.tell("delivery")

    async def leave(self) -> None:
        """End, with the store still open."""
        await self.presence.leave()
        await self._session.stop()

    async def _free_leases(self) -> None:
        """Whatever a dead engine had leased; what is leased by one that lives is its own."""
        now = self._store.clock()
        if self._store.shared:
            await self._store.reap(now, before=now)  # a webhook's lease that is over binds nobody
            return
        await self._store.free_webhook_leases()
        await self._store.reap(now, before=float("inf"))
        await self._store.engines.drop(float("inf"), me="")

    def _tell_stored(self, _: int) -> None:
        self._session.tell("webhook")

    def _tell_queued(self, queued: Queued) -> None:
        if queued.deliveries:
            self._session.tell("delivery")
