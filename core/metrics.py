"""The metrics by name: all that /metrics can say, in Prometheus' words, with bounded labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from core import __version__
from core.coverage import Fate, Gap
from core.durations import Durations
from core.figures import Figures
from core.model import Counts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.core import HistogramMetricFamily
    from prometheus_client.metrics_core import Metric


PREFIX = "gladly_source_"
#: what each counter since the start counts
TOTALS = {
    "unauthorized_requests": "Requests with wrong or missing credentials",
    "unsigned_echoes": "Requests to the echo whose signature was not right",
    "requests_refused_by_store": "Webhooks answered 503 because they could not be stored",
    "gladly_requests": "Requests to Gladly's REST API",
}


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is told at one moment.

    Args:
        now: That moment, epoch seconds.
        since: When the time that `gaps` are of began, epoch seconds.
        taken: Webhooks since the start, by channel and answer.
        totals: Counters since the start, by metric name without prefix.
    """

    now: float
    since: float
    counts: Counts
    words: dict[str, str]
    gaps: Sequence[Gap]
    totals: Mapping[str, int]
    taken: Mapping[tuple[str, str], int]
    figures: Figures
    commit_seconds: Durations | None


def exposition(facts: Facts) -> bytes:
    """The text that Prometheus reads."""
    from prometheus_client import (  # noqa: PLC0415 - start-up
        CollectorRegistry,
        ProcessCollector,
        generate_latest,
    )
    from prometheus_client.registry import Collector  # noqa: PLC0415

    process = ProcessCollector(namespace=PREFIX.rstrip("_"), registry=None)
    found = [*_stored(facts), *_lived(facts), *_since_start(facts)]
    # Where /proc/stat is hidden (systemd's ProcSubset=pid), it takes the boot for the epoch.
    found += [one for one in process.collect() if not one.name.endswith("start_time_seconds")]

    class Once(Collector):
        def collect(self) -> Iterator[Metric]:
            yield from found

    registry = CollectorRegistry(auto_describe=False)
    registry.register(Once())
    return generate_latest(registry)


def _stored(facts: Facts) -> Iterator[Metric]:
    """What the store holds."""
    from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415

    for name, rows, words in (
        ("webhooks", facts.counts.webhooks, "Webhooks in the inbox, by status"),
        ("deliveries", facts.counts.deliveries, "Deliveries in the outbox, by status"),
    ):
        family = GaugeMetricFamily(PREFIX + name, words, labels=["status"])
        for status, number in sorted(rows.items()):
            family.add_metric([status], number)
        yield family
    oldest = facts.counts.oldest_pending_at
    yield GaugeMetricFamily(
        PREFIX + "oldest_pending_seconds",
        "Age of the oldest delivery that Segment has not accepted, is not dead or discarded",
        value=0.0 if oldest is None else max(0.0, facts.now - oldest),
    )
    gaps = GaugeMetricFamily(
        PREFIX + "gap_seconds",
        "Seconds of the last 7 days in which nobody listened, by what became of them",
        labels=["fate"],
    )
    for fate in Fate:
        lengths = (
            gap.end - max(gap.start, facts.since)
            for gap in facts.gaps
            if gap.fate is fate and gap.end > facts.since
        )
        gaps.add_metric([fate.value], sum(lengths))
    yield gaps


def _lived(facts: Facts) -> Iterator[Metric]:
    """How the engine is."""
    from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily  # noqa: PLC0415

    yield InfoMetricFamily(
        PREFIX + "build", "Version of the program", value={"version": __version__}
    )
    yield GaugeMetricFamily(
        PREFIX + "start_time_seconds",
        "When the engine started, epoch seconds",
        value=facts.figures.started_at,
    )
    well = GaugeMetricFamily(
        PREFIX + "component_state",
        "1 for the state a component is in",
        labels=["component", "state"],
    )
    for component, word in sorted(facts.words.items()):
        well.add_metric([component, word], 1)
    yield well


def _since_start(facts: Facts) -> Iterator[Metric]:
    """What happened since the engine started."""
    from prometheus_client.core import CounterMetricFamily  # noqa: PLC0415

    for name, total in facts.totals.items():
        yield CounterMetricFamily(PREFIX + name, TOTALS.get(name, name), value=total)
    taken = CounterMetricFamily(
        PREFIX + "received_webhooks",
        "Webhooks by channel and by what was answered, or would have been",
        labels=["channel", "answer"],
    )
    for labels, number in sorted(facts.taken.items()):
        taken.add_metric(labels, number)
    yield taken
    settled = CounterMetricFamily(
        PREFIX + "settled_deliveries",
        "Deliveries by what an attempt, or an echo from Segment, came to",
        labels=["status"],
    )
    for status, number in sorted(facts.figures.settled.items()):
        settled.add_metric([status], number)
    yield settled
    uploads = CounterMetricFamily(
        PREFIX + "uploads", "Requests to Segment by what came of them", labels=["code"]
    )
    for code, number in sorted(facts.figures.uploads.items()):
        uploads.add_metric([code], number)
    yield uploads
    yield _histogram(
        "upload_duration_seconds", "How long requests to Segment took", facts.figures.upload_seconds
    )
    if facts.commit_seconds is not None:
        words = "How long webhooks took to be on disk, from the beginning of the commit"
        yield _histogram("inbox_commit_duration_seconds", words, facts.commit_seconds)


def _histogram(name: str, words: str, durations: Durations) -> HistogramMetricFamily:
    from prometheus_client.core import HistogramMetricFamily  # noqa: PLC0415

    return HistogramMetricFamily(
        PREFIX + name, words, buckets=durations.buckets(), sum_value=durations.total
    )
