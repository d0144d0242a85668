"""The HTTP table of the contract, row by row, without a socket."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from core import __version__
from core.credentials import Secret
from core.errors import StoreBusy, StoreFull, StoreUnavailable
from core.health import Health
from core.ingest import reading
from core.ingest.app import STATUS_PATHS, ListenerApp
from core.ingest.auth import Gate
from core.ingest.intake import Intake
from core.model import Added, Counts, NewWebhook
from core.report import EngineReport
from tests.fakes import FakeClock, body, gladly_event

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from core.coverage import Gap
    from core.errors import StoreError
    from core.store.engines import Heard

HOOK = "/gladly/webhook"
USER, PASSWORD, TOKEN = "gladly", "pässwörd-planted", "tökén-planted"
RIGHT = httpx.BasicAuth(USER.encode(), PASSWORD.encode())
AUTHORIZATION = b"Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode())
MAX_BODY = 5000
OTHER_METHODS = ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"]


class Inbox:
    """A store in memory that can fail, and that can take its time."""

    def __init__(self) -> None:
        self.rows: dict[str, NewWebhook] = {}
        self.error: StoreError | None = None
        self.bug: Exception | None = None
        self.asked = asyncio.Event()
        self.may_commit = asyncio.Event()
        self.may_commit.set()
        self.ledger = self
        self.commit_seconds = None
        self.word = "ready"

    async def gaps(self, since: float, limit: int) -> list[Gap]:
        return []

    async def look(self) -> str:
        return self.word

    def clock(self) -> float:
        return 0.0

    async def add_webhook(self, new: NewWebhook) -> Added:
        self.asked.set()
        await self.may_commit.wait()
        if self.bug is not None:
            raise self.bug
        if self.error is not None:
            raise self.error
        duplicate = new.dedupe_key in self.rows
        self.rows.setdefault(new.dedupe_key, new)
        return Added(id=list(self.rows).index(new.dedupe_key) + 1, duplicate=duplicate)

    async def counts(self) -> Counts:
        if self.error is not None:
            raise self.error
        return Counts(webhooks={"resolved": 3}, deliveries={"pending": 2}, oldest_pending_at=None)

    async def get_meta(self, name: str) -> str | None:
        return None

    @property
    def engines(self) -> Inbox:
        return self

    async def everybody(self) -> list[Heard]:
        return []


class Listener:
    """An app with everything it stands on, and a client for it."""

    def __init__(self, auth: str = "basic") -> None:
        self.inbox = Inbox()
        self.health = Health(FakeClock())
        self.health.set("store", "ok")
        self.app = ListenerApp(
            path=HOOK,
            gate=Gate(
                auth,  # type: ignore[arg-type]
                username=USER,
                password=Secret(PASSWORD),
                header="X-Gladly-Token",
                token=Secret(TOKEN),
            ),
            intake=Intake(self.inbox),  # type: ignore[arg-type]
            max_body=MAX_BODY,
            report=EngineReport(
                self.inbox,  # type: ignore[arg-type]
                self.health,
                lambda: {"unauthorized_requests": 4},
                readiness=self.inbox,  # type: ignore[arg-type]
            ),
        )
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url="http://listener"
        )

    async def post(self, content: Any = b"x", **more: Any) -> httpx.Response:
        return await self.client.post(HOOK, content=content, **{"auth": RIGHT, **more})

    @property
    def bodies(self) -> list[bytes]:
        return [row.body for row in self.inbox.rows.values()]


@pytest.fixture
def listener() -> Listener:
    return Listener()


class Peer:
    """A peer that says exactly what it is told to, chunk by chunk; counts what was read."""

    def __init__(self, chunks: list[bytes], *, goes_on: bool = False) -> None:
        self._chunks = list(chunks)
        self._goes_on = goes_on
        self.read = self.read_when_answered = 0
        self.messages: list[dict[str, Any]] = []
        self.answered = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        if self._chunks:
            chunk = self._chunks.pop(0)
            self.read += len(chunk)
            more = bool(self._chunks) or self._goes_on
            return {"type": "http.request", "body": chunk, "more_body": more}
        if self._goes_on:
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        self.messages.append(message)
        if message["type"] == "http.response.body" and not self.answered.is_set():
            self.read_when_answered = self.read
            self.answered.set()

    async def ask(
        self, app: ListenerApp, *headers: tuple[bytes, bytes], method: str = "POST"
    ) -> tuple[int, dict[bytes, bytes], bytes]:
        scope = {
            "type": "http",
            "method": method,
            "path": HOOK,
            "raw_path": HOOK.encode(),
            "query_string": b"",
            "headers": list(headers),
        }
        await app(scope, self.receive, self.send)  # type: ignore[arg-type]
        content = b"".join(message.get("body", b"") for message in self.messages)
        return self.messages[0]["status"], dict(self.messages[0]["headers"]), content


# --- POST with right credentials ---------------------------------------------------------------


async def test_there_is_no_answer_before_the_commit(listener: Listener):
    listener.inbox.may_commit.clear()

    async with asyncio.TaskGroup() as group:
        request = group.create_task(listener.post(body(gladly_event("CONVERSATION/CREATED"))))
        await listener.inbox.asked.wait()
        for _ in range(50):
            await asyncio.sleep(0)
        answered_early = request.done()
        listener.inbox.may_commit.set()

    assert not answered_early
    assert (request.result().status_code, request.result().json()["status"]) == (200, "stored")


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (body(gladly_event("CONVERSATION/CREATED")), "stored"),
        (body(gladly_event("CONVERSATION_ASSIGNEE/UPDATED")), "stored"),
        (b'{"type":"TASK/CREATED","id":"t1"}', "ignored"),
        (b'{"type":"SOMETHING/NEW","id":"t2"}', "ignored"),
        (b'{"type":"CONVERSATION/CLOSED","id":"t3"}', "unmappable"),
        (b"no json", "unmappable"),
        (b"[1,2]", "unmappable"),
        (b"", "unmappable"),
    ],
)
async def test_whatever_is_in_it_200_and_kept(listener: Listener, content: bytes, status: str):
    response = await listener.post(content)

    assert response.status_code == 200
    assert response.json() == {"status": status, "id": "w1"}
    assert listener.bodies == [content]


async def test_told_twice_the_second_is_a_duplicate_with_the_id_of_the_first(listener: Listener):
    event = body(gladly_event("CONVERSATION/CREATED"))

    answers = [(await listener.post(event)).json() for _ in range(2)]

    assert answers == [{"status": "stored", "id": "w1"}, {"status": "duplicate", "id": "w1"}]


async def test_ping_with_credentials_is_a_pong_and_nothing_is_stored(listener: Listener):
    response = await listener.post(b'{"type":"PING","id":"p"}')

    assert (response.status_code, response.json()) == (200, {"status": "pong"})
    assert listener.bodies == []


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=MAX_BODY))
async def test_any_bytes_at_all_are_answered_200_and_kept_as_they_are(raw: bytes):
    listener = Listener()

    response = await listener.post(raw)

    assert response.status_code == 200
    assert listener.bodies == [raw]


@settings(max_examples=30)
@given(st.lists(st.binary(min_size=1, max_size=900), max_size=5))
async def test_a_chunked_body_is_put_together_as_it_was_sent(chunks: list[bytes]):
    listener = Listener()

    status, _, _ = await Peer([*chunks, b""]).ask(listener.app, (b"authorization", AUTHORIZATION))

    assert status == 200
    assert listener.bodies == [b"".join(chunks)]


async def test_a_test_event_is_marked_by_its_header(listener: Listener):
    await listener.post(b"x", headers={"X-Gladly-Source-Test": "1"})

    (row,) = listener.inbox.rows.values()
    assert row.channel == "test"


# --- credentials -------------------------------------------------------------------------------


async def test_without_credentials_401_and_the_body_is_not_stored_but_counted(listener: Listener):
    response = await listener.post(body(gladly_event("CONVERSATION/CREATED")), auth=None)

    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Basic ")
    assert response.json() == {"error": "unauthorized"}
    assert listener.bodies == []
    assert listener.app.unauthorized == 1


async def test_header_auth_names_no_basic_challenge_and_takes_its_token():
    listener = Listener("header")

    refused = await listener.post()
    taken = await listener.post(auth=None, headers={b"X-Gladly-Token": TOKEN.encode()})

    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == "Token"
    assert taken.status_code == 200


async def test_either_credential_is_enough_for_both():
    listener = Listener("both")

    by_password = await listener.post(b"1")
    by_token = await listener.post(b"2", auth=None, headers={b"X-Gladly-Token": TOKEN.encode()})
    neither = await listener.post(b"3", auth=None, headers={"X-Gladly-Token": "wrong"})

    assert [one.status_code for one in (by_password, by_token, neither)] == [200, 200, 401]


async def test_none_asks_for_nothing():
    listener = Listener("none")

    assert (await listener.post(auth=None)).status_code == 200
    assert (await listener.client.get("/status")).status_code == 200


async def test_basic_in_lower_case_with_utf8_is_right(listener: Listener):
    value = AUTHORIZATION.replace(b"Basic", b"basic")

    response = await listener.post(auth=None, headers={b"Authorization": value})

    assert response.status_code == 200


@settings(max_examples=60)
@given(st.binary(max_size=80).filter(lambda value: AUTHORIZATION[6:] not in value))
async def test_any_other_authorization_is_a_401(value: bytes):
    listener = Listener()

    status, headers, content = await Peer([b"secret body"]).ask(
        listener.app, (b"authorization", value)
    )

    assert (status, json.loads(content)) == (401, {"error": "unauthorized"})
    assert b"www-authenticate" in headers
    assert listener.bodies == []


async def test_ping_without_credentials_is_a_pong_stores_and_counts_nothing(listener: Listener):
    response = await listener.post(b'{"type":"PING"}', auth=None)

    assert (response.status_code, response.json()) == (200, {"status": "pong"})
    assert listener.bodies == []
    assert listener.app.unauthorized == 0


async def test_a_stranger_s_long_body_is_not_read_to_its_end(listener: Listener):
    peer = Peer([b'{"type":"PING"}' + b" " * 4096] + [b" " * 1000] * 3)

    status, headers, _ = await peer.ask(listener.app)

    assert status == 401
    assert headers[b"connection"] == b"close"
    assert listener.bodies == []


@pytest.mark.logs_warnings
async def test_credentials_are_in_no_answer_and_in_no_log_line(
    listener: Listener, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    listener.inbox.error = StoreFull("The disk is full.")
    planted = [PASSWORD, TOKEN, AUTHORIZATION.decode()[6:], "wrong-planted"]
    answers = [
        await listener.post(PASSWORD.encode()),
        await listener.post(auth=("gladly", "wrong-planted")),
        await listener.post(auth=None, headers={b"X-Gladly-Token": TOKEN.encode()}),
        await listener.post(b"x" * (MAX_BODY + 1)),
        await listener.client.get(HOOK, auth=RIGHT),
        await listener.client.get("/status", auth=RIGHT),
        await listener.client.get("/status", auth=("gladly", "wrong-planted")),
        await listener.client.get("/healthz", auth=RIGHT),
        await listener.client.get(f"/{TOKEN}", auth=RIGHT),
    ]

    told = [f"{one.status_code} {one.headers} {one.text}" for one in answers]
    told += [f"{record.getMessage()} {vars(record)}" for record in _ours(caplog)]
    assert not [(secret, text) for secret in planted for text in told if secret in text]


def _ours(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.name.startswith("core")]


# --- limits ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "status"), [(MAX_BODY, 200), (MAX_BODY + 1, 413)])
async def test_the_limit_is_exact_by_length(listener: Listener, size: int, status: int):
    response = await listener.post(b"x" * size)

    assert response.status_code == status
    assert len(listener.bodies) == (status == 200)


@pytest.mark.parametrize(("size", "status"), [(MAX_BODY, 200), (MAX_BODY + 1, 413)])
async def test_the_limit_is_exact_while_streaming(listener: Listener, size: int, status: int):
    async def stream() -> AsyncIterator[bytes]:
        for start in range(0, size, 700):
            yield b"x" * min(700, size - start)

    response = await listener.post(stream())

    assert response.status_code == status
    assert len(listener.bodies) == (status == 200)


async def test_413_comes_before_any_of_the_body_when_the_length_says_so(listener: Listener):
    peer = Peer([], goes_on=True)
    headers = [(b"authorization", AUTHORIZATION), (b"content-length", b"%d" % (MAX_BODY + 1))]

    async with asyncio.TaskGroup() as group:
        asking = group.create_task(peer.ask(listener.app, *headers))
        await asyncio.wait_for(peer.answered.wait(), 1)
        asking.cancel()

    assert peer.messages[0]["status"] == 413
    assert peer.read == 0


async def test_413_comes_while_the_peer_still_streams_and_little_more_was_read(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(reading, "DRAIN_SECONDS", 0.0)
    peer = Peer([b"x" * 1000] * 100)

    status, headers, _ = await peer.ask(listener.app, (b"authorization", AUTHORIZATION))

    assert status == 413
    assert headers[b"connection"] == b"close"
    assert peer.read_when_answered <= MAX_BODY + 1000
    assert listener.bodies == []


@pytest.mark.parametrize(
    ("length", "status"),
    [
        (b"-1", 400),
        (b"abc", 400),
        (b"", 400),
        (b"1_0", 400),
        (b"+3", 400),
        (b"0x10", 400),
        ("٣".encode(), 400),
        (b"9" * 30, 413),
        (b"9" * 5000, 413),
        (b"1", 200),
        (b"0001", 200),
    ],
)
async def test_absurd_lengths_are_refused_as_the_peer_s_fault(
    listener: Listener, monkeypatch: pytest.MonkeyPatch, length: bytes, status: int
):
    monkeypatch.setattr(reading, "DRAIN_SECONDS", 0.0)

    got, _, content = await Peer([b"x"]).ask(
        listener.app, (b"authorization", AUTHORIZATION), (b"content-length", length)
    )

    assert got == status
    assert isinstance(json.loads(content), dict)


@given(st.binary(max_size=30))
@settings(max_examples=40)
async def test_no_content_length_at_all_makes_a_500(length: bytes):
    status, _, _ = await Peer([b"x"]).ask(
        Listener().app, (b"authorization", AUTHORIZATION), (b"content-length", length)
    )

    assert status in {200, 400, 413}


async def test_a_peer_that_hangs_up_amid_its_body_leaves_nothing(listener: Listener):
    class Leaves(Peer):
        async def receive(self) -> dict[str, Any]:
            return {"type": "http.disconnect"}

    status, _, _ = await Leaves([]).ask(listener.app, (b"authorization", AUTHORIZATION))

    assert status == 400
    assert listener.bodies == []


# --- a store that fails ------------------------------------------------------------------------


@pytest.mark.logs_warnings
@pytest.mark.parametrize("error", [StoreFull, StoreBusy, StoreUnavailable])
async def test_a_store_that_cannot_commit_is_503_with_retry_after(
    listener: Listener, error: type[StoreError]
):
    listener.inbox.error = error("/secret/path/store.db is gone")

    response = await listener.post(body(gladly_event("CONVERSATION/CREATED")))

    assert response.status_code == 503
    assert int(response.headers["retry-after"]) > 0
    assert response.json() == {"error": "cannot store now"}
    assert listener.app.refused_store == 1


@pytest.mark.logs_warnings
@pytest.mark.parametrize("path", ["/status", "/metrics"])
async def test_a_store_that_cannot_be_read_is_503_without_detail(listener: Listener, path: str):
    listener.inbox.error = StoreUnavailable("/secret/path/store.db is gone")

    response = await listener.client.get(path, auth=RIGHT)

    assert response.status_code == 503
    assert int(response.headers["retry-after"]) > 0
    assert response.json() == {"error": "store unavailable"}


@pytest.mark.logs_warnings
async def test_a_bug_is_a_500_in_json_without_detail_and_the_log_has_it(
    listener: Listener, caplog: pytest.LogCaptureFixture
):
    listener.inbox.bug = KeyError("inner detail")

    response = await listener.post()

    assert (response.status_code, response.json()) == (500, {"error": "internal error"})
    assert any(record.exc_info for record in caplog.records)


# --- other methods and paths -------------------------------------------------------------------


@pytest.mark.parametrize("method", [*OTHER_METHODS, "CONNECT", "WEIRD"])
async def test_only_post_is_allowed_on_the_webhook(listener: Listener, method: str):
    response = await listener.client.request(method, HOOK, auth=RIGHT, content=b"x")

    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    assert listener.bodies == []


@pytest.mark.parametrize("path", STATUS_PATHS)
@pytest.mark.parametrize("method", ["POST", *OTHER_METHODS[2:]])
async def test_only_get_and_head_are_allowed_on_the_status_pages(
    listener: Listener, path: str, method: str
):
    response = await listener.client.request(method, path, auth=RIGHT)

    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD"
    assert response.json() == {"error": "method not allowed"}


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/x",
        HOOK + "/",
        HOOK + "x",
        "/gladly",
        "/healthz/",
        "/status/",
        "//healthz",
        "/HEALTHZ",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
async def test_any_other_path_is_404(listener: Listener, path: str, method: str):
    response = await listener.client.request(method, f"http://listener{path}", auth=RIGHT)

    assert response.status_code == 404
    assert "location" not in response.headers
    if method != "HEAD":
        assert response.json() == {"error": "not found"}


async def test_every_answer_is_json_and_names_no_server(listener: Listener):
    answers = [
        await listener.post(),
        await listener.post(auth=None),
        await listener.post(b"x" * (MAX_BODY + 1)),
        *[
            await listener.client.request(method, path, auth=auth)
            for method in ("GET", "DELETE")
            for path in (HOOK, "/healthz", "/readyz", "/status", "/nowhere")
            for auth in (RIGHT, None)
        ],
    ]

    for one in answers:
        assert one.headers["content-type"] == "application/json"
        assert isinstance(one.json(), dict)
        assert "server" not in one.headers


# --- what the status pages tell ----------------------------------------------------------------


async def test_healthz_says_ok_and_version_and_nothing_more(listener: Listener):
    response = await listener.client.get("/healthz")

    assert response.json() == {"status": "ok", "version": __version__}


@pytest.mark.logs_warnings
async def test_healthz_is_200_and_degraded_when_something_wants_attention(listener: Listener):
    listener.health.set("segment", "refused", "The write key is wrong.")

    response = await listener.client.get("/healthz")

    assert response.status_code == 200
    assert response.json() == {"status": "degraded", "version": __version__}


async def test_readyz_says_ready_and_nothing_more_and_asks_for_no_credentials(listener: Listener):
    response = await listener.client.get("/readyz")

    assert (response.status_code, response.json()) == (200, {"status": "ready"})


@pytest.mark.parametrize("word", ["stopping", "unavailable"])
async def test_readyz_is_503_with_a_word_when_webhooks_would_not_be_stored(
    listener: Listener, word: str
):
    listener.inbox.word = word

    response = await listener.client.get("/readyz")

    assert (response.status_code, response.json()) == (503, {"status": word})
    assert int(response.headers["retry-after"]) > 0


async def test_status_has_exactly_the_fields_of_the_contract(listener: Listener):
    response = await listener.client.get("/status", auth=RIGHT)

    assert response.json() == {
        "webhooks": {"resolved": 3},
        "deliveries": {"pending": 2},
        "oldestPendingSeconds": None,
        "components": {"store": "ok"},
        "gladlyWebhook": None,
        "pollCursor": None,
        "engines": [],
    }


async def test_metrics_are_prometheus_text(listener: Listener):
    response = await listener.client.get("/metrics", auth=RIGHT)

    families = {family.name: family for family in text_string_to_metric_families(response.text)}
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert families
    assert all(name.startswith("gladly_source_") for name in families)
    (sample,) = families["gladly_source_deliveries"].samples
    assert (sample.labels, sample.value) == ({"status": "pending"}, 2.0)
    (total,) = families["gladly_source_unauthorized_requests"].samples
    assert total.value == 4


@pytest.mark.parametrize("path", ["/status", "/metrics"])
@pytest.mark.parametrize("auth", [None, ("gladly", "wrong"), ("", "")])
async def test_status_and_metrics_ask_for_the_webhook_s_credentials(
    listener: Listener, path: str, auth: tuple[str, str] | None
):
    response = await listener.client.get(path, auth=auth)

    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Basic ")
    assert response.json() == {"error": "unauthorized"}


@pytest.mark.parametrize("path", STATUS_PATHS)
async def test_head_is_answered_as_get_without_content(listener: Listener, path: str):
    response = await listener.client.head(path, auth=RIGHT)

    assert response.status_code == 200


async def test_wrong_credentials_in_a_row_are_told_until_a_right_one():
    listener = Listener()
    told: list[int] = []
    listener.app._refusing = told.append

    for _ in range(3):
        await listener.post(auth=("gladly", "wrong"))
    await listener.post()
    await listener.post(b"y")

    assert told == [1, 2, 3, 0]
