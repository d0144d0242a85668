"""The engine's thread: ready, failed, asked and stopped from any other thread."""

from __future__ import annotations

import asyncio
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from core.errors import StoreUnavailable
from core.runner import EngineThread, loop_factory

if TYPE_CHECKING:
    from collections.abc import Callable


class Stub:
    """An engine that only waits."""

    def __init__(self, before: Exception | None = None, after: Exception | None = None) -> None:
        self._before = before
        self._after = after
        self._stop = asyncio.Event()
        self.thread = threading.current_thread().name

    def stop(self) -> None:
        self._stop.set()

    async def run(self, ready: Callable[[], None]) -> None:
        if self._before is not None:
            raise self._before
        ready()
        await self._stop.wait()
        if self._after is not None:
            raise self._after


def test_the_engine_is_built_and_run_on_its_own_thread():
    thread = EngineThread(Stub)  # type: ignore[arg-type]

    engine = thread.start()

    assert engine.thread == "engine"  # type: ignore[attr-defined]
    thread.stop()
    assert thread.join(5)


def test_an_engine_that_cannot_start_raises_its_error_in_start_and_join_is_quiet():
    for _ in range(30):
        thread = EngineThread(lambda: Stub(before=StoreUnavailable("no disk")))  # type: ignore[arg-type, return-value]

        with pytest.raises(StoreUnavailable, match="no disk"):
            thread.start()

        thread.stop()
        assert thread.join(5)


def test_an_engine_that_cannot_be_built_raises_its_error_in_start():
    def fails() -> Stub:
        raise StoreUnavailable("no home")

    thread = EngineThread(fails)  # type: ignore[arg-type]

    with pytest.raises(StoreUnavailable, match="no home"):
        thread.start()
    assert thread.join(5)


def test_an_engine_that_ends_by_an_error_tells_whoever_joins():
    thread = EngineThread(lambda: Stub(after=StoreUnavailable("gone")))  # type: ignore[arg-type, return-value]
    thread.start()
    thread.stop()

    with pytest.raises(StoreUnavailable, match="gone"):
        thread.join(5)


def test_join_says_when_the_engine_did_not_end_in_time():
    thread = EngineThread(Stub)  # type: ignore[arg-type]
    thread.start()

    assert not thread.join(0.01)

    thread.stop()
    assert thread.join(5)


def test_call_runs_on_the_engine_s_loop_and_gives_result_or_error():
    thread = EngineThread(Stub)  # type: ignore[arg-type]
    thread.start()

    async def where() -> str:
        return threading.current_thread().name

    async def fails() -> None:
        raise KeyError("x")

    assert thread.call(where()).result(5) == "engine"
    with pytest.raises(KeyError):
        thread.call(fails()).result(5)
    thread.stop()
    assert thread.join(5)


@pytest.mark.parametrize("started", [True, False])
def test_call_without_a_running_engine_is_refused_and_leaves_nothing(started: bool):
    thread = EngineThread(Stub)  # type: ignore[arg-type]
    if started:
        thread.start()
        thread.stop()
        assert thread.join(5)

    async def nothing() -> None:
        return

    with pytest.raises(RuntimeError):
        thread.call(nothing())


def test_stop_may_come_from_many_threads_at_once():
    thread = EngineThread(Stub)  # type: ignore[arg-type]
    thread.start()
    stoppers = [threading.Thread(target=thread.stop) for _ in range(8)]

    for stopper in stoppers:
        stopper.start()
    for stopper in stoppers:
        stopper.join()

    assert thread.join(5)


def test_the_loop_fits_the_platform():
    loop = loop_factory()()
    loop.close()

    assert ("uvloop" in type(loop).__module__) == (sys.platform != "win32")
