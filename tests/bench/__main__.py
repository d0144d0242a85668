"""Runs the benchmarks: `python -m tests.bench [--quick] [--only NAME]`."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.bench import (
    databases,
    delivery,
    intake,
    lookups,
    lost,
    machine,
    memory,
    move,
    soak,
    start,
    window,
)

BENCHES = {
    "intake": intake.run,
    "lost": lost.run,
    "delivery": delivery.run,
    "start": start.run,
    "memory": memory.run,
    "lookups": lookups.run,
    "window": window.run,
}
#: only when asked for: each takes ten minutes or more; the last two need a PostgreSQL server
LONG = {"soak": soak.run, "move": move.run, "databases": databases.run}


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke run: figures mean little")
    parser.add_argument("--only", action="append", choices=[*BENCHES, *LONG], metavar="NAME")
    parser.add_argument("--folder", type=Path, help="where the throw-away homes go (a real disk)")
    return parser.parse_args()


def main() -> None:
    """Run what was asked for, each in a throw-away folder."""
    asked = arguments()
    # A plain SIGTERM would leave frozen children behind; this way each is ended by its own pid.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="gladly-bench-", dir=asked.folder) as name:
        print(machine.describe(Path(name)), flush=True)
        whole = time.monotonic()
        for bench in asked.only or BENCHES:
            folder = Path(name) / bench
            folder.mkdir()
            steal, began = machine.Steal(), time.monotonic()
            {**BENCHES, **LONG}[bench](folder, quick=asked.quick)
            print(f"  ({time.monotonic() - began:.0f} s, steal {steal.percent():.1f} %)")
        print(f"\nIn {time.monotonic() - whole:.0f} s. Compare ratios, not absolute numbers.")


if __name__ == "__main__":
    main()
