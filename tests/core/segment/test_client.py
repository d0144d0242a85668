"""One attempt over a real socket, against a simulated Segment with each of its faults."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import socket
import time
from datetime import UTC, datetime
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from core import logs
from core.credentials import Secret
from core.segment import client as module
from core.segment.client import Result, SegmentClient
from core.simulator.runner import SimulatorServer
from core.simulator.segment import SegmentSimulator

KEY = "WriteKey0123456789abcdefghijklmn"
BASIC = base64.b64encode(f"{KEY}:".encode()).decode()
HARMLESS = "The same messageId makes that harmless."


def payload(number=1, **properties):
    event = {
        "type": "track",
        "event": "Conversation Opened",
        "messageId": f"gs-{number}",
        "userId": "customer-1",
        "timestamp": "2026-05-28T10:00:00.123+00:00",
        "properties": {"conversationId": "c1", **properties},
        "context": {},
    }
    return json.dumps(event).encode()


@pytest.fixture
def segment():
    return SegmentSimulator(KEY)


@pytest.fixture
def server(segment):
    with SimulatorServer(segment) as running:
        yield running


@pytest.fixture
def client(server):
    return SegmentClient(Secret(KEY), server.url)


class Peer:
    """A server that keeps what it was sent and answers as it was told."""

    def __init__(self, status=200, body=b'{"success": true}', headers=None):
        self.status, self.body, self.headers = status, body, headers or {}
        self.seen = []
        self.app = Starlette(
            routes=[Route("/{path:path}", self._answer, methods=["GET", "POST", "PUT"])]
        )

    async def _answer(self, request):
        self.seen.append((request.method, dict(request.headers), await request.body()))
        return Response(self.body, self.status, self.headers)


async def ask(peer, *, events=None, retry_count=0):
    with SimulatorServer(peer.app) as server:
        client = SegmentClient(Secret(KEY), server.url)
        return await client.upload(events or [payload()], retry_count=retry_count)


# --- what goes out ----------------------------------------------------------------------------


async def test_an_accepted_batch_arrives_whole(client, segment):
    answer = await client.upload([payload(number) for number in range(100)])

    assert (answer.result, answer.code, answer.http_status) == (
        Result.ACCEPTED,
        "segment.accepted",
        200,
    )
    assert not answer.ambiguous
    assert segment.accepted.keys() == {f"gs-{number}" for number in range(100)}
    assert list(segment.problems) == []


async def test_the_key_travels_as_basic_user_and_in_the_body(client, segment):
    await client.upload([payload()])

    (seen,) = segment.requests
    assert (seen.basic_user, seen.body_key) == (KEY, KEY)
    assert (seen.method, seen.path) == ("POST", "/v1/batch")


@pytest.mark.parametrize(("tries", "header"), [(0, None), (1, "1"), (7, "7")])
async def test_a_retry_says_which_one_it_is(client, segment, tries, header):
    await client.upload([payload()], retry_count=tries)

    assert segment.requests[0].retry_count == header


async def test_each_attempt_is_stamped_with_its_own_time():
    peer = Peer()
    before = datetime.now(UTC)

    await ask(peer)
    between = datetime.now(UTC)
    await ask(peer, retry_count=1)

    first, second = (datetime.fromisoformat(json.loads(body)["sentAt"]) for _, _, body in peer.seen)
    assert before <= first <= between <= second <= datetime.now(UTC)


async def test_the_stored_payload_goes_over_the_wire_byte_for_byte():
    peer = Peer()
    events = [payload(1, name="Zoë 😀 \ud800", price=1.0, big=10**25), payload(2, empty={})]

    await ask(peer, events=events)

    ((_, _, body),) = peer.seen
    assert b'"batch": [' + b", ".join(events) + b"]" in body


async def test_a_netrc_entry_does_not_take_the_credentials_place(
    client, segment, tmp_path, monkeypatch
):
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("NETRC", raising=False)

    answer = await client.upload([payload()])

    assert answer.result is Result.ACCEPTED
    assert segment.requests[0].basic_user == KEY


async def test_a_slash_at_the_end_of_the_address_does_not_matter(server, segment):
    answer = await SegmentClient(Secret(KEY), server.url + "/").upload([payload()])

    assert answer.result is Result.ACCEPTED
    assert segment.requests[0].path == "/v1/batch"


# --- answers ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "expected", "says"),
    [
        ("500", (Result.RETRY, "segment.http_500", 500), "a problem of its own (500)"),
        ("502", (Result.RETRY, "segment.http_502", 502), "a problem of its own (502)"),
        ("503", (Result.RETRY, "segment.http_503", 503), "a problem of its own (503)"),
        ("408", (Result.RETRY, "segment.http_408", 408), "(408)"),
        ("429", (Result.RETRY, "segment.http_429", 429), "asks for fewer requests (429)"),
        ("400", (Result.REJECTED, "segment.rejected_400", 400), "simulated 400"),
        ("413", (Result.REJECTED, "segment.rejected_413", 413), "simulated 413"),
        ("401", (Result.REFUSED, "segment.refused", 401), "refuses the write key (401)"),
        ("403", (Result.REFUSED, "segment.refused", 403), "refuses the write key (403)"),
        ("404", (Result.REFUSED, "segment.no_api", 404), "no tracking API at this address (404)"),
        ("html-200", (Result.RETRY, "segment.not_segment", 200), "not Segment's"),
        ("bad-json-200", (Result.RETRY, "segment.not_segment", 200), "not Segment's"),
        ("redirect", (Result.RETRY, "segment.not_segment", 302), "redirects elsewhere"),
    ],
)
async def test_each_answer_is_understood(client, segment, fault, expected, says):
    segment.faults.set([fault])

    answer = await client.upload([payload()])

    assert (answer.result, answer.code, answer.http_status) == expected
    assert says in answer.sentence
    assert not answer.ambiguous
    assert segment.accepted == {}
    assert segment.request_count == 1, "one attempt is one request"


@pytest.mark.parametrize(
    ("status", "result"),
    [
        (201, Result.RETRY),
        (204, Result.RETRY),
        (304, Result.RETRY),
        (405, Result.REFUSED),
        (410, Result.RETRY),
        (422, Result.REJECTED),
        (460, Result.RETRY),
        (501, Result.REFUSED),
        (505, Result.REFUSED),
        (599, Result.RETRY),
    ],
)
@pytest.mark.logs_warnings
async def test_each_other_status_is_understood(status, result):
    answer = await ask(Peer(status, b""))

    assert answer.result is result
    assert answer.http_status == status
    assert str(status) in answer.sentence


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{}", b'{"success": false}', b'"yes"'])
async def test_200_counts_only_with_success_in_json(body):
    answer = await ask(Peer(body=body))

    assert (answer.result, answer.code) == (Result.RETRY, "segment.not_segment")


@pytest.mark.logs_warnings
async def test_a_rejection_tells_why_in_one_short_line():
    answer = await ask(Peer(400, b"bad\n  event " + b"x" * 5000))

    assert answer.result is Result.REJECTED
    assert "bad event x" in answer.sentence
    assert len(answer.sentence) < 300
    assert "\n" not in answer.sentence


@pytest.mark.logs_warnings
async def test_a_rejection_in_json_is_told_by_its_message():
    body = b'{"success":false,"code":"invalid_request","message":"Malformed JSON"}'

    answer = await ask(Peer(400, body))

    assert answer.sentence == "Segment rejects it (400): Malformed JSON"


@pytest.mark.logs_warnings
@pytest.mark.parametrize("body", [b'{"message": 7}', b'{"message": " "}', b'["message"]', b'{"a'])
async def test_a_rejection_whose_json_has_no_message_is_told_as_it_is(body):
    answer = await ask(Peer(400, body))

    assert answer.sentence == f"Segment rejects it (400): {body.decode()}"


@pytest.mark.logs_warnings
async def test_a_message_never_repeats_the_write_key():
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in KEY)

    answer = await ask(Peer(400, f'{{"message": "bad key {escaped}"}}'.encode()))

    assert KEY not in answer.sentence
    assert "bad key" in answer.sentence


@pytest.mark.logs_warnings
async def test_a_rejection_without_a_reason_says_so():
    answer = await ask(Peer(400, b""))

    assert "no reason given" in answer.sentence


# --- Retry-After ------------------------------------------------------------------------------


@pytest.mark.parametrize(("asked", "wait"), [("7", 7), ("0", 0), ("9999", 300), ("-5", 0)])
@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.logs_warnings
async def test_a_wait_in_seconds_is_handed_on(status, asked, wait):
    answer = await ask(Peer(status, headers={"Retry-After": asked}))

    assert answer.retry_after == wait
    assert (f"asks to wait {wait} s" in answer.sentence) is (wait > 0)


@pytest.mark.logs_warnings
async def test_a_wait_until_an_http_date_is_handed_on():
    later = formatdate(time.time() + 120, usegmt=True)

    answer = await ask(Peer(429, headers={"Retry-After": later}))

    assert 100 < answer.retry_after <= 120


@pytest.mark.parametrize("nonsense", ["soon", "", "Thu, 01 Jan 1970 00:00:00 GMT"])
@pytest.mark.logs_warnings
async def test_a_wait_that_cannot_be_read_is_none(nonsense):
    answer = await ask(Peer(429, headers={"Retry-After": nonsense}))

    assert answer.result is Result.RETRY
    assert answer.retry_after is None


async def test_the_simulators_429_carries_its_wait(client, segment):
    segment.faults.set(["429:retry_after=30"])

    answer = await client.upload([payload()])

    assert answer.retry_after == 30


# --- no answer --------------------------------------------------------------------------------


async def test_a_reset_connection_may_have_delivered(client, segment):
    segment.faults.set(["reset"])

    answer = await client.upload([payload()])

    assert (answer.result, answer.code) == (Result.RETRY, "segment.connection_lost")
    assert answer.ambiguous
    assert answer.http_status is None
    assert HARMLESS in answer.sentence


async def test_a_lost_answer_may_have_delivered_and_sending_again_doubles_nothing(client, segment):
    segment.faults.set(["lost-answer:count=1"])

    lost = await client.upload([payload()])
    again = await client.upload([payload()], retry_count=1)

    assert (lost.result, lost.code, lost.ambiguous) == (
        Result.RETRY,
        "segment.connection_lost",
        True,
    )
    assert again.result is Result.ACCEPTED
    assert (len(segment.accepted), segment.duplicates) == (1, 1)


async def test_silence_ends_at_the_read_limit_and_may_have_delivered(client, segment, monkeypatch):
    monkeypatch.setattr(module, "READ_SECONDS", 0.2)
    segment.faults.set(["hang"])

    answer = await client.upload([payload()])

    assert (answer.result, answer.code) == (Result.RETRY, "segment.no_answer")
    assert answer.ambiguous
    assert "No answer in time" in answer.sentence


async def test_a_trickling_answer_ends_at_the_limit_for_the_whole(client, segment, monkeypatch):
    monkeypatch.setattr(module, "WHOLE_SECONDS", 0.4)
    segment.faults.set(["trickle:seconds=0.1"])
    began = time.monotonic()

    answer = await client.upload([payload()])

    assert time.monotonic() - began < 1.5
    assert (answer.result, answer.code) == (Result.RETRY, "segment.no_answer")
    assert answer.ambiguous


async def test_a_hanging_upload_does_not_hold_up_others(client, segment, monkeypatch):
    monkeypatch.setattr(module, "READ_SECONDS", 0.5)
    segment.faults.set(["hang:count=1"])

    async with asyncio.TaskGroup() as group:
        hanging = group.create_task(client.upload([payload(1)]))
        assert await segment.wait_for(lambda: segment.request_count == 1, 5)
        quick = group.create_task(client.upload([payload(2)]))

    assert quick.result().result is Result.ACCEPTED
    assert hanging.result().result is Result.RETRY


async def test_a_closed_port_is_unreachable_and_not_ambiguous():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]

    answer = await SegmentClient(Secret(KEY), f"http://127.0.0.1:{port}").upload([payload()])

    assert (answer.result, answer.code) == (Result.RETRY, "segment.unreachable")
    assert not answer.ambiguous
    assert answer.sentence == "Segment cannot be reached: no connection."


async def test_an_unknown_host_name_says_so():
    answer = await SegmentClient(Secret(KEY), "http://segment.invalid").upload([payload()])

    assert (answer.result, answer.code) == (Result.RETRY, "segment.unreachable")
    assert not answer.ambiguous
    assert answer.sentence == "Segment cannot be reached: its name cannot be resolved."


@pytest.mark.logs_warnings
async def test_a_peer_that_speaks_no_tls_is_not_trusted(server, segment):
    secure = server.url.replace("http://", "https://")

    answer = await SegmentClient(Secret(KEY), secure).upload([payload()])

    assert (answer.result, answer.code) == (Result.RETRY, "segment.tls")
    assert not answer.ambiguous
    assert segment.request_count == 0


async def test_an_address_that_is_none_is_answered_and_not_raised():
    answer = await SegmentClient(Secret(KEY), "ftp://segment.invalid").upload([payload()])

    assert (answer.result, answer.code) == (Result.RETRY, "segment.request_failed")


# --- redirects --------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_never_followed_and_the_key_stays_here(status):
    elsewhere = Peer()
    with SimulatorServer(elsewhere.app) as other:
        peer = Peer(status, headers={"Location": f"{other.url}/v1/batch"})

        answer = await ask(peer)

    assert (answer.result, answer.code, answer.http_status) == (
        Result.RETRY,
        "segment.not_segment",
        status,
    )
    assert elsewhere.seen == []
    assert len(peer.seen) == 1


async def test_a_redirect_to_the_same_host_is_not_followed_either(client, segment):
    segment.faults.set(["redirect:to=/v1/batch,count=1"])

    answer = await client.upload([payload()])

    assert answer.result is Result.RETRY
    assert segment.request_count == 1
    assert segment.accepted == {}


# --- clocks -----------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [-300, 90])
@pytest.mark.parametrize("fault", [[], ["500"], ["400"]])
async def test_the_difference_of_the_clocks_is_measured(client, segment, seconds, fault):
    segment.faults.set([*fault, f"skew:seconds={seconds}"])

    answer = await client.upload([payload()])

    assert answer.skew == pytest.approx(seconds, abs=5)


@pytest.mark.parametrize(
    "date",
    [
        "",
        "Date: \r\n",
        "Date: yesterday\r\n",
        "Date: Mon, 99999999999 Jan 2020 00:00:00 GMT\r\n",
    ],
)
async def test_a_date_that_is_missing_or_cannot_be_read_is_no_skew(date):
    async def answer_bare(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 200 OK\r\n{date}Content-Length: 17\r\n\r\n".encode())
        writer.write(b'{"success": true}')
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer_bare, "127.0.0.1", 0) as bare:
        port = bare.sockets[0].getsockname()[1]
        answer = await SegmentClient(Secret(KEY), f"http://127.0.0.1:{port}").upload([payload()])

    assert answer.result is Result.ACCEPTED
    assert answer.skew is None


# --- the write key ----------------------------------------------------------------------------


@pytest.fixture
def whole_log():
    """The program's own log set-up at its loudest; yields its lines."""
    root = logging.getLogger()
    names = ("segment", "urllib3", "httpx", "httpcore", "uvicorn", "asyncio", "keyring")
    before = root.handlers[:], root.level, {one: logging.getLogger(one).level for one in names}
    root.handlers.clear()  # pytest's own: set_up would close them
    memory = logs.set_up(logs.Redactor(), level=logging.DEBUG)
    yield memory.lines
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    for one, level in before[2].items():
        logging.getLogger(one).setLevel(level)


@pytest.mark.parametrize(
    "fault",
    [
        *("slow:ms=1", "500", "429", "400", "401", "404", "413", "reset", "lost-answer"),
        *("html-200", "redirect", "bad-json-200"),
    ],
)
async def test_the_write_key_is_in_no_answer_and_no_log(client, segment, whole_log, fault, capfd):
    segment.faults.set([fault])

    answer = await client.upload([payload()])

    shown = "\n".join([repr(answer), *whole_log, *capfd.readouterr()])
    assert KEY not in shown
    assert BASIC not in shown


@pytest.mark.parametrize("far", [0, 175, 190])
@pytest.mark.logs_warnings
async def test_a_peer_that_repeats_the_key_does_not_bring_it_into_the_answer(far):
    echo = f"{'.' * far}{KEY} {BASIC}"

    answer = await ask(Peer(400, echo.encode()))

    assert answer.result is Result.REJECTED
    assert KEY[:8] not in repr(answer)
    assert BASIC[:8] not in repr(answer)


async def test_the_client_does_not_show_its_key(client):
    assert KEY not in repr(client)
    assert KEY not in repr(vars(client))


# --- what cannot be provoked on loopback ------------------------------------------------------


def test_a_connection_that_takes_too_long_is_not_ambiguous():
    answer = module._failed(module.requests.exceptions.ConnectTimeout())

    assert (answer.result, answer.code) == (Result.RETRY, "segment.connect_timeout")
    assert not answer.ambiguous


async def test_a_bug_in_the_upload_is_not_taken_for_an_answer(client):
    with pytest.raises(ValueError, match="Expecting"):
        await client.upload([b"{"])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda one: st.lists(one, max_size=4) | st.dictionaries(st.text(max_size=6), one, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=6), JSON, max_size=4))
def test_a_message_is_read_as_json_reads_it(message):
    assert module._read(json.dumps(message).encode()) == message


def test_half_a_surrogate_pair_is_read_too():
    assert module._read(rb'{"a": "\ud83d"}') == {"a": "\ud83d"}


# --- odd answers ------------------------------------------------------------------------------


@pytest.mark.logs_warnings
async def test_a_rejection_that_quotes_the_event_loses_the_quote():
    quoting = Peer(400, b'bad value: "Ada Lovelace" <ada@example.com>')

    answer = await ask(quoting, events=[payload(name="Ada Lovelace", email="ada@example.com")])

    assert answer.result is Result.REJECTED
    assert "Ada" not in answer.sentence
    assert "ada@example.com" not in answer.sentence
    assert "bad value" in answer.sentence


async def test_an_answer_nested_too_deeply_is_tried_again():
    answer = await ask(Peer(200, b"[" * 200_000))

    assert answer.result is Result.RETRY
