"""The one thread that writes; what it runs together: test_writes.py."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest

from core.errors import StoreBusy
from core.store import writer
from core.store.writer import Writer

if TYPE_CHECKING:
    from core.store.writes import Write


def run_all(group: list[Write]) -> None:
    for write in group:
        try:
            write.result = write.work(None)
        except ValueError as exc:
            write.error = exc


async def test_each_gets_its_own_result_or_error() -> None:
    def broken(_: object) -> None:
        raise ValueError

    one = Writer(run_all)
    one.start()
    try:
        results = await asyncio.gather(
            one.put(lambda _: 1, simple=True),
            one.put(broken, simple=True),
            one.put(lambda _: 2, simple=False, urgent=True),
            return_exceptions=True,
        )
    finally:
        await one.stop()

    assert [results[0], type(results[1]), results[2]] == [1, ValueError, 2]


async def test_what_waits_is_run_before_it_stops() -> None:
    done: list[int] = []
    one = Writer(run_all)
    one.start()
    for number in range(100):
        one.put(lambda _, number=number: done.append(number), simple=True)

    await one.stop()

    assert done == list(range(100))
    assert not one.started


async def test_more_than_it_can_take_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "MAX_WAITING", 2)
    one = Writer(run_all)
    one.start()
    try:
        waiting = [one.put(lambda _: None, simple=True) for _ in range(2)]
        with pytest.raises(StoreBusy):
            one.put(lambda _: None, simple=True)
        await asyncio.gather(*waiting)
        await one.put(lambda _: None, simple=True)
    finally:
        await one.stop()


async def test_a_group_is_cut_when_something_urgent_comes() -> None:
    order: list[str] = []
    loop, queued = asyncio.get_running_loop(), threading.Event()

    def run(group: list[Write]) -> None:
        order.append("group")
        for number, write in enumerate(group):
            write.work(None)
            if one.cut(group, number + 1):
                break

    async def hurry() -> None:
        one.put(lambda _: order.append("urgent"), simple=True, urgent=True)

    def first(_: object) -> None:
        order.append("first")
        asyncio.run_coroutine_threadsafe(hurry(), loop).result()

    one = Writer(run)
    one.start()
    try:
        one.put(lambda _: queued.wait(), simple=False)
        one.put(first, simple=False)
        rest = one.put(lambda _: order.append("rest"), simple=False)
        queued.set()
        await rest
    finally:
        await one.stop()

    assert order[-4:] == ["group", "urgent", "group", "rest"]
    assert order[-5] == "first"
