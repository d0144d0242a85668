"""One engine a home: a lock on a file, for homes whose store is on a server."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import filelock

from core.errors import StoreInUse, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.home import Home


@contextmanager
def held(home: Home) -> Iterator[None]:
    """Keep a second engine from using the home's port and address file; makes the folder.

    Raises:
        StoreInUse: Another engine holds it.
        StoreUnavailable: The folder cannot be written.
    """
    lock = filelock.FileLock(home.path / "engine.lock", mode=0o600, thread_local=False)
    try:
        home.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except filelock.Timeout as exc:
        raise StoreInUse(
            f"Another Gladly Source is running on {home.path}.",
            "Stop it, or choose another --home: engines on one store have a home each.",
        ) from exc
    except OSError as exc:
        raise StoreUnavailable(
            f"The home {home.path} cannot be written: {exc.strerror or exc}.",
            "Check the owner and the rights of the folder, or choose another with --home.",
        ) from exc
    try:
        yield
    finally:
        lock.release()
