"""What /healthz, /readyz, /status and /metrics tell of a running engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.coverage import DAY_SECONDS
from core.figures import Figures
from core.ingest import watchdog
from core.metrics import Facts, exposition
from core.presence import told

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.health import Health
    from core.ingest.intake import Intake
    from core.readiness import Readiness
    from core.store.sql_store import SqlStore

GAP_DAYS = 7
#: more gaps in a week than anybody has
MOST_GAPS = 1000


class EngineReport:
    """Reads health and store when somebody asks.

    Args:
        store: Where the counts come from.
        health: The components' states.
        totals: Counters since start, by metric name without prefix.
        figures: What else was counted since start.
        intake: Counts what came.
        readiness: Says whether webhooks would be stored; None while nobody asks.
    """

    def __init__(
        self,
        store: SqlStore,
        health: Health,
        totals: Callable[[], dict[str, int]],
        *,
        figures: Figures | None = None,
        intake: Intake | None = None,
        readiness: Readiness | None = None,
    ) -> None:
        self._store = store
        self._health = health
        self._totals = totals
        self._figures = figures or Figures()
        self._intake = intake
        self._readiness = readiness

    def degraded(self) -> bool:
        """Whether any component wants attention."""
        return self._health.degraded

    async def ready(self) -> str:
        """Whether a webhook that came now would be stored; see Readiness."""
        return "unavailable" if self._readiness is None else await self._readiness.look()

    async def status(self) -> dict[str, object]:
        """The content of /status.

        Raises:
            StoreError: The store cannot be read.
        """
        counts = await self._store.counts()
        oldest = counts.oldest_pending_at
        return {
            "webhooks": counts.webhooks,
            "deliveries": counts.deliveries,
            "oldestPendingSeconds": None
            if oldest is None
            else max(0.0, round(self._store.clock() - oldest, 3)),
            "components": self._health.words(),
            "gladlyWebhook": self._health.words().get(watchdog.COMPONENT),
            "pollCursor": await self._store.get_meta("poll_cursor"),
            "engines": [told(one) for one in await self._store.engines.everybody()],
        }

    async def metrics(self) -> bytes:
        """The content of /metrics, Prometheus text format.

        Raises:
            StoreError: The store cannot be read.
        """
        now = self._store.clock()
        since = now - GAP_DAYS * DAY_SECONDS
        return exposition(
            Facts(
                now=now,
                since=since,
                counts=await self._store.counts(),
                words=self._health.words(),
                gaps=await self._store.ledger.gaps(since, MOST_GAPS),
                totals=self._totals(),
                taken={} if self._intake is None else dict(self._intake.taken),
                figures=self._figures,
                commit_seconds=self._store.commit_seconds,
            )
        )
