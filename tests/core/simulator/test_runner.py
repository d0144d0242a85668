"""A simulator runs on a thread of its own and stops at once, whatever hangs."""

from __future__ import annotations

import asyncio
import socket
import threading
import time

import httpx
import pytest

from core.errors import OperationError, PortInUse
from core.simulator.runner import STOP_SECONDS, SimulatorServer, serve
from core.simulator.segment import SegmentSimulator


def get_state(url: str) -> int:
    return httpx.get(f"{url}/_simulator/state", trust_env=False).status_code


def hanging_request(segment: SegmentSimulator, port: int) -> socket.socket:
    peer = socket.create_connection(("127.0.0.1", port))
    before = segment.request_count
    peer.sendall(b"POST /v1/batch HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
    assert segment.wait_until(lambda: segment.request_count > before, 5)
    return peer


def test_serves_until_it_is_left():
    before = set(threading.enumerate())
    with SimulatorServer(SegmentSimulator()) as server:
        assert get_state(server.url) == 200

    with pytest.raises(httpx.ConnectError):
        get_state(server.url)
    begun = set(threading.enumerate()) - before
    assert not any(thread.name == "simulator" for thread in begun)


def test_serves_any_asgi_application():
    with SimulatorServer(SegmentSimulator().app) as server:
        assert get_state(server.url) == 200


@pytest.mark.parametrize("fault", ["hang", "slow:ms=60000", "trickle:seconds=60"])
def test_stops_in_time_with_requests_in_flight(fault):
    segment = SegmentSimulator(faults=[fault])
    server = SimulatorServer(segment).start()
    peer = socket.create_connection(("127.0.0.1", server.port))
    peer.sendall(b"POST /v1/batch HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
    segment.wait_until(lambda: segment.request_count, 0.2)
    started = time.monotonic()

    server.stop()

    assert time.monotonic() - started < STOP_SECONDS
    peer.close()


def test_starting_again_takes_the_same_port():
    segment = SegmentSimulator()
    server = SimulatorServer(segment)
    with server:
        first = server.url
    with server:
        assert (first, 200) == (server.url, get_state(server.url))


def test_stopping_twice_is_harmless():
    server = SimulatorServer(SegmentSimulator()).start()

    server.stop()
    server.stop()


def test_a_port_in_use_is_said_at_once():
    with (
        SimulatorServer(SegmentSimulator()) as server,
        pytest.raises(PortInUse, match=str(server.port)),
    ):
        SimulatorServer(SegmentSimulator(), port=server.port).start()


def test_runs_a_coroutine_on_the_loop_of_the_simulator():
    async def where() -> str:
        return threading.current_thread().name

    with SimulatorServer(SegmentSimulator()) as server:
        assert server.submit(where()).result(5) == "simulator"

    with pytest.raises(OperationError, match="not running"):
        server.submit(where())


def test_waiting_ends_with_the_state_or_with_the_time():
    segment = SegmentSimulator(faults=["hang"])
    with SimulatorServer(segment) as server:
        peer = hanging_request(segment, server.port)

        assert segment.wait_until(lambda: segment.request_count == 1, 5)
        assert not segment.wait_until(lambda: segment.request_count == 2, 0.01)
        peer.close()


async def test_serves_in_the_foreground_until_told_to_stop():
    stop, urls = asyncio.Event(), []

    async with asyncio.TaskGroup() as group:
        group.create_task(serve(SegmentSimulator(), stop=stop, ready=urls.append))
        await asyncio.sleep(0)
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.get(f"{urls[0]}/_simulator/state")
        stop.set()

    assert answer.status_code == 200


async def test_serving_in_the_foreground_ends_when_cancelled_whatever_hangs():
    segment, urls = SegmentSimulator(faults=["hang"]), []
    started = time.monotonic()

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await serve(segment, ready=lambda url: urls.append(hung(segment, url)))

    assert time.monotonic() - started < STOP_SECONDS
    urls[0].close()


def hung(segment: SegmentSimulator, url: str) -> socket.socket:
    return hanging_request(segment, int(url.rpartition(":")[2]))
