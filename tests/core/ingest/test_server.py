"""The server on real sockets: peers that dawdle, ports that are taken, and stopping."""

from __future__ import annotations

import asyncio
import base64
import errno
import json
import socket
from typing import TYPE_CHECKING, Any, Self

import httpx
import pytest

from core.credentials import Secret
from core.errors import BindRefused, PortInUse
from core.ingest import app as app_module
from core.ingest import protocol as protocol_module
from core.ingest import reading
from core.ingest import server as server_module
from core.ingest.app import ListenerApp
from core.ingest.auth import Gate
from core.ingest.intake import Intake
from core.ingest.server import HttpServer, bind, free_port
from core.model import Added, NewWebhook

if TYPE_CHECKING:
    from types import TracebackType

LIMIT = 0.3
PATIENCE = 3.0
MAX_BODY = 262_144
AUTH = b"authorization: Basic " + base64.b64encode(b"gladly:pw") + b"\r\n"
CHUNK = b"10000\r\n" + b"x" * 65536 + b"\r\n"
POST = b"POST /gladly/webhook HTTP/1.1\r\nhost: x\r\n" + AUTH


class Inbox:
    """Keeps bodies; may be told to hold commits back."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.asked = asyncio.Event()
        self.may_commit = asyncio.Event()
        self.may_commit.set()

    async def add_webhook(self, new: NewWebhook) -> Added:
        self.asked.set()
        await self.may_commit.wait()
        self.bodies.append(new.body)
        return Added(id=len(self.bodies), duplicate=False)


class NoReport:
    """Nothing to tell."""

    def degraded(self) -> bool:
        return False

    async def status(self) -> dict[str, object]:
        return {}

    async def metrics(self) -> bytes:
        return b""


class Listening:
    """The listener's app on a free port of loopback, for the time of a test."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.inbox = Inbox()
        app = ListenerApp(
            path="/gladly/webhook",
            gate=Gate("basic", username="gladly", password=Secret("pw")),
            intake=Intake(self.inbox),  # type: ignore[arg-type]
            max_body=MAX_BODY,
            report=NoReport(),
        )
        self.server = HttpServer(app, host=host, port=0)
        self._group = asyncio.TaskGroup()
        self._wires: list[Wire] = []

    async def __aenter__(self) -> Self:
        self.server.open()
        await self._group.__aenter__()
        self.running = self._group.create_task(self.server.run())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for wire in self._wires:
            wire.close()
        self.server.stop()
        await self._group.__aexit__(kind, exc, trace)

    async def connect(self) -> Wire:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
        self._wires.append(Wire(reader, writer))
        return self._wires[-1]

    async def healthy(self) -> bool:
        """Whether somebody else is answered promptly."""
        async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE) as client:
            return (await client.get(self.server.url + "/healthz")).status_code == 200


class Wire:
    """A connection on which any bytes can be sent."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), PATIENCE)
        first, *lines = head.decode().strip().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines)
        content = await self.reader.readexactly(int(headers.get("content-length", "0")))
        return int(first.split()[1]), headers, content

    async def rest(self) -> bytes:
        """Everything until the other side hangs up."""
        try:
            return await asyncio.wait_for(self.reader.read(), PATIENCE)
        except ConnectionResetError:
            return b""

    async def dribble(self, data: bytes, every: float) -> bool:
        """Send byte by byte; whether the other side cut the connection before the end."""
        try:
            for one in data:
                await self.send(bytes([one]))
                try:
                    if await asyncio.wait_for(self.reader.read(1), every) == b"":
                        return True
                except TimeoutError:
                    continue
        except ConnectionError:
            return True
        return False

    def close(self) -> None:
        self.writer.transport.abort()
        self.writer.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol_module, "ARRIVAL_SECONDS", LIMIT)
    monkeypatch.setattr(reading, "DRAIN_SECONDS", 0.1)


# --- peers that dawdle -------------------------------------------------------------------------


SILENT_AFTER = [
    b"",
    b"P",
    b"POST /gladly/webhook HTTP/1.1\r\n",
    POST,
    POST + b"content-length: 5\r\nx-a: ",
]


@pytest.mark.usefixtures("impatient")
async def test_a_peer_that_falls_silent_before_its_headers_end_is_cut():
    async with Listening() as listening:
        wires = [await listening.connect() for _ in SILENT_AFTER]
        for wire, said in zip(wires, SILENT_AFTER, strict=True):
            await wire.send(said)

        assert await listening.healthy()
        assert [await wire.rest() for wire in wires] == [b""] * len(wires)


@pytest.mark.usefixtures("impatient")
async def test_a_peer_that_sends_a_header_byte_now_and_then_is_cut():
    async with Listening() as listening:
        wire = await listening.connect()

        async with asyncio.TaskGroup() as group:
            cut = group.create_task(wire.dribble(b"GET /healthz HTTP/1.1\r\n" + b"a" * 60, 0.05))
            assert await listening.healthy()

        assert cut.result()


@pytest.mark.usefixtures("impatient")
async def test_a_peer_that_dribbles_after_a_good_request_on_the_same_connection_is_cut():
    async with Listening() as listening:
        wire = await listening.connect()
        await wire.send(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
        status, _, _ = await wire.answer()

        async with asyncio.TaskGroup() as group:
            cut = group.create_task(wire.dribble(b"GET /healthz HTTP/1.1\r\n" + b"a" * 60, 0.05))
            assert await listening.healthy()

        assert status == 200
        assert cut.result()


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("authorised", [True, False])
async def test_a_peer_that_dribbles_its_body_is_cut(authorised: bool):
    async with Listening() as listening:
        wire = await listening.connect()
        head = POST if authorised else POST.replace(AUTH, b"")
        await wire.send(head + b"content-length: 1000\r\n\r\n{")

        async with asyncio.TaskGroup() as group:
            cut = group.create_task(wire.dribble(b"x" * 60, 0.05))
            assert await listening.healthy()

        assert cut.result()
        assert listening.inbox.bodies == []


@pytest.mark.usefixtures("impatient")
async def test_a_peer_that_dribbles_a_body_nobody_asked_for_is_cut():
    async with Listening() as listening:
        wire = await listening.connect()
        await wire.send(b"GET /healthz HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n")
        status, _, _ = await wire.answer()

        cut = await wire.dribble(b"x" * 60, 0.05)

        assert status == 200
        assert cut


@pytest.mark.usefixtures("impatient")
async def test_many_dawdlers_do_not_keep_a_webhook_from_being_answered():
    async with Listening() as listening:
        wires = [await listening.connect() for _ in range(100)]
        for wire in wires:
            await wire.send(POST)

        async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE) as client:
            response = await client.post(
                listening.server.url + "/gladly/webhook", content=b"x", auth=("gladly", "pw")
            )

        assert response.status_code == 200
        assert [await wire.rest() for wire in wires] == [b""] * 100


# --- limits on the wire ------------------------------------------------------------------------


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("chunked", [True, False])
async def test_413_reaches_a_client_that_is_still_sending(chunked: bool):
    async with Listening() as listening:
        wire = await listening.connect()
        framing = (
            b"transfer-encoding: chunked\r\n\r\n" if chunked else b"content-length: 9999999\r\n\r\n"
        )
        await wire.send(POST + framing)

        async def flood() -> None:
            try:
                while True:
                    await wire.send(CHUNK if chunked else b"x" * 999)
            except ConnectionError:
                return

        async with asyncio.TaskGroup() as group:
            flooding = group.create_task(flood())
            status, headers, content = await wire.answer()
            flooding.cancel()

        assert status == 413
        assert headers["connection"] == "close"
        assert json.loads(content) == {"error": "body too large"}
        assert listening.inbox.bodies == []


async def test_a_stream_without_end_is_never_held_in_memory(monkeypatch: pytest.MonkeyPatch):
    held: list[int] = []
    real = app_module.read_body

    async def watched(headers: Any, receive: Any, limit: int) -> bytes:
        total = 0

        async def counting() -> Any:
            nonlocal total
            message = await receive()
            total += len(message.get("body", b""))
            held.append(total)
            return message

        return await real(headers, counting, limit)

    monkeypatch.setattr(app_module, "read_body", watched)
    monkeypatch.setattr(reading, "DRAIN_SECONDS", 0.2)
    async with Listening() as listening:
        wire = await listening.connect()
        await wire.send(POST + b"transfer-encoding: chunked\r\n\r\n")
        try:
            for _ in range(100):
                await wire.send(CHUNK)
        except ConnectionError:
            pass

    assert held
    assert max(held) <= MAX_BODY + 3 * 65536


async def test_two_requests_on_one_connection_are_both_stored():
    async with Listening() as listening:
        wire = await listening.connect()
        one = POST + b"content-length: 3\r\n\r\none"
        await wire.send(one + one.replace(b"one", b"two"))

        answers = [await wire.answer(), await wire.answer()]

        assert [status for status, _, _ in answers] == [200, 200]
        assert listening.inbox.bodies == [b"one", b"two"]


async def test_a_client_that_waits_for_100_continue_gets_it():
    async with Listening() as listening:
        wire = await listening.connect()
        await wire.send(POST + b"content-length: 3\r\nexpect: 100-continue\r\n\r\n")
        first = await asyncio.wait_for(wire.reader.readuntil(b"\r\n\r\n"), PATIENCE)
        await wire.send(b"one")

        status, _, _ = await wire.answer()

        assert b"100 Continue" in first
        assert status == 200


# --- requests that are none --------------------------------------------------------------------


NO_HTTP = [
    b"hello\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a TLS hello\r\n\r\n",
    b"BREW /pot HTTP/1.1\r\nhost: x\r\n\r\n",
    b"GET /\xff\xfe HTTP/1.1\r\nhost: x\r\n\r\n",
    b"CONNECT example.com:443 HTTP/1.1\r\nhost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
    POST + b"content-length: -1\r\n\r\n",
    POST + b"content-length: abc\r\n\r\n",
    POST + b"content-length: 99999999999999999999999\r\n\r\n",
    POST + b"content-length: 1\r\ncontent-length: 2\r\n\r\n",
    POST + b"content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
    POST + b"transfer-encoding: chunked\r\n\r\nzz\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
]


@pytest.mark.logs_warnings
async def test_what_is_no_http_gets_a_400_in_json():
    async with Listening() as listening:
        for said in NO_HTTP:
            wire = await listening.connect()
            await wire.send(said)

            status, headers, content = await wire.answer()

            assert status == 400, said
            assert headers["content-type"] == "application/json"
            assert "server" not in headers
            assert isinstance(json.loads(content), dict)
        assert await listening.healthy()
        assert listening.inbox.bodies == []


@pytest.mark.logs_warnings
async def test_another_protocol_is_refused_and_never_acknowledged():
    async with Listening() as listening:
        wire = await listening.connect()
        await wire.send(
            POST + b"connection: Upgrade\r\nupgrade: h2c\r\ncontent-length: 2\r\n\r\n{}"
        )

        status, _, content = await wire.answer()

        assert status == 400
        assert isinstance(json.loads(content), dict)
        assert await wire.rest() == b""
        assert listening.inbox.bodies == []


async def test_headers_without_end_are_cut_before_they_fill_the_memory():
    async with Listening() as listening:
        wire = await listening.connect()

        cut = False
        try:
            await wire.send(POST)
            for _ in range(400):
                await wire.send(b"x-a: " + b"a" * 1000 + b"\r\n")
        except ConnectionError:
            cut = True

        rest = await wire.rest()  # fails when nobody hangs up
        assert cut or rest == b"" or b"400" in rest
        assert await listening.healthy()


async def test_a_websocket_is_not_spoken_here():
    async with Listening() as listening:
        wire = await listening.connect()
        await wire.send(
            b"GET /gladly/webhook HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\n"
            b"upgrade: websocket\r\nsec-websocket-version: 13\r\n"
            b"sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )

        status, headers, _ = await wire.answer()

        assert status == 400
        assert headers["content-type"] == "application/json"


async def test_other_methods_are_405_on_the_wire_and_name_no_server():
    async with Listening() as listening:
        for method in (b"GET", b"HEAD", b"PUT", b"OPTIONS", b"PROPFIND", b"TRACE"):
            wire = await listening.connect()
            await wire.send(method + b" /gladly/webhook HTTP/1.1\r\nhost: x\r\n\r\n")

            head = await asyncio.wait_for(wire.reader.readuntil(b"\r\n\r\n"), PATIENCE)

            assert b"HTTP/1.1 405" in head
            assert b"allow: POST" in head
            assert b"server:" not in head.lower()


# --- binding and stopping ----------------------------------------------------------------------


async def test_port_0_takes_a_free_one_and_tells_which():
    async with Listening() as listening:
        assert listening.server.port > 0
        assert listening.server.url == f"http://127.0.0.1:{listening.server.port}"
        assert await listening.healthy()


def test_a_port_that_is_taken_is_named_with_the_way_out():
    taken = bind("127.0.0.1", 0)
    port = taken.getsockname()[1]

    with taken, pytest.raises(PortInUse) as caught:
        HttpServer(_nothing, host="127.0.0.1", port=port).open()

    assert caught.value.title == f"Port {port} on 127.0.0.1 is in use by another program."
    assert "listener.port" in caught.value.hint


@pytest.mark.parametrize("host", ["192.0.2.1", "no.such.host.invalid", "300.1.1.1"])
def test_an_address_that_is_not_ours_is_named_with_the_way_out(host: str):
    with pytest.raises(BindRefused) as caught:
        HttpServer(_nothing, host=host, port=0).open()

    assert host in caught.value.title
    assert "listener.host" in caught.value.hint


def test_a_port_that_needs_more_rights_is_named_with_the_way_out(monkeypatch: pytest.MonkeyPatch):
    class Forbidden(socket.socket):
        def bind(self, address: Any) -> None:
            raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket, "socket", Forbidden)

    with pytest.raises(BindRefused) as caught:
        bind("127.0.0.1", 80)

    assert "port 80" in caught.value.title
    assert "1023" in caught.value.hint


async def test_stop_finishes_the_request_in_flight_and_frees_the_port():
    async with Listening() as listening:
        port = listening.server.port
        listening.inbox.may_commit.clear()
        wire = await listening.connect()
        await wire.send(POST + b"content-length: 3\r\n\r\none")
        await listening.inbox.asked.wait()

        listening.server.stop()
        listening.inbox.may_commit.set()
        status, _, _ = await wire.answer()
        await asyncio.wait_for(listening.running, PATIENCE)

    assert status == 200
    assert listening.inbox.bodies == [b"one"]
    bind("127.0.0.1", port).close()


async def test_stop_does_not_wait_for_peers_that_say_nothing():
    async with Listening() as listening:
        idle = await listening.connect()
        half = await listening.connect()
        await half.send(POST)
        kept = await listening.connect()
        await kept.send(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
        await kept.answer()

        listening.server.stop()
        await asyncio.wait_for(listening.running, PATIENCE)

        assert [await wire.rest() for wire in (idle, half, kept)] == [b"", b"", b""]


async def test_after_a_crash_it_can_run_again_on_the_same_port(monkeypatch: pytest.MonkeyPatch):
    listening = Listening()
    listening.server.open()
    port = listening.server.port
    real = server_module.uvicorn.Server.serve

    async def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(server_module.uvicorn.Server, "serve", fails)
    with pytest.raises(RuntimeError, match="a bug"):
        await listening.server.run()
    monkeypatch.setattr(server_module.uvicorn.Server, "serve", real)

    async with listening:
        assert listening.server.port == port
        assert await listening.healthy()


async def test_ipv6_loopback_is_served_where_there_is_one():
    try:
        bind("::1", 0).close()
    except BindRefused:
        pytest.skip("no IPv6 here")
    async with Listening("::1") as listening:
        assert listening.server.url == f"http://[::1]:{listening.server.port}"
        assert await listening.healthy()


async def _nothing(*_: object) -> None:
    return


def test_the_next_free_port_is_above_and_there_is_none_above_the_last() -> None:
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        found = free_port("127.0.0.1", port - 1)

    assert found is not None
    assert found > port
    assert free_port("127.0.0.1", 65_535) is None
