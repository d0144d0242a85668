"""A signal of the operating system reaches Qt while it waits."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gui.interrupts import Interrupts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

WAITING = textwrap.dedent(
    """
    import os, signal, sys
    from PySide6.QtCore import QCoreApplication
    from gui.interrupts import Interrupts

    app = QCoreApplication([])
    interrupts = Interrupts()
    if sys.argv[1] == "quit":
        interrupts.asked.connect(app.quit)
    else:
        interrupts.asked.connect(lambda: print("asked", flush=True))
    print("ready", flush=True)
    sys.exit(app.exec())
    """
)


@pytest.fixture
def interrupts(qapp: object) -> Iterator[Interrupts]:
    del qapp
    made = Interrupts()
    yield made
    made.restore()


@pytest.mark.skipif(os.name != "posix", reason="raises signals as POSIX does")
def test_sigterm_asks_to_end(qtbot: QtBot, interrupts: Interrupts) -> None:
    with qtbot.waitSignal(interrupts.asked):
        os.kill(os.getpid(), signal.SIGTERM)


def test_what_was_there_before_is_put_back(qapp: object) -> None:
    del qapp
    before = signal.getsignal(signal.SIGINT)

    made = Interrupts()
    during = signal.getsignal(signal.SIGINT)
    made.restore()

    assert during != before
    assert before == signal.getsignal(signal.SIGINT)


def waiting(what: str) -> subprocess.Popen[str]:
    root = Path(__file__).parents[2]
    process = subprocess.Popen(
        [sys.executable, "-c", WAITING, what],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.skipif(os.name != "posix", reason="sends signals as POSIX does")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_waiting_program_ends_at_a_signal(number: signal.Signals) -> None:
    process = waiting("quit")

    process.send_signal(number)

    process.communicate(timeout=20)
    assert process.returncode == 0


@pytest.mark.skipif(os.name != "posix", reason="sends signals as POSIX does")
def test_a_second_signal_ends_at_once() -> None:
    process = waiting("stay")
    assert process.stdout is not None

    process.send_signal(signal.SIGINT)
    assert process.stdout.readline() == "asked\n"
    process.send_signal(signal.SIGINT)

    process.communicate(timeout=20)
    assert process.returncode == 130
