"""Blocking calls run on threads that are used again and that hold nothing up."""

from __future__ import annotations

import asyncio
import threading

import pytest

from core.segment.threads import DaemonThreads

PATIENCE = 10.0


async def test_a_thread_that_is_done_takes_the_next_call():
    threads = DaemonThreads("worker")

    used = {await threads.run(threading.get_ident) for _ in range(5)}
    # a thread says that it is free just after it has told the result
    assert len(used) < 5


async def test_calls_at_the_same_time_have_a_thread_each():
    threads, together = DaemonThreads("worker"), threading.Barrier(3)

    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*(threads.run(together.wait) for _ in range(3)))


async def test_they_are_daemons_under_their_name():
    thread = await DaemonThreads("worker").run(threading.current_thread)

    assert (thread.name, thread.daemon) == ("worker", True)


async def test_what_a_call_raises_reaches_the_caller_and_the_thread_goes_on():
    threads = DaemonThreads("worker")

    def broken():
        raise RuntimeError("a bug of ours")

    for _ in range(3):
        with pytest.raises(RuntimeError, match="a bug of ours"):
            await threads.run(broken)
    assert await threads.run(lambda: "fine") == "fine"


async def test_a_call_that_nobody_waits_for_any_more_is_left_to_its_thread():
    threads, go, done = DaemonThreads("worker"), threading.Event(), threading.Event()

    def slow():
        go.wait(PATIENCE)
        done.set()

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await threads.run(slow)
    assert await threads.run(lambda: "meanwhile") == "meanwhile"
    go.set()
    assert await asyncio.to_thread(done.wait, PATIENCE)


async def test_without_work_a_thread_ends():
    threads = DaemonThreads("worker", idle_seconds=0.0)

    for _ in range(20):
        thread = await threads.run(threading.current_thread)
    await asyncio.to_thread(thread.join, PATIENCE)

    assert not thread.is_alive()
