"""Private: a home that only its owner can look into."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from core.errors import OperationError
from core.home import Home
from gui.mending.private import make_private

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")


def test_others_lose_the_right_to_look_in(tmp_path: Path) -> None:
    home = Home(path=tmp_path / "home")
    home.path.mkdir(mode=0o755)
    home.store_file.touch(mode=0o644)

    make_private(home)

    assert stat.S_IMODE(home.path.stat().st_mode) == 0o700
    assert stat.S_IMODE(home.store_file.stat().st_mode) == 0o600


def test_a_refusal_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("pathlib.Path.chmod", refuse)

    with pytest.raises(OperationError, match="Operation not permitted"):
        make_private(Home(path=tmp_path))
