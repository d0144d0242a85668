"""What cannot start says why in one sentence, with the right exit code and no traceback."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from core.simulator.runner import SimulatorServer
from core.simulator.segment import SegmentSimulator

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.e2e.conftest import Serve

NOWHERE = "http://127.0.0.1:9"


def refused(result: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """One line on stderr with these words, this exit code, no traceback."""
    lines = result.stderr.strip().splitlines()
    assert result.returncode == code, result.stderr
    assert len(lines) == 1, result.stderr
    assert "Traceback" not in result.stderr
    assert [word for word in words if word not in lines[0]] == [], lines[0]


def test_a_bad_setting_names_key_value_and_what_is_allowed(serving: Callable[..., Serve]) -> None:
    serve = serving(NOWHERE, GLADLY_SOURCE_DELIVERY__WORKERS="many")

    refused(serve.run("serve"), 2, "delivery.workers", "many", "whole number from 1 to 16")


def test_a_settings_file_that_is_no_toml_is_named(serving: Callable[..., Serve]) -> None:
    serve = serving(NOWHERE)
    serve.home.mkdir()
    (serve.home / "settings.toml").write_text("[listener\nport = 1")

    refused(serve.run("serve"), 2, "settings.toml", "TOML")


def test_a_missing_secret_names_both_ways_to_give_it(serving: Callable[..., Serve]) -> None:
    serve = serving(NOWHERE, GLADLY_SOURCE_WRITE_KEY="", DBUS_SESSION_BUS_ADDRESS="disabled:")

    result = serve.run("serve")

    refused(result, 2, "write key", "secret set write-key", "GLADLY_SOURCE_WRITE_KEY", "_FILE")


def test_a_port_in_use_is_named(serving: Callable[..., Serve]) -> None:
    serve = serving(NOWHERE)
    with socket.socket() as other:
        other.bind(("127.0.0.1", serve.port))
        other.listen()

        refused(serve.run("serve"), 1, str(serve.port), "in use", "listener.port")


def test_a_store_from_the_future_is_left_alone(serving: Callable[..., Serve]) -> None:
    serve = serving(NOWHERE)
    serve.home.mkdir()
    store = serve.home / "store.db"
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("PRAGMA user_version = 999")
    before = store.read_bytes()

    refused(serve.run("serve"), 1, "newer version", "999")
    assert store.read_bytes() == before


def test_a_file_that_is_no_store_is_left_alone(serving: Callable[..., Serve]) -> None:
    serve = serving(NOWHERE)
    serve.home.mkdir()
    (serve.home / "store.db").write_bytes(b"these are my holiday photos " * 200)

    refused(serve.run("serve"), 1, "not a store")


def test_a_home_that_is_a_file_is_refused(serving: Callable[..., Serve], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    refused(serving(NOWHERE, home=str(tmp_path / "file")).run("serve"), 1, "home", "--home")


@pytest.mark.skipif(os.name != "posix", reason="mounts are POSIX")
def test_a_read_only_folder_is_refused(serving: Callable[..., Serve], tmp_path: Path) -> None:
    folder = tmp_path / "readonly"
    folder.mkdir()
    if os.geteuid() == 0:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m,ro", "tmpfs", folder],
            capture_output=True,
            check=False,
        )
        if mounted.returncode != 0:
            pytest.skip("this machine does not allow mounting")
    else:
        folder.chmod(0o500)
    try:
        refused(serving(NOWHERE, home=str(folder / "home")).run("serve"), 1, "--home")
    finally:
        if os.geteuid() == 0:
            subprocess.run(["umount", "-l", folder], check=True)


def test_a_second_engine_on_the_same_home_is_refused(serving: Callable[..., Serve]) -> None:
    with SimulatorServer(SegmentSimulator()) as server:
        serve = serving(server.url)
        serve.start()

        refused(serve.run("serve"), 1, "Another Gladly Source", "--home")
        assert serve.stop() == 0


def test_without_a_verb_and_without_a_display_it_shows_the_help(
    serving: Callable[..., Serve],
) -> None:
    result = serving(NOWHERE, DISPLAY="", WAYLAND_DISPLAY="").run()

    assert result.returncode == 2
    assert "demo" in result.stdout
