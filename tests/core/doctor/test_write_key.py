"""The traffic light of the write key: green, amber, never red, and never the key itself."""

from __future__ import annotations

import logging

import httpx
import msgspec
import pytest

from core.doctor import write_key as module
from core.settings import Settings, Source
from core.simulator.runner import SimulatorServer
from core.simulator.segment import SegmentSimulator

KEY = "Planted0123456789abcdefABCDEF012"
SETTINGS = {"integrations": {}, "plan": {}}


async def light(make_subject, settings, answer, key: str = KEY):
    subject = make_subject(kept={"write-key": key}, transport=httpx.MockTransport(answer))
    return await module.write_key(subject, settings())


@pytest.fixture
def loud(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Every record of every library, as with a log level set too low."""
    for name in (None, "httpx", "httpcore"):
        caplog.set_level(logging.DEBUG, logger=name)
    return caplog


async def test_a_key_that_segment_knows_is_green(make_subject, settings, loud):
    with SimulatorServer(SegmentSimulator(KEY)) as server:
        subject = make_subject(kept={"write-key": KEY}, settings_url=server.url)

        outcome = await module.write_key(subject, settings())

    assert (outcome.verdict, outcome.code) == ("ok", "write_key.known")
    assert outcome.detail == {"place": "OS keyring"}


async def test_a_key_that_segment_does_not_know_is_amber(make_subject, settings):
    with SimulatorServer(SegmentSimulator("another" + KEY)) as server:
        subject = make_subject(kept={"write-key": KEY}, settings_url=server.url)

        outcome = await module.write_key(subject, settings())

    assert (outcome.verdict, outcome.code) == ("warn", "write_key.unknown")
    assert "lag by a day" in outcome.title


async def test_the_key_stands_in_no_output_and_no_log(make_subject, settings, loud):
    with SimulatorServer(SegmentSimulator("another" + KEY)) as server:
        subject = make_subject(kept={"write-key": KEY}, settings_url=server.url)

        outcome = await module.write_key(subject, settings())

    assert any(record.name == "httpx" for record in loud.records)
    assert KEY not in loud.text
    assert KEY.encode() not in msgspec.json.encode(outcome)


async def test_segment_is_asked_at_the_address_of_the_key(make_subject, settings):
    asked: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.extensions["target"])
        assert str(request.url) == "https://cdn-settings.segment.com"
        return httpx.Response(200, json=SETTINGS)

    await light(make_subject, settings, answer)

    assert asked == [f"/v1/projects/{KEY}/settings".encode()]


@pytest.mark.parametrize("key", ["a/../b?c#d", "schlüssel", "x"])
async def test_whatever_the_key_holds_stays_one_step_of_the_path(make_subject, settings, key):
    asked: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.extensions["target"])
        return httpx.Response(404)

    outcome = await light(make_subject, settings, answer, key)

    assert asked[0].count(b"/") == 4
    assert b"?" not in asked[0]
    assert (outcome.verdict, outcome.code) == ("warn", "write_key.shape")
    assert f"this has {len(key)} characters" in outcome.title


async def test_an_odd_key_that_segment_knows_is_green(make_subject, settings):
    outcome = await light(
        make_subject, settings, lambda _: httpx.Response(200, json=SETTINGS), "short"
    )

    assert outcome.verdict == "ok"


@pytest.mark.parametrize(
    ("response", "why"),
    [
        (httpx.Response(500), "the answer was 500"),
        (httpx.Response(302, headers={"location": "https://portal.example"}), "was 302"),
        (httpx.Response(200, html="<html>log in</html>"), "is not Segment's"),
        (httpx.Response(200, json=["settings"]), "is not Segment's"),
    ],
)
async def test_any_other_answer_could_not_be_checked(make_subject, settings, response, why):
    outcome = await light(make_subject, settings, lambda _: response)

    assert (outcome.verdict, outcome.code) == ("warn", "write_key.unchecked")
    assert why in outcome.title


async def test_no_answer_could_not_be_checked(make_subject, settings):
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(f"cannot connect to {request.url}")

    outcome = await light(make_subject, settings, answer)

    assert (outcome.verdict, outcome.code) == ("warn", "write_key.unchecked")
    assert "cannot be reached" in outcome.title


def never(_: httpx.Request) -> httpx.Response:
    raise AssertionError("Segment was asked")


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (KEY + " ", "begins or ends with a blank"),
        ("\n" + KEY, "begins or ends with a blank"),
        ("   ", "begins or ends with a blank"),
        (f'"{KEY}"', "in quotation marks"),
        (f"\u201c{KEY}", "in quotation marks"),
        (KEY[:16] + " " + KEY[16:], "inside the write key"),
    ],
)
async def test_what_was_copied_along_is_named_and_segment_not_asked(
    make_subject, settings, key, words
):
    outcome = await light(make_subject, settings, never, key)

    assert (outcome.verdict, outcome.code) == ("warn", "write_key.copied")
    assert words in outcome.title


async def test_segment_is_not_asked_about_the_key_of_an_own_host(make_subject, settings):
    subject = make_subject(kept={"write-key": "any"}, transport=httpx.MockTransport(never))
    wanted = settings(segment={"host": "https://rudder.example"})

    outcome = await module.write_key(subject, wanted)

    assert (outcome.verdict, outcome.code) == ("skip", "write_key.own_host")
    assert "rudder.example, a host of your own" in outcome.title


@pytest.mark.parametrize(
    "segment", [{"region": "eu"}, {"host": "https://api.segment.io"}, {"region": "us"}]
)
async def test_segments_own_hosts_are_asked_about(make_subject, settings, segment):
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=SETTINGS))
    subject = make_subject(kept={"write-key": KEY}, transport=transport)

    outcome = await module.write_key(subject, settings(segment=segment))

    assert outcome.verdict == "ok"


async def test_without_a_key_there_is_nothing_to_look_at(make_subject, settings):
    outcome = await module.write_key(make_subject(), settings())

    assert (outcome.verdict, outcome.code) == ("skip", "write_key.missing")


async def test_a_key_that_cannot_be_read_is_not_looked_at(make_subject, settings):
    outcome = await module.write_key(make_subject(keyring=False), settings())

    assert (outcome.verdict, outcome.code) == ("skip", "write_key.unreadable")


async def test_of_several_sources_the_one_that_is_worst_off_is_told(make_subject):
    two = Settings(sources={"marketing": Source(region="eu")})
    with SimulatorServer(SegmentSimulator(KEY)) as server:
        lacking = make_subject(kept={"write-key": KEY}, settings_url=server.url)
        other = {"write-key": KEY, "write-key-marketing": "other" + KEY[5:]}
        unknown = make_subject(kept=other, settings_url=server.url)
        same = {"write-key": KEY, "write-key-marketing": KEY}
        well = make_subject(kept=same, settings_url=server.url)

        outcomes = [await module.write_key(one, two) for one in (lacking, unknown, well)]

    assert [one.verdict for one in outcomes] == ["skip", "warn", "ok"]
    assert outcomes[0].hint == "Give it with `gladly-source secret set write-key-marketing`."
    assert outcomes[1].title.startswith("marketing: Segment does not know this write key")
    assert outcomes[2].title == "Segment knows all the write keys."
