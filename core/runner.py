"""Runs an engine's event loop in one background thread, so that nothing else can hold it up."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from concurrent import futures
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from core.engine import Engine

T = TypeVar("T")


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    """The fastest loop that works here."""
    if sys.platform == "win32":
        return asyncio.new_event_loop
    import uvloop  # noqa: PLC0415 - does not exist on Windows

    return uvloop.new_event_loop


class EngineThread:
    """One engine on one thread.

    Args:
        make: Builds the engine; called on the thread.
    """

    def __init__(self, make: Callable[[], Engine]) -> None:
        self._make = make
        self._thread = threading.Thread(target=self._main, name="engine", daemon=True)
        self._ready: Future[Engine] = Future()
        self._finished: Future[None] = Future()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = False

    def begin(self) -> Future[Engine]:
        """Start; the future holds the engine once it is ready, or why it could not start."""
        self._thread.start()
        return self._ready

    def start(self) -> Engine:
        """Start and wait until the engine is ready.

        Raises:
            GladlySourceError: It could not start.
        """
        return self.begin().result()

    @property
    def finished(self) -> Future[None]:
        """Done when the engine has ended; holds the error if it ended by one."""
        return self._finished

    def stop(self) -> None:
        """Ask the engine to stop; safe from any thread and at any time, returns at once."""
        self._stopping = True
        if self._loop is None or not self._ready.done() or self._ready.exception() is not None:
            return  # an engine that is still starting looks at the wish itself
        engine = self._ready.result()
        with contextlib.suppress(RuntimeError):  # the loop has just closed
            self._loop.call_soon_threadsafe(engine.stop)

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the end; whether it came in time.

        Raises:
            BaseException: The engine ended by this error.
        """
        futures.wait([self._finished], timeout)
        if not self._finished.done():
            return False
        self._finished.result()
        self._thread.join(timeout)
        return True

    def call(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        """Run a coroutine on the engine's loop.

        Raises:
            RuntimeError: The engine does not run.
        """
        if self._loop is None or self._loop.is_closed():
            coroutine.close()
            raise RuntimeError("the engine does not run")
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def _main(self) -> None:
        try:
            with asyncio.Runner(loop_factory=loop_factory()) as runner:
                self._loop = runner.get_loop()
                runner.run(self._run())
        except BaseException as exc:  # noqa: BLE001 - handed to whoever waits
            if not self._ready.done():
                self._finished.set_result(None)  # first: whoever sees the error may call stop()
                self._ready.set_exception(exc)
            else:
                self._finished.set_exception(exc)
        else:
            self._finished.set_result(None)

    async def _run(self) -> None:
        engine = self._make()

        def ready() -> None:
            self._ready.set_result(engine)
            if self._stopping:
                engine.stop()

        await engine.run(ready)


def raise_file_limit() -> None:
    """Allow as many connections as the system lets this user have."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - does not exist on Windows

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
