"""A drill lets something go wrong, then waits until everything that happened has arrived."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

import msgspec
import pytest

from core.home import Home
from core.runner import EngineThread
from core.simulator.demo import DemoWorld
from core.simulator.drills import PLANS, TIME_SCALE, Drill, DrillProgress, Drills, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE = 20.0
SHORT = {drill: msgspec.structs.replace(plan, seconds=1.0) for drill, plan in PLANS.items()}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[DemoWorld]:
    home = Home(path=tmp_path / "home")
    with DemoWorld(home, rate=12, time_scale=TIME_SCALE / 20) as made:
        thread = EngineThread(made.engine)
        url = thread.start().webhook_url()
        assert url is not None
        made.connect(url)
        made.resume()
        # The first conversations take a moment before they cause anything.
        assert made.gladly.wait_until(lambda: made.tally.caused >= 5, PATIENCE)
        yield made
        thread.stop()
        assert thread.join(PATIENCE)


@pytest.fixture
def drills(world: DemoWorld) -> Drills:
    return Drills(world, plans=SHORT)


async def run(drills: Drills, drill: Drill) -> list[DrillProgress]:
    return [one async for one in drills.run(drill)]


@pytest.mark.logs_warnings
@pytest.mark.parametrize("drill", [Drill.GLADLY_DOWN, Drill.LOST_ANSWERS, Drill.ASLEEP])
async def test_everything_that_happened_meanwhile_arrives(
    drills: Drills, world: DemoWorld, drill: Drill
):
    steps = await run(drills, drill)

    stages = [one.stage for one in steps]
    assert stages == sorted(stages, key=list(Stage).index)
    assert (stages[0], stages[-1]) == (Stage.STRIKING, Stage.RECOVERED)
    assert steps[-1].missing == 0 < steps[-1].owed
    assert steps[-1].given_up == 0
    assert steps[-1].figures.twice == 0
    assert world.segment.faults.texts() == world.gladly.faults.texts() == []


@pytest.mark.logs_warnings
@pytest.mark.parametrize("drill", [Drill.SEGMENT_DOWN, Drill.WRONG_KEY])
async def test_while_segment_is_away_nothing_arrives_and_all_waits(
    drills: Drills, world: DemoWorld, drill: Drill
):
    async with aclosing(drills.run(drill)) as steps:
        async for one in steps:
            if one.stage is Stage.RECOVERING:
                break

    assert one.missing == one.owed > 0
    assert world.segment.faults.texts() == []


async def test_whoever_ends_a_drill_ends_the_fault(drills: Drills, world: DemoWorld):
    async with aclosing(drills.run(Drill.ASLEEP)) as steps:
        first = await anext(steps)
        asleep = world.gladly.webhooks.all()[0].url
    awake = world.gladly.webhooks.all()[0].url

    assert first.left > 0
    assert "asleep" in asleep
    assert "asleep" not in awake
    world.pause()


def test_every_drill_has_its_plan_and_its_people(world: DemoWorld):
    drills = Drills(world)

    assert {drill: drills.plan(drill) for drill in Drill} == PLANS
    assert drills.people.known
    drills.introduce([{}])
