"""What comes back from Segment: signatures, batches, garbage, and a store that is away."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any, Self

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.credentials import Secret
from core.errors import StoreFull, StoreUnavailable
from core.health import Health
from core.ingest.app import ListenerApp
from core.ingest.auth import Gate
from core.ingest.echo import Echo, is_signed, message_ids, signature
from core.ingest.intake import Intake
from core.ingest.server import HttpServer
from tests.fakes import FakeClock

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from core.errors import StoreError

PATH = "/segment/echo"
SECRET = "gehéim-planted"
MAX_BODY = 20_000
NESTED = b"[" * 9000 + b"]" * 9000
json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def sign(content: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), content, hashlib.sha1).hexdigest()


def event(message_id: str = "gs-1", **more: Any) -> dict[str, Any]:
    return {"type": "track", "event": "Conversation Opened", "messageId": message_id, **more}


class Outbox:
    """Keeps what is confirmed; may fail."""

    def __init__(self) -> None:
        self.known = {"gs-1", "gs-2", "gs-3"}
        self.asked: list[list[str]] = []
        self.error: StoreError | None = None

    async def confirm(self, message_ids: Sequence[str], now: float) -> int:
        if self.error is not None:
            raise self.error
        self.asked.append(list(message_ids))
        confirmed = self.known & set(message_ids)
        self.known -= confirmed
        return len(confirmed)


class NoReport:
    """Nothing to tell."""

    def degraded(self) -> bool:
        return False

    async def status(self) -> dict[str, object]:
        return {}

    async def metrics(self) -> bytes:
        return b""


class Listening:
    """The listener on a free port of loopback, with or without the way back."""

    def __init__(self, *, echo: bool = True, secret: str = SECRET) -> None:
        self.outbox = Outbox()
        self.health = Health(FakeClock())
        self.alarms: list[StoreError] = []
        self.confirmed: list[int] = []
        self.echo = Echo(Secret(secret), self.outbox, health=self.health, clock=FakeClock())
        self.echo.confirmed.connect(self.confirmed.append)
        app = ListenerApp(
            path="/gladly/webhook",
            gate=Gate("basic", username="gladly", password=Secret("pw")),
            intake=Intake(None),  # type: ignore[arg-type]
            max_body=MAX_BODY,
            report=NoReport(),
            alarm=self.alarms.append,
            echo=self.echo if echo else None,
        )
        self.app = app
        self.server = HttpServer(app, host="127.0.0.1", port=0, direct=app)
        self._group = asyncio.TaskGroup()

    async def __aenter__(self) -> Self:
        self.server.open()
        self.client = httpx.AsyncClient(base_url=self.server.url, trust_env=False)
        await self._group.__aenter__()
        self._group.create_task(self.server.run())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.client.aclose()
        self.server.stop()
        await self._group.__aexit__(kind, exc, trace)

    async def post(self, body: bytes, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.post(PATH, content=body, headers=named)


# --- over a socket


async def test_a_rightly_signed_event_is_confirmed():
    body = json.dumps(event("gs-1")).encode()
    async with Listening() as listening:
        answer = await listening.post(body, x_signature=sign(body))

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert listening.outbox.asked == [["gs-1"]]
    assert listening.confirmed == [1]
    assert listening.health.words()["echo"] == "ok"


async def test_the_same_echo_again_is_harmless():
    body = json.dumps(event("gs-1")).encode()
    async with Listening() as listening:
        answers = [await listening.post(body, x_signature=sign(body)) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert listening.confirmed == [1]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"x_signature": ""},
        {"x_signature": sign(b"something else")},
        {"x_signature": sign(json.dumps(event()).encode(), "another secret")},
        {"x_signature": sign(json.dumps(event()).encode())[:-1]},
        {"x_signature": "sha1=" + sign(json.dumps(event()).encode())},
        {"x_segment_signature": sign(b"something else")},
        {"authorization": "Basic Z2xhZGx5OnB3"},
    ],
)
async def test_a_wrong_or_missing_signature_is_refused_and_counted(given: dict[str, str]):
    async with Listening() as listening:
        answer = await listening.post(json.dumps(event()).encode(), **given)

    assert (answer.status_code, answer.json()) == (401, {"error": "unauthorized"})
    assert "www-authenticate" in answer.headers
    assert listening.outbox.asked == []
    assert (listening.echo.unsigned, listening.app.unauthorized) == (1, 0)


@pytest.mark.logs_warnings
async def test_refusals_in_a_row_are_shown_until_a_right_one():
    body = json.dumps(event()).encode()
    async with Listening() as listening:
        for _ in range(5):
            await listening.post(body, x_signature=sign(b""))
        refusing = listening.health.get("echo")
        await listening.post(body, x_signature=sign(body))

    assert refusing is not None
    assert refusing.word == "refusing"
    assert "last 5 echoes" in refusing.sentence
    assert listening.health.words()["echo"] == "ok"


async def test_a_batch_signed_over_its_first_event_confirms_each():
    events = [event("gs-1"), event("gs-2"), event("gs-unknown"), event("gs-1")]
    body = json.dumps(events, separators=(",", ":")).encode()
    first = json.dumps(events[0], separators=(",", ":")).encode()
    async with Listening() as listening:
        answer = await listening.post(body, x_signature=sign(first))

    assert answer.status_code == 200
    assert listening.outbox.asked == [["gs-1", "gs-2", "gs-unknown"]]
    assert listening.confirmed == [2]


@pytest.mark.parametrize("header", ["x_signature", "x_segment_signature"])
async def test_a_batch_signed_as_a_whole_confirms_each(header: str):
    body = json.dumps([event("gs-1"), event("gs-2")]).encode()
    async with Listening() as listening:
        answer = await listening.post(body, **{header: sign(body)})

    assert answer.status_code == 200
    assert listening.confirmed == [2]


async def test_the_signature_of_a_later_event_of_a_batch_is_refused():
    events = [event("gs-1"), event("gs-2")]
    body = json.dumps(events).encode()
    async with Listening() as listening:
        answer = await listening.post(body, x_signature=sign(json.dumps(events[1]).encode()))

    assert answer.status_code == 401
    assert listening.outbox.asked == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"x",
        b"null",
        b"[]",
        b"{}",
        b'{"messageId": 7}',
        b'{"messageId": ""}',
        b'{"messageId": "\xff"}',
        '{"messageId": "ü"}'.encode(),
        b'{"messageId": "\\ud800"}',
        b'[1, null, "x", {"messageId": ["gs-1"]}]',
        json.dumps(event("x" * 101)).encode(),
        NESTED,
    ],
)
async def test_garbage_with_a_right_signature_is_200_and_changes_nothing(body: bytes):
    async with Listening() as listening:
        answer = await listening.post(body, x_signature=sign(body))

    assert answer.status_code == 200
    assert listening.outbox.asked == []
    echo = listening.health.get("echo")
    assert echo is not None
    assert echo.word == "unknown"
    assert "messageId" in echo.sentence


@pytest.mark.parametrize("error", [StoreFull("full"), StoreUnavailable("away")])
async def test_a_store_that_cannot_commit_is_503_and_segment_comes_again(error: StoreError):
    body = json.dumps(event()).encode()
    async with Listening() as listening:
        listening.outbox.error = error
        refused = await listening.post(body, x_signature=sign(body))
        listening.outbox.error = None
        again = await listening.post(body, x_signature=sign(body))

    assert (refused.status_code, again.status_code) == (503, 200)
    assert int(refused.headers["retry-after"]) > 0
    assert listening.alarms == [error]
    assert listening.confirmed == [1]


@pytest.mark.parametrize(("size", "status"), [(MAX_BODY, 200), (MAX_BODY + 1, 413)])
async def test_the_body_has_a_limit(size: int, status: int):
    body = b"[" + b" " * (size - 2) + b"]"
    async with Listening() as listening:
        answer = await listening.post(body, x_signature=sign(body))

    assert answer.status_code == status


async def test_a_stranger_is_refused_before_a_long_body_is_read():
    async with Listening() as listening:
        answer = await listening.post(b"x" * MAX_BODY)

    assert answer.status_code == 401
    assert answer.headers["connection"] == "close"


async def test_only_post_is_allowed():
    async with Listening() as listening:
        answer = await listening.client.get(PATH)

    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_while_it_is_off_there_is_no_such_page():
    body = json.dumps(event()).encode()
    async with Listening(echo=False) as listening:
        answers = [
            await listening.post(body, x_signature=sign(body)),
            await listening.client.get(PATH),
        ]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert listening.outbox.asked == []


async def test_without_a_secret_nothing_is_right():
    body = json.dumps(event()).encode()
    async with Listening(secret="") as listening:
        answer = await listening.post(body, x_signature=sign(body, ""))

    assert answer.status_code == 401


async def test_the_secret_and_what_came_stand_in_no_answer_and_no_log(
    caplog: pytest.LogCaptureFixture,
):
    caplog.set_level("DEBUG")
    body = json.dumps(event(properties={"email": "ada-planted@example.com"})).encode()
    async with Listening() as listening:
        right = await listening.post(body, x_signature=sign(body))
        wrong = await listening.post(body, x_signature=sign(b""))

    told = [f"{one.headers} {one.text}" for one in (right, wrong)]
    told += [str(vars(record)) for record in caplog.records if record.name.startswith("core")]
    assert not [text for text in told if SECRET in text or "planted" in text]


# --- pure


@given(st.binary(max_size=200), st.binary(min_size=1, max_size=40))
def test_every_body_is_admitted_with_its_own_signature(body: bytes, secret: bytes):
    right = signature(secret, body)

    assert is_signed(secret, [(b"host", b"x"), (b"x-signature", right)], body)
    assert is_signed(secret, [(b"x-segment-signature", right)], body)
    assert is_signed(secret, [(b"x-signature", right.upper())], body)


@given(st.binary(max_size=200), st.binary(max_size=60), st.binary(min_size=1, max_size=40))
def test_no_other_signature_is_admitted(body: bytes, given_one: bytes, secret: bytes):
    wanted = hmac.new(secret, body, hashlib.sha1).hexdigest().encode()

    if given_one.lower() != wanted:
        assert not is_signed(secret, [(b"x-signature", given_one)], body)


@given(st.lists(st.dictionaries(st.text(), json_values, max_size=3), min_size=1, max_size=4))
def test_a_batch_is_admitted_by_its_first_event_as_it_stands_there(events: list[Any]):
    first, *rest = [json.dumps(one).encode() for one in events]
    body = b" [ " + b" , ".join([first, *rest]) + b" ] \n"

    assert is_signed(b"s", [(b"x-signature", signature(b"s", first))], body)
    assert not is_signed(b"s", [(b"x-segment-signature", signature(b"s", first))], body)


@given(st.binary(max_size=300) | json_values.map(lambda value: json.dumps(value).encode()))
def test_no_body_breaks_the_reading(body: bytes):
    found = message_ids(body)

    assert all(one.isascii() and 0 < len(one) <= 100 for one in found)
    assert len(found) == len(set(found))


@given(st.lists(st.from_regex(r"gs-[0-9a-f]{40}", fullmatch=True), max_size=9))
def test_every_message_of_a_batch_is_read_once(ids: list[str]):
    body = json.dumps([event(one) for one in ids]).encode()

    assert message_ids(body) == list(dict.fromkeys(ids))
