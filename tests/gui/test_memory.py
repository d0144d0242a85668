"""What the window remembers, and that it never stands in the way."""

from __future__ import annotations

import json
import os
import stat
from typing import TYPE_CHECKING

import pytest

from gui.memory import FILE, Memory

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from core.home import Home
    from gui.bridge import Bridge


def test_a_value_is_there_at_the_next_start(qtbot: QtBot, bridge: Bridge, home: Home) -> None:
    memory = Memory(bridge, home)
    memory.set("events.columns", [1, 2])
    memory.flush()
    file = home.path / FILE
    qtbot.waitUntil(file.exists)

    assert Memory(bridge, home).get("events.columns") == [1, 2]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_it_is_written_a_moment_later_by_itself(qtbot: QtBot, bridge: Bridge, home: Home) -> None:
    memory = Memory(bridge, home)

    memory.set("a", 1)
    memory.set("a", 2)

    qtbot.waitUntil((home.path / FILE).exists)
    assert json.loads((home.path / FILE).read_bytes()) == {"a": 2}


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"null"])
def test_a_broken_file_is_as_good_as_none(bridge: Bridge, home: Home, content: bytes) -> None:
    home.path.mkdir()
    (home.path / FILE).write_bytes(content)

    assert Memory(bridge, home).get("a", "default") == "default"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_stops_nothing(bridge: Bridge, home: Home) -> None:
    home.path.mkdir(mode=0o500)
    memory = Memory(bridge, home)

    memory.set("a", 1)
    memory.flush()

    assert memory.get("a") == 1


def test_without_a_home_it_remembers_for_this_run(bridge: Bridge) -> None:
    memory = Memory(bridge, None)
    memory.set("a", 1)
    memory.flush()

    assert memory.get("a") == 1
