"""Starts `gladly-source serve` as a process and ends it by its own pid."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PASSWORD = "pässword"
WRITE_KEY = "0123456789abcdef0123456789abcdef"
READY_SECONDS = 20


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


class Serve:
    """One `serve` process on one home, restarted as often as a test likes."""

    def __init__(self, home: Path, segment_url: str, **settings: str) -> None:
        self.home = home
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **{name: value for name, value in os.environ.items() if "proxy" not in name.lower()},
            "GLADLY_SOURCE_HOME": str(home),
            "GLADLY_SOURCE_WRITE_KEY": WRITE_KEY,
            "GLADLY_SOURCE_WEBHOOK_PASSWORD": PASSWORD,
            "GLADLY_SOURCE_SEGMENT__HOST": segment_url,
            "GLADLY_SOURCE_LISTENER__PORT": str(self.port),
            "PYTHONWARNINGS": "default",
            **settings,
        }
        #: what Python runs, verb and arguments aside
        self.program = ["-m", "core.cli"]
        #: behind the verb
        self.options: list[str] = []
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait for the line that says it listens."""
        with (self.home.parent / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *self.program, "serve", *self.options],
                env=self.environment,
                cwd=Path(__file__).parents[2],
                stdout=subprocess.PIPE,
                stderr=log,
            )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith(b"Sending"):
                return
        pytest.fail("serve ended: " + (self.home.parent / "serve.log").read_text()[-2000:])

    def kill(self) -> None:
        """SIGKILL, as a power cut would."""
        assert self.process is not None
        self.process.kill()
        self._reap(10)

    def stop(self, seconds: float = 10) -> int:
        """SIGTERM; the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self._reap(seconds)

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """SIGSTOP, and SIGCONT in the end: as a computer that sleeps, the sockets stay open."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WNOWAIT)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def end(self) -> None:
        """Leave nothing running."""
        if self.process is not None and self.process.poll() is None:
            self.kill()

    def run(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run another verb on the same home."""
        return subprocess.run(
            [sys.executable, *self.program, *arguments],
            env=self.environment,
            cwd=Path(__file__).parents[2],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def client(self) -> httpx.Client:
        """A client with the webhook's credentials."""
        auth = httpx.BasicAuth(b"gladly", PASSWORD.encode())  # type: ignore[arg-type]
        return httpx.Client(base_url=self.url, auth=auth, trust_env=False, timeout=15)

    def _reap(self, seconds: float) -> int:
        assert self.process is not None
        code = self.process.wait(seconds)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Callable[..., Serve]]:
    """Makes `Serve` objects whose processes end with the test."""
    made: list[Serve] = []

    def make(segment_url: str, **settings: str) -> Serve:
        home = Path(settings.pop("home", str(tmp_path / "home")))
        serve = Serve(home, segment_url, **settings)
        made.append(serve)
        return serve

    yield make
    for serve in made:
        with contextlib.suppress(ProcessLookupError):
            serve.end()
