"""Importing history: everything the files can tell, nothing twice, and the ledger says so."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from core.coverage import TOLD_SECONDS, Fate, Gap
from core.errors import GladlyUnavailable, OperationError
from core.gladly.budget import RequestBudget
from core.gladly.client import GladlyClient
from core.gladly.exports import StatusChange
from core.ingest.backfill import MOST_WAITING, Backfill
from core.ingest.history import News, Told, body_of
from core.ingest.intake import Intake
from core.mapping.periods import judge
from core.model import Channel, Fact
from core.pipeline.facts import repeated, sort
from core.simulator.gladly import DEMO_EMAIL, DEMO_TOKEN, GladlySimulator
from core.simulator.gladly_exports import Exports
from core.simulator.people import make_world
from core.simulator.timestamps import timestamp_ns
from core.simulator.traffic import make_history, truth
from core.store.base import Lease, Retention, WebhookFilter
from core.store.reconciliation import PRUNED_BEFORE
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from core.store.upkeep import prune
from tests.fakes import FakeClock, body, gladly_event

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from core.ingest.account import Account
    from core.simulator.events import Event

NOW = 1_780_000_000.0
HOUR = 3600.0
DAY = 24 * HOUR
NS_PER_MS = 1_000_000


class NoWaiting:
    """The budget's time: it never has to wait here."""

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


class Bench:
    """A backfill on a simulated Gladly and a real store; `waited` are the waits it made."""

    def __init__(self, folder: Path, *, resolves: bool = False, **gladly: Any) -> None:
        self.clock = FakeClock(NOW)
        self.gladly = GladlySimulator(
            make_world(7), now=self.clock, requests_per_second=0, **gladly
        )
        self.store = SqlStore(SqliteDriver(folder / "store.db"))
        self.intake = Intake(self.store, self.clock)
        self.client = GladlyClient(
            "http://gladly",
            DEMO_EMAIL,
            DEMO_TOKEN,
            budget=RequestBudget(1000, NoWaiting()),
            transport=httpx.ASGITransport(self.gladly.app),
            clock=NoWaiting(),
            wall=self.clock,
        )
        self.waited: list[float] = []
        self.backfill = Backfill(
            self.client,
            self.intake,
            self.store,
            opened_when="assigned",
            resolves=resolves,
            clock=self.clock,
            sleep=self._sleep,
        )

    async def _sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        await self.learn(20)

    def happened(self, *, days: float = 12.0, conversations: int = 60) -> list[Event]:
        """A history that ended yesterday."""
        history = make_history(
            self.gladly.world,
            ends_at=NOW - 1.5 * DAY,
            seed=3,
            conversations=conversations,
            days=days,
        )
        self.gladly.load(history)
        return history

    async def tell(self, events: list[Event]) -> None:
        """The webhook tells of these, and they are looked at."""
        for event in events:
            await self.intake.take(body(dict(event)), Channel.WEBHOOK)
        await self.learn()

    async def learn(self, most: int = 100_000) -> None:
        """What the resolver would learn of the inbox."""
        lease = Lease(owner="test", until=self.clock.now + 1)
        webhooks = await self.store.claim_webhooks(most, lease, self.clock.now)
        facts, _, others = sort(webhooks)
        await self.store.learn(facts)
        await self.store.resolve([*others, *repeated(fact.webhook_id for _, fact in facts)])

    async def run(self, since: float | None = None, *, dry_run: bool = False) -> Account:
        account = self.backfill.begin(since, dry_run=dry_run)
        await self.backfill.run(account)
        return account

    async def events(self) -> set[tuple[str, str, int]]:
        """What ought to go to Segment, from all that is known."""
        await self.learn()
        page = await self.store.webhook_page(WebhookFilter(), None, 100_000)
        ids = {one.conversation_id for one in page.rows if one.conversation_id}
        known = await self.store.knowledge(sorted(ids))
        return {
            (wanted.rule, conversation_id, wanted.occurred_ns // NS_PER_MS)
            for conversation_id, one in known.items()
            for wanted in judge(one.facts, "assigned").wanted
        }


@asynccontextmanager
async def bench(folder: Path, **kind: Any) -> AsyncIterator[Bench]:
    made = Bench(folder, **kind)
    await made.store.open()
    try:
        yield made
    finally:
        await made.client.aclose()
        await made.store.close()


def held(history: list[Event], now: float = NOW) -> list[Event]:
    """What the files can tell: of conversations that began in their fortnight."""
    return [one for one in history if timestamp_ns(one["timestamp"]) / 1e9 > now - 14 * DAY]


async def test_of_an_installation_that_was_never_there_everything_is_imported(tmp_path: Path):
    async with bench(tmp_path) as made:
        history = made.happened()
        account = await made.run()
        found = await made.events()
        # An opening in a file means that somebody is on it, and says no more.
        assert truth(history) <= found <= truth(history) | truth(history, "created")
        assert account.opened + account.closed == len(found)
        assert account.jobs == account.jobs_read > 10


@pytest.mark.parametrize("skew_ms", [0, 7, -2500])
async def test_whatever_was_told_before_nothing_is_doubled(tmp_path: Path, skew_ms: int):
    async with bench(tmp_path, exports=Exports(skew_ms=skew_ms)) as made:
        history = made.happened()
        told = [event for number, event in enumerate(history) if number % 3]
        await made.tell(told)
        await made.run()
        found = await made.events()
        true = truth(history) | truth(history, "created")
        for rule, conversation, at in found:
            near = [t for r, c, t in true if (r, c) == (rule, conversation) and abs(t - at) < 3000]
            assert near
        assert len(found) <= len(true)
        if skew_ms == 0:
            assert truth(history) <= found


async def test_importing_again_imports_nothing(tmp_path: Path):
    async with bench(tmp_path) as made:
        made.happened()
        first = await made.run()
        again = await made.run()  # nobody has looked at the first one's yet
        rows = await made.store.webhook_page(WebhookFilter(), None, 100_000)
        await made.learn()
        third = await made.run()
        after = await made.store.webhook_page(WebhookFilter(), None, 100_000)
        assert first.facts > 0
        assert len(rows.rows) == len(after.rows) == first.facts
        assert (third.facts, third.opened, third.closed) == (0, 0, 0)
        assert again.state == "running"  # whoever carries it out says how it ended


async def test_a_dry_run_says_the_same_and_changes_nothing(tmp_path: Path):
    async with bench(tmp_path) as made:
        history = made.happened()
        await made.tell(history[::4])
        before = await made.store.webhook_page(WebhookFilter(), None, 100_000)
        dry = await made.run(dry_run=True)
        after = await made.store.webhook_page(WebhookFilter(), None, 100_000)
        wet = await made.run()
        assert before == after
        assert (dry.facts, dry.opened, dry.closed) == (wet.facts, wet.opened, wet.closed)
        assert (dry.known, dry.unclear, dry.changes) == (wet.known, wet.unclear, wet.changes)


async def test_since_leaves_alone_what_was_before_but_knows_it(tmp_path: Path):
    async with bench(tmp_path) as made:
        history = made.happened()
        since = NOW - 5 * DAY
        await made.run(since)
        found = await made.events()
        assert found
        for rule, conversation, at in found - truth(history):
            assert (rule, conversation, at) in truth(history, "created")
        late = {one for one in truth(history) if one[0] == "closed" and one[2] / 1000 >= since}
        assert late <= found
        assert not {one for one in found if one[0] == "closed" and one[2] / 1000 < since}


async def test_the_last_24_hours_are_left_to_polling(tmp_path: Path):
    async with bench(tmp_path, exports=Exports(ready_after=0.0)) as made:
        noon = (NOW // DAY) * DAY - HOUR  # an hour before the last job's end
        made.clock.now = noon + 2 * HOUR
        at = "2026-05-27T23:00:00.000Z"
        made.gladly.load([gladly_event("CONVERSATION/CLOSED", id="e", conversation="c", at=at)])
        account = await made.run()
        assert (account.young, account.facts) == (1, 0)


async def test_jobs_that_are_not_done_are_counted_and_the_rest_is_read(tmp_path: Path):
    days = {"2026-05-20": "FAILED", "2026-05-21": "IN_PROGRESS"}
    async with bench(tmp_path, exports=Exports(statuses=days)) as made:
        made.happened()
        account = await made.run()
        assert account.not_ready == 2
        assert account.jobs_read == account.jobs > 5


async def test_a_connection_that_breaks_is_tried_again_from_the_beginning(tmp_path: Path):
    async with bench(tmp_path) as made:
        history = made.happened()
        made.gladly.faults.set(["cut:count=1,bytes=2000,path=/files/"])
        await made.run()
        assert truth(history) <= await made.events()
        assert made.waited[:1] == [5.0]


async def test_a_gladly_that_stays_away_ends_it_and_the_next_import_goes_on(tmp_path: Path):
    async with bench(tmp_path) as made:
        history = made.happened()
        made.gladly.faults.set(["503:path=/files/"])
        with pytest.raises(GladlyUnavailable):
            await made.run()
        made.gladly.faults.set([])
        await made.run()
        assert truth(history) <= await made.events()


async def test_live_events_need_not_queue_behind_an_import(tmp_path: Path):
    async with bench(tmp_path, resolves=True) as made:
        made.happened(conversations=200)
        account = await made.run()
        assert account.facts > 40 * MOST_WAITING
        assert made.waited
        counts = await made.store.counts()
        assert counts.webhooks.get("received", 0) <= MOST_WAITING


async def test_a_lost_gap_is_imported_as_far_as_the_files_go(tmp_path: Path):
    async with bench(tmp_path) as made:
        made.happened()
        begins = NOW - 20 * DAY
        lost = Gap(start=begins, end=NOW - 2 * DAY, reason="Away.", fate=Fate.LOST)
        healed = Gap(start=NOW - 4 * DAY, end=NOW - 3 * DAY, reason="Away.", fate=Fate.HEALED)
        for gap in (lost, healed):
            await made.store.ledger.add(gap)
        dry = await made.run(dry_run=True)
        untouched = await made.store.ledger.gaps(0, 10)
        account = await made.run()
        gaps = sorted(await made.store.ledger.gaps(0, 10), key=lambda gap: gap.start)
        assert (dry.gaps, account.gaps) == (1, 1)
        assert {gap.fate for gap in untouched} == {Fate.LOST, Fate.HEALED}
        first, second, third = gaps
        assert (first.fate, first.start) == (Fate.LOST, begins)
        assert (second.fate, second.end) == (Fate.IMPORTED, NOW - 2 * DAY)
        assert second.events > 0
        assert third.fate is Fate.HEALED


async def test_of_a_gap_only_what_was_asked_for_is_imported_and_an_open_one_is_not_lost(
    tmp_path: Path,
):
    async with bench(tmp_path) as made:
        made.happened()
        since = NOW - 4 * DAY
        lost = Gap(start=NOW - 5 * DAY, end=NOW - 3 * DAY, reason="Away.", fate=Fate.LOST)
        still = Gap(start=NOW - 2.5 * DAY, end=NOW - 10, reason="Away.")
        for gap in (lost, still):
            await made.store.ledger.add(gap)
        await made.run(since)
        gaps = sorted(await made.store.ledger.gaps(0, 10), key=lambda gap: gap.start)
        assert [gap.fate for gap in gaps] == [Fate.LOST, Fate.IMPORTED, Fate.IMPORTED, Fate.OPEN]
        assert (gaps[0].end, gaps[1].start) == (since, since)


async def test_what_retention_forgot_is_not_sent_again(tmp_path: Path):
    async with bench(tmp_path) as made:
        history = made.happened()
        await made.tell(history)
        forgotten = NOW + 1 - 5 * DAY
        await prune(made.store, Retention(payload_before=NOW + 1, metadata_before=NOW + 1))
        await made.store.set_meta(PRUNED_BEFORE, str(forgotten))
        account = await made.run()
        assert (account.cut, account.since) == ("retention", forgotten)
        late = {one for one in truth(history, "created") if one[2] / 1000 >= forgotten}
        assert account.opened + account.closed <= len(late)


async def test_what_nobody_looked_at_yet_is_waited_for_or_said(tmp_path: Path):
    async with bench(tmp_path, resolves=True) as made:
        history = made.happened()
        for event in history:
            await made.intake.take(body(dict(event)), Channel.WEBHOOK)
        account = await made.run()
        assert made.waited
        assert account.closed == 0
    async with bench(tmp_path / "alone") as made:
        made.happened()
        told = gladly_event("CONVERSATION/CLOSED", id="e", conversation="c")
        await made.intake.take(body(told), Channel.WEBHOOK)
        with pytest.raises(OperationError, match="not looked at"):
            await made.run()


async def test_a_file_that_is_gone_does_not_end_the_rest(tmp_path: Path):
    async with bench(tmp_path) as made:
        made.happened()
        whole = await made.run(dry_run=True)
        made.gladly.faults.set(["404:count=1,path=/files/"])
        account = await made.run()
        assert (account.not_ready, account.jobs_read) == (1, whole.jobs - 1)
        assert account.jobs_read == account.jobs


async def test_without_export_files_it_says_whom_to_ask(tmp_path: Path):
    async with bench(tmp_path) as made:
        made.gladly.faults.set(["404:path=/export/jobs"])
        with pytest.raises(OperationError, match="no export files"):
            await made.run()


async def test_an_import_is_not_where_polling_begins(tmp_path: Path):
    async with bench(tmp_path) as made:
        made.happened()
        await made.run()
        assert await made.store.last_received_at() is None


async def test_of_a_lost_gap_only_the_time_that_was_asked_for_is_imported(tmp_path: Path):
    async with bench(tmp_path) as made:
        made.happened()
        since = NOW - 4.3 * DAY  # amid a day's file
        lost = Gap(start=NOW - 6 * DAY, end=NOW - 3 * DAY, reason="Away.", fate=Fate.LOST)
        await made.store.ledger.add(lost)
        await made.run(since)
        before, after = sorted(await made.store.ledger.gaps(0, 10), key=lambda gap: gap.start)
        assert (before.fate, before.start, before.end) == (Fate.LOST, lost.start, since)
        assert (after.fate, after.start, after.end) == (Fate.IMPORTED, since, lost.end)


@pytest.mark.parametrize("ahead", [-2 * HOUR, 0.0, 2 * HOUR])
async def test_what_is_young_is_judged_by_gladlys_clock_as_polling_does(
    tmp_path: Path, ahead: float
):
    async with bench(tmp_path) as made:
        made.client.skew_seconds = ahead  # as an answer's Date header tells
        account = await made.run()
        assert account.until == pytest.approx(NOW + ahead - TOLD_SECONDS)


async def test_items_of_one_id_in_several_conversations_are_several(tmp_path: Path):
    async with bench(tmp_path) as made:
        told = [
            News(
                told=Told(at_ns=int(NOW * 1e9), kind=Fact.CLOSED),
                change=StatusChange(
                    item_id="same",
                    conversation_id=f"c{number}",
                    customer_id="customer",
                    at_ns=int(NOW * 1e9),
                    status="CLOSED",
                ),
            )
            for number in range(3)
        ]
        news = [made.intake.read(body_of(one), Channel.BACKFILL) for one in told]
        assert len({one.dedupe_key for one in news if one is not None}) == 3
