"""A full disk: 503 and an alarm, then recovery without a restart."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from core.simulator.runner import SimulatorServer
from core.simulator.segment import SegmentSimulator
from tests.fakes import gladly_event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.e2e.conftest import Serve

RECOVER_SECONDS = 30


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MB of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.name != "posix" or os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("this machine does not allow mounting")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def fill(folder: Path) -> Path:
    """Take all the space that is left."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            pass
    return ballast


def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether the condition became true in time."""
    end = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        if time.monotonic() > end:
            return False
        pause.wait(0.1)
    return True


def test_a_full_disk_gives_503_and_an_alarm_and_heals_without_restart(
    small_disk: Path, serving: Callable[..., Serve]
) -> None:
    segment = SegmentSimulator()
    with SimulatorServer(segment) as server:
        serve = serving(server.url, home=str(small_disk / "home"))
        serve.start()
        acknowledged: list[str] = []
        with serve.client() as client:

            def post(number: int) -> httpx.Response:
                event = gladly_event(
                    "CONVERSATION/CREATED",
                    id=f"e-{number}",
                    conversation=f"c-{number}",
                    agent="agent-1",
                )
                event["padding"] = "x" * 20_000
                answer = client.post("/gladly/webhook", json=event)
                if answer.status_code == httpx.codes.OK:
                    acknowledged.append(f"c-{number}")
                return answer

            assert post(0).status_code == httpx.codes.OK
            ballast = fill(small_disk)
            refusals = [post(number) for number in range(1, 60)]
            refused = [one for one in refusals if one.status_code != httpx.codes.OK]
            alarm = until(
                lambda: client.get("/healthz").json()["status"] == "degraded", RECOVER_SECONDS
            )
            component = client.get("/status").json()["components"]["store"]

            ballast.unlink()
            healed = until(lambda: client.get("/healthz").json()["status"] == "ok", RECOVER_SECONDS)
            after = post(1000)
            wanted = set(acknowledged)
            arrived = segment.wait_until(
                lambda: (
                    wanted
                    <= {one["properties"]["conversationId"] for one in segment.accepted.values()}
                ),
                RECOVER_SECONDS,
            )

        assert refused
        assert {one.status_code for one in refused} == {503}
        assert all("retry-after" in one.headers for one in refused)
        assert alarm
        assert component == "full"
        assert healed
        assert after.status_code == httpx.codes.OK
        assert arrived
        assert serve.stop() == 0


def test_a_disk_that_is_full_at_start_is_one_clear_sentence(
    small_disk: Path, serving: Callable[..., Serve]
) -> None:
    fill(small_disk)
    serve = serving("http://127.0.0.1:9", home=str(small_disk / "home"))

    result = serve.run("serve")

    assert result.returncode == 1
    assert "full" in result.stderr
    assert "Traceback" not in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1, result.stderr
