"""The desktop app as a process: it starts, is one per home, and stops with nothing left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.simulator.runner import SimulatorServer
from core.simulator.segment import SegmentSimulator
from tests.e2e.conftest import PASSWORD, WRITE_KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.e2e.conftest import Serve

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and displays as POSIX has them")
ROOT = Path(__file__).parents[2]
SECONDS = 20


class App:
    """One desktop app, offscreen, on one home."""

    def __init__(self, home: Path, *arguments: str, **environ: str) -> None:
        self.home = home
        self.log = home.parent / f"app-{time.monotonic_ns()}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, *(arguments or ("-m", "core.cli"))],
                env=environment(home, **environ),
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )

    def wait_for(self, line: str) -> None:
        """Wait until its log says so."""
        log = self.home / "log" / "gladly-source.log"
        self.wait_until(lambda: log.exists() and line in log.read_text())

    def wait_until_it_runs(self) -> None:
        """Its own engine runs, and can be reached; what one that was killed left says nothing."""
        self.wait_until(lambda: self._pid_at_the_door() == self.process.pid)
        self.wait_for('"phase":"running"')

    def _pid_at_the_door(self) -> int | None:
        """Whose control channel is announced in the home."""
        try:
            pid: int = json.loads((self.home / "control.json").read_bytes())["pid"]
        except FileNotFoundError:
            return None
        return pid

    def wait_until(self, over: Callable[[], bool]) -> None:
        """Wait until something is so, while it runs."""
        pause = threading.Event()
        end = time.monotonic() + SECONDS
        while not over():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < end, self.said()
            pause.wait(0.05)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal; the exit code, within the ten seconds that are promised."""
        self.process.send_signal(number)
        return self.process.wait(10)

    def said(self) -> str:
        """Everything it wrote."""
        return self.log.read_text()


def environment(home: Path, **more: str) -> dict[str, str]:
    """A display that is none, and what the engine needs."""
    kept = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    return {
        **kept,
        "DISPLAY": ":0",
        "QT_QPA_PLATFORM": "offscreen",
        "XDG_CONFIG_HOME": str(home.parent / "config"),
        "GLADLY_SOURCE_HOME": str(home),
        "GLADLY_SOURCE_WRITE_KEY": WRITE_KEY,
        "GLADLY_SOURCE_WEBHOOK_PASSWORD": PASSWORD,
        "GLADLY_SOURCE_SEGMENT__HOST": "http://127.0.0.1:9",
        "GLADLY_SOURCE_LISTENER__PORT": "0",
        "PYTHONWARNINGS": "default",
        **more,
    }


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Callable[..., App]]:
    """Starts apps that end with the test."""
    made: list[App] = []

    def start(*arguments: str, **environ: str) -> App:
        made.append(App(tmp_path / "home", *arguments, **environ))
        return made[-1]

    yield start
    for one in made:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait(10)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_without_a_verb_the_app_opens_and_a_signal_ends_it(
    app: Callable[..., App], number: signal.Signals
) -> None:
    one = app()
    one.wait_until_it_runs()

    assert one.end(number) == 0
    assert one.said() == ""
    assert not (one.home / "control.json").exists()


@pytest.mark.parametrize("arguments", [("-m", "gui"), ("-m", "gui", "--hidden")])
def test_it_also_starts_as_a_module_and_hidden(
    app: Callable[..., App], arguments: tuple[str, ...]
) -> None:
    one = app(*arguments)
    one.wait_until_it_runs()

    assert one.end() == 0
    assert one.said() == ""


def test_a_signal_while_it_starts_ends_it_too(app: Callable[..., App]) -> None:
    one = app()
    one.wait_for('"phase":"starting"')

    assert one.end() == 0
    assert one.said() == ""


def test_a_second_start_shows_the_first_and_ends(app: Callable[..., App]) -> None:
    first = app()
    first.wait_until_it_runs()
    second = app()

    assert second.process.wait(SECONDS) == 0
    assert second.said() == ""
    assert first.process.poll() is None
    assert first.end() == 0


def test_after_a_kill_it_starts_again(app: Callable[..., App]) -> None:
    first = app()
    first.wait_until_it_runs()
    first.process.kill()
    first.process.wait(10)
    (first.home / "log" / "gladly-source.log").unlink()

    second = app()
    second.wait_until_it_runs()
    assert second.end() == 0


def test_without_settings_it_opens_with_the_wizard_and_can_be_ended(
    app: Callable[..., App],
) -> None:
    one = app(
        GLADLY_SOURCE_WRITE_KEY="",
        GLADLY_SOURCE_WEBHOOK_PASSWORD="",
        GLADLY_SOURCE_SEGMENT__HOST="",
        GLADLY_SOURCE_LISTENER__PORT="8377",
        DBUS_SESSION_BUS_ADDRESS="disabled:",
    )
    one.wait_for("set-up was opened")

    assert one.end() == 0
    assert one.said() == ""


def test_attached_to_serve_it_looks_on_and_leaves_it_running(
    app: Callable[..., App], serving: Callable[..., Serve], tmp_path: Path
) -> None:
    with SimulatorServer(SegmentSimulator()) as server:
        serve = serving(server.url, home=str(tmp_path / "home"))
        serve.start()
        one = app()
        one.wait_for('"phase":"attached"')

        assert one.end() == 0
        assert one.said() == ""
        assert serve.stop() == 0


@pytest.mark.parametrize("until", ["*/home/control.json", "*"])
def test_the_demo_can_be_ended_at_any_time_and_leaves_nothing(
    app: Callable[..., App], tmp_path: Path, until: str
) -> None:
    folder = tmp_path / "tmp"
    folder.mkdir()
    code = "import sys, gui.app; sys.exit(gui.app.run_demo(rate=20))"
    one = app("-c", code, TMPDIR=str(folder))
    one.wait_until(lambda: any(folder.glob(until)))

    assert one.end() in {0, 130}
    assert one.said() == ""
    assert list(folder.iterdir()) == []


def test_a_display_that_is_away_is_one_line_and_1(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "core.cli"],
        env=environment(tmp_path / "home", DISPLAY=":9876", QT_QPA_PLATFORM="xcb"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert result.returncode == 1
    assert len(result.stderr.splitlines()) == 1, result.stderr
    assert ":9876" in result.stderr
    assert "gladly-source serve" in result.stderr


def test_without_pyside_it_says_what_to_install(tmp_path: Path) -> None:
    blocked = tmp_path / "blocked" / "PySide6"
    blocked.mkdir(parents=True)
    (blocked / "__init__.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'PySide6'\", name='PySide6')"
    )
    result = subprocess.run(
        [sys.executable, "-m", "core.cli"],
        env=environment(tmp_path / "home", PYTHONPATH=str(blocked.parent)),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert result.returncode == 1
    assert len(result.stderr.splitlines()) == 1, result.stderr
    assert "gladly-source[gui]" in result.stderr
