"""Replay, discard, erase: counted and explained before, and done exactly so."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec
import pytest

from core.errors import OperationError
from core.model import Channel, DeliveryStatus, NewWebhook, WebhookStatus
from core.pipeline import operations
from core.pipeline.operations import Effect, Operations, Selection, Step
from core.pipeline.retry import DAY
from core.store import upkeep
from core.store.base import Filter, Retention
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from tests.fakes import FakeClock
from tests.fakes.rows import NOW, lease, new_delivery, outcome

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from core.model import DeliveryDetail

DEAD, ACCEPTED = DeliveryStatus.DEAD, DeliveryStatus.ACCEPTED


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    one = SqlStore(SqliteDriver(tmp_path / "store.db"))
    await one.open()
    yield one
    await one.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
def woken() -> list[str]:
    return []


@pytest.fixture
def doing(store: SqlStore, clock: FakeClock, woken: list[str]) -> Operations:
    return Operations(store, clock=clock, wake=lambda: woken.append("woken"))


async def settled(
    store: SqlStore, status: DeliveryStatus, *, at: float = NOW, **changes: object
) -> int:
    """A delivery whose attempt ended so."""
    new = new_delivery(**changes)
    await store.enqueue(new)
    place = await store.find(new.message_id)
    assert place is not None
    await store.claim(9999, lease(), NOW)
    accepted_at = at if status in {ACCEPTED, DeliveryStatus.CONFIRMED} else None
    await store.settle([outcome(place[1], status, accepted_at=accepted_at)], "engine-1")
    return place[1]


async def detail(store: SqlStore, one: int) -> DeliveryDetail:
    found = await store.delivery(one)
    assert found is not None
    return found


async def all_ids(store: SqlStore) -> list[str]:
    """Every messageId, oldest first."""
    return [row.message_id for row in (await store.page(Filter(), None, 9999)).rows][::-1]


# --- preview


async def test_a_preview_counts_what_segment_will_do_and_changes_nothing(
    store: SqlStore, doing: Operations, woken: list[str]
) -> None:
    ids = [
        await settled(store, DEAD),
        await settled(store, DeliveryStatus.DISCARDED),
        await settled(store, ACCEPTED, at=NOW - DAY + 1),
        await settled(store, DeliveryStatus.CONFIRMED, at=NOW - 5),
        await settled(store, ACCEPTED, at=NOW - DAY),
        await settled(store, DeliveryStatus.RETRYING),
    ]
    before = await store.counts()

    effect = await doing.preview(Selection(ids=tuple(ids)))

    assert effect == Effect(fresh=2, dropped=2, again=1, impossible=1)
    assert effect.possible == 5
    assert await store.counts() == before
    assert woken == []


async def test_what_retention_emptied_cannot_be_replayed(
    store: SqlStore, doing: Operations
) -> None:
    one = await settled(store, ACCEPTED, created_at=NOW - 100)
    await upkeep.prune(store, Retention(payload_before=NOW - 50, metadata_before=0))
    selection = Selection(ids=(one,))

    assert await doing.preview(selection) == Effect(impossible=1)
    assert await doing.replay(selection) == 0
    assert await doing.replay(selection, new_id=True) == 0


@pytest.mark.parametrize("new_id", [False, True])
async def test_a_replay_does_what_its_preview_counted(
    store: SqlStore, doing: Operations, new_id: bool
) -> None:
    for status in (DEAD, ACCEPTED, DeliveryStatus.CONFIRMED, DeliveryStatus.DISCARDED):
        await settled(store, status)
    requeued = await settled(store, ACCEPTED)
    await store.requeue([requeued], NOW + 99, "by hand")
    await settled(store, DeliveryStatus.RETRYING)

    effect = await doing.preview(Selection())
    done = await doing.replay(Selection(), new_id=new_id)

    assert effect == Effect(fresh=2, dropped=2, impossible=2)
    assert done == effect.possible


def test_the_effect_is_said_in_sentences() -> None:
    effect = Effect(fresh=1, dropped=2, again=3, impossible=4)

    same = effect.sentences(new_id=False)
    new = effect.sentences(new_id=True)

    assert same[0] == new[0] == "6 deliveries can be put back to pending."
    for line, words in zip(
        same[1:],
        (
            ("Never accepted", ": 1.", "once"),
            ("within 24 hours", ": 2.", "drops", "--new-id"),
            ("more than 24 hours", ": 3.", "twice"),
            (": 4.", "retention"),
        ),
        strict=True,
    ):
        assert all(word in line for word in words), line
    assert new[1] == same[1]
    assert all(word in new[2] for word in ("before", ": 5.", "new messageId", "twice"))
    assert new[3:] == same[4:]
    assert Effect(fresh=1).sentences(new_id=False)[0] == "1 delivery can be put back to pending."
    assert len(Effect().sentences(new_id=True)) == 1


# --- replay


async def test_dead_deliveries_go_again_under_their_message_id(
    store: SqlStore, doing: Operations, clock: FakeClock, woken: list[str]
) -> None:
    one, other = await settled(store, DEAD), await settled(store, DEAD)
    clock.advance(100)

    done = await doing.replay(Selection(ids=(one,)))

    claimed = await store.claim(9, lease(), clock.now)
    assert done == 1
    assert [claim.id for claim in claimed] == [one]
    assert claimed[0].queued_at == clock.now
    assert (await detail(store, one)).delivery.reason == "Put back to pending by hand."
    assert (await detail(store, other)).delivery.status is DEAD
    assert woken == ["woken"]


async def test_a_replay_by_status_and_time_takes_those_only(
    store: SqlStore, doing: Operations
) -> None:
    wanted = [await settled(store, DEAD, received_at=NOW + second) for second in (1, 2)]
    for received_at in (NOW, NOW + 3):
        await settled(store, DEAD, received_at=received_at)
    await settled(store, ACCEPTED, received_at=NOW + 1)
    selection = Selection(statuses=(DEAD,), since=NOW + 1, until=NOW + 3)

    assert await doing.preview(selection) == Effect(fresh=2)
    assert await doing.replay(selection) == 2
    assert [one.id for one in await store.claim(99, lease(), NOW)] == wanted


async def test_a_thousand_dead_letters_are_replayed_each_once(
    store: SqlStore, doing: Operations
) -> None:
    await asyncio.gather(*(store.enqueue(new_delivery()) for _ in range(1000)))
    claimed = await store.claim(1000, lease(), NOW)
    await store.settle([outcome(one.id, DEAD) for one in claimed], "engine-1")

    effect = await doing.preview(Selection(statuses=(DEAD,)))
    done = await doing.replay(Selection(statuses=(DEAD,)))

    assert effect == Effect(fresh=1000)
    assert done == 1000
    assert (await store.counts()).deliveries == {"pending": 1000}
    assert {one.id for one in await store.claim(2000, lease(), NOW)} == {one.id for one in claimed}


async def test_a_filter_says_which_and_ids_go_before_it(store: SqlStore, doing: Operations) -> None:
    wanted = [await settled(store, DEAD, event="closed", search="ada") for _ in range(2)]
    other = await settled(store, DEAD, event="opened", search="ada")
    await settled(store, DEAD, event="closed", search="grace")
    selection = Selection(wanted=Filter(events=("CLOSED",), search="ada"))

    assert await doing.preview(selection) == Effect(fresh=2)
    assert Selection(ids=(other,), wanted=selection.wanted).filter == Filter(ids=(other,))
    assert await doing.replay(selection) == 2
    assert [one.id for one in await store.claim(99, lease(), NOW)] == wanted


@pytest.mark.parametrize("verb", ["replay", "discard"])
async def test_progress_is_told_page_by_page_in_sums(
    store: SqlStore, doing: Operations, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    monkeypatch.setattr(operations, "PAGE", 2)
    ids = [await settled(store, DEAD) for _ in range(4)] + [await settled(store, ACCEPTED)]
    if verb == "discard":
        ids = [ids[-1], *ids[:-1]]
    told: list[Step] = []

    done = await getattr(doing, verb)(Selection(), progress=told.append)

    assert done == (5 if verb == "replay" else 4)
    assert [one.seen for one in told] == [2, 4, 5]
    assert told[-1].done == done
    assert [one.before is None for one in told] == [False, False, True]


async def test_a_replay_of_many_ids_goes_page_by_page_too(
    store: SqlStore, doing: Operations, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "PAGE", 2)
    ids = tuple([await settled(store, DEAD) for _ in range(5)])
    told: list[Step] = []

    assert await doing.replay(Selection(ids=ids), progress=told.append) == 5
    assert [one.seen for one in told] == [2, 4, 5]


async def test_a_cancelled_replay_ends_after_a_page_and_what_is_done_stays(
    store: SqlStore, doing: Operations, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "PAGE", 10)
    for _ in range(50):
        await settled(store, DEAD)

    def stop(step: Step) -> None:
        if step.seen == 20:
            task = asyncio.current_task()
            assert task is not None
            task.cancel()

    async with asyncio.TaskGroup() as group:
        task = group.create_task(doing.replay(Selection(), progress=stop))

    assert task.cancelled()
    assert (await store.counts()).deliveries == {"pending": 20, "dead": 30}


async def test_whoever_watches_may_end_it_and_learns_how_many_were_done(
    store: SqlStore, doing: Operations, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "PAGE", 10)
    for _ in range(50):
        await settled(store, DEAD)

    assert await doing.replay(Selection(), progress=lambda step: step.seen < 20) == 20
    assert (await store.counts()).deliveries == {"pending": 20, "dead": 30}


async def test_with_new_ids_accepted_ones_are_copied_with_a_number(
    store: SqlStore, doing: Operations, clock: FakeClock
) -> None:
    one = await settled(store, ACCEPTED, message_id="gs-1")
    clock.advance(100)

    first = await doing.replay(Selection(ids=(one,)), new_id=True)
    second = await doing.replay(Selection(ids=(one,)), new_id=True)

    assert (first, second) == (1, 1)
    assert await all_ids(store) == ["gs-1", "gs-1-r1", "gs-1-r2"]
    original = await detail(store, one)
    place = await store.find("gs-1-r2")
    assert place is not None
    copy = await detail(store, place[1])
    assert original.delivery.status is ACCEPTED
    assert copy.delivery.status is DeliveryStatus.PENDING
    assert copy.delivery.replay_of == one
    assert copy.delivery.created_at == clock.now
    assert copy.delivery.received_at == original.delivery.received_at
    assert msgspec.json.decode(copy.payload) == {"type": "track", "messageId": "gs-1-r2"}
    assert msgspec.json.decode(original.payload)["messageId"] == "gs-1"


async def test_a_copy_of_a_copy_counts_on(store: SqlStore, doing: Operations) -> None:
    one = await settled(store, ACCEPTED, message_id="gs-1")
    await doing.replay(Selection(ids=(one,)), new_id=True)
    copy = await store.find("gs-1-r1")
    assert copy is not None
    await store.claim(9, lease(), NOW)
    await store.settle([outcome(copy[1], ACCEPTED)], "engine-1")

    await doing.replay(Selection(ids=(copy[1],)), new_id=True)

    assert (await all_ids(store))[-1] == "gs-1-r2"


async def test_with_new_ids_what_never_arrived_keeps_its_own(
    store: SqlStore, doing: Operations
) -> None:
    one = await settled(store, DEAD, message_id="gs-1")

    assert await doing.replay(Selection(ids=(one,)), new_id=True) == 1
    assert await all_ids(store) == ["gs-1"]


async def test_a_selection_is_replayed_with_new_ids_once_though_copies_join_it(
    store: SqlStore, doing: Operations, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "PAGE", 2)
    for number in range(5):
        await settled(store, ACCEPTED, message_id=f"gs-{number}")

    done = await doing.replay(Selection(), new_id=True)

    assert done == 5
    assert len(await all_ids(store)) == 10


async def test_a_hundred_copies_are_enough(
    store: SqlStore, doing: Operations, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "ID_LIMIT", 2)
    one = await settled(store, ACCEPTED)
    for _ in range(2):
        await doing.replay(Selection(ids=(one,)), new_id=True)

    with pytest.raises(OperationError, match=f"d{one} was sent again 2 times already"):
        await doing.replay(Selection(ids=(one,)), new_id=True)


async def test_an_id_given_twice_is_meant_once(store: SqlStore, doing: Operations) -> None:
    one = await settled(store, ACCEPTED)
    selection = Selection(ids=(one, one))

    assert await doing.preview(selection) == Effect(dropped=1)
    assert await doing.replay(selection, new_id=True) == 1


@pytest.mark.parametrize("verb", ["preview", "replay", "discard"])
async def test_an_unknown_id_is_said_and_nothing_is_done(
    store: SqlStore, doing: Operations, woken: list[str], verb: str
) -> None:
    one = await settled(store, DEAD)

    with pytest.raises(OperationError, match="no delivery d999") as caught:
        await getattr(doing, verb)(Selection(ids=(one, 999)))

    assert "events" in caught.value.hint
    assert (await detail(store, one)).delivery.status is DEAD
    assert woken == []


async def test_nothing_selected_wakes_nobody(
    store: SqlStore, doing: Operations, woken: list[str]
) -> None:
    assert await doing.replay(Selection(statuses=(DEAD,))) == 0
    assert woken == []


# --- the others


async def test_a_selection_is_discarded(store: SqlStore, doing: Operations) -> None:
    dead = await settled(store, DEAD)
    await settled(store, ACCEPTED)

    done = await doing.discard(Selection())

    assert done == 1
    assert (await detail(store, dead)).delivery.status is DeliveryStatus.DISCARDED
    assert (await detail(store, dead)).delivery.reason == "Discarded by hand."


async def test_an_erased_delivery_cannot_be_replayed(store: SqlStore, doing: Operations) -> None:
    one = await settled(store, ACCEPTED, customer_id="p1")

    erased = await doing.erase("p1")

    assert erased.deliveries == 1
    assert await doing.preview(Selection(ids=(one,))) == Effect(impossible=1)


async def test_who_was_merged_into_the_erased_is_the_same_person(
    store: SqlStore, clock: FakeClock
) -> None:
    """Also where one was merged into another first."""
    forgotten: list[str] = []
    doing = Operations(store, clock=clock, wake=lambda: None, forget=forgotten.append)
    rows = [
        await settled(store, ACCEPTED, customer_id=one, conversation_id=one)
        for one in ("p1", "p2", "p3")
    ]
    other = await settled(store, ACCEPTED, customer_id="p4", conversation_id="p4")
    for one, into in (("p3", "p2"), ("p2", "p1"), ("p1", "p9")):
        await store.add_webhook(merge_webhook(one, into))

    erased = await doing.erase("p1")

    assert set(forgotten) == {"p1", "p2", "p3"}
    assert erased.deliveries == 3
    assert [(await detail(store, one)).payload for one in rows] == [None, None, None]
    assert (await detail(store, other)).payload is not None


def merge_webhook(one: str, into: str) -> NewWebhook:
    """Gladly says that a customer became part of another."""
    content = {"sourceCustomerId": one, "destinationCustomerId": into}
    body = {"id": f"{one}-{into}", "type": "CUSTOMER/MERGED", "content": content}
    return NewWebhook(
        dedupe_key=f"{one}-{into}",
        kind="CUSTOMER/MERGED",
        channel=Channel.WEBHOOK,
        received_at=NOW,
        customer_id=into,
        status=WebhookStatus.SKIPPED,
        body=msgspec.json.encode(body),
    )


@pytest.mark.parametrize("customer_id", ["", " ", "\n"])
async def test_erasing_nobody_is_refused_and_erases_nobody(
    store: SqlStore, doing: Operations, customer_id: str
) -> None:
    """Every body holds the empty text."""
    one = await settled(store, ACCEPTED)

    with pytest.raises(OperationError, match="customer"):
        await doing.erase(customer_id)

    assert (await detail(store, one)).payload is not None
