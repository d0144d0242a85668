"""Builds what brings events besides the listener, and what watches over the channels."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from core.errors import OperationError
from core.gladly.webhooks import address
from core.ingest import alarm, watchdog
from core.ingest.alarm import SilenceAlarm
from core.ingest.backfill import Backfill
from core.ingest.backfills import Backfills
from core.ingest.crosscheck import CrossCheck
from core.ingest.keeper import Keeper
from core.ingest.poller import Poller
from core.ingest.probe import Probe
from core.ingest.watchdog import Watchdog

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.gladly.client import GladlyClient
    from core.health import Health
    from core.ingest.intake import Intake
    from core.ingest.poller import CatchUp
    from core.settings import Settings
    from core.store.sql_store import SqlStore
    from core.supervisor import Service


class Channels:
    """How events come in: by the listener, by polling, or by both.

    Args:
        store: The inbox and the ledger.
        intake: Where polling puts what it reads.
        settings: What is wanted.
        health: Where states are told.
        gladly: Whom polling asks; None where there is nobody to ask.
        listens: Whether the webhook's listener runs, here or beside another engine.
        is_heard: Whether it runs at this moment.
        clock: Epoch seconds.

    Attributes:
        poller: Reads Gladly's events when asked to; None where there is nobody to ask.
        backfills: Imports history when asked to; None likewise.
        watchdog: Watches the webhook in Gladly; None where there is none to watch.
        services: What has to run, by name.
    """

    def __init__(
        self,
        store: SqlStore,
        intake: Intake,
        settings: Settings,
        *,
        health: Health,
        gladly: GladlyClient | None,
        listens: bool,
        is_heard: Callable[[], bool] = lambda: True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        polls = gladly is not None and settings.gladly.polls
        self._health = health
        self._clock = clock
        self.poller: Poller | None = None
        self.backfills: Backfills | None = None
        self.watchdog: Watchdog | None = None
        self._unwatched = ""
        self.services: dict[str, Service] = {}
        keeper = Keeper(
            store,
            settings,
            health=health,
            listens=listens,
            polls=polls,
            is_heard=is_heard,
            clock=clock,
        )
        if listens or polls:
            self.services["keeper"] = keeper
            self.services[alarm.COMPONENT] = SilenceAlarm(
                store, settings, health=health, clock=clock
            )
        if gladly is None:
            return
        self.poller = Poller(
            gladly,
            intake,
            store,
            seconds=settings.gladly.poll_seconds,
            health=health,
            clock=clock,
        )
        self.poller.first_told.connect(keeper.note_found)
        self.poller.covered.connect(keeper.note_read)
        self.poller.covered.connect(self._say_answered)
        if polls:
            self.services["poller"] = self.poller
        self.backfills = self.services["backfills"] = self._make_backfills(
            gladly, intake, store, settings
        )
        self.watchdog = self._make_watchdog(intake, settings, gladly) if listens else None
        if polls and listens:
            self.services["crosscheck"] = self._make_check(store, intake, settings)

    def _say_answered(self, _: CatchUp) -> None:
        """Whoever is read from answers; look-ups know more, once there are any."""
        state = self._health.get("gladly")
        if state is None or state.word == "unknown":
            self._health.set("gladly", "ok", "Gladly answers.")

    def say_first(self) -> None:
        """The states before anything happened."""
        if alarm.COMPONENT in self.services:
            self._health.set(alarm.COMPONENT, "starting", "Learns which events are usual.")
        if self._unwatched:
            self._health.set(watchdog.COMPONENT, "off", self._unwatched)
        elif self.watchdog is not None:
            self._health.set(watchdog.COMPONENT, "unknown", "Gladly was not asked yet.")
        if "poller" in self.services:
            self._health.set("poll", "unknown", "Gladly's events were not read yet.")
        else:
            self._health.set("poll", "off", "Gladly's events are not polled.")

    def _make_backfills(
        self, gladly: GladlyClient, intake: Intake, store: SqlStore, settings: Settings
    ) -> Backfills:
        return Backfills(
            Backfill(
                gladly,
                intake,
                store,
                opened_when=settings.mapping.opened_when,
                resolves=True,
                clock=self._clock,
            )
        )

    def _make_watchdog(
        self, intake: Intake, settings: Settings, gladly: GladlyClient
    ) -> Watchdog | None:
        if settings.listener.public_url is None or self.poller is None:
            return None
        try:
            url = address(settings)
        except OperationError as exc:
            self._unwatched = str(exc)
            return None
        made = Watchdog(
            gladly,
            Probe(settings.listener),
            url,
            intake=intake,
            heal=self.poller.catch_up,
            health=self._health,
            rearm=settings.listener.rearm,
            polled="poller" in self.services,
            clock=self._clock,
        )
        self.services[watchdog.COMPONENT] = made
        return made

    def _make_check(self, store: SqlStore, intake: Intake, settings: Settings) -> CrossCheck:
        watched = self.watchdog
        check = CrossCheck(
            store,
            intake,
            health=self._health,
            expected=settings.listener.public_url is not None,
            since=(lambda: 0.0) if watched is None else (lambda: watched.expects_since),
            clock=self._clock,
        )
        if self.poller is not None:
            self.poller.first_told.connect(check.note)
        return check
