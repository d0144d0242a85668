"""Moving a store to PostgreSQL: how long, how much memory, and once more killed half-way."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING

from tests.bench.processes import Child
from tests.bench.rows import fill
from tests.bench.server import running
from tests.bench.table import show

if TYPE_CHECKING:
    from pathlib import Path

DELIVERIES, QUICK_DELIVERIES = 1_000_000, 1_000
TABLES = ("webhook", "fact", "delivery", "delivery_content", "attempt")
LOOK_SECONDS = 0.25


class Mover(Child):
    """`gladly-source move`, watched."""

    def __init__(self, home: Path, url: str) -> None:
        command = [sys.executable, "-m", "core.cli", "--home", str(home), "move", "--to", url]
        super().__init__(command, home.with_suffix(".err"))
        self.memory: list[float] = []

    def watch(self, seconds: float = float("inf")) -> bool:
        """Look at its memory until it ends, or for so long; whether it has ended well."""
        while time.monotonic() - self.started_at < seconds:
            self.memory.append(self.resident_mb())
            try:
                code = self._process.wait(LOOK_SECONDS)
            except subprocess.TimeoutExpired:
                continue
            assert code == 0, self._errors.read_text()
            return True
        return False


def run(folder: Path, *, quick: bool) -> None:
    """Measure and print."""
    deliveries = QUICK_DELIVERIES if quick else DELIVERIES
    first, second = folder / "whole", folder / "killed"
    fill(first / "store.db", deliveries)
    second.mkdir()
    shutil.copy(first / "store.db", second / "store.db")
    with closing(sqlite3.connect(first / "store.db")) as connection:
        counts = [connection.execute(f"SELECT COUNT(*) FROM {one}").fetchone() for one in TABLES]  # noqa: S608
    rows = sum(count for (count,) in counts)
    size = (first / "store.db").stat().st_size / 1e6
    with running() as server:
        seconds, memory = moved(first, server.empty())
        url = server.empty()
        with Mover(second, url) as mover:
            assert not mover.watch(seconds / 2)
            mover.kill()
        rest, memory_too = moved(second, url)
    half = seconds / 2
    show(
        f"Move of {deliveries:,} deliveries, {rows:,} rows, {size:,.0f} MB: copied, indexed, "
        "compared row by row",
        ("", "seconds", "rows/s", "MB at a quarter", "MB at most"),
        [
            ("in one go", seconds, rows / seconds, *memory),
            ("killed half-way", half, "", "", ""),
            ("and gone on with", rest, "", *memory_too),
            ("both together", half + rest, rows / (half + rest), "", ""),
        ],
    )


def moved(home: Path, url: str) -> tuple[float, tuple[float, float]]:
    """Seconds, and the memory after a quarter of the time and at most, MB."""
    with Mover(home, url) as mover:
        assert mover.watch()
        seconds = time.monotonic() - mover.started_at
    looks = mover.memory[:-1] or mover.memory
    return seconds, (looks[len(looks) // 4], max(looks))
