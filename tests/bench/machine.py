"""What the figures depend on: the machine, its disk, and what others took of it meanwhile."""

from __future__ import annotations

import os
import platform
import sqlite3
import statistics
import time
from pathlib import Path

STEAL_FIELD = 8
FSYNCS = 50
PAGE = b"\0" * 4096


class Steal:
    """The share of processor time that the host gave to others since this was made."""

    def __init__(self) -> None:
        self._before = _ticks()

    def percent(self) -> float:
        """Percent since the beginning."""
        passed = [now - then for now, then in zip(_ticks(), self._before, strict=True)]
        return 100 * passed[STEAL_FIELD - 1] / max(1, sum(passed))


def describe(folder: Path) -> str:
    """One line about machine, Python, SQLite and the disk under `folder`."""
    return (
        f"{os.cpu_count()} cores ({platform.machine()}, {_processor()}), {platform.system()} "
        f"{platform.release()}, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, fsync of 4 KB {_fsync_us(folder):.0f} µs, "
        f"load {os.getloadavg()[0]:.1f}"
    )


def _ticks() -> list[int]:
    """The first line of /proc/stat, without guest time, which user time holds already."""
    fields = Path("/proc/stat").read_text("ascii").splitlines()[0].split()
    return [int(field) for field in fields[1 : STEAL_FIELD + 1]]


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return "processor unknown"


def _fsync_us(folder: Path) -> float:
    """Median of some appends with fsync: far under 20 µs means that nothing reaches a disk."""
    took: list[float] = []
    target = folder / "fsync"
    with target.open("wb", buffering=0) as file:
        for _ in range(FSYNCS):
            started = time.perf_counter()
            file.write(PAGE)
            os.fsync(file.fileno())
            took.append(time.perf_counter() - started)
    target.unlink()
    return statistics.median(took) * 1e6
