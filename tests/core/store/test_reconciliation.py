"""The sums hold after any history, and a store that somebody meddled with is found out."""

from __future__ import annotations

import asyncio
import functools
import sqlite3
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.gladly.timestamps import format_timestamp
from core.health import Health
from core.ingest.intake import Intake
from core.mapping.plan import make_plan
from core.mapping.transform import message_id_of
from core.model import Channel, DeliveryStatus
from core.pipeline.operations import Operations, Selection
from core.pipeline.resolver import NoLookup, Resolver, Rules
from core.segment.message import MessageBuilder
from core.settings import Mapping_
from core.signals import Signal
from core.store import upkeep
from core.store.base import Filter, Retention, WebhookFilter
from core.store.reconciliation import Question
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from core.sums import Fault
from tests.fakes import FakeClock, body, gladly_event
from tests.fakes.rows import NOW, lease, outcome

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from core.sums import Sums

CREATED, REOPENED = "CONVERSATION/CREATED", "CONVERSATION/REOPENED"
CLOSED, ASSIGNED = "CONVERSATION/CLOSED", "CONVERSATION_ASSIGNEE/UPDATED"
MERGED, DELETED = "CUSTOMER/MERGED", "CUSTOMER_PROFILE/DELETED"
ALIAS, DAY = "default", 86_400.0
ENDS = (DeliveryStatus.ACCEPTED, DeliveryStatus.RETRYING, DeliveryStatus.DEAD)


class Life:
    """A store, what works on it, and a clock that stands still until told otherwise."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = FakeClock(NOW)
        self.store = SqlStore(SqliteDriver(path))
        self.intake = Intake(self.store, self.clock)
        self.operations = Operations(self.store, clock=self.clock)
        self.live_by("assigned", identify=False)

    def live_by(self, opened_when: str, *, identify: bool, merges: bool = True) -> None:
        """Begin anew under other settings."""
        mapping = Mapping_(
            opened_when=opened_when,  # type: ignore[arg-type]
            identify=identify,
            merges=merges,
        )
        self.resolver = Resolver(
            self.store,
            NoLookup(),
            (make_plan(mapping, ALIAS),),
            MessageBuilder(),
            Rules(settle_seconds=5, give_up_seconds=60),
            health=Health(self.clock),
            queued=Signal(),
            owner="engine-1",
            clock=self.clock,
        )

    async def tell(self, kind: str, minute: int = 0, **more: Any) -> None:
        """One notification about something that happened at that minute of the first hour."""
        polled = more.pop("polled", False)
        more.setdefault("id", f"{kind}-{minute}-{more}")
        content = more.pop("content", None)
        event = gladly_event(kind, at=format_timestamp(NOW + 60 * minute), **more)
        event["content"] = content or event["content"]
        if not polled:
            await self.intake.take(body(event), Channel.WEBHOOK)
        elif (new := self.intake.read(body(event), Channel.POLL)) is not None:
            await self.intake.take_many([new])

    async def resolve(self) -> None:
        """Look at all that is due."""
        async with asyncio.TaskGroup() as group:
            while await self.resolver._round(group):
                pass

    async def send(self, end: DeliveryStatus) -> None:
        """One attempt for all that is due."""
        for one in await self.store.claim(99, lease(until=self.clock() + 60), self.clock()):
            at = self.clock() if end is DeliveryStatus.ACCEPTED else None
            again = self.clock() + 5 if end is DeliveryStatus.RETRYING else None
            done = outcome(one.id, end, accepted_at=at, next_attempt_at=again)
            await self.store.settle([done], "engine-1")

    async def prune(self) -> None:
        now = self.clock()
        keep = Retention(payload_before=now - 30 * DAY, metadata_before=now - 180 * DAY)
        await upkeep.prune(self.store, keep)

    async def sums(self, since: float = 0.0) -> Sums:
        question = Question(
            since=since,
            until=self.clock() + 1,
            zone=UTC,
            message_id=functools.partial(message_id_of, ALIAS),
        )
        return await self.store.sums(question)

    async def seen_between(self, since: float, until: float) -> int:
        """Webhooks of that time, counted one by one."""
        rows = (await self.store.webhook_page(WebhookFilter(), None, 9999)).rows
        return sum(since <= row.received_at < until for row in rows)

    async def deliveries(self) -> list[Any]:
        return [*(await self.store.page(Filter(), None, 9999)).rows]


@asynccontextmanager
async def living(folder: Path) -> AsyncIterator[Life]:
    life = Life(folder / "store.db")
    await life.store.open()
    try:
        yield life
    finally:
        await life.store.close()


@pytest.fixture
async def life(tmp_path: Path) -> AsyncIterator[Life]:
    """Conversation c1 was opened and closed, and both calls were accepted; c2 is waiting."""
    async with living(tmp_path) as one:
        await one.tell(CREATED, 0, agent="a1")
        await one.tell(CLOSED, 5)
        await one.resolve()
        await one.send(DeliveryStatus.ACCEPTED)
        await one.tell(CREATED, 7, conversation="c2")
        await one.tell(ASSIGNED, 8, conversation="c2", assignee="a2")
        await one.tell("TOPIC/ADDED", 9)
        await one.intake.take(b"no json", Channel.WEBHOOK)
        await one.resolve()
        yield one


def tamper(life: Life, sql: str) -> None:
    with closing(sqlite3.connect(life.path)) as connection, connection:
        assert connection.execute(sql).rowcount == 1


# --- what holds


async def test_every_webhook_and_every_call_is_counted_once(life: Life):
    (day,) = (await life.sums()).days

    assert day.day == datetime.fromtimestamp(NOW, UTC).date()
    assert (day.seen, day.mapped, day.skipped, day.unmappable, day.waiting) == (6, 2, 2, 1, 1)
    assert (day.accepted, day.pending, day.dead) == (2, 0, 0)
    assert day.adds_up


async def test_days_are_those_of_the_zone_and_of_the_webhook(life: Life):
    life.clock.advance(DAY)
    await life.resolve()

    found = await life.sums()

    assert [(day.seen, day.mapped, day.pending) for day in found.days] == [(6, 3, 1)]
    assert (await life.sums(since=life.clock())).days == ()


async def test_created_and_reopened_in_one_instant_share_a_call(life: Life):
    await life.tell(CREATED, 1, conversation="c3", customer="ada", agent="a1")
    await life.tell(REOPENED, 1, conversation="c3", customer="ada", agent="a1")
    await life.resolve()

    total = (await life.sums()).total
    assert (total.mapped, total.accepted, total.pending) == (4, 2, 2)
    assert (await life.sums()).adds_up

    await life.operations.erase("ada")

    total = (await life.sums()).total
    assert (total.mapped, total.accepted, total.discarded, total.erased) == (4, 2, 1, 1)
    assert (await life.sums()).adds_up


async def test_what_was_erased_and_is_told_again_is_no_loss(life: Life):
    await life.tell(CLOSED, 1, conversation="c3", customer="ada")
    await life.resolve()
    await life.operations.erase("ada")

    await life.tell(CLOSED, 1, conversation="c3", customer="ada", id="another id")
    await life.resolve()

    found = await life.sums()
    assert (found.total.mapped, found.total.discarded, found.total.skipped) == (3, 1, 3)
    assert found.adds_up


async def test_one_event_told_of_two_customers_is_no_loss_when_one_is_erased(life: Life):
    await life.tell(CLOSED, 1, conversation="c3", customer="ada", id="as ada")
    await life.tell(CLOSED, 1, conversation="c3", customer="bob", id="as bob")
    await life.resolve()

    await life.operations.erase("ada")

    assert (await life.sums()).adds_up


async def test_a_call_that_a_later_event_took_back_is_beside_the_sums(life: Life):
    await life.tell(CREATED, 1, conversation="c3")
    await life.tell(ASSIGNED, 3, conversation="c3", assignee="a1")
    life.clock.advance(6)
    await life.resolve()
    await life.send(DeliveryStatus.ACCEPTED)
    before = (await life.sums()).total

    await life.tell(CLOSED, 2, conversation="c3")
    await life.resolve()

    total = (await life.sums()).total
    assert (total.mapped, total.accepted) == (before.mapped, before.accepted - 1)
    assert total.adds_up


kinds = st.sampled_from([CREATED, CREATED, REOPENED, CLOSED, CLOSED, ASSIGNED])
told = st.fixed_dictionaries({
    "kind": kinds,
    "minute": st.integers(0, 2),
    "conversation": st.sampled_from(["c1", "c1", "c2"]),
    "customer": st.sampled_from(["ada", "bob", None]),
    "agent": st.sampled_from(["a1", None]),
    "assignee": st.sampled_from(["a2", None]),
    "id": st.uuids().map(str) | st.sampled_from("123"),
    "polled": st.booleans(),
})  # fmt: skip
merged = st.tuples(
    st.sampled_from(["ada", "bob"]),
    st.sampled_from(["ada", "bob"]),
    st.integers(0, 1),
    st.booleans(),
    st.uuids().map(str),
)
steps = st.one_of(
    st.tuples(st.just("tell"), told),
    st.tuples(st.just("hear"), told),
    st.tuples(st.just("hear"), told),
    st.tuples(st.just("resolve"), st.none()),
    st.tuples(st.just("send"), st.sampled_from(ENDS)),
    st.tuples(st.just("echo"), st.none()),
    st.tuples(st.just("replay"), st.booleans()),
    st.tuples(st.just("discard"), st.none()),
    st.tuples(st.just("erase"), st.sampled_from(["ada", "bob"])),
    st.tuples(st.just("wait"), st.sampled_from([6.0, DAY, 40 * DAY, 100 * DAY, -DAY])),
    st.tuples(st.just("prune"), st.none()),
    st.tuples(st.just("garbage"), st.none()),
    st.tuples(st.just("merge"), merged),
    st.tuples(st.just("merge"), merged),
    st.tuples(st.just("depart"), st.sampled_from(["ada", "bob"])),
    st.tuples(st.just("settings"), st.tuples(st.booleans(), st.booleans(), st.booleans())),
)


EVERYTHING = Selection(wanted=Filter())


class Steps:
    """What may happen to a store, by name."""

    async def tell(self, life: Life, more: dict[str, Any]) -> None:
        await life.tell(**more)

    async def hear(self, life: Life, more: dict[str, Any]) -> None:
        await life.tell(**more)
        await life.resolve()

    async def resolve(self, life: Life, _: None) -> None:
        await life.resolve()

    async def send(self, life: Life, end: DeliveryStatus) -> None:
        await life.send(end)

    async def echo(self, life: Life, _: None) -> None:
        ids = [one.message_id for one in await life.deliveries()]
        await life.store.confirm(ids, life.clock())

    async def replay(self, life: Life, new_id: bool) -> None:
        await life.operations.replay(EVERYTHING, new_id=new_id)

    async def discard(self, life: Life, _: None) -> None:
        await life.operations.discard(EVERYTHING)

    async def erase(self, life: Life, customer: str) -> None:
        await life.operations.erase(customer)

    async def wait(self, life: Life, seconds: float) -> None:
        life.clock.advance(seconds)

    async def prune(self, life: Life, _: None) -> None:
        await life.prune()

    async def garbage(self, life: Life, _: None) -> None:
        await life.intake.take(f"no json at {life.clock()}".encode(), Channel.WEBHOOK)

    async def merge(self, life: Life, more: tuple[str, str, int, bool, str]) -> None:
        merged, into, minute, polled, one = more
        content = {"sourceCustomerId": merged, "destinationCustomerId": into}
        await life.tell(MERGED, minute, content=content, polled=polled, id=one)

    async def depart(self, life: Life, customer: str) -> None:
        await life.tell(DELETED, content={"customerId": customer}, id=f"{life.clock()} {customer}")

    async def settings(self, life: Life, more: tuple[bool, bool, bool]) -> None:
        created, identify, merges = more
        life.live_by("created" if created else "assigned", identify=identify, merges=merges)


@settings(max_examples=60, deadline=None)
@given(st.lists(steps, min_size=1, max_size=25))
async def test_the_sums_hold_at_every_moment_of_any_history(
    tmp_path_factory: pytest.TempPathFactory, history: list[tuple[str, Any]]
):
    async with living(tmp_path_factory.mktemp("life")) as life:
        for step, more in history:
            await getattr(Steps(), step)(life, more)

            found = await life.sums()
            assert found.offenders == ()
            assert found.adds_up
            seen = await life.seen_between(found.since, found.until)
            assert sum(day.seen for day in found.days) == seen


# --- what is found out


async def faults(life: Life) -> set[tuple[str, Fault]]:
    found = await life.sums()
    assert not found.adds_up
    return {(one.row, one.fault) for one in found.offenders}


async def test_a_lost_call_is_missed(life: Life):
    tamper(life, "DELETE FROM delivery WHERE id = 2")

    found = await life.sums()

    assert [(one.row, one.fault) for one in found.offenders] == [("w2", Fault.NO_CALL)]
    assert [day.unmatched for day in found.days] == [1]


async def test_a_call_that_only_a_copy_stands_for_is_missed(life: Life):
    await life.operations.replay(Selection(ids=(2,)), new_id=True)
    assert (await life.sums()).adds_up
    tamper(life, "DELETE FROM delivery WHERE id = 2")

    assert ("w2", Fault.NO_CALL) in await faults(life)


async def test_a_lost_webhook_is_missed(life: Life):
    tamper(life, "DELETE FROM webhook WHERE id = 2")

    assert await faults(life) == {("d2", Fault.NO_WEBHOOK)}


async def test_a_webhook_called_mapped_that_never_was_is_found(life: Life):
    tamper(life, "UPDATE webhook SET status = 'resolved' WHERE kind = 'TOPIC/ADDED'")

    assert await faults(life) == {("w5", Fault.NO_CALL)}


@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        ("UPDATE webhook SET status = 'gone' WHERE id = 5", ("w5", Fault.STATUS)),
        ("UPDATE webhook SET reason = '' WHERE id = 5", ("w5", Fault.SILENT)),
        ("UPDATE webhook SET due_at = NULL WHERE id = 3", ("w3", Fault.NEVER_LOOKED_AT)),
        ("DELETE FROM fact WHERE webhook_id = 2", ("w2", Fault.FORGOTTEN)),
        ("UPDATE delivery SET status = 'gone' WHERE id = 1", ("d1", Fault.STATUS)),
        ("DELETE FROM attempt WHERE delivery_id = 1", ("d1", Fault.UNPROVED)),
        ("UPDATE delivery SET status = 'retrying' WHERE id = 1", ("d1", Fault.NEVER_SENT)),
        ("UPDATE delivery SET status = 'sending' WHERE id = 1", ("d1", Fault.NEVER_SENT)),
    ],
)
async def test_a_row_that_cannot_be_as_it_is_is_named(
    life: Life, sql: str, fault: tuple[str, Fault]
):
    tamper(life, sql)

    assert fault in await faults(life)


async def test_what_is_still_to_be_sent_and_has_no_content_is_found(life: Life):
    life.clock.advance(6)
    await life.resolve()
    tamper(life, "DELETE FROM delivery_content WHERE delivery_id = 3")

    assert await faults(life) == {("d3", Fault.EMPTY)}


async def test_at_most_ten_rows_are_named_for_a_fault(life: Life):
    for number in range(15):
        await life.tell("TOPIC/ADDED", number, id=f"topic-{number}")
    with closing(sqlite3.connect(life.path)) as connection, connection:
        connection.execute("UPDATE webhook SET reason = '' WHERE kind = 'TOPIC/ADDED'")

    assert len(await faults(life)) == 10


# --- what retention and erasure do to it


async def test_bodies_that_retention_removed_change_nothing(life: Life):
    before = (await life.sums()).total
    life.clock.advance(40 * DAY)

    await life.prune()

    assert (await life.sums()).total == before


async def test_days_of_which_retention_removed_rows_are_left_out(life: Life):
    life.clock.advance(200 * DAY)
    await life.tell(CREATED, 1, conversation="c3", agent="a1")
    await life.resolve()

    await life.prune()

    found = await life.sums()
    assert found.since >= life.clock() - 180 * DAY
    assert [day.seen for day in found.days] == [1]
    assert found.adds_up


async def test_a_dead_letter_that_outlives_its_webhook_is_no_fault(life: Life):
    await life.tell(CLOSED, 9, conversation="c3")
    await life.resolve()
    await life.send(DeliveryStatus.DEAD)
    life.clock.advance(200 * DAY)

    await life.prune()

    (dead,) = (await life.store.page(Filter(statuses=(DeliveryStatus.DEAD,)), None, 9)).rows
    assert await life.store.webhook(dead.webhook_id or 0) is None
    assert (await life.sums()).adds_up


async def test_an_erased_person_is_still_counted(life: Life):
    before = (await life.sums()).total

    await life.operations.erase("customer-1")

    total = (await life.sums()).total
    assert (total.seen, total.mapped, total.accepted) == (before.seen, 2, 2)
    assert total.adds_up
