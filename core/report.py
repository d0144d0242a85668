"""What /healthz, /status and /metrics tell of a running engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import __version__
from core.ingest import watchdog
from core.presence import told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prometheus_client.metrics_core import Metric

    from core.health import Health
    from core.model import Counts
    from core.store.sql_store import SqlStore

PREFIX = "gladly_source_"


class EngineReport:
    """Reads health and store when somebody asks.

    Args:
        store: Where the counts come from.
        health: The components' states.
        totals: Counters since start, by metric name without prefix.
    """

    def __init__(
        self, store: SqlStore, health: Health, totals: Callable[[], dict[str, int]]
    ) -> None:
        self._store = store
        self._health = health
        self._totals = totals

    def degraded(self) -> bool:
        """Whether any component wants attention."""
        return self._health.degraded

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
        from prometheus_client import CollectorRegistry, generate_latest  # noqa: PLC0415 - start-up
        from prometheus_client.registry import Collector  # noqa: PLC0415

        families = list(self._families(await self._store.counts()))

        class Once(Collector):
            def collect(self) -> Iterator[Metric]:
                yield from families

        registry = CollectorRegistry(auto_describe=False)
        registry.register(Once())
        return generate_latest(registry)

    def _families(self, counts: Counts) -> Iterator[Metric]:
        from prometheus_client.core import (  # noqa: PLC0415
            CounterMetricFamily,
            GaugeMetricFamily,
            InfoMetricFamily,
        )

        yield InfoMetricFamily(PREFIX + "build", "Version", value={"version": __version__})
        for name, rows, words in (
            ("webhooks", counts.webhooks, "Inbox rows by status"),
            ("deliveries", counts.deliveries, "Outbox rows by status"),
        ):
            family = GaugeMetricFamily(PREFIX + name, words, labels=["status"])
            for status, number in sorted(rows.items()):
                family.add_metric([status], number)
            yield family
        oldest = counts.oldest_pending_at
        age = 0.0 if oldest is None else max(0.0, self._store.clock() - oldest)
        yield GaugeMetricFamily(
            PREFIX + "oldest_pending_seconds", "Age of the oldest undelivered event", value=age
        )
        well = GaugeMetricFamily(
            PREFIX + "component_state",
            "1 for the state a component is in",
            labels=["component", "state"],
        )
        for component, word in self._health.words().items():
            well.add_metric([component, word], 1)
        yield well
        for name, total in self._totals().items():
            yield CounterMetricFamily(PREFIX + name, name.replace("_", " "), value=total)
