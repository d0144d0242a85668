"""The Public API over a socket against the simulator, and answers that are none."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.credentials import Secret
from core.errors import PublicApiRefused, PublicApiUnavailable
from core.segment.public_api import FAILED, RECEIVED, Counted, PublicApi
from core.simulator.runner import SimulatorServer
from core.simulator.segment import SegmentSimulator
from core.simulator.segment_public import PublicPages, Source

TOKEN = "planted-public-token"
HOUR = 3600
NOW = 1_780_000_000 // HOUR * HOUR + 1200.0


def workspace(*sources: Source) -> SegmentSimulator:
    return SegmentSimulator(public=PublicPages(TOKEN, sources, "Acme"), now=lambda: NOW)


def source(number: int, **more: Any) -> Source:
    values = {"name": f"Source {number}", "write_keys": (f"key-{number}",), **more}
    return Source(id=f"source-{number}", **values)


def answering(*answers: httpx.Response) -> PublicApi:
    left = list(answers)
    transport = httpx.MockTransport(lambda _: left.pop(0))
    return PublicApi(Secret(TOKEN), "https://api.example", transport=transport)


async def test_it_names_the_workspace_and_all_sources_page_by_page():
    sources = tuple(source(number) for number in range(450))
    with SimulatorServer(workspace(*sources)) as server:
        api = PublicApi(Secret(TOKEN), server.url + "/")

        name, found = await api.workspace(), await api.sources()

    assert name == "Acme"
    assert [one.title for one in found] == [one.name for one in sources]
    assert found[7].write_keys == ("key-7",)


@pytest.mark.parametrize(
    ("kind", "official"), [("Gladly", True), ("HTTP API", False), ("Python", False)]
)
async def test_the_official_source_is_known_by_its_kind_and_not_by_its_name(
    kind: str, official: bool
):
    with SimulatorServer(workspace(source(1, name="gladly", kind=kind))) as server:
        (found,) = await PublicApi(Secret(TOKEN), server.url).sources()

    assert found.official is official


async def test_it_counts_by_event_and_hour():
    simulator = workspace(source(1))
    events = [
        {"type": "track", "event": name, "userId": "u", "messageId": f"m{n}", "properties": {}}
        for n, name in enumerate(["Opened", "Opened", "Closed", ""])
    ]
    batch = {"batch": events, "writeKey": "key-1", "sentAt": datetime.now(UTC).isoformat()}
    with SimulatorServer(simulator) as server:
        async with httpx.AsyncClient(trust_env=False) as client:
            await client.post(f"{server.url}/v1/batch", json=batch)
        api = PublicApi(Secret(TOKEN), server.url)
        since = NOW - NOW % HOUR

        received = await api.counts(RECEIVED, "source-1", since, since + HOUR)
        failed = await api.counts(FAILED, "source-1", since, since + HOUR)
        before = await api.counts(RECEIVED, "source-1", since - HOUR, since)

    assert received == [
        Counted(event="Closed", hour=int(since), count=1),
        Counted(event="Opened", hour=int(since), count=2),
    ]
    assert [one.count for one in failed] == [1]
    assert before == []


async def test_a_wrong_token_is_refused():
    with (
        SimulatorServer(workspace(source(1))) as server,
        pytest.raises(PublicApiRefused, match="refuses the token"),
    ):
        await PublicApi(Secret("another"), server.url).workspace()


async def test_nobody_there_is_said():
    with SimulatorServer(workspace()) as server:
        url = server.url

    with pytest.raises(PublicApiUnavailable, match="cannot be reached"):
        await PublicApi(Secret(TOKEN), url).workspace()


@pytest.mark.parametrize("status", [301, 302, 404, 422, 429, 500, 503])
async def test_other_answers_are_said_with_their_number(status: int):
    headers = {"location": "https://elsewhere.example/"}

    with pytest.raises(PublicApiUnavailable, match=str(status)):
        await answering(httpx.Response(status, headers=headers)).workspace()


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"{}", b'{"data": 1}', b'{"data": {"workspace": {}}}']
)
async def test_an_answer_of_somebody_else_is_not_taken_for_one(body: bytes):
    with pytest.raises(PublicApiUnavailable, match="not Segment's"):
        await answering(httpx.Response(200, content=body)).workspace()


@given(st.binary(max_size=100))
@settings(max_examples=50)
async def test_no_answer_breaks_it(body: bytes):
    with pytest.raises(PublicApiUnavailable):
        await answering(httpx.Response(200, content=body)).sources()


async def test_a_cursor_without_end_ends():
    page = {"data": {"sources": [], "pagination": {"current": "0", "next": "0"}}}

    found = await answering(*[httpx.Response(200, json=page) for _ in range(60)]).sources()

    assert found == []


async def test_the_token_stands_in_no_log_and_no_error(caplog: pytest.LogCaptureFixture):
    for name in (None, "httpx", "httpcore"):
        caplog.set_level(logging.DEBUG, logger=name)
    with SimulatorServer(workspace(source(1))) as server:
        api = PublicApi(Secret(TOKEN), server.url)
        await api.sources()
        with pytest.raises(PublicApiUnavailable) as refused:
            await api.counts("nowhere", "no-such-source", NOW, NOW + HOUR)

    told = [record.getMessage() for record in caplog.records if record.name != "httpcore.http11"]
    assert not [text for text in (*told, str(refused.value)) if TOKEN in text]
