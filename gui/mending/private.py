"""Takes from other users of this computer the right to read the home; blocks for a moment."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from core.errors import OperationError

if TYPE_CHECKING:
    from core.home import Home

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def make_private(home: Home) -> None:
    """Leave the home folder and the store's files to their owner alone.

    Raises:
        OperationError: It is not ours to change.
    """
    files = (home.store_file, *(home.path / f"store.db-{end}" for end in ("wal", "shm")))
    try:
        for path in (home.path, *files):
            if path.exists():
                path.chmod(stat.S_IMODE(path.stat().st_mode) & ~_OTHERS)
    except OSError as exc:
        raise OperationError(
            f"The right cannot be taken away: {exc.strerror or exc}.",
            "Ask the owner of the home folder to do it.",
        ) from exc
