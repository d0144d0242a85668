"""The benchmarks run: what they call is not tested anywhere else for staying callable."""

from __future__ import annotations

import subprocess
import sys

from tests.bench.processes import ROOT


def test_look_ups_are_counted_and_few() -> None:
    command = [sys.executable, "-m", "tests.bench", "--quick", "--only", "lookups"]

    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines() if "each customer" in line]
    assert len(rows) == 2, done.stdout
