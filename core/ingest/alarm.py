"""Worker: an unusual silence is an alarm, though everything looks connected."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from core.errors import StoreError
from core.health import WELL
from core.ingest.learner import Learner
from core.silence import FEW, HINT, NAMES, learning, said_of, usually

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

    from core.health import Health, State
    from core.settings import Settings
    from core.silence import Silence
    from core.store.view import StoreView

COMPONENT: Final = "silence"
LOOK_SECONDS: Final = 60.0
#: whoever of these is not well says himself why nothing comes
NEARER: Final = ("listener", "gladly-webhook", "webhook", "poll", "store")


class SilenceAlarm:
    """Looks every minute whether it has been silent for unusually long.

    Only time counts in which somebody listened without a gap, or which was read from Gladly
    afterwards (the ledger says so), and in which no component nearer to the cause was not well.
    So after a start, a sleep or an outage it waits as long as a silence has to be.

    Args:
        store: The inbox and the ledger.
        settings: How often Gladly's events are read, and how long rows are kept.
        health: Where it is told, as the component `silence`.
        clock: Epoch seconds.
        zone: Whose week; None is this computer's.
    """

    def __init__(
        self,
        store: StoreView,
        settings: Settings,
        *,
        health: Health,
        clock: Callable[[], float] = time.time,
        zone: tzinfo | None = None,
    ) -> None:
        self._learner = Learner(store, settings, zone)
        self._kept_days = settings.retention.metadata_days
        self._health = health
        self._clock = clock
        self._stopping = asyncio.Event()
        self._unwell_at = 0.0
        self._silences: dict[str, Silence] = {}

    def stop(self) -> None:
        """Look no more."""
        self._stopping.set()

    async def run(self) -> None:
        """Look every minute until `stop()`."""
        while not self._stopping.is_set():
            with suppress(StoreError):  # the janitor says so
                await self.look()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), LOOK_SECONDS)

    async def look(self) -> None:
        """Read what is new, judge, and tell."""
        now = self._clock()
        while await self._learner.more(now):
            if self._stopping.is_set():
                return
        await self._learner.settle(now)
        volumes, judge = self._learner.volumes, self._learner.judge
        if why := learning(volumes, now, self._kept_days):
            self._say("off", why)
        elif not judge.is_any_busy(now):
            self._say("off", FEW)
        else:
            await self._judge(now)
            silences = [self._silences[one] for one in NAMES if one in self._silences]
            if silences:
                self._say("silent", f"{said_of(silences, now)} {HINT}")
            else:
                self._say("ok", usually(volumes, judge.usual_now(now), now))

    async def _judge(self, now: float) -> None:
        """End the silences after which something came; find new ones."""
        last = {event: self._learner.volumes.last(event) or 0.0 for event in NAMES}
        for event, known in list(self._silences.items()):
            if last[event] > known.since:
                del self._silences[event]
        if any(state is not None and state.word not in WELL for state in self._nearer()):
            self._unwell_at = now
            return
        watched = await self._learner.watched(now)
        if watched is None:
            return
        for event in set(NAMES) - set(self._silences):
            since = max(last[event], watched.start, self._unwell_at)
            if found := self._learner.judge.unusual(event, since, watched.end):
                self._silences[event] = found

    def _nearer(self) -> list[State | None]:
        return [self._health.get(name) for name in NEARER]

    def _say(self, word: str, sentence: str) -> None:
        if word == "off":
            self._silences.clear()
        self._health.set(COMPONENT, word, sentence)
