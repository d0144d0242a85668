"""Runs blocking calls on daemon threads: one that hangs must not hold up the exit."""

from __future__ import annotations

import asyncio
import queue
import threading
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

IDLE_SECONDS = 10.0


class DaemonThreads:
    """As many threads as calls at a time; a thread that is done takes the next call.

    Starting one for each call would cost the loop a wait, because a start waits for the thread.

    Args:
        name: The name of its threads.
        idle_seconds: How long a thread without work stays.
    """

    def __init__(self, name: str, *, idle_seconds: float = IDLE_SECONDS) -> None:
        self._name = name
        self._idle_seconds = idle_seconds
        self._lock = threading.Lock()
        self._idle: list[queue.SimpleQueue[Callable[[], None]]] = []

    async def run(self, call: Callable[[], T]) -> T:
        """The result of `call`, or what it raised; cancelling leaves the call to its thread."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def work() -> None:
            try:
                result, error = call(), None
            except BaseException as exc:  # noqa: BLE001 - handed to the caller
                result, error = None, exc
            try:
                loop.call_soon_threadsafe(_finish, future, result, error)
            except RuntimeError:
                return  # the loop has closed: nobody waits any more

        self._thread().put(work)
        return await future

    def _thread(self) -> queue.SimpleQueue[Callable[[], None]]:
        """Where a thread that has nothing to do takes its work from."""
        with self._lock:
            if self._idle:
                return self._idle.pop()
        calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        threading.Thread(target=self._serve, args=(calls,), name=self._name, daemon=True).start()
        return calls

    def _serve(self, calls: queue.SimpleQueue[Callable[[], None]]) -> None:
        calls.get()()
        while True:
            with self._lock:
                self._idle.append(calls)
            try:
                work = calls.get(timeout=self._idle_seconds)
            except queue.Empty:
                with self._lock:
                    if calls in self._idle:
                        self._idle.remove(calls)
                        return
                work = calls.get()  # taken in this very moment
            work()
            del work


def _finish(future: asyncio.Future[Any], result: object, error: BaseException | None) -> None:
    if future.done():
        return
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(result)
