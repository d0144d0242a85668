"""What is installed runs: the wheel holds everything, resources included."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_built_wheel_runs_the_demo(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(unpacked)

    result = subprocess.run(
        [sys.executable, "-P", "-m", "core.cli", "demo", "--count", "4", "--rate", "20"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(unpacked)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert result.returncode == 0, result.stderr
    assert "lost        0" in result.stdout
    assert {name.split("/")[0] for name in names} <= {
        "core",
        "gui",
        "resources",
        next(name.split("/")[0] for name in names if name.endswith("METADATA")),
    }
    assert not any("tests" in name for name in names)
    operations = {one.name for one in (ROOT / "resources" / "operations").iterdir()}
    assert {f"resources/operations/{one}" for one in operations} <= set(names)
    assert {"Containerfile", "alerts.yml", "gladly-source.service", "grafana.json"} <= operations
