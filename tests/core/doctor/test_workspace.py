"""Whether the Public API is asked at all, and where."""

from __future__ import annotations

import httpx
import pytest

from core.doctor import public_api, workspace
from core.simulator.runner import SimulatorServer
from core.simulator.segment import SegmentSimulator
from core.simulator.segment_public import DEMO_PUBLIC_TOKEN, PublicPages, Source

KEPT = {"write-key": "k" * 32, "public-api-token": DEMO_PUBLIC_TOKEN}
ON = {"confirm": {"public_api": True}}


def nobody(request: httpx.Request) -> httpx.Response:
    raise AssertionError(f"asked {request.url}")


@pytest.mark.parametrize(
    ("kept", "sections", "code"),
    [
        (KEPT, {}, "public_api.off"),
        ({"write-key": "k" * 32}, ON, "public_api.missing"),
        ({"public-api-token": "t"}, ON, "public_api.missing"),
        (KEPT, {**ON, "segment": {"host": "https://rudder.example"}}, "public_api.own_host"),
    ],
)
async def test_without_wish_token_key_or_segment_nobody_is_asked(
    make_subject, settings, kept, sections, code
):
    subject = make_subject(kept=kept, transport=httpx.MockTransport(nobody))

    outcome = await public_api.public_api(subject, settings(**sections))

    assert (outcome.verdict, outcome.code) == ("skip", code)


@pytest.mark.parametrize(
    ("segment", "first"),
    [
        ({}, "https://api.segmentapis.com"),
        ({"region": "eu"}, "https://eu1.api.segmentapis.com"),
        ({"host": "https://events.eu1.segmentapis.com"}, "https://eu1.api.segmentapis.com"),
        ({"host": "http://127.0.0.1:8400"}, "http://127.0.0.1:8400"),
        ({"host": "http://[::1]:8400/"}, "http://[::1]:8400"),
        ({"host": "https://rudder.example"}, None),
    ],
)
def test_the_region_that_is_set_is_asked_first(settings, segment, first):
    urls = workspace.public_urls(settings(segment=segment))

    assert next(iter(urls.values()), None) == first


async def test_a_simulator_on_this_computer_is_asked_itself(make_subject, settings):
    source = Source(id="s1", name="Conversations", write_keys=("k" * 32,))
    simulator = SegmentSimulator(public=PublicPages(DEMO_PUBLIC_TOKEN, (source,)))
    with SimulatorServer(simulator) as server:
        subject = make_subject(kept=KEPT)

        outcome = await public_api.public_api(subject, settings(**ON, segment={"host": server.url}))

    assert outcome.code == "public_api.proven"


async def test_no_answer_is_a_warning_and_holds_nothing_up(make_subject, settings):
    subject = make_subject(kept=KEPT, transport=httpx.MockTransport(lambda _: httpx.Response(503)))

    outcome = await public_api.public_api(subject, settings(**ON))

    assert (outcome.verdict, outcome.code) == ("warn", "public_api.unavailable")
    assert "503" in outcome.title
