"""The tally compares what ought to have arrived with what has, test events aside."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from core.simulator.driver import Driver
from core.simulator.gladly import GladlySimulator
from core.simulator.segment import SegmentSimulator
from core.simulator.tally import Tally
from core.simulator.timestamps import NS_PER_MS, format_timestamp

if TYPE_CHECKING:
    from core.simulator.traffic import Expected


@pytest.fixture
async def driver() -> Driver:
    made = Driver(GladlySimulator(), rate=10_000.0, count=6, seed=1, pace=0.0)
    await made.run(asyncio.Event())
    return made


def accept(segment: SegmentSimulator, expected: Expected, **changes: object) -> None:
    kind, conversation, at_ms = expected
    message_id = str(len(segment.accepted))
    segment.accepted[message_id] = {
        "type": "track",
        "messageId": message_id,
        "event": f"Conversation {kind.title()}",
        "timestamp": format_timestamp(at_ms * NS_PER_MS, 3),
        "properties": {"conversationId": conversation},
        **changes,
    }


async def test_what_has_not_arrived_is_missing(driver: Driver):
    segment = SegmentSimulator()
    tally = Tally(GladlySimulator(), segment)
    tally.add(driver)
    first, second, *rest = sorted(driver.truth)

    accept(segment, first)
    before = tally.missing()
    accept(segment, second)
    figures = tally.figures()

    assert before == {second, *rest}
    assert tally.missing({first, second}) == set()
    assert (figures.sent, figures.accepted, figures.missing, figures.twice) == (6, 2, 4, 0)
    assert tally.caused == 6


async def test_what_came_twice_or_ought_not_to_be_there_counts(driver: Driver):
    segment = SegmentSimulator()
    tally = Tally(GladlySimulator(), segment)
    tally.add(driver)
    first = min(driver.truth)

    accept(segment, first)
    accept(segment, first)
    accept(segment, ("opened", "nowhere", 1_780_000_000_000))

    assert tally.figures().twice == 2


async def test_test_events_and_identifies_do_not_count(driver: Driver):
    segment = SegmentSimulator()
    tally = Tally(GladlySimulator(), segment)
    tally.add(driver)

    accept(segment, min(driver.truth), context={"test": True})
    accept(segment, min(driver.truth), type="identify")

    assert (tally.figures().accepted, tally.figures().twice) == (0, 0)
    assert len(tally.messages()) == 2
    assert len(tally.messages(1)) == 1
