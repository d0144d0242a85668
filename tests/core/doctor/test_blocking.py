"""Blocking calls: results and errors come back, and a call that hangs holds nobody up."""

from __future__ import annotations

import asyncio
import threading

import pytest

from core.doctor.blocking import on_own_thread


async def test_the_result_comes_back():
    assert await on_own_thread(lambda: 42) == 42


async def test_an_error_comes_back():
    def fail() -> None:
        raise LookupError("no")

    with pytest.raises(LookupError, match="no"):
        await on_own_thread(fail)


async def test_a_call_that_hangs_can_be_given_up():
    release = threading.Event()

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await on_own_thread(lambda: release.wait(30))
    release.set()


def test_a_call_that_hangs_does_not_hold_up_the_end_of_the_loop():
    release = threading.Event()

    async def give_up() -> None:
        try:
            async with asyncio.timeout(0.01):
                await on_own_thread(lambda: release.wait(30))
        except TimeoutError:
            pass

    asyncio.run(give_up())
    thread = next(one for one in threading.enumerate() if one.name == "doctor")
    release.set()
    thread.join(5)
    assert not thread.is_alive()
