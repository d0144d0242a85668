"""Only the right credentials pass, and only so many requests a second."""

from __future__ import annotations

import pytest

from core.simulator.gladly import GladlySimulator


@pytest.mark.parametrize("auth", [None, ("someone@example.com", "wrong")])
async def test_wrong_credentials_are_401_with_errors(gladly, gladly_client, auth):
    async with gladly_client(gladly, auth) as client:
        answer = await client.get("/organization")

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, "unauthorized")
    assert (gladly.unauthorized, dict(gladly.lookups)) == (1, {})


async def test_ten_requests_a_second_and_then_429(clock, gladly_client):
    gladly = GladlySimulator(now=clock)
    async with gladly_client(gladly) as client:
        answers = [await client.get("/agents") for _ in range(12)]
        clock.now += 1
        later = await client.get("/agents")

    assert [answer.status_code for answer in answers] == [200] * 10 + [429] * 2
    left = [answer.headers["Ratelimit-Remaining-Second"] for answer in answers]
    assert left == ["9", "8", "7", "6", "5", "4", "3", "2", "1", "0", "0", "0"]
    assert (later.headers["Ratelimit-Limit-Second"], later.status_code) == ("10", 200)
    assert (gladly.rate_limited, gladly.lookups["agents"]) == (2, 11)


async def test_without_a_limit_there_are_no_headers(api):
    assert "Ratelimit-Limit-Second" not in (await api.get("/agents")).headers


async def test_look_ups_are_counted_by_kind(gladly, api):
    await api.get("/agents")
    await api.get("/agents/x")
    await api.get("/conversations/x")
    await api.get("/conversations/y")

    assert gladly.lookups == {"agents": 1, "agent": 1, "conversation": 2}
