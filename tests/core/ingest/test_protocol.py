"""The short way of a plain webhook: same answers as through ASGI, in order, after the commit."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from core.credentials import Secret
from core.errors import StoreFull
from core.ingest import protocol
from core.ingest.app import ListenerApp
from core.ingest.auth import Gate
from core.ingest.intake import Intake
from core.ingest.server import HttpServer
from core.model import Added
from tests.fakes import gladly_event

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from core.model import NewWebhook
    from core.store.inbox import Told

LIMIT = 2048
RIGHT = "Basic " + base64.b64encode(b"gladly:right").decode()


class HeldInbox:
    """Stands in for the store: answers when told to, or fails."""

    def __init__(self) -> None:
        self.waiting: list[tuple[NewWebhook, Told]] = []
        self.stored: list[NewWebhook] = []
        self.error: BaseException | None = None
        self.hold = False
        self.put = asyncio.Event()

    def put_webhook(self, new: NewWebhook, tell: Told) -> None:
        self.waiting.append((new, tell))
        self.put.set()
        if not self.hold:
            asyncio.get_running_loop().call_soon(self.commit)

    async def add_webhook(self, new: NewWebhook) -> Added:
        """As ASGI asks for it."""
        self.stored.append(new)
        return Added(id=len(self.stored), duplicate=False)

    def commit(self) -> None:
        waiting, self.waiting = self.waiting, []
        for new, tell in waiting:
            self.stored.append(new)
            tell(None if self.error else Added(id=len(self.stored), duplicate=False), self.error)


class NoReport:
    """Nobody asks."""

    def degraded(self) -> bool:
        return False


class Peer:
    """One connection of a client."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self.writer = reader, writer

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        content = await self._reader.readexactly(int(headers["content-length"]))
        return int(head[0].split()[1]), headers, content

    async def at_end(self) -> bool:
        return await self._reader.read(1) == b""


class Listening:
    """A server on the short way, over an inbox that a test holds."""

    def __init__(self, inbox: HeldInbox, alarms: list[object]) -> None:
        self.inbox = inbox
        intake = Intake(inbox)  # type: ignore[arg-type]
        self.app = ListenerApp(
            path="/gladly/webhook",
            gate=Gate("basic", username="gladly", password=Secret("right")),
            intake=intake,
            max_body=LIMIT,
            report=NoReport(),  # type: ignore[arg-type]
            alarm=alarms.append,
        )
        self.server = HttpServer(self.app, host="127.0.0.1", port=0, direct=self.app)
        self.alarms = alarms
        self.peers: list[Peer] = []

    async def peer(self) -> Peer:
        self.peers.append(Peer(*await asyncio.open_connection("127.0.0.1", self.server.port)))
        return self.peers[-1]

    async def hang_up(self) -> None:
        for peer in self.peers:
            peer.writer.close()
            with contextlib.suppress(ConnectionError):
                await peer.writer.wait_closed()

    async def refuses(self) -> None:
        """Wait until no more connections are taken."""
        while True:
            try:
                await self.peer()
            except (ConnectionRefusedError, ConnectionResetError):
                return


@asynccontextmanager
async def listening() -> AsyncIterator[Listening]:
    made = Listening(HeldInbox(), [])
    made.server.open()
    async with asyncio.TaskGroup() as group:
        group.create_task(made.server.run())
        try:
            yield made
        finally:
            await made.hang_up()
            made.server.stop()


def request(
    number: int = 1,
    *,
    authorization: str = RIGHT,
    version: str = "1.1",
    size: int = 0,
    more: str = "",
) -> bytes:
    event = gladly_event("CONVERSATION/CLOSED", id=f"e{number}", conversation=f"c{number}")
    body = json.dumps(event).encode().ljust(size)
    return (
        f"POST /gladly/webhook HTTP/{version}\r\nHost: x\r\nAuthorization: {authorization}\r\n"
        f"{more}Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body


async def test_is_answered_after_the_commit_and_not_before() -> None:
    async with listening() as made:
        made.inbox.hold = True
        peer = await made.peer()
        peer.send(request())
        await made.inbox.put.wait()
        waiting = asyncio.ensure_future(peer.answer())  # noqa: TID251 - looked at below
        await asyncio.sleep(0)
        assert not waiting.done()

        made.inbox.commit()

        status, headers, content = await waiting
        assert (status, json.loads(content)) == (200, {"status": "stored", "id": "w1"})
        assert headers["content-type"] == "application/json"
        assert "server" not in headers


async def test_requests_in_one_packet_are_answered_in_order_on_one_connection() -> None:
    async with listening() as made:
        peer = await made.peer()
        wrong = request(2, authorization="Basic d3Jvbmc=")

        peer.send(request(1) + wrong + request(3) + b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")

        answers = [await peer.answer() for _ in range(4)]
        assert [status for status, _, _ in answers] == [200, 401, 200, 200]
        assert [new.dedupe_key for new in made.inbox.stored] == ["e1", "e3"]
        assert json.loads(answers[3][2])["status"] == "ok"


@pytest.mark.parametrize(
    "cut",
    [
        pytest.param(lambda data: [data[:1], data[1:]], id="first byte"),
        pytest.param(lambda data: [data[:-1], data[-1:]], id="last byte"),
        pytest.param(lambda data: [bytes([one]) for one in data], id="every byte"),
    ],
)
async def test_a_request_may_come_in_pieces(cut: Callable[[bytes], list[bytes]]) -> None:
    async with listening() as made:
        peer = await made.peer()

        for piece in cut(request()):
            peer.send(piece)
            await asyncio.sleep(0)

        assert (await peer.answer())[0] == 200
        assert made.inbox.stored[0].body == request().partition(b"\r\n\r\n")[2]


async def test_a_chunked_body_is_put_together_and_refused_over_the_limit() -> None:
    head = (
        f"POST /gladly/webhook HTTP/1.1\r\nHost: x\r\nAuthorization: {RIGHT}\r\n"
        "Transfer-Encoding: chunked\r\n\r\n"
    ).encode()
    body = request().partition(b"\r\n\r\n")[2]
    async with listening() as made:
        peer = await made.peer()
        peer.send(head + b"5\r\n" + body[:5] + b"\r\n")
        peer.send(b"%x\r\n" % (len(body) - 5) + body[5:] + b"\r\n0\r\n\r\n")
        assert (await peer.answer())[0] == 200
        assert made.inbox.stored[0].body == body

        peer.send(head + b"%x\r\n" % (LIMIT + 1) + b"x" * (LIMIT + 1) + b"\r\n")

        assert (await peer.answer())[0] == 413
        assert len(made.inbox.stored) == 1


@pytest.mark.logs_warnings  # the parser refuses the longer one
@pytest.mark.parametrize("length", [str(LIMIT + 1), "9" * 40])
async def test_a_declared_length_over_the_limit_is_refused_at_once(length: str) -> None:
    async with listening() as made:
        peer = await made.peer()

        peer.send(
            f"POST /gladly/webhook HTTP/1.1\r\nHost: x\r\nAuthorization: {RIGHT}\r\n"
            f"Content-Length: {length}\r\n\r\n".encode()
        )

        assert (await peer.answer())[0] in {400, 413}
        assert made.inbox.waiting == []


@pytest.mark.parametrize(("version", "more"), [("1.0", ""), ("1.1", "Connection: close\r\n")])
async def test_closes_where_the_peer_does_not_keep_the_connection(version: str, more: str) -> None:
    async with listening() as made:
        peer = await made.peer()

        peer.send(request(version=version, more=more))

        status, headers, _ = await peer.answer()
        assert (status, headers["connection"]) == (200, "close")
        assert await peer.at_end()


async def test_who_expects_a_100_gets_it_first() -> None:
    async with listening() as made:
        head, _, body = request(more="Expect: 100-continue\r\n").partition(b"\r\n\r\n")
        peer = await made.peer()
        peer.send(head + b"\r\n\r\n")
        assert (await peer._reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100")

        peer.send(body)

        assert (await peer.answer())[0] == 200


async def test_a_store_that_cannot_commit_is_a_503_with_retry_after() -> None:
    async with listening() as made:
        made.inbox.error = StoreFull("The disk is full.", "Free some space.")
        peer = await made.peer()

        peer.send(request())

        status, headers, content = await peer.answer()
        assert (status, headers["retry-after"]) == (503, "30")
        assert b"disk" not in content
        assert made.alarms == [made.inbox.error]


@pytest.mark.logs_warnings
async def test_a_mistake_of_ours_is_a_500_without_detail() -> None:
    async with listening() as made:
        made.inbox.error = RuntimeError("secret detail")
        peer = await made.peer()

        peer.send(request())

        status, _, content = await peer.answer()
        assert (status, content) == (500, b'{"error":"internal error"}')


async def test_a_peer_that_hangs_up_before_the_commit_spoils_nothing() -> None:
    async with listening() as made:
        made.inbox.hold = True
        gone = await made.peer()
        gone.send(request(1))
        await made.inbox.put.wait()
        gone.writer.close()
        await gone.writer.wait_closed()

        made.inbox.hold = False
        peer = await made.peer()
        peer.send(request(2))

        assert (await peer.answer())[0] == 200
        assert [new.dedupe_key for new in made.inbox.stored] == ["e1", "e2"]


async def test_a_stop_lets_what_is_under_way_be_answered() -> None:
    async with listening() as made:
        made.inbox.hold = True
        peer = await made.peer()
        peer.send(request())
        await made.inbox.put.wait()

        made.server.stop()
        await made.refuses()
        made.inbox.commit()

        status, headers, _ = await peer.answer()
        assert (status, headers["connection"]) == (200, "close")


TRAILERS = (
    f"POST /gladly/webhook HTTP/1.1\r\nHost: x\r\nAuthorization: {RIGHT}\r\n"
    "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n"
).encode()


async def test_a_stop_lets_a_body_that_is_arriving_arrive() -> None:
    async with listening() as made:
        peer, other = await made.peer(), await made.peer()
        whole = request(size=500)
        peer.send(whole[:-100])
        other.send(request(2))
        assert (await other.answer())[0] == 200  # and so the first one's head was read

        made.server.stop()
        await made.refuses()
        peer.send(whole[-100:])

        status, headers, _ = await peer.answer()
        assert (status, headers["connection"]) == (200, "close")
        assert await peer.at_end()
        assert len(made.inbox.stored) == 2


async def test_trailers_are_not_kept_and_not_taken_without_end() -> None:
    async with listening() as made:
        peer = await made.peer()
        peer.send(TRAILERS + b"X-Gladly-Source-Test: 1\r\n\r\n")
        assert (await peer.answer())[0] == 200
        assert made.inbox.stored[0].channel == "webhook"

        peer.send(TRAILERS)
        with pytest.raises(ConnectionError):
            await flood(peer)


async def flood(peer: Peer) -> None:
    """Send trailers until the server has had enough."""
    for _ in range(1000):
        peer.send(b"a: b\r\n" * 1000)
        await peer.writer.drain()


async def test_an_unfinished_request_behind_another_is_cut_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(protocol, "ARRIVAL_SECONDS", 0.3)
    async with listening() as made:
        peer = await made.peer()

        peer.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" + request()[:-5])

        assert (await peer.answer())[0] == 200
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await asyncio.wait_for(peer.answer(), 5)
