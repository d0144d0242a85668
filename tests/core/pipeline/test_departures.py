"""What Gladly deleted is erased here by itself, beside everything else that goes on."""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from core.errors import GladlyUnavailable, StoreFull
from core.gladly.payloads import NO_CUSTOMER
from core.model import Channel, Context, DeliveryStatus, WebhookStatus
from core.pipeline import departures as departures_module
from core.pipeline.departures import TEST_ONLY, UNKNOWN
from core.pipeline.facts import OUR_MISTAKE
from core.store import departure
from tests.core.pipeline.test_resolver import ASSIGNED, CLOSED, CREATED, Bench, Gladly, at
from tests.core.store.test_upkeep import holding
from tests.fakes.rows import lease, outcome

if TYPE_CHECKING:
    from pathlib import Path

DELETED = "CUSTOMER_PROFILE/DELETED"
PERSON, NAME, EMAIL = "Zqxjkvbw-customer-Id7", "Zebulon-Quixotek", "quixotek@xyzzyx.example"
KNOWN = Context(customer_id=PERSON, customer_name=NAME, email=EMAIL)
GONE = Context(customer_id=PERSON, gone=("customer",))


def deleted(one: str = "gone", customer: object = PERSON) -> bytes:
    content = {} if customer is None else {"customerId": customer}
    event = {"id": one, "type": DELETED, "timestamp": at(50), "content": content}
    return json.dumps(event).encode()


async def delete(bench: Bench, one: str = "gone", customer: object = PERSON) -> None:
    await bench.intake.take(deleted(one, customer), Channel.WEBHOOK)
    bench.resolver.wake()


async def send(bench: Bench) -> list[dict[str, Any]]:
    """Segment takes all that is due; what it got."""
    claimed = await bench.store.claim(99, lease(until=bench.clock() + 60), bench.clock())
    for one in claimed:
        done = outcome(one.id, DeliveryStatus.ACCEPTED, accepted_at=bench.clock())
        await bench.store.settle([done], "engine-1")
    return [json.loads(one.payload) for one in claimed]


async def settled(bench: Bench, one: str = "gone") -> str:
    """Wait for the end of the deletion; its sentence."""
    rows, _ = await bench.done()
    await bench.until(lambda *_: not bench.resolver._departures._working)
    assert rows[one].status is WebhookStatus.SKIPPED
    assert (rows[one].customer_id, rows[one].body) == (None, None)
    return rows[one].reason


async def test_what_was_sent_is_erased_and_the_row_says_how_much(tmp_path: Path):
    async with Bench(tmp_path, Gladly(KNOWN)) as bench:
        await bench.tell(CREATED, id="e1", at=at(1), agent="a1", customer=PERSON)
        await bench.tell(CLOSED, id="e2", at=at(2), customer=PERSON)
        await bench.done()
        await send(bench)

        await delete(bench)

        assert await settled(bench) == (
            "Deleted in Gladly: this person's data was erased here (2 webhooks, 2 deliveries)."
        )
        for text in (PERSON, NAME, EMAIL):
            assert holding(tmp_path, text) == []
        assert (await bench.store.counts()).deliveries == {"accepted": 2}


async def test_a_merge_that_only_a_look_up_told_of_is_followed(tmp_path: Path):
    old = "Wxyzvq-before-the-merge-Id8"
    async with Bench(tmp_path, Gladly(KNOWN)) as bench:
        assert isinstance(bench.lookup, Gladly)
        bench.lookup.answer = Context(customer_id=old, customer_name=NAME, email=EMAIL)
        await bench.tell(CREATED, id="e1", at=at(1), agent="a1", customer=old)
        await bench.done()
        bench.lookup.answer = KNOWN  # a 301 led from the old id to this one
        await bench.tell(CLOSED, id="e2", at=at(2), customer=old)
        await bench.done()
        await send(bench)

        await delete(bench)

        assert "(2 webhooks, 2 deliveries)" in await settled(bench)
        for text in (PERSON, old, NAME, EMAIL):
            assert holding(tmp_path, text) == [], text


async def test_what_was_not_sent_goes_with_the_ids_and_then_nothing_is_left(tmp_path: Path):
    async with Bench(tmp_path, Gladly(KNOWN)) as bench:
        await bench.tell(CREATED, id="e1", at=at(1), agent="a1", customer=PERSON)
        _, (opened,) = await bench.done()

        await delete(bench)
        await bench.until(lambda rows, _: rows[-1].status is WebhookStatus.WAITING)

        waiting = (await bench.webhooks())[-1]
        assert waiting.reason == (
            "Deleted in Gladly: the ids stay until 1 event went out with them alone."
        )
        (message,) = await send(bench)
        assert message["messageId"] == opened.message_id
        assert message["userId"] == PERSON
        assert message["timestamp"].startswith("2026-05-28T10:01:00")
        assert message["properties"] == {"conversationId": "c1", "status": "OPEN", "agentId": "a1"}
        bench.advance(2)
        assert "1 delivery" in await settled(bench)
        for text in (PERSON, NAME, EMAIL):
            assert holding(tmp_path, text) == []


async def test_what_segment_did_not_take_is_said_to_need_a_decision(tmp_path: Path):
    async with Bench(tmp_path, Gladly(KNOWN)) as bench:
        await bench.tell(CLOSED, id="e1", at=at(1), customer=PERSON)
        await bench.done()
        (one,) = await bench.store.claim(9, lease(until=bench.clock() + 60), bench.clock())
        await bench.store.settle([outcome(one.id, DeliveryStatus.DEAD)], "engine-1")

        await delete(bench)
        await bench.until(lambda rows, _: rows[-1].status is WebhookStatus.WAITING)

        assert "1 event that Segment did not take" in (await bench.webhooks())[-1].reason
        assert holding(tmp_path, NAME) == []
        await bench.store.discard([one.id], "Discarded by hand.")
        bench.advance(2)
        await settled(bench)
        assert holding(tmp_path, PERSON) == []


async def test_what_is_put_back_at_the_last_moment_still_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    part = departure.part
    async with Bench(tmp_path, Gladly(KNOWN)) as bench:

        async def late(store: Any, traces: Any, *more: Any) -> bool:
            monkeypatch.setattr(departure, "part", part)
            assert await store.requeue([1], bench.clock(), "Put back.") == 1
            return await part(store, traces, *more)

        await bench.tell(CLOSED, id="e1", at=at(1), customer=PERSON)
        await bench.done()
        await delete(bench)
        await bench.until(lambda rows, _: rows[-1].status is WebhookStatus.WAITING)
        await send(bench)
        monkeypatch.setattr(departure, "part", late)
        monkeypatch.setattr(departure, "strip", nothing)
        bench.advance(2)
        await bench.until(lambda rows, _: rows[-1].reason == departures_module.AGAIN)
        monkeypatch.undo()

        (again,) = await send(bench)
        assert again["userId"] == PERSON
        bench.advance(9)
        await settled(bench)
        assert holding(tmp_path, PERSON) == []


async def nothing(*_: Any) -> None:
    """In place of a step that had no time."""


async def test_of_somebody_unknown_it_is_noted_and_nothing_else(tmp_path: Path):
    somebody = Context(customer_id="somebody", customer_name=NAME)
    async with Bench(tmp_path, Gladly(somebody)) as bench:
        await bench.tell(CREATED, id="e1", at=at(1), agent="a1", customer="somebody")
        await bench.done()

        await delete(bench)
        await delete(bench, "again")

        assert await settled(bench) == await settled(bench, "again") == UNKNOWN
        (opened,) = await bench.deliveries()
        assert (await bench.payload(opened))["properties"]["customerName"] == NAME
        assert holding(tmp_path, PERSON) == []


@pytest.mark.parametrize("customer", [None, "", 7, "x" * 257])
async def test_without_a_customer_it_says_so(tmp_path: Path, customer: object):
    async with Bench(tmp_path) as bench:
        await delete(bench, customer=customer)

        rows, _ = await bench.done()

        assert (rows["gone"].status, rows["gone"].reason) == (WebhookStatus.UNMAPPABLE, NO_CUSTOMER)


async def test_a_test_event_erases_nobody(tmp_path: Path):
    async with Bench(tmp_path, Gladly(KNOWN)) as bench:
        await bench.tell(CLOSED, id="e1", at=at(1), customer=PERSON)
        await bench.done()

        await bench.intake.take(deleted(), Channel.TEST)
        bench.resolver.wake()

        rows, (closed,) = await bench.done()
        assert (rows["gone"].status, rows["gone"].reason) == (WebhookStatus.SKIPPED, TEST_ONLY)
        assert (await bench.payload(closed))["properties"]["customerName"] == NAME


async def test_a_look_up_under_way_does_not_bring_the_person_back(tmp_path: Path):
    gladly = Gladly(KNOWN)
    gladly.may_answer.clear()

    def forget(_: str) -> None:
        answered = KNOWN  # the answer that is under way; from now on Gladly knows nobody

        async def context(*ids: Any, **more: Any) -> Context:
            return GONE

        assert gladly.answer is answered
        gladly.context = context  # type: ignore[method-assign]

    async with Bench(tmp_path, gladly, forget=forget) as bench:
        await bench.tell(CREATED, id="e1", at=at(1), agent="a1", customer=PERSON)
        await gladly.asked.wait()
        await delete(bench)
        await bench.until(lambda rows, _: rows[-1].status is WebhookStatus.WAITING)

        gladly.may_answer.set()
        await bench.until(lambda _, deliveries: deliveries)

        assert holding(tmp_path, NAME) == []
        (message,) = await send(bench)
        assert message["userId"] == PERSON
        bench.advance(9)
        await settled(bench)
        assert holding(tmp_path, PERSON) == []


@pytest.mark.logs_warnings
async def test_while_gladly_is_away_the_deletion_waits_for_what_waits(tmp_path: Path):
    gladly = Gladly(KNOWN, GladlyUnavailable("Gladly cannot be reached."))
    async with Bench(tmp_path, gladly) as bench:
        await bench.tell(CREATED, id="e1", at=at(1), agent="a1", customer=PERSON)
        await bench.until(lambda rows, _: rows[0].status is WebhookStatus.WAITING)
        await delete(bench)
        await bench.until(lambda rows, _: rows[-1].status is WebhookStatus.WAITING)

        gladly.error, gladly.answer = None, GONE
        bench.advance(4000)
        await bench.until(lambda _, deliveries: deliveries)
        (message,) = await send(bench)

        assert message["userId"] == PERSON
        assert "customerName" not in message["properties"]
        bench.advance(4000)
        await settled(bench)
        assert holding(tmp_path, PERSON) == []


EVENTS = [(CREATED, at(1)), (ASSIGNED, at(2)), (CLOSED, at(3)), (DELETED, "")]


@pytest.mark.parametrize("order", [*itertools.permutations(EVENTS)])
@pytest.mark.parametrize("send_between", [True, False])
async def test_which_events_go_out_does_not_depend_on_when_the_deletion_came(
    tmp_path: Path, order: tuple[tuple[str, str], ...], send_between: bool
):
    lookup = Gladly(GONE if order[0][0] == DELETED else KNOWN)
    got: list[dict[str, Any]] = []
    async with Bench(tmp_path, lookup) as bench:
        for kind, when in order:
            if kind == DELETED:
                lookup.answer = GONE
                await delete(bench)
                await bench.until(lambda rows, _: rows[-1].attempts or rows[-1].body is None)
            else:
                more = {"assignee": "a1"} if kind == ASSIGNED else {}
                await bench.tell(kind, id=kind, at=when, customer=PERSON, **more)
                bench.advance(6)
                await bench.until(
                    lambda rows, _: all(
                        row.status is not WebhookStatus.RECEIVED
                        for row in rows
                        if row.kind != DELETED
                    )
                )
            if send_between:
                got += await send(bench)
        bench.advance(6)
        await bench.until(
            lambda rows, _: all(
                row.status in {WebhookStatus.RESOLVED, WebhookStatus.SKIPPED}
                for row in rows
                if row.kind != DELETED
            )
        )
        got += await send(bench)
        for _ in range(3):  # the same told again by other ids, after the person is gone
            bench.advance(4000)
            await bench.until(lambda *_: not bench.resolver._departures._working)
        await settled(bench)
        for kind, when in EVENTS[:3]:
            more = {"assignee": "a1"} if kind == ASSIGNED else {}
            await bench.tell(kind, id=f"again-{kind}", at=when, customer=PERSON, **more)
        await bench.done()
        got += await send(bench)

    sent = sorted((one["event"], one["timestamp"][:16], one["userId"]) for one in got)
    opened = ("Conversation Opened", "2026-05-28T10:01", PERSON)
    closed = ("Conversation Closed", "2026-05-28T10:03", PERSON)
    assert set(sent) == {opened, closed}
    assert len({one["messageId"] for one in got}) == len(got) == 2


async def test_a_late_assignment_still_completes_the_opened_of_an_erased_person(tmp_path: Path):
    async with Bench(tmp_path, Gladly(KNOWN)) as bench:
        await bench.tell(CREATED, id="e1", at=at(1), customer=PERSON)
        await bench.done()
        await delete(bench)
        await settled(bench)
        assert holding(tmp_path, PERSON) == []
        assert isinstance(bench.lookup, Gladly)
        bench.lookup.answer = GONE

        await bench.tell(ASSIGNED, id="e2", at=at(2), assignee="a1", customer=PERSON)

        await bench.until(lambda _, deliveries: deliveries)
        (message,) = await send(bench)
        assert message["timestamp"].startswith("2026-05-28T10:01:00")
        assert bench.lookup.calls[-1][1] == PERSON
        assert holding(tmp_path, NAME) == []


async def test_a_store_that_fails_for_a_moment_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("core.pipeline.resolver.STORE_PAUSE_SECONDS", 0.0)
    failures = iter([StoreFull("full"), StoreFull("full")])
    part = departure.part

    async def failing(*arguments: Any) -> Any:
        if (error := next(failures, None)) is not None:
            raise error
        return await part(*arguments)

    monkeypatch.setattr(departure, "part", failing)
    async with Bench(tmp_path, Gladly(KNOWN)) as bench:
        await bench.tell(CLOSED, id="e1", at=at(1), customer=PERSON)
        await bench.done()
        await send(bench)

        await delete(bench)
        async with asyncio.timeout(5):
            while (await bench.webhooks())[-1].status is not WebhookStatus.SKIPPED:
                bench.resolver.wake()
                await asyncio.sleep(0)

        await settled(bench)
        assert holding(tmp_path, PERSON) == []


async def test_each_is_looked_at_once_however_long_it_takes_and_all_in_one_search(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    searches: list[list[str]] = []
    trace, gate, begun = departure.trace, asyncio.Event(), asyncio.Event()

    async def slow(store: Any, customer_ids: list[str], read: Any) -> Any:
        searches.append(list(customer_ids))
        begun.set()
        await gate.wait()
        return await trace(store, customer_ids, read)

    monkeypatch.setattr(departure, "trace", slow)
    async with Bench(tmp_path) as bench:
        await delete(bench)
        await begun.wait()
        for number in range(20):
            await bench.intake.take(deleted(f"gone{number}", f"customer{number}"), Channel.WEBHOOK)
        for _ in range(3):  # each time, the leases of all of them have ended
            bench.advance(601)
            await bench.until(lambda *_: all(
                row[0] == bench.clock() + 600 for row in leases(tmp_path)
            ))  # fmt: skip
        gate.set()
        await bench.until(lambda rows, _: all(row.body is None for row in rows))

    assert searches == [[PERSON], [f"customer{number}" for number in range(20)]]


def leases(folder: Path) -> list[tuple[float]]:
    with closing(sqlite3.connect(folder / "store.db")) as connection:
        return connection.execute("SELECT lease_until FROM webhook").fetchall()


async def test_what_waits_is_looked_at_again_and_nothing_is_scrubbed_again(tmp_path: Path):
    async with Bench(tmp_path, Gladly(KNOWN)) as bench:
        await bench.tell(CLOSED, id="e1", at=at(1), customer=PERSON)
        await bench.done()
        (one,) = await bench.store.claim(9, lease(until=bench.clock() + 60), bench.clock())
        await bench.store.settle([outcome(one.id, DeliveryStatus.DEAD)], "engine-1")
        await delete(bench)
        await bench.until(lambda rows, _: rows[-1].attempts == 1)
        await bench.until(lambda *_: not bench.resolver._departures._working)
        await bench.store.set_meta(departure.SCRUB, "not since")

        bench.advance(1801)
        await bench.until(lambda rows, _: rows[-1].attempts == 2)
        await bench.until(lambda *_: not bench.resolver._departures._working)

        assert await bench.store.get_meta(departure.SCRUB) == "not since"


@pytest.mark.logs_warnings
async def test_one_that_we_mishandle_does_not_hold_up_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    trace = departure.trace

    async def choosy(store: Any, customer_ids: list[str], read: Any) -> Any:
        if "bad" in customer_ids:
            raise TypeError("ours")
        return await trace(store, customer_ids, read)

    monkeypatch.setattr(departure, "trace", choosy)
    async with Bench(tmp_path) as bench:
        await delete(bench, "one", "bad")
        await delete(bench)
        await bench.until(
            lambda rows, _: (
                rows[0].status is WebhookStatus.WAITING and rows[1].status is WebhookStatus.SKIPPED
            )
        )
        rows = await bench.webhooks()

    assert rows[0].reason == OUR_MISTAKE


async def test_what_a_crash_left_in_the_files_is_removed_at_the_next_start(tmp_path: Path):
    async with Bench(tmp_path, Gladly(KNOWN)) as bench:
        await bench.store.set_meta(departure.SCRUB, "due")
        bench.resolver.wake()

        async with asyncio.timeout(5):
            while await bench.store.get_meta(departure.SCRUB) != "done":
                bench.resolver.wake()
                await asyncio.sleep(0)


async def test_no_log_line_names_the_person(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.DEBUG):
        async with Bench(tmp_path, Gladly(KNOWN)) as bench:
            await bench.tell(CLOSED, id="e1", at=at(1), customer=PERSON)
            await bench.done()
            await send(bench)
            await delete(bench)
            await settled(bench)

    # The library's own log is silenced by `core.logs`.
    ours = [record for record in caplog.records if record.name.startswith("core")]
    said = " ".join(str(record.__dict__) for record in ours)
    assert ours
    assert not {one for one in (PERSON, NAME, EMAIL) if one in said}
