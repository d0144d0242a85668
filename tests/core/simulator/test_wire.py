"""A wire without a socket underneath breaks in the one way its peer can see."""

from __future__ import annotations

import asyncio

import pytest

from core.simulator.wire import Wire


async def silence() -> dict[str, str]:
    await asyncio.Event().wait()
    raise AssertionError


async def farewell() -> dict[str, str]:
    return {"type": "http.disconnect"}


async def swallow(message: object) -> None:
    """Take an answer."""


@pytest.mark.parametrize("method", ["reset", "drop"])
async def test_breaking_it_raises(method):
    with pytest.raises(ConnectionResetError):
        await getattr(Wire(silence, swallow), method)()


def test_what_needs_a_socket_is_left_alone():
    wire = Wire(silence, swallow)

    wire.abort()
    wire.set_date(0)


async def test_a_pause_ends_with_its_time_or_with_the_peer():
    assert await Wire(silence, swallow).pause(0.001)
    assert not await Wire(farewell, swallow).pause(60)
