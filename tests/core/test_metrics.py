"""The metrics: Prometheus reads them, their names keep its rules, their labels are bounded."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from core.coverage import Fate, Gap
from core.durations import Durations
from core.figures import Figures
from core.metrics import TOTALS, Facts, exposition
from core.model import Counts
from core.pipeline.forwarder import Settled

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

NOW = 1_780_000_000.0
WEEK = 7 * 86_400.0
#: https://prometheus.io/docs/practices/naming/: base units, in the plural, at the end of the name
NOT_BASE = ("_ms", "milliseconds", "minutes", "hours", "days", "kilobytes", "percent", "_count")
LABELS = {"status", "fate", "version", "component", "state", "channel", "answer", "code", "le"}


def facts(**changes: Any) -> Facts:
    commits = Durations((0.01, 0.1))
    commits.add(0.05)
    figures = Figures()
    figures.settle(Settled(counts={"accepted": 3}))
    figures.uploads["segment.accepted"] += 1
    figures.upload_seconds.add(0.2)
    usual: dict[str, Any] = {
        "now": NOW,
        "since": NOW - WEEK,
        "counts": Counts(
            webhooks={"resolved": 2}, deliveries={"accepted": 2}, oldest_pending_at=NOW - 60
        ),
        "words": {"store": "ok"},
        "gaps": [],
        "totals": dict.fromkeys(TOTALS, 1),
        "taken": {("webhook", "stored"): 2},
        "figures": figures,
        "commit_seconds": commits,
    }
    return Facts(**{**usual, **changes})


def families(**changes: Any) -> dict[str, Metric]:
    text = exposition(facts(**changes)).decode()
    return {one.name: one for one in text_string_to_metric_families(text)}


def values(family: Metric) -> dict[tuple[str, ...], float]:
    return {tuple(one.labels.values()): one.value for one in family.samples}


def test_names_keep_prometheus_rules():
    found = families()

    assert all(re.fullmatch(r"gladly_source_[a-z][a-z0-9_]*", name) for name in found)
    assert [name for name in found if any(name.endswith(end) for end in NOT_BASE)] == []
    for family in found.values():
        assert family.documentation, family.name
        assert family.type in {"gauge", "counter", "histogram"}, family.name
        totals = [one.name.endswith("_total") for one in family.samples]
        assert all(totals) if family.type == "counter" else not any(totals), family.name


def test_labels_are_few_and_name_nobody():
    labels = {name for one in families().values() for s in one.samples for name in s.labels}

    assert labels <= LABELS


def test_what_was_counted_is_told():
    found = families()

    assert found["gladly_source_oldest_pending_seconds"].samples[0].value == 60
    assert values(found["gladly_source_settled_deliveries"])["accepted",] == 3
    assert values(found["gladly_source_uploads"]) == {("segment.accepted",): 1}
    assert values(found["gladly_source_received_webhooks"]) == {("stored", "webhook"): 2}
    uploads = {
        one.name: one.value for one in found["gladly_source_upload_duration_seconds"].samples
    }
    assert uploads["gladly_source_upload_duration_seconds_count"] == 1
    assert uploads["gladly_source_upload_duration_seconds_sum"] == pytest.approx(0.2)
    commits = found["gladly_source_inbox_commit_duration_seconds"].samples
    assert {one.labels["le"]: one.value for one in commits if "le" in one.labels} == {
        "0.01": 0,
        "0.1": 1,
        "+Inf": 1,
    }


def test_every_counter_says_what_it_counts():
    assert {families()[f"gladly_source_{name}"].documentation for name in TOTALS} == {
        *TOTALS.values()
    }


def test_gaps_are_seconds_of_the_last_week_by_fate():
    gaps = [
        Gap(start=NOW - 100, end=NOW - 40, reason="", fate=Fate.OPEN),
        Gap(start=NOW - WEEK - 50, end=NOW - WEEK + 10, reason="", fate=Fate.HEALED),
        Gap(start=NOW - WEEK - 50, end=NOW - WEEK, reason="", fate=Fate.LOST),
    ]

    seconds = values(families(gaps=gaps)["gladly_source_gap_seconds"])

    assert seconds == {("open",): 60, ("healed",): 10, ("imported",): 0, ("lost",): 0}


def test_when_the_engine_started_is_told_by_its_own_clock():
    found = families()

    assert time.time() - found["gladly_source_start_time_seconds"].samples[0].value < 60
    assert "gladly_source_process_start_time_seconds" not in found


def test_the_process_is_measured_under_the_same_prefix():
    found = families()

    assert found["gladly_source_process_resident_memory_bytes"].samples[0].value > 1_000_000
