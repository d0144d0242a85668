"""Delivery: from the store to Segment, against the bare upload loop of Segment's library."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from tests.bench import store
from tests.bench.processes import Ours, helper
from tests.bench.table import ratio, show, spread

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bench.processes import Child

ROUNDS = 2
BATCH = 100
WORKERS = (2, 8)
#: endpoint, its fault, events per round
ENDPOINTS = (("fast", "", 8_000), ("100 ms away", "slow:ms=100", 3_000))
QUICK_PART = 5
PATIENCE_SECONDS = 90.0
BARE = "bare request.post loop"


def run(folder: Path, *, quick: bool) -> None:
    """Measure and print."""
    rows: list[tuple[object, ...]] = []
    for title, fault, many in ENDPOINTS:
        events = many // QUICK_PART if quick else many
        with helper(folder, "endpoint", *filter(None, [fault])) as segment:
            speeds = interleaved(folder, segment, events, rounds=1 if quick else ROUNDS)
        rows += [
            (title, name, statistics.median(all_), spread(all_), ratio(all_, speeds[BARE]))
            for name, all_ in speeds.items()
        ]
    show(
        f"Delivery: batches of {BATCH}; first request to last event accepted",
        ("Segment", "program", "events/s", "from-to", "÷ bare"),
        rows,
    )


def interleaved(
    folder: Path, segment: Child, events: int, *, rounds: int
) -> dict[str, list[float]]:
    """Events per second of each program in each round."""
    url = segment.line()
    names = {f"ours, {workers} workers": workers for workers in WORKERS}
    speeds: dict[str, list[float]] = {BARE: [], **{name: [] for name in names}}
    for _ in range(rounds):
        speeds[BARE].append(bare(folder, segment, url, events))
        for name, workers in names.items():
            speeds[name].append(ours(folder, segment, url, events, workers))
    return speeds


def bare(folder: Path, segment: Child, url: str, events: int) -> float:
    """Events per second of the loop."""
    with helper(folder, "bare", url, events, BATCH) as child:
        child.line()
        segment.ask("reset")
        child.ask("go")
        return speed(segment, events)


def ours(folder: Path, segment: Child, url: str, events: int, workers: int) -> float:
    """Events per second of `serve --role forward` on a filled store."""
    home = folder / f"delivery-{workers}"
    store.fill(home, events)
    segment.ask("reset")
    settings = {"DELIVERY__WORKERS": workers, "DELIVERY__BATCH_EVENTS": BATCH}
    with Ours(home, "forward", url, **settings):
        return speed(segment, events)


def speed(segment: Child, events: int) -> float:
    """Events per second between the first request and the last event, by Segment's clock."""
    answer = segment.ask("wait", events, PATIENCE_SECONDS)
    assert answer["accepted"] == events, answer
    return float(events / answer["seconds"])
