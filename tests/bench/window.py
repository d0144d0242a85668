"""The window: how soon it shows a million rows, how it streams, and what it costs intake."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from tests.bench.processes import PASSWORD, WRITE_KEY, helper
from tests.bench.rows import fill
from tests.bench.table import show

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bench.processes import Child

ROWS, QUICK_ROWS = 1_000_000, 20_000
#: Qt's own model takes minutes for a million rows and gigabytes: what a part of them takes
ITEMS_PART = 10
STREAM_RATE, SCROLL_RATE = 1000.0, 200.0
STREAM_SECONDS, QUICK_SECONDS = 60.0, 3.0


def run(folder: Path, *, quick: bool) -> None:
    """Measure and print."""
    rows = QUICK_ROWS if quick else ROWS
    seconds = QUICK_SECONDS if quick else STREAM_SECONDS
    home = folder / "window"
    fill(home / "store.db", rows)
    opening(folder, home, rows)
    items(folder, rows // ITEMS_PART)
    moving(folder, home, seconds)


def viewer(folder: Path, home: Path, segment: str, *words: str) -> Child:
    """The window, as a process of its own."""
    return helper(
        folder,
        "viewer",
        home,
        *words,
        BEGAN=time.time(),
        GLADLY_SOURCE_WRITE_KEY=WRITE_KEY,
        GLADLY_SOURCE_WEBHOOK_PASSWORD=PASSWORD,
        GLADLY_SOURCE_SEGMENT__HOST=segment,
        GLADLY_SOURCE_LISTENER__PORT=0,
    )


def said(child: Child, *keys: str) -> dict[str, Any]:
    """The next line that holds these."""
    while True:
        found: dict[str, Any] = child.answer()
        if all(key in found for key in keys):
            return found


def opening(folder: Path, home: Path, rows: int) -> None:
    """Start, jump, filter, search."""
    with helper(folder, "endpoint") as segment, viewer(folder, home, segment.line()) as one:
        one.tell("open")
        opened = said(one, "usable")
        counted = said(one, "counted")
        memory = said(one, "memory")["memory"]
        lines: list[tuple[object, ...]] = [
            ("process start to the first rows on screen", float(opened["usable"])),
            ("exact count and scrollbar after that", float(counted["counted"])),
        ]
        while "figure" in (found := one.answer()):
            lines.append((found["figure"], float(found["seconds"])))
    show(f"Window: {rows:,} deliveries in the store", ("", "seconds"), lines)
    show("", ("memory", "MB"), [("opened", memory), ("after all of that", found["memory"])])


def items(folder: Path, rows: int) -> None:
    """The same rows in Qt's own model."""
    home = folder / "items"
    fill(home / "store.db", rows)
    with viewer(folder, home, "http://127.0.0.1:9", "items") as child:
        took = child.answer()
    show(
        f"For comparison: QStandardItemModel with {rows:,} rows",
        ("", "seconds", "MB over base"),
        [("filled and shown", float(took["seconds"]), float(took["memory"]))],
    )


def moving(folder: Path, home: Path, seconds: float) -> None:
    """Streaming events into the open window, and scrolling while webhooks come."""
    lines = []
    with (
        helper(folder, "endpoint") as segment,
        helper(folder, "load") as load,
        viewer(folder, home, segment.line()) as window,
    ):
        url = said(window, "url")["url"]
        for name, rate, part in (("stream", STREAM_RATE, 1.0), ("scroll", SCROLL_RATE, 1 / 3)):
            window.tell(name, seconds * part)
            intake = load.ask({"url": url, "seconds": seconds * part, "rate": rate})
            timer = said(window, "p99_ms")
            figures = (timer["p50_ms"], timer["p99_ms"], timer["max_ms"])
            lines.append((name, rate, *figures, intake["p50_ms"], intake["p99_ms"]))
            window.tell("quiet")  # what one part left to do must not slow the next
            said(window, "quiet")
    show(
        "Window open: lateness of a 10 ms timer, and how long Gladly waits for its 200",
        ("", "events/s", "p50 ms", "p99 ms", "longest ms", "200: p50 ms", "200: p99 ms"),
        lines,
    )
