"""Worker: what polling saw and the webhook did not bring in time is an alarm, with evidence."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from core.errors import StoreError
from core.model import Channel

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.health import Health
    from core.ingest.intake import Intake
    from core.ingest.poller import Polled
    from core.store.sql_store import SqlStore

#: Gladly's first repetition comes after 30 s
PATIENCE_SECONDS = 120.0
LOOK_SECONDS = 10.0
#: more than that need not be remembered to know that something is wrong
MOST = 1000


class CrossCheck:
    """Compares the two channels while both are in use.

    Nothing is expected of a webhook that is not set up (no public URL, nothing ever came), nor of
    the time before this engine listened.

    Args:
        store: Says by which channels an event came.
        intake: Says when the webhook last brought something.
        health: Where the alarm is told, as the component `webhook`.
        expected: Whether a public URL is set.
        since: From when on the webhook can bring what happens, None while it cannot and somebody
            else says so.
        clock: Epoch seconds.
    """

    def __init__(
        self,
        store: SqlStore,
        intake: Intake,
        *,
        health: Health,
        expected: bool,
        since: Callable[[], float | None] = lambda: 0.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._able_since = since
        self._store = store
        self._intake = intake
        self._health = health
        self._expected = expected
        self._clock = clock
        self._since = clock()
        self._stopping = asyncio.Event()
        self._waiting: list[tuple[float, Polled]] = []
        self._missing: list[Polled] = []
        self._missed_at = 0.0

    def stop(self) -> None:
        """Compare nothing more."""
        self._stopping.set()

    def note(self, event: Polled) -> None:
        """Polling brought this first; the webhook has time to bring it, too."""
        if event.occurred_at >= self._since and len(self._waiting) < MOST:
            self._waiting.append((self._clock() + PATIENCE_SECONDS, event))

    async def run(self) -> None:
        """Look every few seconds until `stop()`."""
        while not self._stopping.is_set():
            with suppress(StoreError):  # the janitor says so
                await self.look()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), LOOK_SECONDS)

    async def look(self) -> None:
        """Judge what has had its time; say what is missing, or that all is well again."""
        now, able = self._clock(), self._able_since()
        due = [event for at, event in self._waiting if at <= now]
        if due:
            self._waiting = [one for one in self._waiting if one[0] > now]
            channels = await self._store.channels_of([event.id for event in due])
            missing = [
                event
                for event in due
                if channels.get(event.id) == Channel.POLL
                and able is not None
                and event.occurred_at >= able
            ]
            if missing and self._is_expected():
                self._missing = [*self._missing, *missing][:MOST]
                self._missed_at = now
        heard = self._intake.last_heard_at
        if able is None or (heard is not None and heard > self._missed_at):
            self._missing = []
        self._tell()

    def _is_expected(self) -> bool:
        return self._expected or self._intake.last_heard_at is not None

    def _tell(self) -> None:
        if not self._missing:
            self._health.set("webhook", "ok", "Nothing is known that it did not bring.")
            return
        first = self._missing[0]
        at = datetime.fromtimestamp(first.occurred_at).astimezone().strftime("%Y-%m-%d %H:%M:%S")
        count = len(self._missing)
        events = "an event" if count == 1 else f"{count} events"
        self._health.set(
            "webhook",
            "silent",
            f"Gladly's webhook did not bring {events} that polling found, such as {first.kind} of "
            f"{at} (w{first.id}). Nothing is lost. See in Gladly whether the webhook is switched "
            "on, and whether its address leads here.",
        )
