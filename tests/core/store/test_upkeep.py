"""Retention forgets what is over and old; erasure leaves nothing of a person in any file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from core.gladly.timestamps import parse_timestamp
from core.health import Health
from core.mapping.plan import make_plan
from core.model import Channel, DeliveryStatus, Fact, WebhookStatus
from core.pipeline.resolver import NoLookup, Resolver, Rules
from core.segment.message import MessageBuilder
from core.settings import Mapping_
from core.signals import Signal
from core.store import migrations, upkeep
from core.store.base import (
    Filter,
    Resolution,
    Retention,
    WebhookFilter,
    WebhookUpdate,
    version_of,
)
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from tests.fakes import FakeClock, body, gladly_event
from tests.fakes.rows import NOW, lease, new_delivery, new_fact, new_webhook, outcome

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

OLD = NOW - 100
POLICY = Retention(payload_before=NOW - 50, metadata_before=NOW - 50)
BODIES_ONLY = Retention(payload_before=NOW - 50, metadata_before=0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "store.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SqlStore]:
    one = SqlStore(SqliteDriver(path))
    await one.open()
    yield one
    await one.close()


async def queued(store: SqlStore, status: DeliveryStatus, **changes: object) -> int:
    """A delivery with an attempt, in this status."""
    new = new_delivery(**{"created_at": OLD, "search": "ada"} | changes)
    await store.enqueue(new)
    place = await store.find(new.message_id)
    assert place is not None
    if status is not DeliveryStatus.PENDING:
        await store.claim(9999, lease(), NOW)
        if status is not DeliveryStatus.SENDING:
            settlement = outcome(place[1], status, next_attempt_at=NOW + 999)
            await store.settle([settlement], "engine-1")
    return place[1]


def work(store: SqlStore, clock: FakeClock) -> Resolver:
    """What turns webhooks into deliveries, without Gladly."""
    return Resolver(
        store,
        NoLookup(),
        (make_plan(Mapping_(), "default"),),
        MessageBuilder(),
        Rules(settle_seconds=5, give_up_seconds=60),
        health=Health(clock),
        queued=Signal(),
        owner="engine-1",
        clock=clock,
    )


async def take(store: SqlStore, resolver: Resolver, event: dict, **changes: object) -> bool:
    """Store one of Gladly's events and look at it; whether it was known already."""
    added = await store.add_webhook(
        new_webhook(
            dedupe_key=event["id"],
            kind=event["type"],
            body=body(event),
            conversation_id=event["content"]["conversationId"],
            customer_id=event["content"].get("customerId"),
            **changes,
        )
    )
    while await resolver._round(None):  # type: ignore[arg-type] - NoLookup starts no task
        pass
    return added.duplicate


# --- retention


async def test_bodies_go_by_age_and_rows_stay(store: SqlStore) -> None:
    old = await store.add_webhook(new_webhook(received_at=OLD, status=WebhookStatus.SKIPPED))
    new = await store.add_webhook(new_webhook(received_at=NOW, status=WebhookStatus.SKIPPED))
    delivery = await queued(store, DeliveryStatus.ACCEPTED)

    pruned = await upkeep.prune(store, BODIES_ONLY)

    assert (pruned.bodies, pruned.rows) == (2, 0)
    detail = await store.delivery(delivery)
    assert detail is not None
    assert (detail.payload, detail.looked_up) == (None, None)
    assert len(detail.attempts) == 1
    assert (await store.webhook(old.id))[0].body is None
    assert (await store.webhook(new.id))[0].body is not None
    assert (await store.page(Filter(search="ada"), None, 9)).rows == ()


async def test_rows_go_by_age_with_their_attempts(store: SqlStore) -> None:
    await store.add_webhook(new_webhook(received_at=OLD, status=WebhookStatus.RESOLVED))
    gone = await queued(store, DeliveryStatus.ACCEPTED)
    kept = await queued(store, DeliveryStatus.ACCEPTED, created_at=NOW)

    pruned = await upkeep.prune(store, POLICY)

    assert pruned.rows == 2
    assert await store.delivery(gone) is None
    assert len((await store.delivery(kept)).attempts) == 1
    rows = await store.driver.read(lambda tx: tx.sql("SELECT delivery_id FROM attempt", {}))
    assert rows == [(kept,)]
    assert (await store.counts()).webhooks == {}


async def test_what_is_undelivered_or_dead_or_unresolved_is_never_touched(
    store: SqlStore,
) -> None:
    under_way = [
        await queued(store, status)
        for status in (DeliveryStatus.SENDING, DeliveryStatus.RETRYING, DeliveryStatus.DEAD)
    ]
    under_way.append(await queued(store, DeliveryStatus.PENDING, created_at=OLD))
    received = await store.add_webhook(new_webhook(received_at=OLD))
    waiting = await store.add_webhook(new_webhook(received_at=OLD))
    update = WebhookUpdate(id=waiting.id, status=WebhookStatus.WAITING, reason="", due_at=NOW)
    await store.resolve([Resolution(conversation_id=None, seen=(), updates=(update,))])

    pruned = await upkeep.prune(store, POLICY)

    assert (pruned.bodies, pruned.rows) == (0, 0)
    for one in under_way:
        detail = await store.delivery(one)
        assert detail is not None
        assert detail.payload is not None
    for one in (received.id, waiting.id):
        assert (await store.webhook(one))[0].body is not None


async def test_facts_of_open_conversations_stay_those_of_closed_ones_go(store: SqlStore) -> None:
    start, end = {"occurred_ns": 1}, {"kind": Fact.CLOSED, "occurred_ns": 2}
    again = {"kind": Fact.REOPENED, "occurred_ns": 3}
    for conversation, told in {
        "open": [start],
        "closed": [start, end],
        "reopened": [start, end, again],
        "late start": [end],
    }.items():
        await store.learn([(conversation, new_fact(received_at=OLD, **one)) for one in told])
    await store.learn([("closed lately", new_fact(received_at=OLD, **start))])
    await store.learn([("closed lately", new_fact(received_at=NOW, **end))])

    await upkeep.prune(store, POLICY)

    names = ["open", "closed", "reopened", "late start", "closed lately"]
    known = await store.knowledge(names)
    assert {name: len(known[name].facts) for name in names} == {
        "open": 1,
        "closed": 0,
        "reopened": 3,
        "late start": 0,
        "closed lately": 2,
    }


async def test_an_assignment_is_understood_long_after_retention(store: SqlStore) -> None:
    clock = FakeClock(NOW)
    resolver = work(store, clock)
    created = gladly_event("CONVERSATION/CREATED", id="e1")
    assigned = gladly_event("CONVERSATION_ASSIGNEE/UPDATED", id="e2", assignee="agent-7")
    await take(store, resolver, created, received_at=OLD)
    await upkeep.prune(store, POLICY)
    await upkeep.prune(store, POLICY)

    await take(store, resolver, assigned, received_at=NOW)
    assert (await store.counts()).deliveries == {}
    clock.advance(6)
    while await resolver._round(None):  # type: ignore[arg-type] - NoLookup starts no task
        pass

    (opened,) = (await store.page(Filter(), None, 9)).rows
    detail = await store.delivery(opened.id)
    assert detail is not None
    assert b'"agentId": "agent-7"' in detail.payload
    assert b"2026-05-28T10:00:00" in detail.payload


async def test_what_was_sent_is_not_sent_again_after_retention(store: SqlStore) -> None:
    clock = FakeClock(NOW)
    resolver = work(store, clock)
    created = gladly_event("CONVERSATION/CREATED", id="e1", agent="agent-7")
    await take(store, resolver, created, received_at=OLD)
    (opened,) = await store.claim(9, lease(), NOW)
    await store.settle([outcome(opened.id, DeliveryStatus.ACCEPTED)], "engine-1")

    await upkeep.prune(store, POLICY)
    await take(store, resolver, created)

    assert (await store.counts()).deliveries == {"accepted": 1}


async def test_many_rows_go_in_steps(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "STEP", 7)
    for number in range(40):
        changes = {"received_at": OLD if number % 3 else NOW, "status": WebhookStatus.SKIPPED}
        await store.add_webhook(new_webhook(**changes))
        await store.learn([(f"c{number}", new_fact(received_at=OLD, kind=Fact.CLOSED))])

    pruned = await upkeep.prune(store, POLICY)

    assert pruned.bodies == pruned.rows == 26
    assert (await store.counts()).webhooks == {"skipped": 14}
    assert await store.driver.read(lambda tx: tx.sql("SELECT * FROM fact", {})) == []


# --- erasure

PERSON = "Zqxjkvbw-customer-Id7"
NAME = "Zebulon-Quixotek"
EMAIL = "quixotek@xyzzyx.example"


def holding(folder: Path, text: str) -> list[str]:
    """Every file of the folder that holds the text, in either case."""
    wanted = text.encode().lower()
    return [
        str(file.relative_to(folder))
        for file in sorted(folder.rglob("*"))
        if file.is_file() and wanted in file.read_bytes().lower()
    ]


def indexed(path: Path) -> set[str]:
    """Every word of the search index."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        connection.execute("CREATE VIRTUAL TABLE temp.v USING fts5vocab(main, delivery_fts, row)")
        return {row[0] for row in connection.execute("SELECT term FROM temp.v")}


async def plant(store: SqlStore, path: Path) -> dict[str, int]:
    """Put the person everywhere a person can come to stand."""
    added = {}
    for name, changes in {
        "mine": {
            "dedupe_key": "e1",
            "customer_id": PERSON,
            "body": f'{{"customerId": "{PERSON}", "n": "{NAME}"}}'.encode() * 50,
        },
        "merged": {
            "customer_id": "somebody",
            "body": f'{{"customerId": "somebody", "mergedCustomerId": "{PERSON}"}}'.encode(),
            "status": WebhookStatus.SKIPPED,
        },
        "other": {"customer_id": "other", "body": b'{"customerId": "other"}'},
    }.items():
        added[name] = (await store.add_webhook(new_webhook(**changes))).id
    await store.learn([("c1", new_fact(customer_id=PERSON, webhook_id=added["mine"]))])
    content = {
        "payload": f'{{"properties": {{"email": "{EMAIL}", "name": "{NAME}"}}}}'.encode() * 40,
        "looked_up": f'{{"email": "{EMAIL}"}}'.encode(),
        "search": f"{PERSON} {NAME} {EMAIL}",
    }
    for status, changes in {
        DeliveryStatus.ACCEPTED: {"customer_id": PERSON},
        DeliveryStatus.DEAD: {"customer_id": "merged-into", "conversation_id": "c1"},
        DeliveryStatus.PENDING: {"customer_id": None, "user_id": PERSON},
    }.items():
        changes = {"conversation_id": "x", "user_id": None} | changes | content  # noqa: PLW2901
        added[status] = await queued(store, status, **changes)
    for number in range(50):
        await store.enqueue(
            new_delivery(
                search=f"other person{number}", customer_id="other", conversation_id="other"
            )
        )
    with closing(sqlite3.connect(path)) as connection:
        migrations._back_up(connection, path, 0)
    return added


async def test_after_an_erasure_no_file_holds_the_person(store: SqlStore, path: Path) -> None:
    added = await plant(store, path)
    planted = {text: holding(path.parent, text) for text in (PERSON, NAME, EMAIL)}

    erased = await upkeep.erase(store, PERSON)

    assert all("backups/store-schema0.db" in files for files in planted.values())
    assert all("store.db-wal" in files for files in planted.values())
    for text in (PERSON, NAME, EMAIL):
        assert holding(path.parent, text) == [], text
    words = {word for text in (PERSON, NAME, EMAIL) for word in text.lower().split("@")}
    assert not words & indexed(path)
    assert not {word for word in indexed(path) if "quixotek" in word or "xyzzyx" in word}
    assert (erased.webhooks, erased.deliveries) == (2, 3)
    assert (await store.webhook(added["other"]))[0].body is not None
    assert len((await store.page(Filter(search="other"), None, 99)).rows) == 50
    await store.close()
    for text in (PERSON, NAME, EMAIL):
        assert holding(path.parent, text) == [], text


async def test_an_erased_person_is_not_sent_and_the_rows_say_why(
    store: SqlStore, path: Path
) -> None:
    added = await plant(store, path)

    await upkeep.erase(store, PERSON)

    statuses = {}
    for status in (DeliveryStatus.ACCEPTED, DeliveryStatus.DEAD, DeliveryStatus.PENDING):
        detail = await store.delivery(added[status])
        assert detail is not None
        statuses[status] = detail.delivery.status
        assert detail.payload is None
        assert detail.delivery.reason == "Erased on request."
    assert statuses == {
        DeliveryStatus.ACCEPTED: DeliveryStatus.ACCEPTED,
        DeliveryStatus.DEAD: DeliveryStatus.DISCARDED,
        DeliveryStatus.PENDING: DeliveryStatus.DISCARDED,
    }
    claimed = {one.id for one in await store.claim(999, lease("engine-2"), NOW + 9999)}
    assert not claimed & set(added.values())


async def test_the_same_notification_once_more_does_not_bring_an_erased_person_back(
    store: SqlStore, path: Path
) -> None:
    resolver = work(store, FakeClock(NOW))
    created = gladly_event("CONVERSATION/CREATED", id="e1", customer=PERSON, agent="agent-1")
    await take(store, resolver, created)
    (sent,) = await store.claim(9, lease(), NOW)
    await store.settle([outcome(sent.id, DeliveryStatus.ACCEPTED)], "engine-1")
    await upkeep.erase(store, PERSON)

    by_webhook = await take(store, resolver, created)
    by_poll = await take(store, resolver, created, channel=Channel.POLL)

    assert (by_webhook, by_poll) == (True, True)
    assert await store.claim(9, lease(), NOW + 9999) == []
    assert (await store.counts()).deliveries == {"accepted": 1}
    assert holding(path.parent, PERSON) == []


async def told_again(store: SqlStore, resolver: Resolver, *events: dict) -> list[bool]:
    """The same happenings once more from another source; which of them were known."""
    news = [
        new_webhook(
            dedupe_key=f"again-{event['id']}",
            kind=event["type"],
            body=body(event | {"id": f"again-{event['id']}"}),
            conversation_id=event["content"]["conversationId"],
            customer_id=event["content"]["customerId"],
            occurred_ns=parse_timestamp(event["timestamp"]),
            channel=Channel.BACKFILL,
        )
        for event in events
    ]
    added = await store.add_many(news)
    while await resolver._round(None):  # type: ignore[arg-type] - NoLookup starts no task
        pass
    return [one.duplicate for one in added]


@pytest.mark.parametrize("sent", [True, False])
async def test_history_told_again_does_not_bring_an_erased_person_back(
    store: SqlStore, path: Path, sent: bool
) -> None:
    resolver = work(store, FakeClock(NOW))
    created = gladly_event("CONVERSATION/CREATED", id="e1", customer=PERSON, agent="agent-1")
    closed = gladly_event(
        "CONVERSATION/CLOSED", id="e2", customer=PERSON, at="2026-05-28T11:00:00Z"
    )
    await take(store, resolver, created)
    if sent:
        await take(store, resolver, closed)
    else:  # the engine ended before it looked at it
        changes = {"dedupe_key": "e2", "kind": "CONVERSATION/CLOSED", "body": body(closed)}
        await store.add_webhook(
            new_webhook(
                **changes,
                conversation_id=closed["content"]["conversationId"],
                customer_id=PERSON,
                occurred_ns=parse_timestamp("2026-05-28T11:00:00Z"),
            )
        )
    for one in await store.claim(9, lease(), NOW):
        await store.settle([outcome(one.id, DeliveryStatus.ACCEPTED)], "engine-1")
    before = (await store.counts()).deliveries

    await upkeep.erase(store, PERSON)

    assert await told_again(store, resolver, created, closed) == [True, True]
    assert (await store.counts()).deliveries == before
    assert holding(path.parent, PERSON) == []


async def test_what_erasure_kept_from_being_sent_stays_unsent_when_the_conversation_goes_on(
    store: SqlStore,
) -> None:
    clock = FakeClock(NOW)
    resolver = work(store, clock)
    created = gladly_event("CONVERSATION/CREATED", id="e1", customer=PERSON, agent="agent-1")
    waiting = gladly_event("CONVERSATION/CREATED", id="e2", customer=PERSON, conversation="c-waits")
    taken = gladly_event(
        "CONVERSATION_ASSIGNEE/UPDATED", id="e3", customer=PERSON, conversation="c-waits",
        assignee="agent-1", at="2026-05-28T10:30:00Z",
    )  # fmt: skip
    for event in (created, waiting, taken):
        await take(store, resolver, event)

    await upkeep.erase(store, PERSON)

    for event in (created, waiting):
        conversation = event["content"]["conversationId"]
        later = {"conversation": conversation, "customer": PERSON, "at": "2026-05-28T12:00:00Z"}
        closed = gladly_event("CONVERSATION/CLOSED", id=f"late-{event['id']}", **later)
        await take(store, resolver, closed)
    clock.advance(60)
    while await resolver._round(None):  # type: ignore[arg-type] - NoLookup starts no task
        pass

    rows = (await store.page(Filter(), None, 9)).rows
    assert sorted((row.event, row.status) for row in rows) == [
        ("Conversation Closed", DeliveryStatus.PENDING),
        ("Conversation Closed", DeliveryStatus.PENDING),
        ("Conversation Opened", DeliveryStatus.DISCARDED),
    ]
    erased = [row for row in (await store.webhook_page(WebhookFilter(), None, 9)).rows
              if row.dedupe_key in {"e1", "e2", "e3"}]  # fmt: skip
    assert {row.reason for row in erased} == {"Erased on request."}


async def test_what_was_being_resolved_while_a_person_was_erased_is_not_queued(
    store: SqlStore, path: Path
) -> None:
    added = await store.add_webhook(new_webhook(customer_id=PERSON, conversation_id="c1"))
    facts = (await store.learn([("c1", new_fact(customer_id=None, webhook_id=added.id))]))[0]
    late = Resolution(
        conversation_id="c1",
        seen=version_of(facts["c1"].facts),
        updates=(WebhookUpdate(id=added.id, status=WebhookStatus.RESOLVED, reason=""),),
        deliveries=(new_delivery(webhook_id=added.id, conversation_id="c1", customer_id=PERSON),),
    )

    await upkeep.erase(store, PERSON)
    await store.resolve([late])

    assert (await store.counts()).deliveries == {}
    assert (await store.webhook(added.id))[0].reason == "Erased on request."
    assert holding(path.parent, PERSON) == []


async def test_an_attempt_under_way_does_not_bring_an_erased_person_back(store: SqlStore) -> None:
    one = await queued(store, DeliveryStatus.SENDING, customer_id=PERSON)

    await upkeep.erase(store, PERSON)
    late = await store.settle(
        [outcome(one, DeliveryStatus.RETRYING, error=PERSON, next_attempt_at=NOW)], "engine-1"
    )

    assert late == 0
    assert (await store.delivery(one)).delivery.status is DeliveryStatus.DISCARDED


async def test_erasing_somebody_unknown_changes_nothing(store: SqlStore) -> None:
    await store.add_webhook(new_webhook())
    await store.enqueue(new_delivery())

    erased = await upkeep.erase(store, "nobody")

    assert (erased.webhooks, erased.deliveries) == (0, 0)
    page = await store.webhook_page(WebhookFilter(), None, 9)
    assert [row.body for row in page.rows] == [b'{"id": "event"}']
