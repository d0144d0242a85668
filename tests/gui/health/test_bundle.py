"""The bundle: what helps support, and no secret."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

from gui.health import bundle
from gui.run import Phase

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from core.doctor.subject import Outside
    from gui.session import Session
    from tests.gui.conftest import MemoryPlace

SECRET = "planted-write-key-0123456789abcd"


def test_everything_is_checked_first_where_nothing_was(
    qtbot: QtBot,
    still: Callable[..., Session],
    outside: Outside,
    place: MemoryPlace,
    tmp_path: Path,
) -> None:
    place.set("write-key", SECRET)
    session, target = still(Phase.STOPPED), tmp_path / "diagnostics.zip"
    session.home.log_folder.mkdir(parents=True)
    (session.home.log_folder / "gladly-source.log").write_text(
        f"12:00:01 info core.x: the key is {SECRET}\n"
    )
    saved: list[Path] = []

    session.ask(lambda: bundle.save(target, session, [], outside), owner=session, then=saved.append)
    qtbot.waitUntil(lambda: saved == [target], timeout=20_000)

    with zipfile.ZipFile(target) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert "the key is **********" in texts["log.txt"]
    assert not any(SECRET in text for text in texts.values())
    assert {"engine", "secrets"} <= {one["name"] for one in json.loads(texts["checks.json"])}


def test_a_keyring_that_is_away_does_not_stop_it(
    qtbot: QtBot, still: Callable[..., Session], outside: Outside, tmp_path: Path
) -> None:
    session, target = still(Phase.STOPPED), tmp_path / "diagnostics.zip"
    session.environ["GLADLY_SOURCE_WRITE_KEY_FILE"] = str(tmp_path / "missing")  # type: ignore[index]
    saved: list[Path] = []

    session.ask(lambda: bundle.save(target, session, [], outside), owner=session, then=saved.append)

    qtbot.waitUntil(lambda: saved == [target], timeout=20_000)
