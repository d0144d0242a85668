"""What both simulators share."""

from __future__ import annotations

import base64

import httpx
import pytest

from core.simulator.base import Simulator, basic_credentials
from core.simulator.segment import SegmentSimulator


def header(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("value", "credentials"),
    [
        (header("user:pass:word"), ("user", "pass:word")),
        (header("user:"), ("user", "")),
        (header("user"), None),
        ("Basic !!!", None),
        ("Bearer abc", None),
        (None, None),
    ],
)
def test_reads_basic_credentials(value, credentials):
    assert basic_credentials(value) == credentials


async def test_remembers_what_each_request_looked_like():
    segment = SegmentSimulator()

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=segment.app), base_url="http://x"
    ) as client:
        await client.post("/v1/batch", content=b"{", headers={"X-Retry-Count": "3"})
        await client.get("/nowhere")

    seen = [(r.method, r.path, r.status, r.retry_count) for r in segment.requests]
    assert seen == [("POST", "/v1/batch", 400, "3"), ("GET", "/nowhere", 404, None)]


async def test_waits_without_blocking_the_loop():
    segment = SegmentSimulator()

    assert await segment.wait_for(lambda: True, 1)
    assert not await segment.wait_for(lambda: False, 0.001)


def test_a_simulator_must_say_what_it_knows():
    class Mute(Simulator):
        fault_names = frozenset()
        fault_path = "/"

    with pytest.raises(NotImplementedError):
        Mute([], faults=(), seed=0).state()
