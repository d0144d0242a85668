"""Child processes of the benchmark: started, asked, frozen, and ended by their own pid."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "bench-password"
WRITE_KEY = "bench-write-key-bench-write-key-"
PATIENCE_SECONDS = 120.0
STOP_SECONDS = 12.0
#: place of user time in /proc/PID/stat, counted behind the name; system time follows
USER_FIELD = 11
LISTENS = "Listening for Gladly on "
STARTED = "Sending "


class ChildEnded(Exception):
    """A process ended, or hung, before it said what was expected of it."""


class Child:
    """One process; a context manager that ends it.

    Args:
        arguments: Its command line.
        errors: Where its stderr goes.
        environment: What it finds in the environment besides ours.
    """

    def __init__(
        self, arguments: list[str], errors: Path, environment: dict[str, str] | None = None
    ) -> None:
        self._errors = errors
        self.started_at = time.monotonic()
        with errors.open("ab") as sink:
            self._process = subprocess.Popen(
                arguments,
                cwd=ROOT,
                env=_environment(environment or {}),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=sink,
                text=True,
            )
        self.pid = self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def line(self) -> str:
        """The next line of its stdout."""
        assert self._process.stdout is not None
        guard = threading.Timer(PATIENCE_SECONDS, self._process.kill)
        guard.start()
        try:
            text = self._process.stdout.readline()
        finally:
            guard.cancel()
        if not text:
            said = self._errors.read_text("utf-8", "replace").strip()[-2000:]
            raise ChildEnded(f"{self._process.args} said nothing more. {said}")
        return text.rstrip("\n")

    def ask(self, *words: object) -> Any:
        """Send one line, and read the answer as JSON."""
        self.tell(*words)
        return self.answer()

    def tell(self, *words: object) -> None:
        """Send one line."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()

    def answer(self) -> Any:
        """The next line of its stdout, read as JSON."""
        return json.loads(self.line())

    def end(self) -> None:
        """Say that nothing more will be asked."""
        assert self._process.stdin is not None
        self._process.stdin.close()

    def wait(self) -> int:
        """Until it has ended by itself; its exit code."""
        return self._process.wait(STOP_SECONDS)

    def freeze(self) -> None:
        """Let it do nothing while others are measured."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.kill()
        self._reap()

    def stop(self) -> None:
        """End it as a service manager would; harmless when it has ended."""
        if self._process.poll() is None:
            self.thaw()
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._reap()

    def resident_mb(self) -> float:
        """Resident memory, MB."""
        status = Path(f"/proc/{self.pid}/status").read_text("ascii")
        line = next(one for one in status.splitlines() if one.startswith("VmRSS:"))
        return int(line.split()[1]) / 1024

    def cpu_seconds(self) -> float:
        """Processor time it has used: what noise on a shared machine changes least."""
        fields = Path(f"/proc/{self.pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        return (int(fields[USER_FIELD]) + int(fields[USER_FIELD + 1])) / os.sysconf("SC_CLK_TCK")

    def _reap(self) -> None:
        self._process.wait(STOP_SECONDS)
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None and not stream.closed:
                stream.close()


def helper(folder: Path, module: str, *words: object, **environment: object) -> Child:
    """A module of this package as a process of its own."""
    command = [sys.executable, "-m", f"tests.bench.{module}", *map(str, words)]
    found = {name: str(value) for name, value in environment.items()}
    return Child(command, folder / f"{module}.err", found)


class Ours(Child):
    """`gladly-source serve`, waited for until it runs.

    Args:
        home: Its home; the store survives it.
        role: What it does.
        segment: Where it sends.
        settings: Further settings, as in the environment, without the prefix.
    """

    def __init__(
        self, home: Path, role: str, segment: str = "http://127.0.0.1:9", **settings: object
    ) -> None:
        home.mkdir(parents=True, exist_ok=True)
        given = {
            "HOME": home,
            "WRITE_KEY": WRITE_KEY,
            "WEBHOOK_PASSWORD": PASSWORD,
            "SEGMENT__HOST": segment,
            "LISTENER__PORT": 0,
            **settings,
        }
        program = Path(sys.executable).with_name("gladly-source")
        super().__init__(
            [str(program), "serve", "--role", role],
            home.with_suffix(".err"),
            {f"GLADLY_SOURCE_{name}": str(value) for name, value in given.items()},
        )
        self.url = ""
        try:
            self._wait_until_it_runs()
        except BaseException:
            self.stop()
            raise

    def _wait_until_it_runs(self) -> None:
        while not (line := self.line()).startswith(STARTED):
            if line.startswith(LISTENS):
                self.url = line.removeprefix(LISTENS)


def _environment(extra: dict[str, str]) -> dict[str, str]:
    """Ours without settings and proxies of the developer, with this tree's sources first."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GLADLY_SOURCE_") and not name.lower().endswith("_proxy")
    }
    return {**kept, "PYTHONPATH": str(ROOT), **extra}
