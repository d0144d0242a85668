"""The one way between Qt's thread and everything that takes time: coroutines on a work thread."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import TYPE_CHECKING, Any, TypeVar

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal, Slot

from core.errors import GladlySourceError
from core.runner import loop_factory
from gui.traces import log_mistake

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")
log = logging.getLogger(__name__)

STOP_SECONDS = 3.0


def _nothing(_: Any) -> None:  # noqa: ANN401 - whatever the answer is
    """Nobody waits for this."""


class Asked:
    """One question under way; `cancel()` when the answer no longer matters."""

    def __init__(
        self,
        owner: QObject,
        then: Callable[[Any], None],
        failed: Callable[[GladlySourceError], None],
    ) -> None:
        self.owner = owner
        self.then = then
        self.failed = failed
        self.cancelled = False
        self.done = False
        self.task: asyncio.Task[None] | None = None
        self.loop: asyncio.AbstractEventLoop | None = None

    def cancel(self) -> None:
        """Drop the answer, and stop working on it; from the GUI thread."""
        self.cancelled = True
        if self.loop is not None and not self.done:
            try:
                self.loop.call_soon_threadsafe(self._cancel_task)
            except RuntimeError:
                return  # the loop has ended, and the work with it

    def _cancel_task(self) -> None:
        if self.task is not None:
            self.task.cancel()


class Bridge(QObject):
    """Runs coroutines on an asyncio loop on a thread of its own; hands results to Qt's thread.

    Signals:
        crashed: An exception that is a mistake of ours.
    """

    crashed = Signal(object)
    _posted = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._posted.connect(self._on_posted, Qt.ConnectionType.QueuedConnection)
        self._loop = loop_factory()()
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopped = False
        self._thread = threading.Thread(target=self._main, name="gui-work", daemon=True)
        self._thread.start()

    def ask(
        self,
        make: Callable[[], Awaitable[T]],
        *,
        owner: QObject,
        then: Callable[[T], None] = _nothing,
        failed: Callable[[GladlySourceError], None] = _nothing,
    ) -> Asked:
        """Await what `make` makes, on the work thread; `then` or `failed` run on Qt's thread.

        They are dropped when `owner` is gone by then, or the question was cancelled.
        """
        asked = Asked(owner, then, failed)
        if not self._stopped:
            asked.loop = self._loop
            self._loop.call_soon_threadsafe(self._begin, asked, make)
        return asked

    def post(self, call: Callable[[], None]) -> None:
        """Run `call` on Qt's thread; from any thread."""
        if shiboken6.isValid(self):
            self._posted.emit(call)

    def stop(self) -> None:
        """Cancel what is under way and end the thread; waits for that a moment at most."""
        if self._stopped:
            return
        self._stopped = True
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(STOP_SECONDS)

    def _main(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
            for task in tuple(self._tasks):
                task.cancel()
            if self._tasks:
                self._loop.run_until_complete(
                    asyncio.wait(tuple(self._tasks), timeout=STOP_SECONDS / 2)
                )
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        finally:
            self._loop.close()

    def _begin(self, asked: Asked, make: Callable[[], Awaitable[Any]]) -> None:
        if asked.cancelled:
            return
        task = self._loop.create_task(self._work(asked, make))
        asked.task = task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self, asked: Asked, make: Callable[[], Awaitable[Any]]) -> None:
        try:
            result = await make()
        except GladlySourceError as exc:
            self._answer(asked, asked.failed, exc)
        except Exception as exc:  # noqa: BLE001 - logged without what it says, and handed on
            if self._stopped:
                return  # cut off in the middle: whatever it says
            # A mistake of ours: told to whoever handles crashes.
            log_mistake(log, "the window's work failed", exc)
            self._answer(asked, self.crashed.emit, exc)
        else:
            self._answer(asked, asked.then, result)
        finally:
            asked.done = True

    def _answer(self, asked: Asked, receiver: Callable[[Any], None], value: object) -> None:
        def deliver() -> None:
            if not asked.cancelled and shiboken6.isValid(asked.owner):
                receiver(value)

        self.post(deliver)

    @Slot(object)
    def _on_posted(self, call: Callable[[], None]) -> None:
        call()
