"""Intake: durable against a no-op and against a handler that keeps events in memory."""

from __future__ import annotations

import statistics
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from tests.bench.processes import Ours, helper
from tests.bench.table import ratio, show, spread

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.bench.processes import Child

ROUNDS, SECONDS = 4, 2.5
RATE, RATE_SECONDS = 1000.0, 5.0
WARM_UP_SECONDS = 0.5
SEGMENT = "slow:ms=100"
OURS, ALL = "ours, role receive", "ours, role all"
NOOP, SCRIPT = "Starlette no-op", "FastAPI + analytics.track"

Contenders = dict[str, tuple["Child", str]]


def run(folder: Path, *, quick: bool) -> None:
    """Measure and print."""
    with contenders(folder) as (children, load):
        for name in children:
            measured(children, load, name, seconds=WARM_UP_SECONDS)
        speeds = interleaved(children, load, 1 if quick else ROUNDS, 1.0 if quick else SECONDS)
        seconds = 2.0 if quick else RATE_SECONDS
        calm = {
            name: measured(children, load, name, seconds=seconds, rate=RATE) for name in children
        }
    report(speeds, calm)


@contextmanager
def contenders(folder: Path) -> Iterator[tuple[Contenders, Child]]:
    """Every program under test, frozen, and the load generator."""
    with ExitStack() as stack:
        segment = stack.enter_context(helper(folder, "endpoint", SEGMENT))
        host = segment.line()
        load = stack.enter_context(helper(folder, "load"))
        receive = stack.enter_context(Ours(folder / "receive", "receive"))
        everything = stack.enter_context(Ours(folder / "all", "all", host))
        noop = stack.enter_context(helper(folder, "contenders", "noop"))
        script = stack.enter_context(helper(folder, "contenders", "script", host))
        children: Contenders = {
            NOOP: (noop, noop.line()),
            OURS: (receive, receive.url),
            ALL: (everything, everything.url),
            SCRIPT: (script, script.line()),
        }
        for child, _ in children.values():
            child.freeze()
        yield children, load


def measured(children: Contenders, load: Child, name: str, **job: float) -> dict[str, float]:
    """One turn of one contender, while the others are frozen."""
    child, url = children[name]
    child.thaw()
    try:
        return dict(load.ask({"url": url, **job}))
    finally:
        child.freeze()


def interleaved(
    children: Contenders, load: Child, rounds: int, seconds: float
) -> dict[str, list[float]]:
    """Requests per second of each contender in each round."""
    speeds: dict[str, list[float]] = {name: [] for name in children}
    for _ in range(rounds):
        for name in children:
            speeds[name].append(measured(children, load, name, seconds=seconds)["per_second"])
    return speeds


def report(speeds: dict[str, list[float]], calm: dict[str, dict[str, float]]) -> None:
    """Print what was measured."""
    rows = [
        (
            name,
            statistics.median(values),
            spread(values),
            ratio(values, speeds[NOOP]),
            ratio(values, speeds[SCRIPT]),
            calm[name]["p50_ms"],
            calm[name]["p99_ms"],
            int(calm[name]["others"]),
        )
        for name, values in speeds.items()
    ]
    show(
        f"Intake: 64 keep-alive connections, 420-byte bodies; latency at {RATE:.0f} requests/s",
        ("", "req/s", "from-to", "÷ no-op", "÷ script", "p50 ms", "p99 ms", "not 200"),
        rows,
    )
