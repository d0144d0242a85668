"""The demo ends by itself and loses nothing."""

from __future__ import annotations

import re
import subprocess
import sys


def run_demo(*arguments: str) -> tuple[int, dict[str, int]]:
    result = subprocess.run(
        [sys.executable, "-m", "core.cli", "demo", "--headless", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    found = re.findall(r"^(sent|accepted|duplicates|lost)\s+(\d+)", result.stdout, re.MULTILINE)
    return result.returncode, {name: int(number) for name, number in found}


def test_the_demo_ends_by_itself_with_nothing_lost() -> None:
    code, summary = run_demo("--count", "20", "--rate", "10")

    assert code == 0
    assert summary == {"sent": 20, "accepted": 20, "duplicates": 0, "lost": 0}


def test_the_demo_survives_faults() -> None:
    code, summary = run_demo(
        "--count", "10", "--rate", "10", "--faults", "500:count=1", "lost-answer:count=1"
    )

    assert code == 0
    assert summary == {"sent": 10, "accepted": 10, "duplicates": 0, "lost": 0}
