"""A visit to the demo and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QObject, Signal

from core.errors import OperationError
from gui.visit import DemoVisit
from gui.window import MainWindow
from tests.fakes.shell import FakeSession, fake_pages

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from gui.look import Look

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


class Host(QObject):
    """A demo that is ready, or over, when the test says so."""

    ready = Signal()
    failed = Signal(object)
    ended = Signal()

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.session = FakeSession(path, "demo")
        self.drills = None
        self.calls: list[str] = []

    def start(self) -> None:
        self.calls.append("start")

    def stop(self) -> None:
        self.calls.append("stop")


class Stage:
    """A real window, a visit, and the hosts that were made."""

    def __init__(self, qtbot: QtBot, look: Look, path: Path) -> None:
        self.hosts: list[Host] = []
        self.windows: list[MainWindow] = []
        self.real = MainWindow(FakeSession(path), look, fake_pages())  # type: ignore[arg-type]
        qtbot.addWidget(self.real, before_close_func=MainWindow.let_go)

        def host() -> Host:
            self.hosts.append(Host(path))
            return self.hosts[-1]

        def window(made: Host) -> MainWindow:
            one = MainWindow(made.session, look, fake_pages())  # type: ignore[arg-type]
            self.windows.append(one)
            return one

        self.visit = DemoVisit(host, window)  # type: ignore[arg-type]
        self.real.show()


@pytest.fixture
def stage(qtbot: QtBot, look: Look, tmp_path: Path) -> Stage:
    return Stage(qtbot, look, tmp_path)


def test_the_real_window_stays_until_the_demo_is_ready(qtbot: QtBot, stage: Stage) -> None:
    stage.visit.enter(stage.real)
    assert stage.real.isVisible()
    assert stage.visit.under_way

    with qtbot.waitSignal(stage.visit.entered):
        stage.hosts[0].ready.emit()
    assert not stage.real.isVisible()
    assert stage.windows[0].isVisible()


def test_leaving_gives_back_the_place_and_waits_for_the_end(qtbot: QtBot, stage: Stage) -> None:
    stage.visit.enter(stage.real)
    stage.hosts[0].ready.emit()
    stage.windows[0].setGeometry(20, 30, 750, 600)

    with qtbot.waitSignal(stage.visit.left):
        stage.visit.leave()
    assert stage.real.isVisible()
    assert (stage.real.width(), stage.real.height()) == (750, 600)
    assert stage.hosts[0].calls == ["start", "stop"]
    assert stage.visit.under_way

    with qtbot.waitSignal(stage.visit.ended):
        stage.hosts[0].ended.emit()
    assert not stage.visit.under_way


def test_a_hidden_demo_is_left_without_a_window_popping_up(stage: Stage) -> None:
    stage.visit.enter(stage.real)
    stage.hosts[0].ready.emit()
    stage.windows[0].hide()

    stage.visit.leave()

    assert not stage.real.isVisible()


def test_one_visit_at_a_time(stage: Stage) -> None:
    stage.visit.enter(stage.real)
    stage.visit.enter(stage.real)
    assert len(stage.hosts) == 1

    stage.visit.stop()
    stage.hosts[0].ended.emit()
    stage.visit.enter(stage.real)
    assert len(stage.hosts) == 2


def test_a_demo_that_fails_is_told_and_cleared_away(qtbot: QtBot, stage: Stage) -> None:
    stage.visit.enter(stage.real)

    with qtbot.waitSignal(stage.visit.refused):
        stage.hosts[0].failed.emit(OperationError("No room."))
    assert stage.hosts[0].calls == ["start", "stop"]
    assert stage.real.isVisible()


def test_a_demo_that_becomes_ready_after_it_was_stopped_is_not_shown(stage: Stage) -> None:
    stage.visit.enter(stage.real)
    stage.visit.stop()

    stage.hosts[0].ready.emit()

    assert stage.windows == []
    assert stage.hosts[0].calls == ["start", "stop"]


def test_stopping_without_a_visit_does_nothing(stage: Stage) -> None:
    stage.visit.stop()
    stage.visit.leave()

    assert not stage.visit.under_way
