"""Memory: resident size of the engine while events go the whole way."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from tests.bench.processes import Ours, helper
from tests.bench.table import show

if TYPE_CHECKING:
    from pathlib import Path

STEPS = (10_000, 50_000, 100_000)
QUICK_STEPS = (1_000, 2_000)
CONNECTIONS = 32
PATIENCE_SECONDS = 100.0


def run(folder: Path, *, quick: bool) -> None:
    """Measure and print."""
    with ExitStack() as stack:
        segment = stack.enter_context(helper(folder, "endpoint"))
        load = stack.enter_context(helper(folder, "load"))
        ours = stack.enter_context(Ours(folder / "memory", "all", segment.line()))
        first = ours.resident_mb()
        rows: list[tuple[object, ...]] = [("at start", first, 0.0)]
        sent = 0
        for step in QUICK_STEPS if quick else STEPS:
            load.ask({"url": ours.url, "count": step - sent, "connections": CONNECTIONS})
            sent = step
            accepted = segment.ask("wait", sent, PATIENCE_SECONDS)["accepted"]
            assert accepted == sent, (accepted, sent)
            rows.append((f"{sent:,} events accepted", ours.resident_mb(), 0.0))
    show(
        "Memory of `serve --role all`, no look-ups",
        ("", "resident MB", "over start"),
        [(name, size, float(size) - first) for name, size, _ in rows],
    )
