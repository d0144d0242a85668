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

ROUNDS, SECONDS = 3, 2.0
RATE, RATE_SECONDS = 1000.0, 4.0
WARM_UP_SECONDS = 0.5
SEGMENT = "slow:ms=100"
OURS, ALL = "ours, role receive", "ours, role all"
NOOP, SCRIPT = "Starlette no-op", "FastAPI + analytics.track"

Figures = dict[str, float]
Contenders = dict[str, tuple["Child", str]]


def run(folder: Path, *, quick: bool) -> None:
    """Measure and print."""
    with contenders(folder) as (children, load):
        for name in children:
            measured(children, load, name, seconds=WARM_UP_SECONDS)
        rounds = interleaved(children, load, 1 if quick else ROUNDS, 1.0 if quick else SECONDS)
        seconds = 2.0 if quick else RATE_SECONDS
        calm = {
            name: measured(children, load, name, seconds=seconds, rate=RATE) for name in children
        }
    report(rounds, calm)


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


def measured(children: Contenders, load: Child, name: str, **job: float) -> Figures:
    """One turn of one contender, while the others are frozen."""
    child, url = children[name]
    child.thaw()
    try:
        before = child.cpu_seconds()
        answer = dict(load.ask({"url": url, **job}))
        answer["cpu_us"] = (child.cpu_seconds() - before) / answer["answers"] * 1e6
    finally:
        child.freeze()
    return answer


def interleaved(
    children: Contenders, load: Child, rounds: int, seconds: float
) -> dict[str, list[Figures]]:
    """What each contender did in each round."""
    rounds_of: dict[str, list[Figures]] = {name: [] for name in children}
    for _ in range(rounds):
        for name in children:
            rounds_of[name].append(measured(children, load, name, seconds=seconds))
    return rounds_of


def report(rounds: dict[str, list[Figures]], calm: dict[str, Figures]) -> None:
    """Print what was measured."""
    speeds = {name: [one["per_second"] for one in all_] for name, all_ in rounds.items()}
    rows = [
        (
            name,
            statistics.median(values),
            spread(values),
            ratio(values, speeds[NOOP]),
            ratio(values, speeds[SCRIPT]),
            statistics.median(one["cpu_us"] for one in rounds[name]),
            calm[name]["p50_ms"],
            calm[name]["p99_ms"],
            sum(int(one["others"]) for one in (*rounds[name], calm[name])),
        )
        for name, values in speeds.items()
    ]
    show(
        f"Intake: 64 keep-alive connections, 420-byte bodies; latency at {RATE:.0f} requests/s",
        ("", "req/s", "from-to", "÷ no-op", "÷ script", "CPU µs", "p50 ms", "p99 ms", "not 200"),
        rows,
    )
