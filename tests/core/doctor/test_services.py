"""Segment and Gladly: reached, admitted, and on the same time as we are."""

from __future__ import annotations

from email.utils import formatdate

import httpx
import pytest

from core.doctor import services
from core.simulator.gladly import DEMO_EMAIL, DEMO_TOKEN, GladlySimulator
from core.simulator.runner import SimulatorServer
from core.simulator.segment import SegmentSimulator

NOW = 1_780_000_000.0


def answering(response: httpx.Response) -> httpx.MockTransport:
    return httpx.MockTransport(lambda _: response)


async def test_segment_is_reached_without_sending_an_event(make_subject, settings):
    simulator = SegmentSimulator()
    with SimulatorServer(simulator) as server:
        outcome = await services.segment(make_subject(), settings(segment={"host": server.url}))

    assert (outcome.verdict, outcome.code) == ("ok", "segment.reached")
    assert [seen.method for seen in simulator.requests] == ["GET"]
    assert simulator.copies.total() == 0


@pytest.mark.parametrize("status", [200, 404, 405, 500])
async def test_any_answer_of_segment_proves_that_it_is_reached(make_subject, settings, status):
    subject = make_subject(transport=answering(httpx.Response(status)))

    outcome = await services.segment(subject, settings())

    assert outcome.verdict == "ok"
    assert outcome.detail == {"host": "api.segment.io", "status": str(status)}


async def test_a_redirect_within_the_host_is_an_answer(make_subject, settings):
    response = httpx.Response(301, headers={"location": "/docs"})

    outcome = await services.segment(make_subject(transport=answering(response)), settings())

    assert outcome.verdict == "ok"


@pytest.mark.parametrize(
    "response",
    [httpx.Response(302, headers={"location": "http://portal.example/"}), httpx.Response(511)],
)
async def test_the_log_in_page_of_a_network_is_not_segment(make_subject, settings, response):
    outcome = await services.segment(make_subject(transport=answering(response)), settings())

    assert (outcome.verdict, outcome.code) == ("fail", "segment.elsewhere")
    assert outcome.title.startswith("Not Segment")
    assert "browser" in outcome.hint


async def test_a_segment_that_is_not_there_cannot_be_reached(make_subject, settings, free_port):
    wanted = settings(segment={"host": f"http://127.0.0.1:{free_port}"})

    outcome = await services.segment(make_subject(), wanted)

    assert (outcome.verdict, outcome.code) == ("fail", "segment.unreachable")
    assert outcome.title == "Segment (127.0.0.1) cannot be reached."


@pytest.fixture
def gladly_settings(settings):
    def make(url: str = "https://acme.gladly.com"):
        return settings(gladly={"url": url, "agent_email": DEMO_EMAIL})

    return make


TOKEN = {"gladly-token": DEMO_TOKEN}


async def test_gladly_names_the_organisation(make_subject, gladly_settings):
    simulator = GladlySimulator()
    with SimulatorServer(simulator) as server:
        outcome = await services.gladly(make_subject(kept=TOKEN), gladly_settings(server.url))

    name = simulator.world.organization["name"]
    assert (outcome.verdict, outcome.code) == ("ok", "gladly.admitted")
    assert outcome.title == f"Gladly admits us to {name}."


async def test_a_wrong_token_is_refused(make_subject, gladly_settings):
    subject = make_subject(kept={"gladly-token": "planted-wrong"})
    with SimulatorServer(GladlySimulator()) as server:
        outcome = await services.gladly(subject, gladly_settings(server.url))

    assert (outcome.verdict, outcome.code) == ("fail", "gladly.unauthorized")
    assert "refuses" in outcome.title
    assert "planted" not in str(outcome)


async def test_a_gladly_that_is_not_there_cannot_be_reached(
    make_subject, gladly_settings, free_port
):
    wanted = gladly_settings(f"http://127.0.0.1:{free_port}")

    outcome = await services.gladly(make_subject(kept=TOKEN), wanted)

    assert (outcome.verdict, outcome.code) == ("fail", "gladly.unavailable")
    assert "cannot be reached" in outcome.title


@pytest.mark.parametrize(
    ("response", "result", "words"),
    [
        (
            httpx.Response(302, headers={"location": "https://portal.example"}),
            ("fail", "gladly.unavailable"),
            "redirects (302)",
        ),
        (httpx.Response(404), ("fail", "gladly.no_api"), "There is no Gladly at acme.gladly.com."),
        (httpx.Response(429), ("warn", "gladly.rate_limited"), "fewer requests"),
        (httpx.Response(503), ("fail", "gladly.unavailable"), "fails inside (503)"),
        (httpx.Response(200, html="<p>log in</p>"), ("fail", "gladly.unavailable"), "not what was"),
    ],
)
async def test_each_other_answer_of_gladly_has_its_sentence(
    make_subject, gladly_settings, response, result, words
):
    subject = make_subject(kept=TOKEN, transport=answering(response))

    outcome = await services.gladly(subject, gladly_settings())

    assert (outcome.verdict, outcome.code) == result
    assert words in outcome.title
    assert outcome.hint


async def test_without_an_address_it_says_what_is_then_missing(make_subject, settings):
    outcome = await services.gladly(make_subject(), settings())

    assert (outcome.verdict, outcome.code) == ("skip", "gladly.off")
    assert "without name, e-mail, phone" in outcome.title


async def test_without_a_token_gladly_is_not_asked(make_subject, gladly_settings):
    outcome = await services.gladly(make_subject(), gladly_settings())

    assert (outcome.verdict, outcome.code) == ("fail", "secret.missing")
    assert "gladly-source secret set gladly-token" in outcome.hint


async def clocks(make_subject, wanted, **skews: float):
    """Both services answer with clocks that are off by so much."""

    def answer(request: httpx.Request) -> httpx.Response:
        name = "gladly" if "gladly" in request.url.host else "segment"
        if name not in skews:
            raise httpx.ConnectError("away")
        return httpx.Response(404, headers={"date": formatdate(NOW + skews[name], usegmt=True)})

    subject = make_subject(transport=httpx.MockTransport(answer), wall=lambda: NOW)
    return await services.clock(subject, wanted)


@pytest.mark.parametrize(
    ("skew", "result", "words"),
    [
        (4, ("ok", "clock.right"), "clock is right"),
        (5, ("warn", "clock.off"), "5 seconds behind that of Gladly"),
        (-300, ("warn", "clock.off"), "5 minutes ahead of that of Gladly"),
        (301, ("fail", "clock.wrong"), "5 minutes behind that of Gladly"),
        (-7200, ("fail", "clock.wrong"), "2 hours ahead of"),
        (864_000, ("fail", "clock.wrong"), "10 days behind"),
    ],
)
async def test_the_clock_is_compared_with_both_services(
    make_subject, gladly_settings, skew, result, words
):
    outcome = await clocks(make_subject, gladly_settings(), segment=0, gladly=skew)

    assert (outcome.verdict, outcome.code) == result
    assert words in outcome.title
    assert outcome.detail == {"segment": "+0 s", "gladly": f"{skew:+d} s"}


async def test_one_service_is_enough_to_compare_the_clock(make_subject, gladly_settings):
    outcome = await clocks(make_subject, gladly_settings(), gladly=1)

    assert (outcome.verdict, outcome.detail) == ("ok", {"gladly": "+1 s"})


async def test_without_gladly_the_clock_is_compared_with_segment(make_subject, settings):
    outcome = await clocks(make_subject, settings(), segment=-60)

    assert (outcome.verdict, outcome.detail) == ("warn", {"segment": "-60 s"})


async def test_without_an_answer_the_clock_is_not_judged(make_subject, settings):
    outcome = await clocks(make_subject, settings())

    assert (outcome.verdict, outcome.code) == ("skip", "clock.unknown")


async def test_the_clock_of_a_log_in_page_does_not_count(make_subject, settings):
    headers = {"date": formatdate(0, usegmt=True), "location": "http://portal.example"}
    subject = make_subject(transport=answering(httpx.Response(302, headers=headers)))

    outcome = await services.clock(subject, settings())

    assert outcome.code == "clock.unknown"


async def test_the_simulators_wrong_clock_is_seen(make_subject, settings):
    simulator = GladlySimulator(faults=["skew:seconds=-900"])
    with SimulatorServer(simulator) as server:
        wanted = settings(
            segment={"host": server.url}, gladly={"url": server.url, "agent_email": DEMO_EMAIL}
        )
        outcome = await services.clock(make_subject(), wanted)

    assert (outcome.verdict, outcome.code) == ("fail", "clock.wrong")
