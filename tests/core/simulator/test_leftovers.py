"""What killed demos left behind is removed, and nothing else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import filelock

from core.simulator.leftovers import DAY, PREFIX, remove

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

NOW = 1_780_000_000.0
OLD = NOW - DAY - 60


def left(folder: Path, name: str, at: float = OLD) -> Path:
    """A demo's folder as a kill leaves it."""
    path = folder / name
    home = path / "home"
    home.mkdir(parents=True)
    for file in (home / "store.db", home / "store.lock"):
        file.touch()
        os.utime(file, (at, at))
    os.utime(path, (at, at))
    return path


def test_what_a_killed_demo_left_is_removed_after_a_day(tmp_path: Path) -> None:
    old, young = left(tmp_path, PREFIX + "old"), left(tmp_path, PREFIX + "young", NOW - 60)

    assert remove(tmp_path, NOW) == 1

    assert not old.exists()
    assert young.exists()


def test_a_demo_that_runs_for_days_keeps_its_home(tmp_path: Path) -> None:
    running = left(tmp_path, PREFIX + "long")
    busy = left(tmp_path, PREFIX + "busy")
    os.utime(busy / "home" / "store.db", (NOW - 5, NOW - 5))

    with filelock.FileLock(running / "home" / "store.lock"):
        os.utime(running / "home" / "store.lock", (OLD, OLD))
        assert remove(tmp_path, NOW) == 0

    assert running.exists()
    assert busy.exists()


def test_nothing_else_is_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = left(tmp_path, "gladly-source-other")
    target = left(tmp_path, "target")
    link = tmp_path / f"{PREFIX}link"
    link.symlink_to(target)
    file = tmp_path / f"{PREFIX}file"
    file.touch()
    os.utime(file, (OLD, OLD))
    assert remove(tmp_path, NOW) == 0
    strange = left(tmp_path, PREFIX + "strange")
    monkeypatch.setattr(os, "getuid", lambda: os.geteuid() + 1, raising=False)

    assert remove(tmp_path, NOW) == 0
    assert remove(tmp_path / "gone", NOW) == 0

    assert all(one.exists() for one in (other, target, link, file, strange))
