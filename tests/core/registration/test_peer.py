"""Whether an engine runs on a home, told apart from what a dead one left behind."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import msgspec
import pytest

from core.control import Address
from core.errors import StoreInUse
from core.registration.peer import running_engine
from tests.fakes.rig import Rig, wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from core.home import Home


def leave_address(home: Home) -> None:
    """As a killed engine does."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    home.path.mkdir(exist_ok=True)
    home.control_file.write_bytes(msgspec.json.encode(Address(url=url, token="t", pid=1)))


async def test_an_engine_that_runs_is_found(tmp_path: Path):
    with Rig(tmp_path, role="receive") as rig:
        assert wait_until(rig.home.control_file.exists, 5)

        assert await running_engine(rig.home) is not None


async def test_an_empty_home_has_none_and_stays_empty(tmp_path: Path):
    assert await running_engine(Rig(tmp_path / "home").home) is None
    assert not (tmp_path / "home").exists()


async def test_what_a_killed_engine_left_behind_is_none(tmp_path: Path):
    with Rig(tmp_path, role="receive") as rig:
        pass
    leave_address(rig.home)

    assert await running_engine(rig.home) is None
    with Rig(tmp_path, role="receive"):
        pass


@pytest.mark.parametrize("address", [True, False], ids=["stale address", "no address"])
async def test_one_that_holds_the_home_and_does_not_answer_is_said(tmp_path: Path, address: bool):
    with Rig(tmp_path, role="receive") as rig:
        assert wait_until(rig.home.control_file.exists, 5)
        rig.home.control_file.unlink()
        if address:
            leave_address(rig.home)

        with pytest.raises(StoreInUse) as caught:
            await running_engine(rig.home)

    assert caught.value.hint
