"""Every fault does over a real socket what its name says."""

from __future__ import annotations

import email.utils
import socket
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx
import pytest

from core.simulator.runner import SimulatorServer
from core.simulator.segment import SegmentSimulator

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "k" * 32


@pytest.fixture(scope="module")
def server() -> Iterator[SimulatorServer]:
    with SimulatorServer(SEGMENT) as running:
        yield running


SEGMENT = SegmentSimulator(KEY)


@pytest.fixture
def segment() -> Iterator[SegmentSimulator]:
    SEGMENT.faults.clear()
    SEGMENT.reset()
    yield SEGMENT
    SEGMENT.faults.clear()


def post(server: SimulatorServer, **properties: str) -> httpx.Response:
    now = datetime.now(UTC).isoformat()
    event = {
        "type": "track",
        "event": "Conversation Opened",
        "userId": "u",
        "messageId": "m1",
        "timestamp": now,
        "properties": properties,
    }
    body = {"batch": [event], "sentAt": now, "writeKey": KEY}
    return httpx.post(f"{server.url}/v1/batch", json=body, trust_env=False, timeout=5)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 413, 429, 500, 502, 503, 504])
def test_a_status_is_answered_and_nothing_recorded(server, segment, status):
    segment.faults.set([f"{status}:retry_after=2"])

    answer = post(server)

    assert (status, "2") == (answer.status_code, answer.headers["Retry-After"])
    assert answer.json()["success"] is False
    assert segment.accepted == {}
    assert [(status, 1, (str(status),))] == [
        (seen.status, seen.events, seen.faults) for seen in segment.requests
    ]


def test_reset_cuts_the_connection_and_records_nothing(server, segment):
    segment.faults.set(["reset:count=1"])

    with pytest.raises(httpx.ReadError, match=r"reset|10054"):
        post(server)

    assert (segment.accepted, [seen.status for seen in segment.requests]) == ({}, [None])
    assert post(server).status_code == 200


def test_a_lost_answer_records_the_events_first(server, segment):
    segment.faults.set(["lost-answer"])

    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        post(server)

    assert set(segment.accepted) == {"m1"}
    assert segment.requests[0].status is None


def test_hang_never_answers(server, segment):
    segment.faults.set(["hang"])

    with socket.create_connection(("127.0.0.1", server.port)) as peer:
        peer.sendall(b"POST /v1/batch HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
        assert segment.wait_until(lambda: segment.request_count == 1, 5)
        peer.settimeout(0.05)
        with pytest.raises(TimeoutError):
            peer.recv(1)

    assert segment.requests[0].faults == ("hang",)


def test_hang_drops_the_connection_after_its_time(server, segment):
    segment.faults.set(["hang:seconds=0.05"])

    with pytest.raises(httpx.RemoteProtocolError):
        post(server)


def test_html_200_is_the_page_of_a_captive_portal(server, segment):
    segment.faults.set(["html-200"])

    answer = post(server)

    assert (answer.status_code, answer.headers["content-type"][:9]) == (200, "text/html")
    assert segment.accepted == {}


def test_redirect_points_elsewhere(server, segment):
    segment.faults.set(["redirect:to=http://127.0.0.1:9/login"])

    answer = post(server)

    assert (answer.status_code, answer.headers["location"]) == (302, "http://127.0.0.1:9/login")
    assert segment.accepted == {}


def test_bad_json_200_is_cut_off(server, segment):
    segment.faults.set(["bad-json-200"])

    answer = post(server)

    assert answer.status_code == 200
    with pytest.raises(ValueError, match="Expecting value"):
        answer.json()


def test_poison_400_refuses_a_batch_with_a_certain_event(server, segment):
    segment.faults.set(["poison-400"])

    answers = [post(server, customerName=name) for name in ("Poison Ivy", "Amy")]

    assert [answer.status_code for answer in answers] == [400, 200]


def test_trickle_gives_the_true_answer_a_byte_at_a_time(server, segment):
    segment.faults.set(["trickle:seconds=0.005"])
    started = time.monotonic()

    answer = post(server)

    assert answer.json() == {"success": True}
    assert time.monotonic() - started >= 0.005 * len(answer.content)


@pytest.mark.parametrize("size", [0, 5, 10_000])
def test_cut_drops_the_connection_in_the_middle_of_the_answer(server, segment, size):
    segment.faults.set([f"cut:count=1,bytes={size}"])

    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete"):
        post(server)

    assert [(seen.status, seen.faults) for seen in segment.requests] == [(200, ("cut",))]
    assert post(server).json() == {"success": True}


def test_slow_answers_late(server, segment):
    segment.faults.set(["slow:ms=50"])
    started = time.monotonic()

    answer = post(server)

    assert answer.json() == {"success": True}
    assert time.monotonic() - started >= 0.05


def test_skew_sends_one_date_header_with_the_wrong_time(server, segment):
    segment.faults.set(["skew:seconds=-300"])

    dates = post(server).headers.get_list("date")

    assert len(dates) == 1
    behind = time.time() - email.utils.parsedate_to_datetime(dates[0]).timestamp()
    assert 295 < behind < 310


def test_shapes_combine_with_an_answer(server, segment):
    segment.faults.set(["503", "slow:ms=1", "skew"])

    answer = post(server)

    assert answer.status_code == 503
    assert segment.requests[0].faults == ("503", "slow", "skew")


def test_a_peer_that_leaves_early_is_no_request(server, segment):
    with socket.create_connection(("127.0.0.1", server.port)) as peer:
        peer.sendall(b"POST /v1/batch HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{")

    assert post(server).status_code == 200
    assert segment.request_count == 1


def test_admin_pages_are_never_struck(server, segment):
    segment.faults.set(["500:path=/"])

    answer = httpx.get(f"{server.url}/_simulator/state", trust_env=False)

    assert answer.status_code == 200


async def test_without_a_socket_a_reset_is_an_error_of_the_connection(segment):
    segment.faults.set(["reset"])

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=segment.app), base_url="http://segment"
    ) as client:
        with pytest.raises(ConnectionResetError):
            await client.post("/v1/batch", json={})


def test_a_body_beyond_all_bounds_is_refused_before_it_is_read_whole(server, segment):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.simulator.fault_layer.MAX_BODY", 10)

        answer = post(server)

    assert answer.status_code == 413
