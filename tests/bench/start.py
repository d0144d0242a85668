"""Start: from exec to the first 200 of /healthz."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.bench import store
from tests.bench.processes import Ours
from tests.bench.table import show, spread

if TYPE_CHECKING:
    from pathlib import Path

ROUNDS = 3
EVENTS = 100_000
QUICK_EVENTS = 5_000
SCALE = "import starlette.applications, uvicorn, httpx"


def run(folder: Path, *, quick: bool) -> None:
    """Measure and print."""
    events = QUICK_EVENTS if quick else EVENTS
    filled = folder / "start-filled"
    store.fill(filled, events)
    names = ("ours, new home", f"ours, {events:,} events stored", f"python -c '{SCALE}'")
    took: dict[str, list[float]] = {name: [] for name in names}
    for number in range(2 if quick else ROUNDS):
        took[names[0]].append(until_healthy(folder / f"start-{number}"))
        took[names[1]].append(until_healthy(filled))
        took[names[2]].append(importing())
    show(
        "Start: exec to the first 200 of /healthz",
        ("", "seconds", "from-to"),
        [(name, statistics.median(values), spread(values)) for name, values in took.items()],
    )


def until_healthy(home: Path) -> float:
    """Seconds until `serve --role receive` on this home answers."""
    started = time.monotonic()
    with Ours(home, "receive") as child:
        address = urlsplit(child.url)
        connection = HTTPConnection(address.netloc, timeout=5)
        connection.request("GET", "/healthz")
        assert connection.getresponse().status == 200
        took = time.monotonic() - started
        connection.close()
    return took


def importing() -> float:
    """Seconds that Python needs for the libraries alone."""
    started = time.monotonic()
    subprocess.run([sys.executable, "-c", SCALE], check=True)
    return time.monotonic() - started
