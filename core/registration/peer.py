"""The engine that runs on a home, if one does, for whoever changes what it takes for right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import filelock

from core.control import ControlClient
from core.doctor.blocking import on_own_thread
from core.errors import StoreInUse

if TYPE_CHECKING:
    from core.home import Home


async def running_engine(home: Home) -> ControlClient | None:
    """The engine of this home; None when none runs.

    Raises:
        StoreInUse: One runs and does not answer.
    """
    client = await on_own_thread(lambda: ControlClient.find(home))
    if client is None:
        if await on_own_thread(lambda: _is_held(home)):
            raise StoreInUse(
                "An engine is starting on this home, or does not answer.",
                "Wait a moment, then try again.",
            )
        return None
    try:
        await client.health()
    except StoreInUse:
        if await on_own_thread(lambda: _is_held(home)):
            raise
        return None  # killed: it left its address behind
    return client


def _is_held(home: Home) -> bool:
    """Whether some engine has this store."""
    path = home.store_file.with_suffix(".lock")
    if not path.exists():
        return False
    lock = filelock.FileLock(path, mode=0o600, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        return True
    except OSError:
        return False
    lock.release()
    return False
