"""Both databases side by side, one to four engines, and how they stand the growth of the store."""

from __future__ import annotations

import os
import statistics
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from tests.bench.bulk import fill_postgres, fill_sqlite
from tests.bench.processes import helper
from tests.bench.server import running
from tests.bench.table import ratio, show, spread

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bench.processes import Child

#: rows (deliveries) in the store before; the first is what others are compared with
SIZES, QUICK_SIZES = (10_000, 1_000_000), (1_000, 10_000)
#: one size more, where disk and time allow: 10 million need 30 GB and an hour
MORE = "GLADLY_BENCH_ROWS"
ENGINES = (1, 2, 4)
COUNT, QUICK_COUNT = 8_000, 400
ROUNDS = 3
WORK = {"adds": "adds, 64 at once", "queue": "enqueue", "send": "claim + settle"}


def run(folder: Path, *, quick: bool) -> None:
    """Measure and print."""
    sizes = QUICK_SIZES if quick else SIZES
    if more := os.environ.get(MORE):
        sizes = (*sizes, int(more))
    count, rounds = (QUICK_COUNT, 1) if quick else (COUNT, ROUNDS)
    found: dict[tuple[str, int, str, int], list[float]] = {}
    with running() as server:
        stores: dict[tuple[str, int], str] = {}
        for size in sizes:
            stores["SQLite", size] = str(folder / f"{size}" / "store.db")
            stores["PostgreSQL", size] = server.empty()
            began = time.monotonic()
            fill_sqlite(folder / f"{size}" / "store.db", size)
            fill_postgres(stores["PostgreSQL", size], size)
            print(f"  {size:,} rows made in both, {time.monotonic() - began:.0f} s", flush=True)
        for number in range(rounds + 1):  # the first only warms up
            for (database, size), where in stores.items():
                for engines in ENGINES if database == "PostgreSQL" else ENGINES[:1]:
                    for work, speed in speeds(folder, where, engines, count).items():
                        if number or rounds == 1:
                            found.setdefault((database, engines, work, size), []).append(speed)
    tell(found, sizes, rounds)


def speeds(folder: Path, where: str, engines: int, count: int) -> dict[str, float]:
    """Rows per second of all engines together, by what they do."""
    with ExitStack() as stack:
        children = [stack.enter_context(helper(folder, "work", where)) for _ in range(engines)]
        for child in children:
            child.line()
        found = {work: speed(children, work, count // engines) for work in WORK}
        for child in children:
            child.end()
            child.wait()
    return found


def speed(children: list[Child], work: str, count: int) -> float:
    """Rows per second, from the moment at which all are told until the last is done."""
    began = time.perf_counter()
    for child in children:
        child.tell(work, count)
    answers = [child.answer() for child in children]
    seconds = time.perf_counter() - began
    return float(sum(answer["done"] for answer in answers) / seconds)


def tell(
    found: dict[tuple[str, int, str, int], list[float]], sizes: tuple[int, ...], rounds: int
) -> None:
    """Print a line for each thing that was measured, with how it grew."""
    lines: list[tuple[object, ...]] = []
    for database, engines, work, size in found:
        if size != sizes[0]:
            continue
        measured = [found[database, engines, work, one] for one in sizes]
        grown = [ratio(one, measured[0]) for one in measured[1:]]
        lines.append(
            (
                f"{WORK[work]}: {database}, {engines} engine{'s' if engines > 1 else ''}",
                *(statistics.median(one) for one in measured),
                *grown,
                spread(measured[-1]),
            )
        )
    lines.sort(key=lambda line: str(line[0]))
    show(
        f"Both databases: rows/s with so many deliveries in the store; {rounds} rounds, medians",
        (
            "",
            *(f"{size:,}" for size in sizes),
            *(f"{size:,} ÷ {sizes[0]:,}" for size in sizes[1:]),
            "from-to",
        ),
        lines,
    )
