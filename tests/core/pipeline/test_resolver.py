"""The resolver: facts in any order become deliveries, and every row can say why."""

from __future__ import annotations

import asyncio
import itertools
import json
from random import Random
from typing import TYPE_CHECKING, Any, Self

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import EventRefused, GladlyError, GladlyUnauthorized, GladlyUnavailable, StoreFull
from core.health import Health
from core.ingest.intake import Intake
from core.mapping.plan import make_plan
from core.model import Channel, Context, Delivery, Webhook, WebhookStatus
from core.pipeline import resolver as resolver_module
from core.pipeline.lookups import NoLookup
from core.pipeline.resolver import Queued, Resolver, Rules
from core.segment.message import MessageBuilder
from core.settings import Mapping_
from core.signals import Signal
from core.store.base import Filter, WebhookFilter
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from tests.fakes import FakeClock, body, gladly_event

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

    from core.pipeline.lookups import Lookup

CREATED, REOPENED = "CONVERSATION/CREATED", "CONVERSATION/REOPENED"
CLOSED, ASSIGNED = "CONVERSATION/CLOSED", "CONVERSATION_ASSIGNEE/UPDATED"
FOUND = Context(customer_id="customer-1", customer_name="Martha", email="m@example.com")
ENDS = {WebhookStatus.RESOLVED, WebhookStatus.SKIPPED, WebhookStatus.UNMAPPABLE}


class Gladly:
    """Answers look-ups, fails while `error` is set, and can be made to take its time."""

    def __init__(self, context: Context = FOUND, error: GladlyError | None = None) -> None:
        self.answer = context
        self.error = error
        self.errors: dict[str | None, Exception] = {}
        self.partial_asked: list[bool] = []
        self.calls: list[tuple[str | None, str | None, str | None, bool]] = []
        self.under_way = 0
        self.most_at_once = 0
        self.asked = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def context(
        self,
        conversation_id: str | None,
        customer_id: str | None,
        agent_id: str | None,
        *,
        want_topics: bool,
    ) -> Context:
        self.calls.append((conversation_id, customer_id, agent_id, want_topics))
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        self.asked.set()
        try:
            await self.may_answer.wait()
        finally:
            self.under_way -= 1
        if conversation_id in self.errors:
            raise self.errors[conversation_id]
        if self.error is not None:
            raise self.error
        return self.answer

    async def partial_context(
        self,
        conversation_id: str | None,
        customer_id: str | None,
        agent_id: str | None,
        *,
        want_topics: bool,
        ask: bool = True,
    ) -> Context:
        self.partial_asked.append(ask)
        return Context(customer_id=customer_id, missing=("customer",))


class Bench:
    """A resolver at work on a store of its own, under a clock that stands still."""

    def __init__(
        self,
        folder: Path,
        lookup: Lookup | None = None,
        *,
        settle: float = 0.0,
        forget: Callable[[str], None] = lambda _: None,
        **mapping: Any,
    ) -> None:
        self.clock = FakeClock()
        self.store = SqlStore(SqliteDriver(folder / "store.db"))
        self.intake = Intake(self.store, self.clock)
        self.health = Health(self.clock)
        self.lookup = lookup or Gladly()
        self.plan = make_plan(Mapping_(**mapping), "default")
        queued: Signal[Queued] = Signal()
        self.resolver = Resolver(
            self.store,
            self.lookup,
            (self.plan,),
            MessageBuilder(),
            Rules(settle_seconds=settle, give_up_seconds=3600),
            health=self.health,
            queued=queued,
            owner="me",
            forget=forget,
            clock=self.clock,
            rng=Random(1),
        )
        self._news = asyncio.Event()
        queued.connect(lambda _: self._news.set())
        self.health.changed.connect(lambda _: self._news.set())

    async def __aenter__(self) -> Self:
        await self.store.open()
        self._group = asyncio.TaskGroup()
        await self._group.__aenter__()
        self.running = self._group.create_task(self.resolver.run())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.resolver.stop()
        try:
            await self._group.__aexit__(kind, exc, trace)
        finally:
            await self.store.close()

    async def tell(self, kind: str, channel: Channel = Channel.WEBHOOK, **more: Any) -> None:
        """One notification, with an id of its own unless one is given."""
        more.setdefault("id", f"{kind}-{more.get('at')}-{more.get('conversation')}-{more}"[:199])
        await self.intake.take(body(gladly_event(kind, **more)), channel)
        self.resolver.wake()

    def advance(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.resolver.wake()

    async def webhooks(self) -> list[Webhook]:
        return [*reversed((await self.store.webhook_page(WebhookFilter(), None, 9999)).rows)]

    async def deliveries(self) -> list[Delivery]:
        return [*reversed((await self.store.page(Filter(), None, 99999)).rows)]

    async def until(self, predicate: Callable[[list[Webhook], list[Delivery]], object]) -> None:
        """Wait until rows are as they ought to be."""
        async with asyncio.timeout(5):
            while not predicate(await self.webhooks(), await self.deliveries()):
                self._news.clear()
                try:
                    await asyncio.wait_for(self._news.wait(), 0.02)
                except TimeoutError:
                    continue

    async def learned(self, conversation_id: str, facts: int) -> None:
        """Wait until so many facts of a conversation are known."""
        async with asyncio.timeout(5):
            while True:
                known = await self.store.knowledge([conversation_id])
                if len(known[conversation_id].facts) == facts:
                    return

    async def done(self) -> tuple[dict[str, Webhook], list[Delivery]]:
        """Wait until every webhook has come to its end; rows by Gladly's event id."""
        await self.until(lambda webhooks, _: all(row.status in ENDS for row in webhooks))
        rows = await self.webhooks()
        assert all(row.reason or row.status is WebhookStatus.RESOLVED for row in rows)
        return {row.dedupe_key: row for row in rows}, await self.deliveries()

    async def payload(self, delivery: Delivery) -> dict[str, Any]:
        detail = await self.store.delivery(delivery.id)
        assert detail is not None
        assert detail.payload is not None
        message: dict[str, Any] = json.loads(detail.payload)
        return message


def at(minute: int) -> str:
    return f"2026-05-28T10:{minute:02d}:00Z"


# --- the four kinds ----------------------------------------------------------------------------


async def test_created_with_an_agent_sends_opened_with_what_was_looked_up(tmp_path: Path):
    async with Bench(tmp_path) as bench:
        await bench.tell(CREATED, id="e1", at=at(1), agent="a1")

        rows, (delivery,) = await bench.done()

        message = await bench.payload(delivery)
        assert rows["e1"].status is WebhookStatus.RESOLVED
        assert message["event"] == "Conversation Opened"
        assert message["userId"] == "customer-1"
        assert message["timestamp"].startswith("2026-05-28T10:01:00")
        assert message["properties"] == {
            "customerName": "Martha",
            "email": "m@example.com",
            "conversationId": "c1",
            "status": "OPEN",
            "agentId": "a1",
        }
        assert bench.lookup.calls == [("c1", "customer-1", "a1", False)]  # type: ignore[attr-defined]


async def test_created_without_an_agent_sends_nothing_and_says_what_it_waits_for(tmp_path: Path):
    async with Bench(tmp_path) as bench:
        await bench.tell(CREATED, id="e1")

        rows, deliveries = await bench.done()

        assert deliveries == []
        assert rows["e1"].status is WebhookStatus.SKIPPED
        assert "Nobody has taken it yet" in rows["e1"].reason


async def test_an_assignment_completes_opened_dated_at_the_start(tmp_path: Path):
    async with Bench(tmp_path) as bench:
        await bench.tell(CREATED, id="e1", at=at(1))
        await bench.done()
        await bench.tell(ASSIGNED, id="e2", at=at(9), assignee="a7")
        await bench.until(lambda _, deliveries: deliveries)

        rows, (delivery,) = await bench.done()

        message = await bench.payload(delivery)
        assert message["timestamp"].startswith("2026-05-28T10:01:00")
        assert message["properties"]["agentId"] == "a7"
        assert rows["e1"].status is WebhookStatus.RESOLVED
        assert (rows["e2"].status, rows["e2"].reason) == (
            WebhookStatus.SKIPPED,
            "Completed the Opened event of this period.",
        )


async def test_closed_asks_for_topics_and_carries_its_own_time_and_agent(tmp_path: Path):
    lookup = Gladly(msgspec.structs.replace(FOUND, topic_ids=("t1", "t2")))
    async with Bench(tmp_path, lookup) as bench:
        await bench.tell(CLOSED, id="e1", at=at(5), agent="a3")

        _, (delivery,) = await bench.done()

        properties = (await bench.payload(delivery))["properties"]
        assert (properties["status"], properties["agentId"]) == ("CLOSED", "a3")
        assert properties["topics"] == ["t1", "t2"]
        assert lookup.calls == [("c1", "customer-1", "a3", True)]


async def test_reopened_begins_a_period_of_its_own(tmp_path: Path):
    async with Bench(tmp_path) as bench:
        for minute, kind in enumerate((CREATED, CLOSED, REOPENED, CLOSED)):
            await bench.tell(kind, at=at(minute), agent="a1")

        _, deliveries = await bench.done()

        assert len(deliveries) == len({one.message_id for one in deliveries}) == 4


async def test_without_gladly_events_go_out_at_once_with_ids_alone(tmp_path: Path):
    async with Bench(tmp_path, NoLookup()) as bench:
        await bench.tell(CREATED, agent="a1")

        _, (delivery,) = await bench.done()

        message = await bench.payload(delivery)
        assert message["userId"] == "customer-1"
        assert set(message["properties"]) == {"conversationId", "status", "agentId"}
        assert not delivery.incomplete


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ([(CREATED, {"at": at(0)}), (CLOSED, {"at": at(1)})], "Closed before anybody took it"),
        ([(ASSIGNED, {"at": at(0), "assignee": "a"})], "start of this period was never seen"),
        ([(CREATED, {"at": at(0)}), (ASSIGNED, {"at": at(1)})], "to an inbox, not to an agent"),
        (
            [(CREATED, {"at": at(0), "agent": "a"}), (ASSIGNED, {"at": at(1), "assignee": "b"})],
            "had its agent already",
        ),
        (
            [(CLOSED, {"at": at(0)}), (ASSIGNED, {"at": at(1), "assignee": "b"})],
            "never seen",
        ),
        (
            [
                (CREATED, {"at": at(0), "agent": "a"}),
                (CLOSED, {"at": at(1)}),
                (ASSIGNED, {"at": at(2), "assignee": "b"}),
            ],
            "was closed at that time",
        ),
    ],
)
async def test_what_sends_nothing_says_why_in_its_row(
    tmp_path: Path, told: list[tuple[str, dict[str, Any]]], reason: str
):
    async with Bench(tmp_path) as bench:
        for kind, more in told:
            await bench.tell(kind, **more)

        rows, _ = await bench.done()

        assert any(
            reason in row.reason and row.status is WebhookStatus.SKIPPED for row in rows.values()
        )


async def test_the_same_event_under_another_id_is_skipped_with_the_reason(tmp_path: Path):
    async with Bench(tmp_path) as bench:
        await bench.tell(CLOSED, id="pushed")
        await bench.done()
        await bench.tell(CLOSED, Channel.POLL, id="polled")

        rows, deliveries = await bench.done()

        assert len(deliveries) == 1
        assert rows["polled"].status is WebhookStatus.SKIPPED
        assert rows["polled"].reason == "The same event came under another id before."


STORY = [
    (CREATED, 0, None, None),
    (ASSIGNED, 1, None, "a1"),
    (CLOSED, 2, "a1", None),
    (REOPENED, 3, None, None),
    (CLOSED, 4, None, None),
    (REOPENED, 5, "a2", None),
]


@settings(max_examples=12, deadline=None)
@given(st.permutations([*STORY, *STORY[:3]]), st.sampled_from(["assigned", "created"]))
async def test_any_order_and_repetition_sends_the_same(
    tmp_path_factory: pytest.TempPathFactory, story: list[Any], opened_when: str
):
    async with Bench(
        tmp_path_factory.mktemp("order"), NoLookup(), settle=10, opened_when=opened_when
    ) as bench:
        for number, (kind, minute, agent, assignee) in enumerate(story):
            await bench.tell(kind, id=f"{number}", at=at(minute), agent=agent, assignee=assignee)
        await bench.until(lambda rows, _: all(row.status != "received" for row in rows))
        bench.advance(11)

        _, deliveries = await bench.done()

        sent = {(one.event.split()[1], int(one.occurred_at) // 60 % 60) for one in deliveries}
        opened = {0, 5} if opened_when == "assigned" else {0, 3, 5}
        assert sent == {("Closed", 2), ("Closed", 4), *(("Opened", one) for one in opened)}
        assert len(deliveries) == len(sent)


@settings(max_examples=8, deadline=None)
@given(st.permutations(STORY))
async def test_with_each_event_dealt_with_before_the_next_comes_created_sends_the_same(
    tmp_path_factory: pytest.TempPathFactory, story: list[Any]
):
    async with Bench(
        tmp_path_factory.mktemp("late"), NoLookup(), settle=0, opened_when="created"
    ) as bench:
        for number, (kind, minute, agent, assignee) in enumerate(story):
            await bench.tell(kind, id=f"{number}", at=at(minute), agent=agent, assignee=assignee)
            _, deliveries = await bench.done()

        sent = sorted((one.event.split()[1], int(one.occurred_at) // 60 % 60) for one in deliveries)
        assert sent == [("Closed", 2), ("Closed", 4), ("Opened", 0), ("Opened", 3), ("Opened", 5)]


# --- Gladly fails ------------------------------------------------------------------------------


@pytest.mark.logs_warnings
async def test_while_gladly_is_down_the_event_waits_and_goes_on_when_it_is_back(tmp_path: Path):
    lookup = Gladly(error=GladlyUnavailable("Gladly cannot be reached."))
    async with Bench(tmp_path, lookup) as bench:
        await bench.tell(CREATED, agent="a1")
        waits: list[float] = []
        for tries in range(1, 5):
            await bench.until(lambda rows, _, n=tries: rows[0].attempts == n)
            (row,) = await bench.webhooks()
            assert row.status is WebhookStatus.WAITING
            assert row.reason == "Waits for a look-up: Gladly cannot be reached."
            assert row.due_at is not None
            waits.append(row.due_at - bench.clock.now)
            bench.advance(waits[-1] + 0.001)
        assert await bench.deliveries() == []
        state = bench.health.get("gladly")

        lookup.error = None
        bench.advance(300)
        _, (delivery,) = await bench.done()

        assert waits == sorted(waits)
        assert state is not None
        assert state.word == "unavailable"
        assert not delivery.incomplete
        assert bench.health.words()["gladly"] == "ok"


@pytest.mark.logs_warnings
async def test_after_the_give_up_time_it_goes_incomplete_with_what_is_known(tmp_path: Path):
    lookup = Gladly(error=GladlyUnavailable("Gladly cannot be reached."))
    async with Bench(tmp_path, lookup) as bench:
        await bench.tell(CREATED, agent="a1")
        await bench.until(lambda rows, _: rows[0].status == "waiting")

        bench.advance(3601)
        _, (delivery,) = await bench.done()

        assert delivery.incomplete
        assert delivery.reason == "Incomplete: Gladly could not be asked for customer."
        assert (await bench.payload(delivery))["userId"] == "customer-1"


@pytest.mark.logs_warnings
async def test_a_backlog_leaves_gladly_in_peace_while_it_is_away(tmp_path: Path):
    lookup = Gladly(error=GladlyUnauthorized("Gladly refuses the API token."))
    async with Bench(tmp_path, lookup) as bench:
        for number in range(200):
            await bench.tell(CLOSED, id=f"e{number}", conversation=f"c{number}")
        await bench.until(lambda rows, _: {row.status for row in rows} == {"waiting"})
        asked = len(lookup.calls)

        bench.advance(30)
        await bench.tell(CLOSED, id="one-more", conversation="one-more")
        await bench.until(lambda rows, _: {row.status for row in rows} == {"waiting"})

        assert asked <= resolver_module.LOOKUPS_AT_ONCE
        assert len(lookup.calls) == asked


@pytest.mark.logs_warnings
async def test_what_waits_for_gladly_goes_at_once_when_it_is_back(tmp_path: Path):
    lookup = Gladly(error=GladlyUnavailable("Gladly cannot be reached."))
    async with Bench(tmp_path, lookup) as bench:
        for round_number in range(4):
            await bench.tell(CLOSED, id=f"e{round_number}", conversation=f"c{round_number}")
            await bench.until(
                lambda rows, _, many=round_number + 1: (
                    sum(row.status == "waiting" for row in rows) == many
                )
            )
            bench.advance(31)
        lookup.error = None
        bench.advance(61)

        _, deliveries = await bench.done()

        assert len(deliveries) == 4


@pytest.mark.logs_warnings
async def test_refused_credentials_are_shown_and_the_event_waits(tmp_path: Path):
    lookup = Gladly(error=GladlyUnauthorized("Gladly refuses the API token."))
    async with Bench(tmp_path, lookup) as bench:
        await bench.tell(CREATED, agent="a1")

        await bench.until(lambda rows, _: rows[0].status == "waiting")

        assert bench.health.words()["gladly"] == "refused"


async def test_a_customer_that_is_gone_goes_at_once_with_the_ids(tmp_path: Path):
    gone = Context(customer_id="customer-1", gone=("customer",))
    async with Bench(tmp_path, Gladly(gone)) as bench:
        await bench.tell(CREATED, agent="a1")

        _, (delivery,) = await bench.done()

        assert delivery.reason == "Gladly no longer knows the customer."
        assert not delivery.incomplete
        assert (await bench.payload(delivery))["userId"] == "customer-1"


async def test_a_test_event_says_that_its_customer_is_made_up(tmp_path: Path):
    gone = Context(customer_id="customer-1", gone=("customer", "conversation"))
    async with Bench(tmp_path, Gladly(gone)) as bench:
        await bench.tell(CREATED, Channel.TEST, agent="a1")

        _, (delivery,) = await bench.done()

        assert delivery.reason == "Gladly does not know this made-up customer and conversation."


async def test_a_merged_customer_goes_under_the_new_id(tmp_path: Path):
    moved = msgspec.structs.replace(FOUND, customer_id="new-id")
    async with Bench(tmp_path, Gladly(moved)) as bench:
        await bench.tell(CREATED, agent="a1")

        _, (delivery,) = await bench.done()

        assert (delivery.customer_id, delivery.user_id) == ("new-id", "new-id")
        assert (await bench.payload(delivery))["userId"] == "new-id"


@pytest.mark.logs_warnings
async def test_thousands_of_conversations_with_gladly_down_use_few_tasks(tmp_path: Path):
    lookup = Gladly()
    lookup.may_answer.clear()
    async with Bench(tmp_path, lookup) as bench:
        async with asyncio.TaskGroup() as group:
            for number in range(2000):
                group.create_task(bench.tell(CLOSED, id=f"e{number}", conversation=f"c{number}"))
        await lookup.asked.wait()
        tasks = len(asyncio.all_tasks())
        lookup.error = GladlyUnavailable("Gladly cannot be reached.")
        lookup.may_answer.set()
        await bench.until(lambda rows, _: all(row.status == "waiting" for row in rows))

        assert tasks <= resolver_module.LOOKUPS_AT_ONCE + 10
        assert lookup.most_at_once <= resolver_module.LOOKUPS_AT_ONCE


async def test_stopping_does_not_wait_for_look_ups_that_hang(tmp_path: Path):
    lookup = Gladly()
    lookup.may_answer.clear()
    async with Bench(tmp_path, lookup) as bench:
        for number in range(resolver_module.LOOKUPS_AT_ONCE + 20):
            await bench.tell(CLOSED, id=f"e{number}", conversation=f"c{number}")
        await bench.until(lambda *_: lookup.under_way == resolver_module.LOOKUPS_AT_ONCE)

        bench.resolver.stop()
        await asyncio.wait_for(bench.running, 2)

        assert lookup.under_way == 0
        assert {row.status for row in await bench.webhooks()} == {WebhookStatus.RECEIVED}


# --- the settle window -------------------------------------------------------------------------


async def test_an_opened_that_rests_on_an_assignment_waits_a_moment_and_then_goes(tmp_path: Path):
    async with Bench(tmp_path, settle=5) as bench:
        await bench.tell(CREATED, id="e1", at=at(0))
        await bench.tell(ASSIGNED, id="e2", at=at(1), assignee="a1")
        await bench.until(lambda rows, _: [row.status for row in rows] == ["waiting", "skipped"])
        (first, _), sent = await bench.webhooks(), await bench.deliveries()

        bench.advance(5.001)
        _, (delivery,) = await bench.done()

        assert sent == []
        assert "Waits a moment" in first.reason
        assert delivery.event == "Conversation Opened"


async def test_a_close_that_arrives_within_the_window_corrects_the_period(tmp_path: Path):
    async with Bench(tmp_path, settle=5) as bench:
        await bench.tell(CREATED, id="e1", at=at(0))
        await bench.tell(ASSIGNED, id="e4", at=at(9), assignee="a1")
        await bench.until(lambda rows, _: any(row.status == "waiting" for row in rows))
        await bench.tell(CLOSED, id="e2", at=at(3))
        await bench.tell(REOPENED, id="e3", at=at(6))
        await bench.until(lambda rows, _: all(row.status != "received" for row in rows))
        bench.advance(5.001)

        rows, deliveries = await bench.done()

        minutes = {(one.event, int(one.occurred_at) // 60 % 60) for one in deliveries}
        assert minutes == {("Conversation Opened", 6), ("Conversation Closed", 3)}
        assert "before anybody took it" in rows["e1"].reason
        assert rows["e3"].status is WebhookStatus.RESOLVED


async def test_what_does_not_rest_on_an_assignment_goes_at_once(tmp_path: Path):
    async with Bench(tmp_path, settle=3600) as bench:
        await bench.tell(CREATED, at=at(0), agent="a1")
        await bench.tell(CLOSED, at=at(1))

        _, deliveries = await bench.done()

        assert len(deliveries) == 2


# --- nothing is lost ---------------------------------------------------------------------------


async def test_facts_that_arrive_during_a_slow_look_up_are_not_lost(tmp_path: Path):
    lookup = Gladly()
    lookup.may_answer.clear()
    async with Bench(tmp_path, lookup) as bench:
        await bench.tell(CREATED, at=at(0), agent="a1")
        await lookup.asked.wait()
        await bench.tell(CLOSED, at=at(1), agent="a1")
        await bench.tell(REOPENED, at=at(2), agent="a2")
        await bench.learned("c1", 3)
        lookup.may_answer.set()

        _, deliveries = await bench.done()

        assert len(deliveries) == 3


async def test_what_arrives_while_it_looks_is_not_slept_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(resolver_module, "IDLE_SECONDS", 1000.0)
    bench = Bench(tmp_path)
    real, looked = bench.store.claim_webhooks, asyncio.Event()

    async def claim(*arguments: Any) -> Any:
        found = await real(*arguments)
        if not looked.is_set():
            await bench.tell(CLOSED)
            looked.set()
        return found

    monkeypatch.setattr(bench.store, "claim_webhooks", claim)
    async with bench:
        await looked.wait()
        _, deliveries = await bench.done()
        assert len(deliveries) == 1


@pytest.mark.parametrize("method", ["claim_webhooks", "learn", "resolve", "knowledge"])
async def test_a_store_that_fails_for_a_moment_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
):
    monkeypatch.setattr(resolver_module, "STORE_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(resolver_module, "IDLE_SECONDS", 0.05)
    bench = Bench(tmp_path)
    real, turns = getattr(bench.store, method), itertools.count()

    async def failing(*arguments: Any) -> Any:
        if next(turns) < 2:
            raise StoreFull("The disk is full.")
        return await real(*arguments)

    monkeypatch.setattr(bench.store, method, failing)
    async with bench:
        for number in range(3):
            await bench.tell(CLOSED, id=f"e{number}", conversation=f"c{number}")

        rows, deliveries = await bench.done()

        assert {row.status for row in rows.values()} == {WebhookStatus.RESOLVED}
        assert len(deliveries) == 3


async def test_a_store_that_fails_after_the_commit_sends_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(resolver_module, "STORE_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(resolver_module, "IDLE_SECONDS", 0.05)
    bench = Bench(tmp_path)
    real, turns = bench.store.resolve, itertools.count()

    async def failing(*arguments: Any) -> Any:
        result = await real(*arguments)
        if next(turns) == 1:
            raise StoreFull("The disk is full.")
        return result

    monkeypatch.setattr(bench.store, "resolve", failing)
    async with bench:
        await bench.tell(CLOSED)

        _, deliveries = await bench.done()

        assert len(deliveries) == 1


@pytest.mark.logs_warnings
async def test_a_conversation_we_mishandle_does_not_hold_up_the_others(tmp_path: Path):
    lookup = Gladly()
    lookup.errors["c-bad"] = KeyError("a bug")
    async with Bench(tmp_path, lookup) as bench:
        await bench.tell(CLOSED, id="e1", conversation="c-bad")
        await bench.tell(CLOSED, id="e2", conversation="c-good")

        await bench.until(lambda _, deliveries: len(deliveries) == 1)

        (delivery,) = await bench.deliveries()
        assert delivery.conversation_id == "c-good"


# --- identify, and what Segment would drop -----------------------------------------------------


async def test_identify_goes_beside_track_when_set(tmp_path: Path):
    async with Bench(tmp_path, identify=True) as bench:
        await bench.tell(CREATED, agent="a1")

        _, deliveries = await bench.done()

        messages = {one.type: await bench.payload(one) for one in deliveries}
        assert set(messages) == {"track", "identify"}
        assert messages["identify"]["traits"] == {"name": "Martha", "email": "m@example.com"}
        assert messages["identify"]["userId"] == messages["track"]["userId"]


async def test_an_event_goes_without_its_identify_call_when_that_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    build = MessageBuilder.build

    def choosy(builder: MessageBuilder, call: Any) -> bytes:
        if call.type == "identify":
            raise EventRefused("Too large.")
        return build(builder, call)

    monkeypatch.setattr(MessageBuilder, "build", choosy)
    async with Bench(tmp_path, identify=True) as bench:
        await bench.tell(CREATED, agent="a1")

        rows, (delivery,) = await bench.done()

        assert delivery.type == "track"
        assert {row.status for row in rows.values()} == {WebhookStatus.RESOLVED}


async def test_an_event_segment_would_drop_is_unmappable_and_others_are_unharmed(tmp_path: Path):
    class Big(Gladly):
        async def context(self, conversation_id: str | None, *ids: Any, **more: Any) -> Context:
            context = await super().context(conversation_id, *ids, **more)
            if conversation_id != "big":
                return context
            return msgspec.structs.replace(context, custom_attributes={"note": "x" * 40_000})

    async with Bench(tmp_path, Big(), names="gladly-toolkit") as bench:
        await bench.tell(CLOSED, id="e1", conversation="big")
        await bench.tell(CLOSED, id="e2", conversation="small")

        rows, (delivery,) = await bench.done()

        assert rows["e1"].status is WebhookStatus.UNMAPPABLE
        assert "32 KB" in rows["e1"].reason or "32" in rows["e1"].reason
        assert rows["e2"].status is WebhookStatus.RESOLVED
        assert delivery.conversation_id == "small"
        await bench.tell(REOPENED, id="e3", conversation="big", at=at(59))
        rows, _ = await bench.done()
        assert rows["e1"].status is WebhookStatus.UNMAPPABLE


# --- what comes too late, and what is too odd ---------------------------------------------------


async def test_an_opened_that_a_late_close_disproves_is_withdrawn_while_it_waits(tmp_path: Path):
    async with Bench(tmp_path) as bench:
        await bench.tell(CREATED, at="2026-05-28T10:00:00Z")
        await bench.tell(ASSIGNED, at="2026-05-28T10:04:00Z", assignee="a1")
        _, (false,) = await bench.done()

        await bench.tell(CLOSED, at="2026-05-28T10:02:00Z")
        await bench.tell(REOPENED, at="2026-05-28T10:03:00Z")
        rows, deliveries = await bench.done()

        occurred = sorted((one.event, one.occurred_at - false.occurred_at) for one in deliveries)
        assert occurred == [("Conversation Closed", 120.0), ("Conversation Opened", 180.0)]
        assert all(row.reason or row.status == "resolved" for row in rows.values())


async def test_what_is_withdrawn_takes_its_identify_call_with_it(tmp_path: Path):
    async with Bench(tmp_path, identify=True) as bench:
        await bench.tell(CREATED, at="2026-05-28T10:00:00Z")
        await bench.tell(ASSIGNED, at="2026-05-28T10:04:00Z", assignee="a1")
        _, queued = await bench.done()
        assert sorted(one.type for one in queued) == ["identify", "track"]

        await bench.tell(CLOSED, at="2026-05-28T10:02:00Z")
        _, deliveries = await bench.done()

        assert {one.occurred_at for one in deliveries} == {queued[0].occurred_at + 120}


async def test_an_opened_that_was_withdrawn_goes_out_when_it_is_true_after_all(tmp_path: Path):
    async with Bench(tmp_path) as bench:
        await bench.tell(CREATED, at="2026-05-28T10:00:00Z")
        await bench.tell(ASSIGNED, at="2026-05-28T10:04:00Z", assignee="a1")
        await bench.done()
        await bench.tell(CLOSED, at="2026-05-28T10:02:00Z")
        await bench.done()

        await bench.tell(ASSIGNED, at="2026-05-28T10:01:00Z", assignee="a1")
        _, deliveries = await bench.done()

        assert sorted(one.event for one in deliveries) == [
            "Conversation Closed",
            "Conversation Opened",
        ]


@pytest.mark.parametrize("at", ["1677-09-21T00:12:43.145224192Z", "0001-01-01T00:00:00Z"])
async def test_a_time_before_1970_spoils_nothing(tmp_path: Path, at: str):
    async with Bench(tmp_path) as bench:
        await bench.tell(CLOSED, id="odd", conversation="odd", at=at)
        await bench.tell(CLOSED, id="good", conversation="good")

        rows, deliveries = await bench.done()

        assert rows["odd"].status is WebhookStatus.UNMAPPABLE
        assert [one.conversation_id for one in deliveries] == ["good"]


@pytest.mark.logs_warnings
async def test_a_fact_that_the_store_does_not_take_spoils_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    async with Bench(tmp_path) as bench:
        learn = bench.store.learn

        async def fussy(facts: Any) -> Any:
            if any(conversation == "odd" for conversation, _ in facts):
                raise OverflowError("too large")
            return await learn(facts)

        monkeypatch.setattr(bench.store, "learn", fussy)
        await bench.tell(CLOSED, id="odd", conversation="odd")
        await bench.tell(CLOSED, id="good", conversation="good")

        rows, deliveries = await bench.done()

        assert rows["odd"].status is WebhookStatus.UNMAPPABLE
        assert [one.conversation_id for one in deliveries] == ["good"]


async def test_two_starts_within_a_millisecond_are_one_opened_that_stays(tmp_path: Path):
    async with Bench(tmp_path) as bench:
        await bench.tell(CREATED, at="2026-05-28T10:00:00.0001Z")
        await bench.tell(REOPENED, at="2026-05-28T10:00:00.0002Z", agent="a1")
        await bench.done()

        await bench.tell(CLOSED, at="2026-05-28T10:05:00Z")
        _, deliveries = await bench.done()

        assert sorted(one.event for one in deliveries) == [
            "Conversation Closed",
            "Conversation Opened",
        ]
