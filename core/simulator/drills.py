"""Fault drills in the demo's world: something goes wrong for a while, then everything arrives."""

from __future__ import annotations

import asyncio
import time
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from core.simulator.tally import Figures

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable

    from core.sender.people import People
    from core.simulator.demo import DemoWorld
    from core.simulator.events import Event
    from core.simulator.traffic import Expected

LOOK_SECONDS = 0.25
SLEEP_SECONDS = 20.0
#: longer, and Gladly's retries give up; then only the Events API could heal the gap
HOURS_ASLEEP = 1
#: passes an hour of Gladly's within the drill
TIME_SCALE = SLEEP_SECONDS / (HOURS_ASLEEP * 3600)


class Drill(StrEnum):
    """What goes wrong."""

    SEGMENT_DOWN = "segment-down"
    GLADLY_DOWN = "gladly-down"
    WRONG_KEY = "wrong-key"
    LOST_ANSWERS = "lost-answers"
    ASLEEP = "asleep"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How a drill is made: for how long, and with which faults."""

    seconds: float
    segment: tuple[str, ...] = ()
    gladly: tuple[str, ...] = ()
    asleep: bool = False


PLANS = {
    Drill.SEGMENT_DOWN: Plan(seconds=30, segment=("503",)),
    Drill.GLADLY_DOWN: Plan(seconds=20, gladly=("503",)),
    Drill.WRONG_KEY: Plan(seconds=15, segment=("401",)),
    Drill.LOST_ANSWERS: Plan(seconds=15, segment=("lost-answer",)),
    Drill.ASLEEP: Plan(seconds=SLEEP_SECONDS, asleep=True),
}


class Stage(StrEnum):
    """Where a drill stands."""

    #: things go wrong
    STRIKING = "striking"
    #: all is well again, but not everything has arrived yet
    RECOVERING = "recovering"
    #: everything that happened meanwhile is at Segment
    RECOVERED = "recovered"


class DrillProgress(msgspec.Struct, frozen=True, kw_only=True):
    """How a drill stands.

    `owed` events happened from its begin to the end of the fault; `missing` of them are not at
    Segment yet. `seconds` have passed in this stage; of STRIKING, `left` remain. `figures` are
    since the demo began, `repeated` copies and `given_up` notices since the drill began.
    """

    drill: Drill
    stage: Stage
    seconds: float
    left: float
    owed: int
    missing: int
    repeated: int
    given_up: int
    figures: Figures


class Drills:
    """Runs drills, one at a time.

    Args:
        world: The demo's world.
        plans: How each drill is made.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        world: DemoWorld,
        *,
        plans: dict[Drill, Plan] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._world = world
        self._plans = plans or PLANS
        self._clock = clock

    @property
    def people(self) -> People:
        """Everybody that simulated Gladly knows."""
        return self._world.people

    def introduce(self, bodies: Iterable[Event], topic_ids: Iterable[str] = ()) -> None:
        """Let simulated Gladly know the conversations of test events."""
        self._world.introduce(bodies, topic_ids)

    def plan(self, drill: Drill) -> Plan:
        """How this drill is made."""
        return self._plans[drill]

    async def run(self, drill: Drill) -> AsyncGenerator[DrillProgress, None]:
        """Let something go wrong for a while, then wait until everything has arrived.

        Closing or cancelling it ends the fault at once.
        """
        plan, world = self._plans[drill], self._world
        if not world.running:
            await asyncio.to_thread(world.resume)
        score = _Score(drill, world, self._clock)
        try:
            self._strike(plan)
            while (left := plan.seconds - score.seconds) > 0:
                yield await score.take(Stage.STRIKING, left)
                await asyncio.sleep(min(LOOK_SECONDS, left))
        finally:
            self._mend(plan)
        await score.close()
        while (progress := await score.take(Stage.RECOVERING)).missing:
            yield progress
            await asyncio.sleep(LOOK_SECONDS)
        yield msgspec.structs.replace(progress, stage=Stage.RECOVERED)

    def _strike(self, plan: Plan) -> None:
        self._world.set_faults(segment=plan.segment, gladly=plan.gladly)
        if plan.asleep:
            self._world.sleep()

    def _mend(self, plan: Plan) -> None:
        self._world.clear_faults()
        if plan.asleep:
            self._world.wake()


class _Score:
    """What was owed when a drill began, what came to be owed, and what has arrived of it."""

    def __init__(self, drill: Drill, world: DemoWorld, clock: Callable[[], float]) -> None:
        self._drill = drill
        self._world = world
        self._clock = clock
        self._began = clock()
        self._copies = world.segment.duplicates
        self._given_up = world.gladly.sender.given_up
        self._before = world.tally.truth - world.tally.missing()
        self._owed: set[Expected] | None = None

    @property
    def seconds(self) -> float:
        """How long the stage has lasted."""
        return self._clock() - self._began

    async def close(self) -> None:
        """All is well again: what happens from now on is no longer part of it."""
        self._owed = await asyncio.to_thread(self._happened)
        self._began = self._clock()

    async def take(self, stage: Stage, left: float = 0.0) -> DrillProgress:
        """How it stands."""
        return await asyncio.to_thread(self._take, stage, left)

    def _happened(self) -> set[Expected]:
        return self._world.tally.truth - self._before

    def _take(self, stage: Stage, left: float) -> DrillProgress:
        owed = self._happened() if self._owed is None else self._owed
        return DrillProgress(
            drill=self._drill,
            stage=stage,
            seconds=self.seconds,
            left=left,
            owed=len(owed),
            missing=len(self._world.tally.missing(owed)),
            repeated=self._world.segment.duplicates - self._copies,
            given_up=self._world.gladly.sender.given_up - self._given_up,
            figures=self._world.tally.figures(),
        )
