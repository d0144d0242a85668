"""A demo starts, can be looked at, survives a restart of its engine, and leaves nothing behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.errors import OperationError
from core.simulator.demo import DemoWorld
from gui import demo
from gui.demo import DemoHost, NoKeyring
from gui.run import Phase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from gui.bridge import Bridge

PATIENCE_MS = 20_000


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(demo.tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def host(qtbot: QtBot, bridge: Bridge, temporary: Path) -> Iterator[DemoHost]:
    made = DemoHost(bridge, rate=40)
    yield made
    if any(temporary.iterdir()):
        with qtbot.waitSignal(made.ended, timeout=PATIENCE_MS):
            made.stop()


@pytest.fixture
def left(temporary: Path, threads_left: Callable[[], list[str]]) -> Callable[[], list[object]]:
    """What a demo left behind: files and threads."""
    return lambda: [*temporary.iterdir(), *threads_left()]


def test_it_runs_and_leaves_nothing_behind(
    qtbot: QtBot, host: DemoHost, temporary: Path, left: Callable[[], list[object]]
):
    with qtbot.waitSignal(host.ready, timeout=PATIENCE_MS):
        host.start()
    assert host.world is not None
    accepted = host.world.segment.accepted
    qtbot.waitUntil(lambda: len(accepted) > 3, timeout=PATIENCE_MS)

    assert host.session.profile == "demo"
    assert temporary in host.session.home.path.parents
    assert host.drills.people.known
    host.session.memory.set("a", 1)
    with qtbot.waitSignal(host.ended, timeout=PATIENCE_MS):
        host.stop()
        host.stop()
    assert left() == []


def test_after_a_restart_gladly_reports_to_the_new_address(qtbot: QtBot, host: DemoHost):
    with qtbot.waitSignal(host.ready, timeout=PATIENCE_MS):
        host.start()
    world = host.world
    assert world is not None
    with qtbot.assertNotEmitted(host.ready), qtbot.waitSignal(host.session.applied, timeout=9_000):
        host.session.apply(host.session.settings)

    url = host.session.webhook_url
    qtbot.waitUntil(lambda: world.gladly.webhooks.all()[0].url == url)
    before = len(world.segment.accepted)
    qtbot.waitUntil(lambda: len(world.segment.accepted) > before, timeout=PATIENCE_MS)


def test_stopped_while_it_starts_it_ends_as_well(
    qtbot: QtBot, host: DemoHost, left: Callable[[], list[object]]
):
    with (
        qtbot.assertNotEmitted(host.ready),
        qtbot.waitSignal(host.ended, timeout=PATIENCE_MS),
    ):
        host.start()
        host.stop()

    assert left() == []


def test_without_simulators_there_is_no_demo(
    qtbot: QtBot, host: DemoHost, monkeypatch: pytest.MonkeyPatch, left: Callable[[], list[object]]
):
    def fail(_: DemoWorld) -> DemoWorld:
        raise OperationError("No thread.")

    monkeypatch.setattr(DemoWorld, "start", fail)
    with qtbot.waitSignal(host.failed, timeout=PATIENCE_MS) as failed:
        host.start()
    with qtbot.waitSignal(host.ended, timeout=PATIENCE_MS):
        host.stop()

    assert failed.args[0].title == "No thread."
    assert left() == []


def test_without_a_folder_there_is_no_demo(
    qtbot: QtBot, host: DemoHost, temporary: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(demo.tempfile, "tempdir", str(temporary / "missing"))

    with qtbot.waitSignal(host.failed, timeout=PATIENCE_MS) as failed:
        host.start()

    assert "no room" in failed.args[0].title


def test_an_engine_that_does_not_start_is_told(
    qtbot: QtBot, host: DemoHost, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(
        DemoWorld, "environ", property(lambda _: {"GLADLY_SOURCE_SEGMENT__REGION": "moon"})
    )

    with qtbot.waitSignal(host.failed, timeout=PATIENCE_MS) as failed:
        host.start()

    assert "segment.region" in failed.args[0].title
    assert host.session.phase is Phase.FAILED


def test_its_secrets_stay_in_memory():
    place = NoKeyring()
    place.set("write-key", "x")

    assert place.get("write-key") == "x"
    assert [place.delete("write-key"), place.delete("write-key")] == [True, False]
