"""Tests of core.gladly.client."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import random
import traceback
from datetime import datetime

import httpx
import pytest

from core.credentials import Secret
from core.errors import (
    CustomerMerged,
    GladlyNotFound,
    GladlyRateLimited,
    GladlyRefused,
    GladlyUnauthorized,
    GladlyUnavailable,
)
from core.gladly import client as client_module
from core.gladly.budget import RequestBudget
from core.gladly.client import GladlyClient
from core.gladly.payloads import Agent, Conversation, CustomerProfile, Organization, Topic
from core.gladly.webhooks import Basic, GladlyWebhook, WebhookChange
from tests.core.gladly.fake_clock import FakeClock

URL = "https://organization.gladly.test"
EMAIL = "agent@organization.test"
TOKEN = "planted-token"
NOW = 1_795_352_400.0  # 2026-11-22T13:00:00Z


class Gladly:
    """Answers as the test tells it, the last answer again and again; keeps the requests."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.seen = []

    async def __call__(self, request):
        self.seen.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        if callable(answer):
            return await answer(request)
        return answer


def says(status=200, json=None, **options):
    return httpx.Response(status, json={} if json is None else json, **options)


@pytest.fixture(autouse=True)
def clean_environ(monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NETRC", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def connect(clock):
    """Return a function that makes a client for a transport."""

    def make(gladly, *, url=URL, email=EMAIL, token=TOKEN, per_second=10, **options):
        return GladlyClient(
            url,
            email,
            token,
            budget=RequestBudget(per_second, clock),
            transport=httpx.MockTransport(gladly),
            clock=clock,
            rng=random.Random(1),
            wall=lambda: NOW,
            **options,
        )

    return make


async def test_reads_every_resource(connect, clock):
    gladly = Gladly(
        says(json={"id": "o", "name": "My Organization"}),
        says(json=[{"id": "a", "name": "Amy Agent"}]),
        says(json=[{"id": "t", "name": "Order Return", "disabled": False}]),
        says(json={"id": "c", "customerId": "k", "topicIds": ["t"], "status": "OPEN"}),
        says(json={"id": "k", "name": "Martha", "image": "https://x"}),
    )

    async with connect(gladly) as client:
        assert await client.organization() == Organization(id="o", name="My Organization")
        assert await client.agents() == (Agent(id="a", name="Amy Agent"),)
        assert await client.topics() == (Topic(id="t", name="Order Return", disabled=False),)
        assert await client.conversation("c") == Conversation(
            id="c", customer_id="k", topic_ids=("t",), status="OPEN"
        )
        assert await client.customer("k") == CustomerProfile(id="k", name="Martha")

    assert [request.url.path for request in gladly.seen] == [
        "/api/v1/organization",
        "/api/v1/agents",
        "/api/v1/topics",
        "/api/v1/conversations/c",
        "/api/v1/customer-profiles/k",
    ]
    assert client.requests == dict.fromkeys(
        ("organization", "agents", "topics", "conversation", "customer"), 1
    )


async def test_credentials_are_utf_8_and_win_over_those_in_the_address(connect):
    gladly = Gladly(says())
    url = "https://intruder:secret@organization.gladly.test:8443/base/?q=1#x"

    await connect(gladly, url=url, email="jürgen@x.test", token="tøken").organization()

    request = gladly.seen[0]
    pair = base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode()
    assert pair == "jürgen@x.test:tøken"
    assert str(request.url) == "https://organization.gladly.test:8443/base/api/v1/organization"


async def test_netrc_does_not_override_the_credentials(connect, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine organization.gladly.test login intruder password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    gladly = Gladly(says())

    await connect(gladly).organization()

    expected = base64.b64encode(f"{EMAIL}:{TOKEN}".encode()).decode()
    assert gladly.seen[0].headers["Authorization"] == f"Basic {expected}"


@pytest.mark.parametrize(
    ("customer_id", "path"),
    [
        ("../agents", b"..%2Fagents"),
        ("a/b?c#d", b"a%2Fb%3Fc%23d"),
        ("%2e%2e", b"%252e%252e"),
        ("a b\n", b"a%20b%0A"),
        ("é\ud800", b"%C3%A9%3F"),
        ("gHufx-U3QqOmhvFuViceTw", b"gHufx-U3QqOmhvFuViceTw"),
    ],
)
async def test_an_id_stays_within_its_place_in_the_path(connect, customer_id, path):
    gladly = Gladly(says())

    await connect(gladly).customer(customer_id)

    assert gladly.seen[0].url.raw_path == b"/api/v1/customer-profiles/" + path


@pytest.mark.parametrize("customer_id", ["", ".", ".."])
async def test_what_can_be_no_id_is_not_asked_for(connect, customer_id):
    gladly = Gladly(says())

    with pytest.raises(GladlyNotFound):
        await connect(gladly).customer(customer_id)

    assert gladly.seen == []


async def test_a_merged_customer_is_named_and_counts_as_an_answer(connect):
    gladly = Gladly(says(301, json={"errors": [{"meta": {"old": "a", "new": "b"}}]}))
    client = connect(gladly)

    with pytest.raises(CustomerMerged) as caught:
        await client.customer("a")

    assert caught.value.new_id == "b"
    assert (client.last_ok_at, client.last_error) == (NOW, None)
    assert len(gladly.seen) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_is_followed(connect, status):
    gladly = Gladly(says(status, headers={"Location": "https://evil.test/"}), says())

    with pytest.raises(GladlyUnavailable, match=r"redirects .* gladly\.url"):
        await connect(gladly).customer("a")

    assert [request.url.host for request in gladly.seen] == ["organization.gladly.test"]


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, GladlyUnauthorized), (403, GladlyUnauthorized), (404, GladlyNotFound)],
)
async def test_a_plain_no_is_not_asked_again(connect, status, error):
    gladly = Gladly(says(status, json={"errors": {"code": "not_exist"}}))

    with pytest.raises(error):
        await connect(gladly).customer("a")

    assert len(gladly.seen) == 1


@pytest.mark.parametrize(
    "failure",
    [
        says(500),
        says(503, json={"errors": []}),
        httpx.ConnectError("no route"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("cut"),
        OSError(104, "reset"),
    ],
)
async def test_what_may_pass_is_tried_again(connect, clock, failure):
    gladly = Gladly(failure, failure, says(json={"id": "o"}))
    client = connect(gladly)

    found = await clock.drive(client.organization())

    assert found.id == "o"
    assert client.requests["organization"] == 3
    assert 0 < clock.slept[0] < 1
    assert 0 < clock.slept[1] < 2
    assert client.last_error is None


async def test_gives_up_after_three_tries(connect, clock):
    gladly = Gladly(httpx.ConnectError("no route"))
    client = connect(gladly)

    with pytest.raises(GladlyUnavailable) as caught:
        await clock.drive(client.organization())

    assert len(gladly.seen) == 3
    assert client.last_error is caught.value
    assert client.last_ok_at is None


async def test_waits_as_long_as_gladly_asks_for(connect, clock):
    gladly = Gladly(says(503, headers={"Retry-After": "9"}), says())

    await clock.drive(connect(gladly).organization())

    assert clock.slept == [9.0]


async def test_does_not_sit_through_a_long_wait(connect, clock):
    gladly = Gladly(says(503, headers={"Retry-After": "31"}), says())

    with pytest.raises(GladlyUnavailable):
        await clock.drive(connect(gladly).organization())

    assert (len(gladly.seen), clock.slept) == (1, [])


async def test_too_many_requests_slow_everybody_down(connect, clock):
    gladly = Gladly(says(429), says())
    client = connect(gladly)
    start = clock.now

    await clock.drive(client.organization())

    assert clock.now - start >= 1


async def test_too_many_requests_for_long_are_told_at_once(connect, clock):
    gladly = Gladly(says(429, headers={"Retry-After": "60"}), says())
    client = connect(gladly)

    for _ in range(2):
        with pytest.raises(GladlyRateLimited):
            await clock.drive(client.organization())
    assert len(gladly.seen) == 1

    await clock.advance(31)
    await clock.drive(client.organization())
    assert len(gladly.seen) == 2


async def test_too_many_requests_in_the_end_are_an_error_of_their_own(connect, clock):
    gladly = Gladly(says(429))

    with pytest.raises(GladlyRateLimited):
        await clock.drive(connect(gladly).organization())

    assert len(gladly.seen) == 3


async def test_keeps_to_its_budget(connect, clock):
    client = connect(Gladly(says()), per_second=2)
    start = clock.now

    for _ in range(5):
        await clock.drive(client.organization())

    assert clock.now - start == 2


async def test_slows_down_when_others_need_the_limit(connect, clock):
    headers = {"Ratelimit-Limit-Second": "10", "Ratelimit-Remaining-Second": "1"}
    client = connect(Gladly(says(headers=headers)), per_second=5)
    start = clock.now

    for _ in range(3):
        await clock.drive(client.organization())

    assert clock.now - start == 2


async def test_one_request_is_bounded_however_slowly_it_goes(connect, clock):
    async def hang(_request):
        await asyncio.Event().wait()

    client = connect(Gladly(hang), total_seconds=0.0)

    with pytest.raises(GladlyUnavailable, match="TimeoutError"):
        await clock.drive(client.organization())


@pytest.mark.parametrize(
    "body", [b"<html>Log in</html>", b"", b"[", b'"text"', b'{"id": 5}', b'{"name": ["Martha"]}']
)
async def test_an_answer_that_is_something_else_is_no_value(connect, body):
    gladly = Gladly(httpx.Response(200, content=body))

    with pytest.raises(GladlyUnavailable):
        await connect(gladly).organization()

    assert len(gladly.seen) == 1


async def test_an_answer_beyond_5_mb_is_refused(connect, monkeypatch):
    monkeypatch.setattr(client_module, "MAX_ANSWER_BYTES", 1_000)
    gladly = Gladly(says(json={"id": "x" * 1_000}))

    with pytest.raises(GladlyUnavailable, match="5 MB"):
        await connect(gladly).organization()


async def test_measures_the_difference_of_the_clocks(connect):
    client = connect(Gladly(says(headers={"Date": "Sun, 22 Nov 2026 13:01:30 GMT"}), says()))
    assert client.skew_seconds is None

    await client.organization()
    await client.organization()

    assert client.skew_seconds == 90.0


async def test_an_error_is_forgotten_when_all_is_well_again(connect):
    client = connect(Gladly(says(401), says()))
    with pytest.raises(GladlyUnauthorized):
        await client.organization()
    assert client.last_error is not None

    await client.organization()

    assert client.last_error is None


@pytest.mark.parametrize(
    "failure",
    [
        says(401, json={"errors": [{"detail": "Martha"}]}),
        says(500, json="Martha"),
        says(200, json={"name": [1, "Martha"]}),
        says(302, headers={"Location": "https://Martha.test"}),
        httpx.ReadError("gone"),
    ],
)
async def test_no_error_or_log_holds_a_secret_or_a_person(connect, clock, failure, caplog):
    caplog.set_level(logging.DEBUG, logger="core")
    gladly = Gladly(failure)

    with pytest.raises(Exception, match="Gladly") as caught:
        await clock.drive(connect(gladly).customer("k"))

    told = "".join(traceback.format_exception(caught.value)) + caplog.text
    encoded = base64.b64encode(f"{EMAIL}:{TOKEN}".encode()).decode()
    for secret in (TOKEN, EMAIL, encoded):
        assert secret not in told
    assert "Martha" not in str(caught.value) + caplog.text


@pytest.mark.parametrize("url", ["https://[::1", "https://x:port/"])
async def test_an_address_that_is_none_is_told_in_our_words(connect, url):
    with pytest.raises(GladlyUnavailable, match=r"gladly\.url"):
        connect(Gladly(says()), url=url)


async def test_works_without_test_doubles_until_the_network(clock):
    client = GladlyClient("https://x.invalid", EMAIL, TOKEN, budget=RequestBudget(1, clock))

    await client.aclose()


# --- events -------------------------------------------------------------------------------------


class Pieces(httpx.AsyncByteStream):
    """A body that comes in these pieces, and may break off."""

    def __init__(self, *pieces, error=None):
        self._pieces = pieces
        self._error = error

    async def __aiter__(self):
        for piece in self._pieces:
            yield piece
        if self._error is not None:
            raise self._error


async def lines_of(client, told=None):
    told = [] if told is None else told
    async for line in client.events(NOW, ("CONVERSATION", "CUSTOMER")):
        told += [line]
    return told


async def test_events_come_line_by_line_however_they_are_cut(connect):
    pieces = Pieces(b'{"id":', b'"a"}\n\n{"id":"b"}\r\n', b'{"id":"\xe2\x80', b'\xa8"}')
    gladly = Gladly(httpx.Response(200, stream=pieces))

    async with connect(gladly) as client:
        lines = await lines_of(client)

    assert [json.loads(line)["id"] for line in lines] == ["a", "b", "\u2028"]
    asked = gladly.seen[0].url.params
    assert asked.get_list("entities") == ["CONVERSATION", "CUSTOMER"]
    started = datetime.fromisoformat(asked["startAt"].replace("Z", "+00:00"))
    assert started.timestamp() == pytest.approx(NOW, abs=0.001)
    assert asked["startAt"].endswith("Z")
    assert client.requests["events"] == 1
    assert client.last_ok_at == NOW


async def test_events_before_a_connection_breaks_are_told(connect):
    pieces = Pieces(b'{"id":"a"}\n{"id"', error=httpx.ReadError("gone"))
    told = []

    async with connect(Gladly(httpx.Response(200, stream=pieces))) as client:
        with pytest.raises(GladlyUnavailable):
            await lines_of(client, told)

        assert told == [b'{"id":"a"}']
        assert client.last_error is not None


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, GladlyUnavailable),
        (401, GladlyUnauthorized),
        (429, GladlyRateLimited),
        (503, GladlyUnavailable),
        (301, GladlyUnavailable),
    ],
)
async def test_events_are_asked_for_once_whatever_the_answer(connect, status, error):
    gladly = Gladly(says(status, headers={"Location": "http://elsewhere.example"}))

    async with connect(gladly) as client:
        with pytest.raises(error):
            await lines_of(client)

    assert len(gladly.seen) == 1


async def test_an_event_without_end_is_refused(connect):
    endless = Pieces(*[b"x" * 100_000] * 20)

    async with connect(Gladly(httpx.Response(200, stream=endless))) as client:
        with pytest.raises(GladlyUnavailable, match="larger"):
            await lines_of(client)


# --- webhooks ----------------------------------------------------------------------------------

WANTED = WebhookChange(url="https://x.test/hook", credentials=Basic("gladly", Secret("hunter2")))


async def test_manages_webhooks(connect):
    gladly = Gladly(says(json=[{"id": "w", "url": "u"}]), says(201), says(204), says(204))

    async with connect(gladly) as client:
        assert await client.webhooks() == (GladlyWebhook(id="w", url="u"),)
        await client.create_webhook(WANTED)
        await client.change_webhook("w/1", WebhookChange(enabled=True))
        await client.delete_webhook("w")

    assert [(one.method, one.url.raw_path.decode()) for one in gladly.seen] == [
        ("GET", "/api/v1/webhooks"),
        ("POST", "/api/v1/webhooks"),
        ("PATCH", "/api/v1/webhooks/w%2F1"),
        ("DELETE", "/api/v1/webhooks/w"),
    ]
    assert gladly.seen[1].headers["Content-Type"] == "application/json"
    assert json.loads(gladly.seen[1].content)["credentials"]["password"] == "hunter2"
    assert (json.loads(gladly.seen[2].content), gladly.seen[3].content) == ({"enabled": True}, b"")
    assert client.requests == {"webhooks": 4}


@pytest.mark.parametrize(
    "answer", [httpx.ReadTimeout("slow"), httpx.ConnectError("down"), says(503), says(200, text="")]
)
async def test_a_change_that_may_have_happened_is_not_sent_again(connect, clock, answer):
    gladly = Gladly(answer)

    with pytest.raises(GladlyUnavailable):
        await connect(gladly).create_webhook(WANTED)

    assert len(gladly.seen) == 1


async def test_a_change_that_was_not_let_in_is_sent_again(connect, clock):
    gladly = Gladly(says(429, headers={"Retry-After": "1"}), says(201))

    await clock.drive(connect(gladly).create_webhook(WANTED))

    assert len(gladly.seen) == 2


async def test_a_refused_change_says_gladlys_reason_and_no_credential(connect):
    gladly = Gladly(says(400, {"errors": [{"attr": "url", "detail": "no PING with hunter2"}]}))
    client = connect(gladly)

    with pytest.raises(GladlyRefused) as caught:
        await client.create_webhook(WANTED)

    assert caught.value.title == "Gladly refuses this: url: no PING with ********** (400)."
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))
    assert client.last_error is None


async def test_a_change_may_last_as_long_as_gladly_waits_for_its_ping(connect):
    async def late(_):
        await asyncio.sleep(0.2)
        return says(201)

    await connect(Gladly(late), total_seconds=0.05).create_webhook(WANTED)
    with pytest.raises(GladlyUnavailable):
        await connect(Gladly(late), change_seconds=0.05).create_webhook(WANTED)
