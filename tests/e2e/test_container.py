"""The Containerfile: what it says is done, and the result serves, unprivileged and read-only."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from core.simulator.runner import SimulatorServer
from core.simulator.segment import SegmentSimulator
from tests.e2e.conftest import PASSWORD, WRITE_KEY, free_port
from tests.fakes import body, gladly_event
from tests.fakes.container import Container, instructions
from tests.fakes.rig import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
FILE = ROOT / "resources" / "operations" / "Containerfile"
STOP_SECONDS = 10
PATIENCE = 20.0


def argument(word: str) -> str:
    """The last argument of this instruction."""
    return [rest for name, rest in instructions(FILE.read_text()) if name == word][-1]


def test_it_runs_as_nobody_with_one_volume_and_a_clean_stop() -> None:
    user, _, group = argument("USER").partition(":")

    assert int(user) > 1000
    assert int(group) > 1000
    assert argument("VOLUME") == "/data"
    assert argument("STOPSIGNAL") == "SIGTERM"
    assert [name for name, _ in instructions(FILE.read_text())].count("VOLUME") == 1


def test_it_installs_no_window() -> None:
    lines = [rest for name, rest in instructions(FILE.read_text()) if name == "RUN"]

    assert any("[postgres]" in line for line in lines)
    assert not any(re.search(r"\[[^]]*gui", line) for line in lines)


def test_both_stages_rest_on_the_same_image() -> None:
    images = [rest.split()[0] for name, rest in instructions(FILE.read_text()) if name == "FROM"]

    assert len(set(images)) == 1
    assert images[0].endswith("-slim")


@pytest.fixture(scope="module")
def container(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    """What the Containerfile makes; built once."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("chroot and mounts want root")
    tried = subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "mount", "-t", "tmpfs", "tmpfs", "/mnt"],
        capture_output=True,
        check=False,
    )
    if tried.returncode != 0:
        pytest.skip("this machine does not allow mounting")
    folder = tmp_path_factory.mktemp("container")
    made = Container(FILE, ROOT, folder)
    try:
        made.build()
    except subprocess.CalledProcessError as exc:
        said = f"{exc.cmd[-1]}: {(exc.stdout + exc.stderr).decode()[-2000:]}"
        away = "No matching distribution" in said or "Could not find a version" in said
        if away and "EVERYTHING_IS_INSTALLED" not in os.environ:
            pytest.skip("no package index can be reached")
        pytest.fail(said)
    yield made
    shutil.rmtree(folder, ignore_errors=True)


def started(container: Container, volume: Path, **settings: str) -> subprocess.Popen[bytes]:
    """The container's own command, once it says that it sends."""
    process = container.start(container.words("ENTRYPOINT", "CMD"), volume, **settings)
    said = b""
    assert process.stdout is not None
    for line in process.stdout:
        said += line
        if line.startswith(b"Sending"):
            return process
    pytest.fail("it ended: " + said.decode()[-2000:])


def ended(process: subprocess.Popen[bytes], seconds: float = PATIENCE) -> int:
    """The exit code."""
    code = process.wait(seconds)
    assert process.stdout is not None
    process.stdout.close()
    return code


def test_it_takes_a_webhook_unprivileged_on_a_read_only_root_and_stops_clean(
    container: Container, tmp_path: Path
) -> None:
    data = container.final.path("/data")
    volume = tmp_path / "volume"
    volume.mkdir()
    owner = data.stat()
    os.chown(volume, owner.st_uid, owner.st_gid)  # as a new volume takes it from the image
    port = free_port()
    segment = SegmentSimulator()
    with SimulatorServer(segment) as server:
        settings = {
            "GLADLY_SOURCE_LISTENER__PORT": str(port),
            "GLADLY_SOURCE_SEGMENT__HOST": server.url,
            "GLADLY_SOURCE_WRITE_KEY": WRITE_KEY,
            "GLADLY_SOURCE_WEBHOOK_PASSWORD": PASSWORD,
        }
        process = started(container, volume, **settings)
        try:
            status = Path(f"/proc/{process.pid}/status").read_text()
            auth = httpx.BasicAuth(b"gladly", PASSWORD.encode())  # type: ignore[arg-type]
            with httpx.Client(
                base_url=f"http://127.0.0.1:{port}", auth=auth, trust_env=False
            ) as client:
                healthy = client.get("/healthz", auth=None)
                ready = client.get("/readyz", auth=None)
                raw = body(gladly_event("CONVERSATION/CLOSED", conversation="c1", agent="a"))
                taken = client.post("/gladly/webhook", content=raw)
            assert wait_until(lambda: segment.accepted, PATIENCE)
            alive = ended(container.start(container.healthcheck(), volume, **settings))
            outside = ["sh", "-c", "echo x > /opt/x"]
            written = ended(container.start(outside, volume, **settings))
        finally:
            process.send_signal(signal.SIGTERM)
            code = ended(process, STOP_SECONDS)
        dead = ended(container.start(container.healthcheck(), volume, **settings))

    assert re.search(r"^Uid:\s+65532\s+65532\s", status, re.MULTILINE)
    assert re.search(r"^Groups:\s*(65532\s*)?$", status, re.MULTILINE)
    assert (healthy.status_code, healthy.json()["status"]) == (200, "ok")
    assert ready.json() == {"status": "ready"}
    assert taken.json()["status"] == "stored"
    assert code == 0
    assert (alive, dead) == (0, 1)
    assert written != 0
    assert {"store.db", "store.lock", "log"} <= {one.name for one in volume.iterdir()}


def test_nothing_of_the_window_is_installed(container: Container) -> None:
    installed = {
        one.name.split("-")[0] for one in container.final.path("/opt").rglob("*.dist-info")
    }

    assert "gladly_source" in installed
    assert not {
        one for one in installed if one.lower().startswith(("pyside", "pyqt", "qt", "shib"))
    }
