"""Builds what brings events besides the listener, and what watches over the channels."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from core.ingest.crosscheck import CrossCheck
from core.ingest.keeper import Keeper
from core.ingest.poller import Poller

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
        listens: Whether the webhook's listener runs.
        clock: Epoch seconds.

    Attributes:
        poller: Reads Gladly's events when asked to; None where there is nobody to ask.
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
        clock: Callable[[], float] = time.time,
    ) -> None:
        polls = gladly is not None and settings.gladly.polls
        self._health = health
        self.poller: Poller | None = None
        self.services: dict[str, Service] = {}
        keeper = Keeper(store, settings, health=health, listens=listens, polls=polls, clock=clock)
        if listens or polls:
            self.services["keeper"] = keeper
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
        if polls and listens:
            expected = settings.listener.public_url is not None
            check = CrossCheck(store, intake, health=health, expected=expected, clock=clock)
            self.poller.first_told.connect(check.note)
            self.services["crosscheck"] = check

    def _say_answered(self, _: CatchUp) -> None:
        """Whoever is read from answers; look-ups know more, once there are any."""
        state = self._health.get("gladly")
        if state is None or state.word == "unknown":
            self._health.set("gladly", "ok", "Gladly answers.")

    def say_first(self) -> None:
        """The states before anything happened."""
        if "poller" in self.services:
            self._health.set("poll", "unknown", "Gladly's events were not read yet.")
        else:
            self._health.set("poll", "off", "Gladly's events are not polled.")
