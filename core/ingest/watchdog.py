"""Worker: watches the webhook in Gladly and the way to it, and heals what it missed."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

import msgspec

from core.errors import GladlyError, StoreError
from core.gladly.budget import Priority
from core.gladly.webhooks import find, to_switch
from core.ingest.standing import (
    GIVE_UP_SECONDS,
    REPORTS,
    Standing,
    View,
    disabled_at,
    sentence_of,
    standing_of,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from core.gladly.webhooks import GladlyWebhook, WebhookChange
    from core.health import Health
    from core.ingest.intake import Intake

log = logging.getLogger(__name__)

COMPONENT = "gladly-webhook"
LOOK_SECONDS = 60.0
#: after something that is not well
AGAIN_SECONDS = 20.0
#: so long after its start a webhook that is not there yet is no alarm: somebody is about to make it
EARLY_SECONDS = 300.0
#: probes in a row that have to fail: one may be lost on the way
MISSED_PROBES = 2
#: looks in a row after which what Gladly said before is no longer believed
MISSED_LOOKS = 3
#: Gladly's clock and ours, and calls that were under way
MARGIN_SECONDS = 300.0
#: what is known of Gladly's clock is exact to a second or two
CLOCK_SECONDS = 5.0
#: after Gladly refused to switch it on: the first wait, and the longest
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 60.0, 1800.0


class Hooks(Protocol):
    """What the watchdog needs of Gladly."""

    skew_seconds: float | None

    async def webhooks(self, priority: Priority = ...) -> Sequence[GladlyWebhook]:
        """All webhooks of the organisation."""

    async def change_webhook(self, webhook_id: str, change: WebhookChange) -> None:
        """Set what `change` says."""


class Way(Protocol):
    """The way that Gladly's calls take."""

    async def ask(self) -> str:
        """Why it does not lead here; empty when it does."""

    async def aclose(self) -> None:
        """Close what is open."""


class Watchdog:
    """Looks every minute how the webhook stands; runs beside the listener, not inside it.

    Args:
        hooks: Gladly.
        way: The public URL.
        url: What Gladly is to call.
        intake: Says when the webhook last brought something.
        heal: Reads from Gladly what happened since then (epoch seconds).
        health: Where it is told, as the component `gladly-webhook`.
        rearm: Whether to switch it on again after Gladly switched it off.
        polled: Whether polling brings the events, too.
        clock: Epoch seconds.
    """

    def __init__(
        self,
        hooks: Hooks,
        way: Way,
        url: str,
        *,
        intake: Intake,
        heal: Callable[[float], Awaitable[object]],
        health: Health,
        rearm: bool = False,
        polled: bool = True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._hooks = hooks
        self._way = way
        self._intake = intake
        self._heal = heal
        self._health = health
        self._clock = clock
        self._stopping = asyncio.Event()
        #: ends the look that is under way
        self._limit: asyncio.Timeout | None = None
        self._started = clock()
        self._view = View(url=url, now=clock(), polled=polled, rearm=rearm, early=True)
        self._failed_looks = 0
        self._failed_probes = 0
        self._first_failed_at = 0.0
        self._blind = False
        self._missed_since: float | None = None
        self._reported_at = clock()
        self._expects_since: float | None = clock()
        self._wait_seconds = 0.0
        self._next_try = 0.0

    @property
    def expects_since(self) -> float | None:
        """From when on the webhook is expected to bring what happens; None while it cannot."""
        return self._expects_since

    def stop(self) -> None:
        """Look no more; what is under way is given up."""
        self._stopping.set()
        if self._limit is not None:
            self._limit.reschedule(0.0)

    async def run(self) -> None:
        """Look every minute until `stop()`."""
        try:
            while not self._stopping.is_set():
                await self._look_until_stopped()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), self._pause())
        finally:
            await self._way.aclose()

    async def _look_until_stopped(self) -> None:
        try:
            async with asyncio.timeout(None) as limit:
                self._limit = limit
                await self.look()
        except TimeoutError:
            if not self._stopping.is_set():
                raise
        finally:
            self._limit = None

    async def look(self) -> None:
        """See how it stands, tell, and do what is to be done."""
        await self._probe()
        await self._read()
        standing = self._judge()
        if standing is Standing.SWITCHED_OFF and self._may_rearm():
            await self._rearm()
            standing = self._judge()
        if standing in REPORTS and self._missed_since is not None:
            await self._catch_up(self._missed_since)

    def _pause(self) -> float:
        well = standing_of(self._view) in {Standing.OK, Standing.OFF}
        return LOOK_SECONDS if well and not self._view.unreached else AGAIN_SECONDS

    async def _probe(self) -> None:
        """Whether the public URL leads here; what Gladly brought meanwhile is proof that it does.

        Some networks let nobody inside reach their own public address: once Gladly brings something
        while the probe fails, the probe is not believed until it succeeds.
        """
        started = self._clock()
        unreached = await self._way.ask()
        if not unreached:
            self._failed_probes, self._blind = 0, False
        else:
            self._failed_probes += 1
            if self._failed_probes == 1:
                self._first_failed_at = started
            heard = self._intake.last_heard_at
            self._blind = self._blind or (heard is not None and heard > self._first_failed_at)
        down = self._failed_probes >= MISSED_PROBES and not self._blind
        self._know(unreached=unreached, down_since=self._first_failed_at if down else None)

    async def _read(self) -> None:
        """What Gladly says of the webhook."""
        try:
            webhooks = await self._hooks.webhooks(Priority.POLL)
        except GladlyError as exc:
            self._failed_looks += 1
            keeps = self._failed_looks < MISSED_LOOKS or standing_of(self._view) not in REPORTS
            self._know(read=self._view.read and keeps, trouble=str(exc))
            return
        self._failed_looks = 0
        found = find(webhooks, self._view.url)
        late = found is not None or self._clock() >= self._started + EARLY_SECONDS
        early = self._view.early and not late
        self._know(read=True, trouble="", webhook=found, early=early)

    def _judge(self) -> Standing:
        """Tell how it stands; note what it may have missed."""
        now = self._clock()
        self._know(now=now)
        standing = standing_of(self._view)
        if standing not in REPORTS:
            self._expects_since = None
            since = min(self._reported_at, self._failing_since(now))
            self._missed_since = min(since, self._missed_since or since)
        else:
            if self._expects_since is None:
                self._expects_since = now + (self._hooks.skew_seconds or 0.0) + CLOCK_SECONDS
            self._reported_at = now
        self._health.set(COMPONENT, standing, sentence_of(self._view))
        return standing

    def _failing_since(self, now: float) -> float:
        """Since when calls failed: it is switched off only at the end of the repetitions."""
        webhook = self._view.webhook
        at = None if webhook is None or webhook.enabled else disabled_at(webhook)
        return min(at - GIVE_UP_SECONDS if at else now, self._view.down_since or now)

    def _may_rearm(self) -> bool:
        return self._view.rearm and not self._view.unreached and self._clock() >= self._next_try

    async def _rearm(self) -> None:
        """Switch it on, and see that it is; Gladly sends a PING first."""
        webhook = self._view.webhook
        change = None if webhook is None else to_switch(webhook, on=True)
        if change is None:
            return
        try:
            await self._hooks.change_webhook(change.id, change.change)
        except GladlyError as exc:
            self._wait_seconds = min(
                max(FIRST_WAIT_SECONDS, 2 * self._wait_seconds), LONGEST_WAIT_SECONDS
            )
            self._next_try = self._clock() + self._wait_seconds
            log.warning("the webhook was not switched on again", extra={"code": exc.code})
            self._know(refused=str(exc))
            return
        log.info("the webhook was switched on again")
        self._wait_seconds = self._next_try = 0.0
        self._know(refused="", rearmed_at=self._clock())
        await self._read()

    async def _catch_up(self, since: float) -> None:
        try:
            await self._heal(since - MARGIN_SECONDS)
        except (GladlyError, StoreError) as exc:
            log.warning("what the webhook missed was not read yet", extra={"code": exc.code})
            return
        self._missed_since = None

    def _know(self, **news: object) -> None:
        self._view = msgspec.structs.replace(self._view, **news)
