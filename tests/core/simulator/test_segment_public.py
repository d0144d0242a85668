"""The simulated Public API is as strict as the real one is said to be."""

from __future__ import annotations

import httpx
import pytest

from core.simulator.segment import SegmentSimulator
from core.simulator.segment_public import BETA, DEMO_PUBLIC_TOKEN

COUNTS = "/delivery-overview/successfully-received"
ASKED = {
    "sourceId": "source-1",
    "startTime": "2026-05-28T10:00:00Z",
    "endTime": "2026-05-28T11:00:00Z",
    "granularity": "HOUR",
    "groupBy.0": "eventName",
}


def client() -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=SegmentSimulator("k" * 32).app),
        base_url="http://segment",
        headers={"authorization": f"Bearer {DEMO_PUBLIC_TOKEN}", "accept": BETA},
    )


@pytest.mark.parametrize("path", ["/", "/sources", COUNTS])
async def test_every_page_wants_the_token(path: str):
    async with client() as http:
        answer = await http.get(path, params=ASKED, headers={"authorization": "Bearer other"})

    assert answer.status_code == 401


async def test_the_one_source_has_the_write_key():
    async with client() as http:
        answer = await http.get("/sources")

    (source,) = answer.json()["data"]["sources"]
    assert source["writeKeys"] == ["k" * 32]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, 200),
        ({"sourceId": "other"}, 404),
        ({"granularity": "WEEK"}, 422),
        ({"groupBy.0": "appVersion"}, 422),
        ({"startTime": "yesterday"}, 422),
    ],
)
async def test_counts_want_to_be_asked_for_in_full(change: dict[str, str], status: int):
    async with client() as http:
        answer = await http.get(COUNTS, params={**ASKED, **change})

    assert answer.status_code == status


async def test_counts_exist_in_beta_only():
    async with client() as http:
        answer = await http.get(COUNTS, params=ASKED, headers={"accept": "application/json"})

    assert answer.status_code == 406
