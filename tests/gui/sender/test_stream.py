"""Values come over in handfuls, and an end is told once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from core.errors import OperationError
from gui.sender.stream import Stream

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from pytestqt.qtbot import QtBot


@pytest.fixture
def stream(make_session: Callable[..., Any]) -> Stream:
    session = make_session(start=False)
    return Stream(session, session)


async def numbers(count: int) -> AsyncGenerator[int, None]:
    for number in range(count):
        yield number


def test_everything_arrives_in_order_and_then_the_end(qtbot: QtBot, stream: Stream):
    found: list[int] = []
    stream.arrived.connect(found.extend)

    with qtbot.waitSignal(stream.ended):
        stream.start(lambda: numbers(500))
        assert stream.running

    assert found == list(range(500))
    assert not stream.running


def test_a_failure_comes_after_what_arrived(qtbot: QtBot, stream: Stream):
    told: list[object] = []
    stream.arrived.connect(told.append)
    stream.failed.connect(told.append)

    async def fail() -> AsyncGenerator[int, None]:
        yield 1
        raise OperationError("No.")

    with qtbot.waitSignal(stream.failed):
        stream.start(fail)

    assert told[0] == [1]
    assert isinstance(told[1], OperationError)


def test_stopping_closes_what_ran_and_keeps_what_came(qtbot: QtBot, stream: Stream):
    closed: list[bool] = []
    found: list[int] = []
    stream.arrived.connect(found.extend)

    async def endless() -> AsyncGenerator[int, None]:
        try:
            yield 1
            await asyncio.Event().wait()
        finally:
            closed.append(True)

    with qtbot.waitSignal(stream.arrived):
        stream.start(endless)
    stream.stop()
    stream.stop()

    qtbot.waitUntil(lambda: closed == [True])
    assert found == [1]
    assert not stream.running


def test_a_new_start_ends_the_old_one(qtbot: QtBot, stream: Stream):
    async def endless() -> AsyncGenerator[int, None]:
        yield -1
        await asyncio.Event().wait()

    found: list[int] = []
    with qtbot.waitSignal(stream.arrived):
        stream.start(endless)
    stream.arrived.connect(found.extend)
    with qtbot.waitSignal(stream.ended):
        stream.start(lambda: numbers(3))

    assert found == [0, 1, 2]


def test_what_nobody_is_left_to_hear_ends(
    qtbot: QtBot, make_session: Callable[..., Any], stream: Stream
):
    closed: list[bool] = []

    async def endless() -> AsyncGenerator[int, None]:
        try:
            yield 1
            await asyncio.Event().wait()
        finally:
            closed.append(True)

    with qtbot.waitSignal(stream.arrived):
        stream.start(endless)
    stream.deleteLater()

    qtbot.waitUntil(lambda: closed == [True])
