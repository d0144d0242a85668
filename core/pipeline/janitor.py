"""Worker: expired leases, retention, and the store's well-being."""

from __future__ import annotations

import asyncio
import logging
import shutil
from typing import TYPE_CHECKING

from core.errors import StoreError
from core.health import named
from core.pipeline.retry import DAY, HOUR
from core.store import upkeep
from core.store.base import Retention

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from core.health import Health
    from core.settings import Retention as RetentionSettings
    from core.store.sql_store import SqlStore

log = logging.getLogger(__name__)

TICK_SECONDS = 5.0
PRUNE_SECONDS = HOUR
LOW_BYTES = 200_000_000
LOW_SHARE = 0.05
#: as much as the largest usual body: a nearly full disk still takes a few bytes
PROBE = "x" * 262_144
WELL = "It can be written."
REMOVED = (
    "Events wait for the source {alias}, which is not in the settings any more: put "
    "[sources.{alias}] back, or discard them (search for source:{alias})."
)
ALARMS = frozenset({"full", "unavailable", "busy", "corrupt"})


class Janitor:
    """Looks after the store while the engine runs.

    Args:
        store: What is looked after.
        folder: Where it lies, for the free space; None for a store elsewhere.
        settings: How long things are kept.
        sources: The aliases of the further sources there are.
        health: Where the store's state is told.
        recovered: Called when the store can be written again.
        leads: Whether this engine does what only one does: retention.
        clock: Epoch seconds; the store's own clock, unless a test has another.
    """

    def __init__(
        self,
        store: SqlStore,
        folder: Path | None,
        settings: RetentionSettings,
        *,
        health: Health,
        recovered: Callable[[], None],
        sources: Collection[str] = (),
        leads: Callable[[], bool] = lambda: True,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._store = store
        self._folder = folder
        self._settings = settings
        self._health = health
        self._recovered = recovered
        self._sources = frozenset(sources)
        self._leads = leads
        self._clock = clock or store.clock
        self._pruned_at = 0.0
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """Do nothing more."""
        self._stop.set()

    async def run(self) -> None:
        """Tick until `stop()`."""
        self._health.set("store", "ok", WELL)
        while not self._stop.is_set():
            await self.tick()
            try:
                await asyncio.wait_for(self._stop.wait(), TICK_SECONDS)
            except TimeoutError:
                continue

    async def tick(self) -> None:
        """One round: is the store writable, are leases over, is it time for retention?"""
        now = self._clock()
        try:
            await self._store.set_meta("heartbeat", str(now))
            await self._probe()
            await self._store.reap(now, before=now)
            if await self._store.clamp(now):
                log.warning("the clock was set back: what waited too long is due now")
            self._say_well()
            await self._look_for_removed()
            if self._leads() and now - self._pruned_at >= PRUNE_SECONDS:
                self._pruned_at = now
                await self.prune(now)
        except StoreError as exc:
            self.alarm(exc)

    async def _look_for_removed(self) -> None:
        """Deliveries for a source that was taken out of the settings go nowhere: say so."""
        left = {named("segment", one) for one in await self._store.further_sources()}
        ours = {named("segment", one) for one in self._sources}
        for name in left - ours:
            alias = name.partition(":")[2]
            sentence = REMOVED.format(alias=alias)
            self._health.set(name, "removed", sentence)
        for state in self._health.states():
            if state.word == "removed" and state.name not in left:
                self._health.set(state.name, "off", "Nothing waits for it any more.")

    def alarm(self, error: StoreError) -> None:
        """Something could not be stored: say so until a whole body can be stored again."""
        self._health.set("store", error.code.removeprefix("store."), str(error))

    def _alarmed(self) -> bool:
        state = self._health.get("store")
        return state is not None and state.word in ALARMS

    async def _probe(self) -> None:
        if self._alarmed():
            await self._store.set_meta("probe", PROBE)
            await self._store.set_meta("probe", "")

    async def prune(self, now: float) -> None:
        """Remove what is older than the settings allow."""
        policy = Retention(
            payload_before=now - self._settings.payload_days * DAY,
            metadata_before=now - self._settings.metadata_days * DAY,
        )
        pruned = await upkeep.prune(self._store, policy)
        if pruned.bodies or pruned.rows:
            log.info("retention", extra={"bodies": pruned.bodies, "rows": pruned.rows})

    def _low(self) -> int | None:
        """Bytes left where the store lies, when they are few and that can be told."""
        if self._folder is None:
            return None
        try:
            disk = shutil.disk_usage(self._folder)
        except OSError:
            return None
        return disk.free if disk.free < min(LOW_BYTES, LOW_SHARE * disk.total) else None

    def _say_well(self) -> None:
        alarmed = self._alarmed()
        if (free := self._low()) is not None:
            self._health.set(
                "store",
                "low-space",
                f"Only {free // 1_000_000} MB are free where the store lies: free some.",
            )
        else:
            self._health.set("store", "ok", WELL)
        if alarmed:
            self._recovered()
