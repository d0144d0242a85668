"""The one thread of a driver that writes: what it is given it runs in groups. SQL-free."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, Final, TypeVar

from core.errors import StoreBusy
from core.store.writes import Write, WriteQueue

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

MAX_WAITING: Final = 20_000


class Writer:
    """Runs groups of writes on a thread and hands their results to the loop.

    Args:
        run: Runs a group in one transaction and notes on each write its result or its error.
            What it takes out of the group, it has put back.
    """

    def __init__(self, run: Callable[[list[Write]], None]) -> None:
        self._run = run
        self._writes = WriteQueue()
        self._waiting = 0
        self._thread: threading.Thread | None = None

    @property
    def started(self) -> bool:
        """Whether it takes writes."""
        return self._thread is not None

    def start(self) -> None:
        """Begin; on the loop."""
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._work, name="store-writer", daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        """Run what waits, then end."""
        if self._thread is not None:
            self._writes.end()
            await asyncio.to_thread(self._thread.join)
            self._thread = None

    def put(
        self,
        work: Callable[[Any], T],
        *,
        simple: bool,
        alone: bool = False,
        urgent: bool = False,
    ) -> asyncio.Future[T]:
        """Begin a write; done after its commit.

        Raises:
            StoreBusy: Too many wait already.
        """
        if self._waiting >= MAX_WAITING:
            raise StoreBusy("The store is too busy.", "Try again shortly.")
        future: asyncio.Future[T] = self._loop.create_future()
        self._waiting += 1
        self._writes.put(Write(work, future, simple=simple, alone=alone, urgent=urgent))
        return future

    def cut(self, group: list[Write], done: int) -> bool:
        """Whether the group under way ends behind `done` writes, as something urgent has come.

        The rest is then the first of the next.
        """
        if not self._writes.yields():
            return False
        self._writes.put_back(group[done:])
        del group[done:]
        return True

    def _work(self) -> None:
        while group := self._writes.next_group():
            self._run(group)
            self._loop.call_soon_threadsafe(self._deliver, group)

    def _deliver(self, group: list[Write]) -> None:
        self._waiting -= len(group)
        for write in group:
            if write.future.done():
                continue
            if write.error is not None:
                write.future.set_exception(write.error)
            else:
                write.future.set_result(write.result)
