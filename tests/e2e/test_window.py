"""The window for real: an X server, a window manager, and the app from first start to quit."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
NEEDED = ("Xvfb", "openbox", "dbus-run-session", "gnome-keyring-daemon")
MINUTES = 2


@pytest.fixture
def display() -> Iterator[str]:
    """An X server with a window manager, for this test alone."""
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1400x900x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as pipe:
            name = f":{int(pipe.readline())}"
        manager = subprocess.Popen(
            ["openbox"], env={**os.environ, "DISPLAY": name}, stderr=subprocess.DEVNULL
        )
        try:
            yield name
        finally:
            manager.terminate()
            manager.wait(10)
    finally:
        server.terminate()
        server.wait(10)


def test_from_the_first_start_through_the_demo_to_quit(display: str, tmp_path: Path) -> None:
    home, runtime = tmp_path / "home", tmp_path / "run"
    runtime.mkdir(mode=0o700)
    environment = {
        **{name: one for name, one in os.environ.items() if not name.startswith("QT_")},
        "DISPLAY": display,
        "HOME": str(tmp_path),
        "XDG_RUNTIME_DIR": str(runtime),
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "QT_QPA_PLATFORM": "xcb",
        "PYTHONPATH": str(ROOT),
    }
    unlock = 'eval "$(printf test | gnome-keyring-daemon --unlock --components=secrets)" && '
    script = f'{unlock}exec "{sys.executable}" -m tests.e2e.real_window "{home}" "{tmp_path}"'

    done = subprocess.run(
        ["dbus-run-session", "--", "sh", "-c", script],
        env=environment,
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=MINUTES * 60,
    )

    log = (home / "log").glob("*")
    said = done.stdout + done.stderr + "".join(one.read_text() for one in log if one.is_file())
    assert done.returncode == 0, said
    assert "waited in vain" not in said
    assert "qt:" not in said
    assert "Traceback" not in said
    assert {"wizard.png", "demo.png", "real.png"} <= {one.name for one in tmp_path.iterdir()}
    assert not (home / "settings.toml").exists()
