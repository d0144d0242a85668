"""What Segment accepted from here against what it counted, over a socket and a store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from core.doctor import counts as module
from core.model import DeliveryStatus
from core.simulator.runner import SimulatorServer
from core.simulator.segment import SegmentSimulator
from core.simulator.segment_public import FAILED, RECEIVED, PublicPages, Source
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from tests.fakes.rows import NOW, lease, new_delivery, outcome

if TYPE_CHECKING:
    from core.home import Home

KEY, TOKEN, HOUR = "k" * 32, "planted-public-token", 3600
KEPT = {"write-key": KEY, "public-api-token": TOKEN}
EVENT = "Conversation Opened"
#: an hour that is counted in full
MIDDLE = NOW // HOUR * HOUR - 5 * HOUR + 1800


@pytest.fixture
async def sent(home: Home) -> int:
    """Twenty events accepted in one hour."""
    store = SqlStore(SqliteDriver(home.store_file))
    await store.open()
    for _ in range(20):
        await store.enqueue(new_delivery())
    claimed = await store.claim(99, lease(), NOW)
    for one in claimed:
        await store.settle(
            [outcome(one.id, DeliveryStatus.ACCEPTED, accepted_at=MIDDLE)], "engine-1"
        )
    await store.close()
    return len(claimed)


@pytest.fixture
def compared(make_subject, settings):
    """The outcome when Segment counted so many."""

    async def ask(count: int, *, failed: int = 0, key: str = KEY, **others: int) -> Any:
        pages = PublicPages(TOKEN, (Source(id="s1", name="Ours", write_keys=(key,)),))
        hour = int(MIDDLE // HOUR * HOUR)
        pages.counts[RECEIVED, EVENT, hour] = count
        pages.counts[FAILED, EVENT, hour] = failed
        for event, number in others.items():
            pages.counts[RECEIVED, event, hour] = number
        with SimulatorServer(SegmentSimulator(public=pages)) as server:
            subject = make_subject(kept=KEPT, public_urls={"us": server.url}, wall=lambda: NOW)
            return await module.counts(subject, settings(confirm={"public_api": True}))

    return ask


@pytest.mark.usefixtures("sent")
async def test_equal_figures_agree(compared):
    found = await compared(20, title=7)

    assert (found.verdict, found.code) == ("ok", "counts.agree")
    assert found.detail == {f"“{EVENT}”": "accepted 20, counted 20"}


@pytest.mark.usefixtures("sent")
async def test_what_segment_did_not_count_is_said_by_event_and_hour(compared):
    found = await compared(17, failed=3)

    assert (found.verdict, found.code) == ("warn", "counts.missing")
    assert "3 fewer" in found.title
    assert found.detail[f"“{EVENT}”"].startswith("accepted 20, counted 17; 20")
    assert found.detail[f"“{EVENT}”"].endswith(" 20/17")
    assert found.detail["failed on ingest"] == "3"


@pytest.mark.usefixtures("sent")
async def test_what_came_from_somebody_else_is_said(compared):
    found = await compared(40)

    assert (found.verdict, found.code) == ("warn", "counts.surplus")
    assert "20" in found.title
    assert "official Gladly source" in found.hint


@pytest.mark.usefixtures("sent")
async def test_without_our_source_nothing_is_compared(compared):
    found = await compared(20, key="x" * 32)

    assert (found.verdict, found.code) == ("skip", "counts.no_source")


async def test_without_a_store_nothing_is_compared(compared):
    found = await compared(20)

    assert (found.verdict, found.code) == ("skip", "counts.no_store")


async def test_nothing_accepted_is_nothing_to_compare(compared, home: Home):
    store = SqlStore(SqliteDriver(home.store_file))
    await store.open()
    await store.close()

    found = await compared(20)

    assert (found.verdict, found.code) == ("ok", "counts.none")


async def test_it_is_not_asked_unless_wanted(make_subject, settings):
    found = await module.counts(make_subject(), settings())

    assert (found.verdict, found.code) == ("skip", "counts.off")
