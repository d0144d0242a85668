"""Runs calls that block on threads that nobody has to wait for."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


async def on_own_thread(call: Callable[[], T]) -> T:
    """Run `call` on a daemon thread of its own.

    A keyring that waits for its password, or a disk that went away, can hang for ever. A thread
    of `asyncio.to_thread` would then hold up the end of the program; this one does not.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(set_it: Callable[[Any], None], value: object) -> None:
        if not future.done():
            set_it(value)

    def work() -> None:
        try:
            outcome = (future.set_result, call())
        except Exception as exc:  # noqa: BLE001 - handed to the caller
            outcome = (future.set_exception, exc)  # type: ignore[assignment]
        try:
            loop.call_soon_threadsafe(settle, *outcome)
        except RuntimeError:
            return  # the loop has closed: nobody waits any more

    threading.Thread(target=work, name="doctor", daemon=True).start()
    return await future
