"""Load generator: keep-alive connections on raw sockets, in a process of its own.

Without a rate every connection sends as soon as it is answered. With a rate requests are due by
the clock, and latency counts from when a request was due, not from when a connection was free.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from core.runner import loop_factory
from tests.bench import bodies
from tests.bench.processes import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Iterator

TICK_SECONDS = 0.001
GRACE_SECONDS = 10.0
END = b"\r\n\r\n"
LENGTH = b"content-length:"


class Job(msgspec.Struct, kw_only=True):
    """What to do: until `seconds` have passed or `count` is sent; `rate` is requests a second."""

    url: str
    seconds: float = 3600.0
    count: int | None = None
    rate: float | None = None
    connections: int = 64
    acknowledged: str | None = None


class Connection(asyncio.Protocol):
    """One keep-alive connection with at most one request under way."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._buffer = b""
        self._conversation = b""
        self._due = 0.0
        self._transport: asyncio.Transport | None = None
        self.busy = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._load.lost(self)

    def send(self, due: float) -> None:
        """Send the next request; it was due at `due`."""
        assert self._transport is not None
        self._conversation, body = next(self._load.bodies)
        self._due = due
        self.busy = True
        self._transport.write(self._load.head + body)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        answer = self._buffer
        length_at = answer.find(LENGTH) + len(LENGTH)
        head_ends = answer.find(END)
        if head_ends < 0 or len(answer) < head_ends + len(END) + int(answer[length_at:].split()[0]):
            return
        self._buffer = b""
        self.busy = False
        good = answer.startswith(b"HTTP/1.1 200")
        self._load.answered(self, self._conversation, self._due, good=good)


class Load:
    """Sends, and counts what is answered.

    Args:
        job: What to do.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        address = urlsplit(job.url)
        self._host, self._port = address.hostname, address.port
        credentials = base64.b64encode(f"gladly:{PASSWORD}".encode()).decode()
        self.head = (
            f"POST {address.path} HTTP/1.1\r\nhost: {address.netloc}\r\n"
            f"authorization: Basic {credentials}\r\ncontent-type: application/json\r\n"
            f"user-agent: Gladly\r\naccept: */*\r\ncontent-length: {bodies.BODY_BYTES}\r\n\r\n"
        ).encode()
        self.bodies: Iterator[tuple[bytes, bytes]] = bodies.webhooks()
        self._idle: deque[Connection] = deque()
        self._open: set[Connection] = set()
        self._over = asyncio.Event()
        self._sent = 0
        self._others = 0
        self._latencies: list[float] = []
        self._acknowledged: list[bytes] = []

    async def run(self) -> dict[str, object]:
        """Do the job and say what came of it."""
        loop = asyncio.get_running_loop()
        for _ in range(self._job.connections):
            _, made = await loop.create_connection(lambda: Connection(self), self._host, self._port)
            self._open.add(made)
        started = time.perf_counter()
        self._ends = started + self._job.seconds
        if self._job.rate is None:
            for connection in tuple(self._open):
                self._next(connection)
            await self._over.wait()
        else:
            await self._on_schedule(started, self._job.rate)
        return self._result(time.perf_counter() - started)

    def answered(
        self, connection: Connection, conversation: bytes, due: float, *, good: bool
    ) -> None:
        """Note one answer, and go on."""
        self._latencies.append(time.perf_counter() - due)
        if good:
            self._acknowledged.append(conversation)
        else:
            self._others += 1
        if self._job.rate is None:
            self._next(connection)
        else:
            self._idle.append(connection)

    def lost(self, connection: Connection) -> None:
        """A connection is gone; without any the job is over."""
        self._open.discard(connection)
        if not self._open:
            self._over.set()

    def _next(self, connection: Connection) -> None:
        now = time.perf_counter()
        if now >= self._ends or self._sent == self._job.count:
            if not any(one.busy for one in self._open):
                self._over.set()
            return
        self._sent += 1
        connection.send(now)

    async def _on_schedule(self, started: float, rate: float) -> None:
        self._idle.extend(self._open)
        wanted = round(self._job.seconds * rate)
        while len(self._latencies) < wanted and time.perf_counter() < self._ends + GRACE_SECONDS:
            now = time.perf_counter()
            while (
                self._idle and self._sent < wanted and (due := started + self._sent / rate) <= now
            ):
                self._sent += 1
                self._idle.popleft().send(due)
            await asyncio.sleep(TICK_SECONDS)

    def _result(self, seconds: float) -> dict[str, object]:
        if self._job.acknowledged:
            Path(self._job.acknowledged).write_bytes(b"\n".join(self._acknowledged))
        ordered = sorted(self._latencies) or [0.0]
        return {
            "answers": len(self._acknowledged),
            "others": self._others,
            "per_second": len(self._acknowledged) / seconds,
            "p50_ms": ordered[len(ordered) // 2] * 1000,
            "p99_ms": ordered[len(ordered) * 99 // 100] * 1000,
        }


async def _main(job: Job) -> dict[str, object]:
    return await Load(job).run()


def main() -> None:
    """Read jobs from stdin, one JSON line each, and print their results."""
    for line in sys.stdin:
        job = msgspec.convert(json.loads(line)[0], Job)
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            print(json.dumps(runner.run(_main(job))), flush=True)


if __name__ == "__main__":
    main()
