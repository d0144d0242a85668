"""`serve` under a service manager: it says when it is ready, that it lives, and when it stops."""

from __future__ import annotations

import socket
import time
from contextlib import closing
from typing import TYPE_CHECKING

import httpx

from core.simulator.runner import SimulatorServer
from core.simulator.segment import SegmentSimulator
from tests.e2e.conftest import PASSWORD, WRITE_KEY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.e2e.conftest import Serve

WATCHDOG_SECONDS = 3.0
PATIENCE = 20.0


def heard(sock: socket.socket, wanted: str) -> list[str]:
    """All lines until the wanted one."""
    lines: list[str] = []
    deadline = time.monotonic() + PATIENCE
    while wanted not in lines:
        assert time.monotonic() < deadline, lines
        lines += sock.recv(4096).decode().split("\n")
    return lines


def test_systemd_hears_ready_signs_of_life_trouble_and_stopping(
    serving: Callable[..., Serve], tmp_path: Path
) -> None:
    path = str(tmp_path / "notify")
    with (
        SimulatorServer(SegmentSimulator()) as segment,
        closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as sock,
    ):
        sock.bind(path)
        sock.settimeout(PATIENCE)
        serve = serving(
            segment.url, NOTIFY_SOCKET=path, WATCHDOG_USEC=f"{WATCHDOG_SECONDS * 1e6:.0f}"
        )
        serve.start()

        first = heard(sock, "READY=1")
        answer = httpx.get(f"{serve.url}/healthz", trust_env=False)
        begun = time.monotonic()
        heard(sock, "WATCHDOG=1")
        heard(sock, "WATCHDOG=1")
        between = time.monotonic() - begun
        with httpx.Client(base_url=serve.url, auth=("gladly", "wrong"), trust_env=False) as client:
            for _ in range(5):
                client.post("/gladly/webhook", content=b"{}")
        heard(sock, "STATUS=Needs attention: listener: refusing.")
        code = serve.stop()
        heard(sock, "STOPPING=1")

    assert first == ["READY=1", "STATUS=All is well."]
    assert answer.status_code == 200
    assert between < 2 * WATCHDOG_SECONDS
    assert code == 0


def test_an_engine_that_hangs_gives_no_sign_of_life(
    serving: Callable[..., Serve], tmp_path: Path
) -> None:
    path = str(tmp_path / "notify")
    with (
        SimulatorServer(SegmentSimulator()) as segment,
        closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as sock,
    ):
        sock.bind(path)
        sock.settimeout(PATIENCE)
        serve = serving(segment.url, NOTIFY_SOCKET=path, WATCHDOG_USEC="3000000")
        serve.start()
        heard(sock, "WATCHDOG=1")

        with serve.frozen():
            sock.settimeout(0)
            said = b""
            try:
                while True:
                    said = sock.recv(4096)
            except BlockingIOError:
                pass
            sock.settimeout(WATCHDOG_SECONDS)
            silent = False
            try:
                sock.recv(4096)
            except TimeoutError:
                silent = True

        assert silent, said
        sock.settimeout(PATIENCE)
        heard(sock, "WATCHDOG=1")


def test_secrets_by_load_credential_are_enough_and_their_place_is_told(
    serving: Callable[..., Serve], tmp_path: Path
) -> None:
    folder = tmp_path / "credentials"
    folder.mkdir()
    (folder / "write-key").write_text(WRITE_KEY)
    (folder / "webhook-password").write_text(PASSWORD)
    with SimulatorServer(SegmentSimulator()) as segment:
        serve = serving(
            segment.url,
            CREDENTIALS_DIRECTORY=str(folder),
            GLADLY_SOURCE_WRITE_KEY="",
            GLADLY_SOURCE_WEBHOOK_PASSWORD="",
            DBUS_SESSION_BUS_ADDRESS="disabled:",
        )
        serve.start()

        with serve.client() as client:
            status = client.get("/status")
        listed = serve.run("secret", "list")
        checked = serve.run("check", "secrets", "--json")

    assert status.status_code == 200
    assert "CREDENTIALS_DIRECTORY/write-key" in "".join(listed.stdout.split())
    assert '"write-key":"CREDENTIALS_DIRECTORY/write-key"' in checked.stdout.replace(" ", "")
    assert WRITE_KEY not in listed.stdout + checked.stdout
