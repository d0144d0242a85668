"""Removes the throw-away homes of demos that were killed and could not clear them away."""

from __future__ import annotations

import logging
import os
import shutil
import stat
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import filelock

log = logging.getLogger(__name__)

#: what the folder of every demo begins with; `home` in it is its home
PREFIX = "gladly-source-demo-"
DAY = 86_400.0


def remove(folder: Path | None = None, now: float | None = None) -> int:
    """Remove what demos of this user left behind more than a day ago; how many there were.

    One whose engine still holds its store stays, however old; so does what cannot be read.

    Args:
        folder: Where demos keep their homes; that for temporary files when left out.
        now: Epoch seconds; the clock's when left out.
    """
    before = (time.time() if now is None else now) - DAY
    removed = 0
    with suppress(OSError):
        for path in (folder or Path(tempfile.gettempdir())).glob(f"{PREFIX}*"):
            with suppress(OSError):
                removed += _remove(path, before)
    if removed:
        log.info("leftovers of demos removed", extra={"count": removed})
    return removed


def _remove(path: Path, before: float) -> bool:
    """Remove one, if it is ours, a folder, old and in nobody's use."""
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or not _is_ours(found):
        return False
    home = path / "home"
    inside = list(home.iterdir()) if home.is_dir() and not home.is_symlink() else []
    if max(one.lstat().st_mtime for one in (path, *inside)) > before or _in_use(home):
        return False
    shutil.rmtree(path, ignore_errors=True)
    return not path.exists()


def _is_ours(found: os.stat_result) -> bool:
    """Whether this user made it; where users have no number, their folders are apart anyway."""
    own = getattr(os, "getuid", None)
    return own is None or found.st_uid == own()


def _in_use(home: Path) -> bool:
    """Whether an engine holds the store of this home."""
    file = home / "store.lock"
    if not file.exists():
        return False
    try:
        with filelock.FileLock(file, timeout=0, thread_local=False):
            return False
    except filelock.Timeout:
        return True
