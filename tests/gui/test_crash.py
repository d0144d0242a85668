"""Mistakes of ours: told once, without data, and survived."""

from __future__ import annotations

import logging
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QTimer

from core.credentials import Secret
from core.doctor.cleaner import Cleaner
from core.home import Home
from core.logs import ConsoleFormatter, Redactor
from core.simulator.demo import DemoWorld
from gui import crash
from gui.crash import CrashReporter, describe, key_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from gui.bridge import Bridge
    from gui.crash import Report

pytestmark = pytest.mark.logs_warnings
SECRET = "wk-0123456789abcdef"


@pytest.fixture
def clean() -> Cleaner:
    redact = Redactor()
    redact.learn([Secret(SECRET)])
    return Cleaner(redact, Home(path=Path("/data/home")), {"HOME": "/home/ana"})


@pytest.fixture
def reporter(qapp: object, clean: Cleaner) -> Iterator[CrashReporter]:
    del qapp
    made = CrashReporter(clean)
    made.install()
    yield made
    made.uninstall()


def fail(error: Exception) -> None:
    raise error


def raised(error: Exception) -> Exception:
    try:
        fail(error)
    except type(error) as exc:
        return exc
    return error


def test_what_nobody_caught_in_a_slot_is_reported(qtbot: QtBot, reporter: CrashReporter) -> None:
    def slot() -> None:
        raise TypeError("unsupported operand")

    with qtbot.waitSignal(reporter.reported) as told:
        QTimer.singleShot(0, slot)

    text = told.args[0].text
    assert "TypeError: unsupported operand" in text
    assert "test_crash.py" in text
    assert "in slot" in text


def test_what_nobody_caught_in_a_thread_is_reported(qtbot: QtBot, reporter: CrashReporter) -> None:
    def work() -> None:
        raise AttributeError("no such thing")

    with qtbot.waitSignal(reporter.reported) as told:
        thread = threading.Thread(target=work)
        thread.start()
    thread.join()

    assert "AttributeError: no such thing" in told.args[0].text


def test_the_same_again_is_counted_not_told_anew(qtbot: QtBot, reporter: CrashReporter) -> None:
    told: list[Report] = []
    reporter.reported.connect(told.append)
    error = raised(ValueError("x"))
    for _ in range(3):
        reporter.report(error)

    qtbot.waitUntil(lambda: len(told) == 3)
    assert [one.times for one in told] == [1, 2, 3]
    assert len({one.key for one in told}) == 1


def test_very_many_different_ones_end_in_the_log(
    qtbot: QtBot, reporter: CrashReporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crash, "MOST", 2)
    told: list[Report] = []
    reporter.reported.connect(told.append)
    for kind in (ValueError, KeyError, OSError, LookupError):
        reporter.report(kind("x"))
    reporter.report(raised(ValueError("last")))
    done: list[None] = []
    QTimer.singleShot(0, lambda: done.append(None))
    qtbot.waitUntil(lambda: bool(done))

    assert len(told) == 2


def test_a_mistake_while_telling_of_one_is_not_told(
    qtbot: QtBot, reporter: CrashReporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[None] = []

    def broken(*_: object) -> str:
        calls.append(None)
        raise RuntimeError("the report itself is broken")

    monkeypatch.setattr(crash, "describe", broken)
    with qtbot.assertNotEmitted(reporter.reported):
        reporter.report(raised(ValueError("x")))
        qtbot.waitUntil(lambda: len(calls) == 1)


def lines_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What stands in the log, as it is written there."""
    form = ConsoleFormatter(Redactor())
    return [form.format(one) for one in caplog.records if one.levelno >= logging.ERROR]


def test_it_is_logged_once_and_without_what_it_says(
    qtbot: QtBot, reporter: CrashReporter, caplog: pytest.LogCaptureFixture
) -> None:
    error = raised(ValueError("Ana Núñez"))
    for times in range(1, 3):
        with qtbot.waitSignal(reporter.reported) as told:
            reporter.report(error)
        assert told.args[0].times == times

    [line] = lines_of(caplog)
    assert "a mistake of ours" in line
    assert "ValueError" in line
    assert "Ana" not in line


def test_a_mistake_on_the_work_thread_is_logged_once(
    qtbot: QtBot, bridge: Bridge, reporter: CrashReporter, caplog: pytest.LogCaptureFixture
) -> None:
    async def breaks() -> None:
        raise KeyError("Ana Núñez")

    bridge.crashed.connect(reporter.take)
    with qtbot.waitSignal(reporter.reported):
        bridge.ask(breaks, owner=reporter)

    [line] = lines_of(caplog)
    assert "KeyError" in line
    assert "Ana" not in line


def test_a_report_from_the_demo_does_not_name_the_users_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = Path(__file__).parents[1]
    monkeypatch.setattr(Path, "home", lambda: home)
    world = DemoWorld(Home(path=tmp_path / "home"))
    text = describe(raised(TypeError("x")), Cleaner(Redactor(), world.home, world.environ))

    assert "test_crash.py" in text
    assert str(home) not in text


def test_ctrl_c_is_no_mistake(qtbot: QtBot, reporter: CrashReporter) -> None:
    with qtbot.waitSignal(reporter.interrupted), qtbot.assertNotEmitted(reporter.reported):
        reporter.report(KeyboardInterrupt())


def test_the_old_hooks_are_put_back(qapp: object, clean: Cleaner) -> None:
    del qapp
    before = (sys.excepthook, threading.excepthook)
    made = CrashReporter(clean)
    made.install()
    made.uninstall()

    assert before == (sys.excepthook, threading.excepthook)


def test_a_report_holds_versions_but_neither_secrets_nor_data(clean: Cleaner) -> None:
    error = raised(RuntimeError(f"key {SECRET} of ana@example.com in /home/ana/x"))
    text = describe(error, clean)

    assert "Gladly Source" in text
    assert "Qt 6" in text
    assert SECRET not in text
    assert "ana@example.com" not in text
    assert "/home/ana" not in text


@pytest.mark.parametrize("error", [KeyError("Ana Núñez"), ValueError("Ana Núñez"), OSError("Ana")])
def test_messages_that_quote_data_are_left_out(error: Exception, clean: Cleaner) -> None:
    text = describe(raised(error), clean)

    assert "Ana" not in text
    assert text.splitlines()[-1] == type(error).__name__


def test_what_caused_it_is_told_too(clean: Cleaner) -> None:
    try:
        try:
            fail(KeyError("Ana"))
        except KeyError as exc:
            raise RuntimeError("look-up failed") from exc
    except RuntimeError as exc:
        text = describe(exc, clean)

    assert text.index("KeyError") < text.index("and then") < text.index("RuntimeError: look-up")
    assert "Ana" not in text


def test_an_exception_that_is_its_own_cause_is_told_once(clean: Cleaner) -> None:
    error = raised(TypeError("round and round"))
    error.__cause__ = error

    assert describe(error, clean).count("round and round") == 1


def test_the_key_is_the_place_not_the_message() -> None:
    keys = {key_of(raised(ValueError(str(number)))) for number in range(3)}

    assert len(keys) == 1
    assert key_of(ValueError("never raised")) == "ValueError "
