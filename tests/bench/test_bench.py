"""The benchmarks run: what they call is not tested anywhere else for staying callable."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from tests.bench.processes import ROOT

if TYPE_CHECKING:
    from tests.fakes.postgres import Server


def test_look_ups_are_counted_and_few() -> None:
    command = [sys.executable, "-m", "tests.bench", "--quick", "--only", "lookups"]

    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines() if "each customer" in line]
    assert len(rows) == 2, done.stdout


def test_a_move_is_killed_and_gone_on_with(postgres_server: Server) -> None:
    del postgres_server  # skips where there is none; the bench has one of its own
    command = [sys.executable, "-m", "tests.bench", "--quick", "--only", "move"]

    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 0, done.stderr
    assert "and gone on with" in done.stdout
