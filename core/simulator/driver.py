"""Makes conversations live in real time, for the demo."""

from __future__ import annotations

import asyncio
import contextlib
import random
from typing import TYPE_CHECKING, NamedTuple

from core.simulator import traffic
from core.simulator.events import Conversation, EventMaker
from core.simulator.people import new_id
from core.simulator.timestamps import NS_PER_MS, to_ns

if TYPE_CHECKING:
    from core.simulator.events import Event
    from core.simulator.gladly import GladlySimulator
    from core.simulator.traffic import Expected

MIN_GAP, MAX_GAP = 0.2, 2.0
#: fraction digits fine enough for gaps that short
_DIGITS = (3, 3, 6, 9)


class _Script(NamedTuple):
    """The steps of one conversation, and how many track events they cause."""

    steps: tuple[str, ...]
    causes: int
    weight: int


_SCRIPTS = (
    _Script(("created", "assigned", "topic", "closed"), 2, 5),
    _Script(("created by agent", "closed"), 2, 2),
    _Script(("created", "closed"), 1, 1),
    _Script(("created", "assigned", "closed", "reopened", "topic", "closed"), 4, 2),
)
_LEFT_OPEN = _Script(("created", "assigned"), 1, 0)


class Driver:
    """Starts conversations so that about `rate` track events a second are caused.

    Args:
        gladly: Where they live.
        rate: Track events per second, by the rule `assigned`.
        count: End when exactly so many have been caused; None = go on until told to stop.
        seed: Of the dice; None = other conversations each time.
        pace: Multiplies the gaps of 0.2 to 2 s between the events of one conversation.
    """

    def __init__(
        self,
        gladly: GladlySimulator,
        *,
        rate: float,
        count: int | None = None,
        seed: int | None = None,
        pace: float = 1.0,
    ) -> None:
        self._gladly = gladly
        self._rate = rate
        self._left = count
        self._pace = pace
        self._dice = random.Random(seed)  # noqa: S311 - traffic, not secrets
        self._maker = EventMaker(self._dice, _DIGITS)
        self._expected: set[Expected] = set()

    @property
    def truth(self) -> set[Expected]:
        """What should reach Segment of all that happened so far."""
        return set(self._expected)

    @property
    def caused(self) -> int:
        """How many track events have been caused so far."""
        return len(self._expected)

    async def run(self, stop: asyncio.Event) -> None:
        """Start conversations until `count` is caused or `stop` is set."""
        loop = asyncio.get_running_loop()
        next_at = loop.time()
        async with asyncio.TaskGroup() as group:
            while self._left != 0 and not await _stopped(stop, next_at - loop.time()):
                script = self._choose()
                if self._left is not None:
                    self._left -= script.causes
                next_at += script.causes / self._rate
                group.create_task(self._live(script, stop))

    def _choose(self) -> _Script:
        if self._left == 1:
            return _LEFT_OPEN
        fitting = [s for s in _SCRIPTS if self._left is None or s.causes <= self._left]
        return self._dice.choices(fitting, [script.weight for script in fitting])[0]

    async def _live(self, script: _Script, stop: asyncio.Event) -> None:
        conversation = Conversation(
            id=new_id(self._dice),
            customer_id=self._some_customer(),
            inbox_id=self._dice.choice(self._gladly.world.inboxes)["id"],
        )
        lived: list[Event] = []
        at_ns = 0
        for step in script.steps:
            gap = self._dice.uniform(MIN_GAP, MAX_GAP) * self._pace if lived else 0.0
            if await _stopped(stop, gap):
                return
            at_ns = max(to_ns(self._gladly.clock()), at_ns + NS_PER_MS)
            event = self._event(step, conversation, at_ns)
            lived.append(event)
            self._expected |= traffic.truth(lived)
            self._gladly.publish(event)

    def _event(self, step: str, conversation: Conversation, at_ns: int) -> Event:
        match step:
            case "created by agent":
                conversation.agent_id = self._some_agent()
                return self._maker.created(conversation, at_ns)
            case "created":
                return self._maker.created(conversation, at_ns)
            case "assigned":
                return self._maker.assigned(conversation, at_ns, self._some_agent())
            case "topic":
                topic = self._dice.choice(self._gladly.world.topics)["id"]
                return self._maker.topic_added(conversation, at_ns, topic)
            case "reopened":
                return self._maker.reopened(conversation, at_ns)
            case _:
                return self._maker.closed(conversation, at_ns)

    def _some_customer(self) -> str:
        return str(self._dice.choice(list(self._gladly.directory.customers)))

    def _some_agent(self) -> str:
        return str(self._dice.choice(self._gladly.world.agents)["id"])


async def drive(
    gladly: GladlySimulator, *, rate: float, count: int | None, stop: asyncio.Event
) -> Driver:
    """Let conversations live until `count` track events are caused or `stop` is set."""
    driver = Driver(gladly, rate=rate, count=count)
    await driver.run(stop)
    return driver


async def _stopped(stop: asyncio.Event, seconds: float) -> bool:
    """Wait `seconds`, less if `stop` is set; whether it is."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(max(0.0, seconds)):
            await stop.wait()
    return stop.is_set()
