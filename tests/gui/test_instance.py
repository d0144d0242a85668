"""One window per home: the second start shows the first."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtNetwork import QLocalServer

from core.errors import OperationError
from core.home import Home
from gui import instance
from gui.instance import SingleInstance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

ROOT = Path(__file__).parents[2]
SECOND = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from PySide6.QtCore import QCoreApplication
    from core.home import Home
    from gui.instance import SingleInstance

    app = QCoreApplication([])
    first = SingleInstance(Home(path=Path(sys.argv[1]))).claim()
    print("first" if first else "shown", flush=True)
    if first:
        sys.stdin.readline()
    """
)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(path=tmp_path / "home")


@pytest.fixture
def first(home: Home, qapp: object) -> Iterator[SingleInstance]:
    del qapp
    made = SingleInstance(home)
    assert made.claim()
    yield made
    made.release()


def another(home: Home) -> subprocess.Popen[str]:
    """Another process that claims the same home."""
    return subprocess.Popen(
        [sys.executable, "-c", SECOND, str(home.path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_second_process_shows_the_first_and_is_told_to_end(
    qtbot: QtBot, first: SingleInstance, home: Home
) -> None:
    with qtbot.waitSignal(first.asked, timeout=20_000):
        process = another(home)

    out, _ = process.communicate(timeout=20)
    assert out == "shown\n"


def test_the_right_passes_on_when_the_first_ends(first: SingleInstance, home: Home) -> None:
    first.release()

    process = another(home)
    out, _ = process.communicate("\n", timeout=20)

    assert out == "first\n"


def test_what_a_killed_process_left_does_not_stand_in_the_way(qapp: object, home: Home) -> None:
    del qapp
    process = another(home)
    assert process.stdout is not None
    assert process.stdout.readline() == "first\n"
    process.kill()
    process.communicate(timeout=20)

    mine = SingleInstance(home)
    assert mine.claim()
    mine.release()


def test_another_home_is_another_window(first: SingleInstance, tmp_path: Path) -> None:
    other = SingleInstance(Home(path=tmp_path / "other"))

    assert other.claim()
    assert other.name != first.name
    other.release()


def test_one_that_does_not_answer_is_said_in_words(
    first: SingleInstance, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    del first  # it lives in this thread, which now waits for it: it cannot answer
    monkeypatch.setattr(instance, "ANSWER_MS", 50)

    with pytest.raises(OperationError, match="does not answer"):
        SingleInstance(home).claim()


def test_one_whose_socket_is_gone_is_said_in_words(
    first: SingleInstance, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    QLocalServer.removeServer(first.name)
    monkeypatch.setattr(instance, "TRIES", 2)
    monkeypatch.setattr(instance, "PAUSE_MS", 1)

    with pytest.raises(OperationError, match="already open"):
        SingleInstance(home).claim()


def test_a_home_that_cannot_be_written_does_not_keep_the_window_away(
    qapp: object, tmp_path: Path
) -> None:
    del qapp
    (tmp_path / "file").write_text("a file where a folder should be")
    made = SingleInstance(Home(path=tmp_path / "file" / "home"))

    assert made.claim()
    made.release()
