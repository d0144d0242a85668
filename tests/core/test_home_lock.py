"""A home has one engine at a time, wherever its store is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.errors import StoreInUse, StoreUnavailable
from core.home import Home
from core.home_lock import held

if TYPE_CHECKING:
    from pathlib import Path


def test_the_second_is_refused_until_the_first_lets_go(tmp_path: Path):
    home = Home(path=tmp_path / "new" / "home")
    with (
        held(home),
        pytest.raises(StoreInUse, match="Another Gladly Source is running"),
        held(home),
    ):
        pass

    with held(home):
        assert home.path.is_dir()


def test_a_home_that_cannot_be_made_says_so(tmp_path: Path):
    (tmp_path / "file").touch()
    home = Home(path=tmp_path / "file" / "home")

    with pytest.raises(StoreUnavailable, match="cannot be written"), held(home):
        pass
