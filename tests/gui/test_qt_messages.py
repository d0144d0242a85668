"""What Qt says: logged, or the reason why there is no window."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QMessageLogContext, QtMsgType

from gui.qt_messages import QtMessages, why_not

ROOT = Path(__file__).parents[2]
CONTEXT = QMessageLogContext()
APP = (
    "from gui.qt_messages import QtMessages; from PySide6.QtWidgets import QApplication; "
    "QtMessages().install(); QApplication([])"
)


@pytest.mark.logs_warnings
def test_messages_go_into_the_log_once_there_is_an_application(
    caplog: pytest.LogCaptureFixture,
) -> None:
    messages = QtMessages()
    messages.receive(QtMsgType.QtWarningMsg, CONTEXT, "early")
    assert caplog.records == []

    messages.started()
    messages.receive(QtMsgType.QtCriticalMsg, CONTEXT, "late")

    said = [(record.levelno, record.getMessage()) for record in caplog.records]
    assert said == [(logging.WARNING, "qt: early"), (logging.ERROR, "qt: late")]


def test_what_means_nothing_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    messages = QtMessages()
    messages.started()
    text = "This plugin does not support propagateSizeHints()"
    messages.receive(QtMsgType.QtWarningMsg, CONTEXT, text)

    assert caplog.records == []


def test_the_end_is_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    codes: list[int] = []
    messages = QtMessages(end=codes.append)
    messages.receive(QtMsgType.QtInfoMsg, CONTEXT, "could not connect to display :9")
    messages.receive(QtMsgType.QtFatalMsg, CONTEXT, "no Qt platform plugin could be initialized")

    assert codes == [1]
    assert len(capfd.readouterr().err.splitlines()) == 1


def test_a_display_that_is_away_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":9")

    assert "cannot connect to the display ':9'" in why_not(["could not connect to display :9"])


def test_a_missing_library_is_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gui.qt_messages.missing_library", lambda: "libxcb-cursor.so.0 is missing")

    said = why_not([])
    assert "libxcb-cursor.so.0 is missing" in said
    assert "apt-get install" in said


@pytest.mark.skipif(sys.platform != "linux", reason="displays of X11")
@pytest.mark.parametrize("platform", ["xcb", "nonsense"])
def test_without_a_display_the_process_ends_with_one_line_and_1(platform: str) -> None:
    environ = {**os.environ, "DISPLAY": ":9876", "QT_QPA_PLATFORM": platform}
    environ.pop("WAYLAND_DISPLAY", None)
    result = subprocess.run(
        [sys.executable, "-c", APP],
        cwd=ROOT,
        env={**environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert result.returncode == 1
    assert len(result.stderr.splitlines()) == 1, result.stderr
    assert "gladly-source serve" in result.stderr
