"""Covered times join, gaps keep their fate, and old ones are forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.coverage import Covered, Fate, Gap, Interval, merged
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from core.store.ledger import Ledger


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    store = SqlStore(SqliteDriver(tmp_path / "store.db"))
    await store.open()
    yield store.ledger
    await store.close()


def covered(start: float, end: float, channel: str = "poll") -> Covered:
    return Covered(channel=channel, start=start, end=end)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 50), st.integers(1, 20), st.sampled_from(["poll", "webhook"]))
    )
)
async def test_whatever_is_covered_in_whatever_order_is_covered(
    ledger: Ledger, given_: list[tuple[int, int, str]]
):
    await ledger.prune(1000, 1000)
    for start, length, channel in given_:
        await ledger.cover([covered(start, start + length, channel)], tolerance=0.0)

    found = await ledger.spans(-1)

    for channel in ("poll", "webhook"):
        wanted = merged(Interval(s, s + n) for s, n, one in given_ if one == channel)
        kept = merged(Interval(s.start, s.end) for s in found if s.channel == channel)
        assert kept == wanted


async def test_what_joins_on_is_one_span(ledger: Ledger):
    for start in range(0, 300, 30):
        await ledger.cover([covered(start, start + 29.5)], tolerance=1.0)

    assert await ledger.spans(0) == [covered(0, 299.5)]
    assert await ledger.first_covered_at() == 0


async def test_a_gap_is_open_until_it_is_settled_perhaps_in_two_parts(ledger: Ledger):
    one = await ledger.add(Gap(start=10, end=50, reason="Off."))
    (gap,) = await ledger.open_gaps()
    assert gap.id == one

    lost = Gap(start=10, end=20, reason="Off.", fate=Fate.LOST, settled_at=60, id=one)
    healed = Gap(start=20, end=50, reason="Off.", fate=Fate.HEALED, settled_at=60, events=4)
    await ledger.settle(gap, [lost, healed])

    newest, oldest = await ledger.gaps(0, 10)
    assert oldest == lost
    assert (newest.fate, newest.events, newest.start) == (Fate.HEALED, 4, 20)
    assert await ledger.open_gaps() == []


async def test_what_is_old_is_forgotten(ledger: Ledger):
    await ledger.cover([covered(0, 10), covered(20, 30)], tolerance=0.0)
    await ledger.add(Gap(start=10, end=20, reason="Off."))

    await ledger.prune(15, 15)
    assert await ledger.spans(0) == [covered(20, 30)]
    assert len(await ledger.gaps(0, 10)) == 1
    await ledger.prune(15, 25)
    assert await ledger.gaps(0, 10) == []
