"""Soak: the window open for ten minutes while events stream in; then nothing is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench.processes import helper
from tests.bench.table import show
from tests.bench.window import said, viewer

if TYPE_CHECKING:
    from pathlib import Path

RATE = 200.0
MINUTES, QUICK_MINUTES = 10, 2
SECONDS, QUICK_SECONDS = 60.0, 2.0


def run(folder: Path, *, quick: bool) -> None:
    """Measure and print."""
    minutes, seconds = (QUICK_MINUTES, QUICK_SECONDS) if quick else (MINUTES, SECONDS)
    home = folder / "soak"
    home.mkdir()
    lines: list[tuple[object, ...]] = []
    acknowledged: set[str] = set()
    arrived = folder / "arrived"
    with (
        helper(folder, "endpoint") as segment,
        helper(folder, "load") as load,
        viewer(folder, home, segment.line()) as window,
    ):
        url = said(window, "url")["url"]
        for minute in range(minutes):
            file = folder / f"acknowledged-{minute}"
            window.tell("stream", seconds)
            intake = load.ask(
                {"url": url, "seconds": seconds, "rate": RATE, "acknowledged": str(file)}
            )
            timer = said(window, "p99_ms")
            acknowledged.update(file.read_text("ascii").split())
            lines.append(
                (
                    minute + 1,
                    timer["memory"],
                    timer["p99_ms"],
                    timer["max_ms"],
                    intake["p99_ms"],
                    intake["others"],
                )
            )
        window.tell("quiet")
        said(window, "quiet")
        segment.ask("conversations", str(arrived))
        window.end()
        code = window.wait()
    missing = acknowledged - set(arrived.read_text("ascii").split())
    show(
        f"Soak: window open, {RATE:.0f} events/s",
        ("minute", "MB", "timer p99 ms", "longest ms", "200: p99 ms", "not 200"),
        lines,
    )
    print(f"  acknowledged {len(acknowledged):,}, missing in Segment {len(missing):,}, exit {code}")
