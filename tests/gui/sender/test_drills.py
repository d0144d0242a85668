"""Drills are started from the panel, told while they run, and lead to the demo elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from core.errors import OperationError
from core.simulator.drills import PLANS, Drill, Drills, Stage
from gui.demo import DemoHost
from gui.sender.drills import DrillsPanel
from tests.gui.sender.test_drill_words import PROGRESS

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator

    from pytestqt.qtbot import QtBot

    from core.simulator.drills import DrillProgress
    from gui.bridge import Bridge
    from gui.look import Look

PATIENCE_MS = 30_000
SHORT = {drill: msgspec.structs.replace(plan, seconds=0.6) for drill, plan in PLANS.items()}


class Scripted:
    """Drills that say what they are told to say."""

    def __init__(self, *told: DrillProgress, error: Exception | None = None) -> None:
        self._told, self._error = told, error
        self.started: list[Drill] = []

    def plan(self, drill: Drill) -> Any:
        return PLANS[drill]

    async def run(self, drill: Drill) -> AsyncGenerator[DrillProgress, None]:
        self.started.append(drill)
        for one in self._told:
            yield one
        if self._error is not None:
            raise self._error


@pytest.fixture
def make_panel(
    qtbot: QtBot, look: Look, make_session: Callable[..., Any]
) -> Callable[..., DrillsPanel]:
    def make(drills: Any) -> DrillsPanel:
        panel = DrillsPanel(make_session(start=False), look, drills)
        qtbot.addWidget(panel)
        panel.resize(500, 500)
        panel.show()
        return panel

    return make


@pytest.fixture
def host(qtbot: QtBot, bridge: Bridge) -> Iterator[DemoHost]:
    made = DemoHost(bridge, rate=20)
    with qtbot.waitSignal(made.ready, timeout=PATIENCE_MS):
        made.start()
    yield made
    with qtbot.waitSignal(made.ended, timeout=PATIENCE_MS):
        made.stop()


def test_outside_the_demo_the_demo_is_offered(qtbot: QtBot, make_panel: Callable[..., DrillsPanel]):
    panel = make_panel(None)

    with qtbot.waitSignal(panel.demo_wanted):
        panel.empty.button.click()
    panel.start(Drill.ASLEEP)
    assert panel.lines == {}


def test_every_drill_has_a_button_with_a_name(make_panel: Callable[..., DrillsPanel]):
    panel = make_panel(Scripted())

    names = {line.button.accessibleName() for line in panel.lines.values()}
    assert len(names) == len(Drill)
    assert "Start the drill Segment down for 30 s" in names
    assert panel.status.isHidden()


def test_a_drill_is_told_until_everything_has_arrived(
    qtbot: QtBot, make_panel: Callable[..., DrillsPanel]
):
    recovered = msgspec.structs.replace(PROGRESS, stage=Stage.RECOVERED, missing=0)
    drills = Scripted(PROGRESS, recovered)
    panel = make_panel(drills)

    running: list[bool] = []
    panel.running_changed.connect(running.append)

    with qtbot.waitSignal(panel.stream.ended):
        panel.lines[Drill.SEGMENT_DOWN].button.click()
        assert not panel.lines[Drill.ASLEEP].button.isEnabled()

    assert drills.started == [Drill.SEGMENT_DOWN]
    assert running == [True, False]
    assert panel.lines[Drill.ASLEEP].button.isEnabled()
    assert "recovered after" in panel.status.title.text()
    assert panel.status.property("notice") == "good"
    assert not panel.status.buttons.isVisible()


def test_the_bar_shows_the_time_and_then_the_arrivals(make_panel: Callable[..., DrillsPanel]):
    panel = make_panel(Scripted())
    status = panel.status

    status.show_progress("Segment down", PROGRESS, 30)
    struck = status.bar.value()
    resumes = status.resume.isVisible()
    recovering = msgspec.structs.replace(PROGRESS, stage=Stage.RECOVERING, owed=10, missing=4)
    status.show_progress("Segment down", recovering, 30)

    assert 300 < struck < 400
    assert not resumes
    assert status.bar.value() == 600
    assert status.resume.isVisible()
    assert status.stop.text() == "Stop watching"


def test_a_drill_that_fails_says_why(qtbot: QtBot, make_panel: Callable[..., DrillsPanel]):
    panel = make_panel(Scripted(PROGRESS, error=OperationError("Gone.", "Start it again.")))

    with qtbot.waitSignal(panel.stream.failed):
        panel.start(Drill.ASLEEP)

    assert (panel.status.title.text(), panel.status.text.text()) == ("Gone.", "Start it again.")
    assert panel.lines[Drill.ASLEEP].button.isEnabled()


def test_segment_can_be_tried_at_once(
    qtbot: QtBot,
    look: Look,
    make_session: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
):
    session = make_session()
    asked: list[bool] = []

    async def resume(_: Any) -> None:
        asked.append(True)

    monkeypatch.setattr(type(session.link), "resume", resume)
    panel = DrillsPanel(session, look, Scripted())  # type: ignore[arg-type]
    qtbot.addWidget(panel)

    panel.status.resume.click()

    qtbot.waitUntil(lambda: asked == [True])


@pytest.mark.logs_warnings
def test_in_the_demo_a_drill_strikes_and_recovers(qtbot: QtBot, look: Look, host: DemoHost):
    world = host.world
    assert world is not None
    panel = DrillsPanel(host.session, look, Drills(world, plans=SHORT))
    qtbot.addWidget(panel)
    panel.show()

    with qtbot.waitSignal(panel.stream.ended, timeout=PATIENCE_MS):
        panel.lines[Drill.GLADLY_DOWN].button.click()

    assert panel.status.property("notice") == "good"
    assert world.gladly.faults.texts() == []


@pytest.mark.logs_warnings
def test_a_drill_can_be_ended_at_any_time(qtbot: QtBot, look: Look, host: DemoHost):
    world = host.world
    assert world is not None
    panel = DrillsPanel(host.session, look, host.drills)
    qtbot.addWidget(panel)
    panel.show()
    with qtbot.waitSignal(panel.stream.arrived, timeout=PATIENCE_MS):
        panel.start(Drill.SEGMENT_DOWN)
    struck = world.segment.faults.texts()

    panel.status.stop.click()

    qtbot.waitUntil(lambda: world.segment.faults.texts() == [])
    assert struck == ["503"]
    assert "was ended" in panel.status.title.text()
    assert panel.lines[Drill.SEGMENT_DOWN].button.isEnabled()
