"""Loss: what was answered 200 and never arrived, after a SIGKILL amid a burst."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING

from tests.bench.processes import Ours, helper
from tests.bench.table import show

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bench.processes import Child

BURST_SECONDS = 2.0
PATIENCE_SECONDS = 60.0
QUIET_SECONDS = 2.0
SEGMENT = "slow:ms=100"
WORKERS = 8


def run(folder: Path, *, quick: bool) -> None:
    """Measure and print."""
    seconds = 0.5 if quick else BURST_SECONDS
    rows = [ours(folder, seconds), script(folder, seconds)]
    show(
        f"Loss: killed by SIGKILL after {seconds:g} s of full load; Segment answers in 100 ms",
        ("", "answered 200", "arrived of them", "lost", "lost %"),
        rows,
    )


def ours(folder: Path, seconds: float) -> tuple[object, ...]:
    """Killed, started again on the same home, and given time to catch up."""
    home = folder / "lost"
    with ExitStack() as stack:
        segment = stack.enter_context(helper(folder, "endpoint", SEGMENT))
        host = segment.line()
        settings = {"DELIVERY__WORKERS": WORKERS}
        victim = stack.enter_context(Ours(home, "all", host, **settings))
        acknowledged = burst(folder, victim, victim.url, seconds)
        stack.enter_context(Ours(home, "all", host, **settings))
        segment.ask("wait", len(acknowledged), PATIENCE_SECONDS)
        return counted("ours, started again", acknowledged, arrived(folder, segment))


def script(folder: Path, seconds: float) -> tuple[object, ...]:
    """Killed; its events were in memory, so starting it again would bring none back."""
    with ExitStack() as stack:
        segment = stack.enter_context(helper(folder, "endpoint", SEGMENT))
        host = segment.line()
        victim = stack.enter_context(helper(folder, "contenders", "script", host))
        acknowledged = burst(folder, victim, victim.line(), seconds)
        return counted("FastAPI + analytics.track", acknowledged, arrived(folder, segment))


def burst(folder: Path, victim: Child, url: str, seconds: float) -> set[str]:
    """Full load until the victim is killed; the conversations that were answered 200."""
    file = folder / "acknowledged"
    with helper(folder, "load") as load:
        load.ask({"url": url, "count": 1, "connections": 1})  # it runs, and all is warm
        killer = threading.Timer(seconds, victim.kill)
        killer.start()
        try:
            load.ask({"url": url, "acknowledged": str(file)})
        finally:
            killer.join()
    return set(file.read_text("ascii").split())


def arrived(folder: Path, segment: Child) -> set[str]:
    """The conversations of which Segment has an event, once nothing new comes."""
    file = folder / "arrived"
    segment.ask("quiet", QUIET_SECONDS)
    segment.ask("conversations", str(file))
    return set(file.read_text("ascii").split())


def counted(name: str, acknowledged: set[str], found: set[str]) -> tuple[object, ...]:
    """One row of the table."""
    lost = len(acknowledged - found)
    share = 100 * lost / max(1, len(acknowledged))
    return name, len(acknowledged), len(acknowledged & found), lost, share
