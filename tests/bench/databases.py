"""Both databases side by side, one to four engines, and how they stand the growth of the store."""

from __future__ import annotations

import os
import statistics
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.bench.bulk import fill_postgres, fill_sqlite
from tests.bench.processes import USER_FIELD, helper
from tests.bench.server import running
from tests.bench.table import ratio, show, spread

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bench.processes import Child
    from tests.fakes.postgres import Server

#: rows (deliveries) in the store before; the first is what others are compared with
SIZES, QUICK_SIZES = (10_000, 1_000_000), (1_000, 10_000)
#: one size more, where disk and time allow: `GLADLY_BENCH_ROWS=10000000`
MORE = "GLADLY_BENCH_ROWS"
ENGINES = (1, 2, 4)
COUNT, QUICK_COUNT = 8_000, 400
ROUNDS = 3
WORK = {"adds": "adds, 64 at once", "queue": "enqueue", "send": "claim + settle"}


class Speed(NamedTuple):
    """How fast something went."""

    #: a second
    rows: float
    #: of processor time a row
    cpu_us: float


#: by database, number of engines, what they did, and rows in the store before
Found = dict[tuple[str, int, str, int], list[Speed]]


def run(folder: Path, *, quick: bool) -> None:
    """Measure and print."""
    sizes = QUICK_SIZES if quick else SIZES
    if more := os.environ.get(MORE):
        sizes = (*sizes, int(more))
    count, rounds = (QUICK_COUNT, 1) if quick else (COUNT, ROUNDS)
    found: Found = {}
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
                on_server = database == "PostgreSQL"
                for engines in ENGINES if on_server else ENGINES[:1]:
                    measured = speeds(folder, where, engines, count, server if on_server else None)
                    for work, one in measured.items():
                        if number:
                            found.setdefault((database, engines, work, size), []).append(one)
            print(f"  round {number} of {rounds} (0 warms up)", flush=True)
    title = "with so many deliveries in the store"
    tell(found, sizes, f"Rows/s {title}; {rounds} rounds, medians", lambda one: one.rows)
    tell(
        found,
        sizes,
        f"µs of processor time a row, engines and server, {title}; waits do not count",
        lambda one: one.cpu_us,
    )


def speeds(
    folder: Path, where: str, engines: int, count: int, server: Server | None
) -> dict[str, Speed]:
    """How fast all engines together are, by what they do."""
    with ExitStack() as stack:
        children = [stack.enter_context(helper(folder, "work", where)) for _ in range(engines)]
        for child in children:
            child.line()
        found = {work: speed(children, work, count // engines, server) for work in WORK}
        for child in children:
            child.end()
            child.wait()
    return found


def speed(children: list[Child], work: str, count: int, server: Server | None) -> Speed:
    """From the moment at which all are told until the last is done."""
    before = cpu_seconds(children, server)
    began = time.perf_counter()
    for child in children:
        child.tell(work, count)
    done = sum(child.answer()["done"] for child in children)
    seconds = time.perf_counter() - began
    cpu = cpu_seconds(children, server) - before
    return Speed(rows=done / seconds, cpu_us=1e6 * cpu / done)


def cpu_seconds(children: list[Child], server: Server | None) -> float:
    """Processor time of the engines, and of a server with all its processes."""
    own = sum(child.cpu_seconds() for child in children)
    return own + (family_seconds(server.pid) if server is not None else 0.0)


def family_seconds(pid: int) -> float:
    """Processor time of a process, of its children, and of those that have ended."""
    ticks = 0
    for one, fields in ((pid, 4), *((int(child), 2) for child in children_of(pid))):
        try:
            stat = Path(f"/proc/{one}/stat").read_text("utf-8").rpartition(")")[2].split()
        except FileNotFoundError:
            continue  # it has just ended
        ticks += sum(map(int, stat[USER_FIELD : USER_FIELD + fields]))
    return ticks / os.sysconf("SC_CLK_TCK")


def children_of(pid: int) -> list[str]:
    """The processes that this one has started and that still run."""
    return Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()


def tell(found: Found, sizes: tuple[int, ...], title: str, value: Callable[[Speed], float]) -> None:
    """Print a line for each thing that was measured, with how it grew."""
    lines: list[tuple[object, ...]] = []
    for database, engines, work, size in found:
        if size != sizes[0]:
            continue
        measured = [[*map(value, found[database, engines, work, one])] for one in sizes]
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
    columns = [f"{size:,}" for size in sizes]
    grown_columns = [f"{size:,} ÷ {sizes[0]:,}" for size in sizes[1:]]
    show(title, ("", *columns, *grown_columns, "from-to"), lines)
