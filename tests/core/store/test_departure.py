"""A person whom Gladly deleted leaves nothing behind, but what was not sent yet still goes."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from core.errors import StoreBusy
from core.mapping.bare import bare
from core.model import Channel, DeliveryStatus, WebhookStatus
from core.store import departure
from core.store.base import Resolution, WebhookUpdate
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from tests.core.store.test_upkeep import EMAIL, NAME, PERSON, holding, indexed
from tests.fakes.rows import NOW, lease, new_delivery, new_fact, new_webhook, outcome

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

MERGED, DELETED = "CUSTOMER/MERGED", "CUSTOMER_PROFILE/DELETED"
SOURCE = "Wxyzvq-merged-Id8"
LEFT = (DeliveryStatus.PENDING, DeliveryStatus.SENDING, DeliveryStatus.RETRYING)
REASON = "Deleted in Gladly."


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "store.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SqlStore]:
    one = SqlStore(SqliteDriver(path))
    await one.open()
    yield one
    await one.close()


def payload(number: int, kind: str = "track", **more: Any) -> bytes:
    named = {"customerName": NAME, "email": EMAIL, "conversationId": f"c{number}", "agentId": "a1"}
    message = {"type": kind, "messageId": f"gs-{number}", "userId": PERSON, "timestamp": "t"}
    members = {"traits": {"name": NAME}} if kind == "identify" else {"properties": named}
    return json.dumps({**message, **members, **more}).encode()


async def queued(store: SqlStore, number: int, status: DeliveryStatus, **changes: Any) -> int:
    new = new_delivery(
        **{
            "message_id": f"gs-{number}",
            "conversation_id": f"c{number}",
            "customer_id": PERSON,
            "user_id": PERSON,
            "payload": payload(number, changes.get("type", "track")),
            "looked_up": json.dumps({"email": EMAIL}).encode(),
            "search": f"{PERSON} {NAME} {EMAIL}",
            **changes,
        }
    )
    await store.enqueue(new)
    place = await store.find(new.message_id)
    assert place is not None
    if status is not DeliveryStatus.PENDING:
        await store.claim(99, lease(), NOW + 99)
        if status is not DeliveryStatus.SENDING:
            done = outcome(place[1], status, error=f"about {NAME}", next_attempt_at=NOW + 999)
            await store.settle([done], "engine-1")
    return place[1]


async def told(store: SqlStore, **changes: Any) -> int:
    body = f'{{"content": {{"customerId": "{PERSON}"}}}}'.encode()
    added = await store.add_webhook(new_webhook(**{"customer_id": PERSON, "body": body, **changes}))
    return added.id


def read_merge(body: bytes) -> tuple[str, str] | None:
    content = json.loads(body)["content"]
    return content["sourceCustomerId"], content["destinationCustomerId"]


async def look(store: SqlStore, webhook_id: int) -> bool:
    """One look at a deletion; whether it is over."""
    traces = (await departure.trace(store, [PERSON], read_merge))[PERSON]
    await departure.strip(store, traces, bare)
    over = traces.over and await departure.part(store, traces, webhook_id, REASON)
    await departure.scrub(store)
    return over


async def test_no_file_holds_the_person_once_all_was_sent(store: SqlStore, path: Path):
    for status in (WebhookStatus.SKIPPED, WebhookStatus.RESOLVED):
        one = await told(store, status=status)
        await store.learn([(f"c{one}", new_fact(customer_id=PERSON, webhook_id=one))])
    for number in range(3):
        await queued(store, number, DeliveryStatus.ACCEPTED)
    await queued(store, 9, DeliveryStatus.PENDING, customer_id="other", user_id="other",
                 payload=b"{}", search="other", looked_up=b"{}")  # fmt: skip
    deletion = await told(store, kind=DELETED)
    assert all(holding(path.parent, text) for text in (PERSON, NAME, EMAIL))

    assert await look(store, deletion)

    for text in (PERSON, NAME, EMAIL):
        assert holding(path.parent, text) == [], text
    assert not {word for word in indexed(path) if "quixotek" in word or "xyzzyx" in word}
    row, _ = await store.webhook(deletion)  # type: ignore[misc]
    assert (row.status, row.reason) == (WebhookStatus.SKIPPED, REASON)
    assert (row.body, row.customer_id, row.kind) == (None, None, DELETED)
    other = await store.find("gs-9")
    assert other is not None
    assert (await store.delivery(other[1])).payload == b"{}"  # type: ignore[union-attr]
    await store.close()
    assert [holding(path.parent, text) for text in (PERSON, NAME, EMAIL)] == [[], [], []]


@pytest.mark.parametrize("status", LEFT)
async def test_what_was_not_sent_yet_goes_with_the_ids_only_and_once(
    store: SqlStore, path: Path, status: DeliveryStatus
):
    one = await queued(store, 1, status)
    deletion = await told(store, kind=DELETED)

    assert not await look(store, deletion)

    assert holding(path.parent, NAME) == holding(path.parent, EMAIL) == []
    detail = await store.delivery(one)
    assert detail is not None
    assert detail.delivery.status is status
    assert json.loads(detail.payload or b"") == {
        "type": "track",
        "messageId": "gs-1",
        "userId": PERSON,
        "timestamp": "t",
        "properties": {"conversationId": "c1", "agentId": "a1"},
    }
    if status is not DeliveryStatus.SENDING:
        (claimed,) = await store.claim(9, lease(), NOW + 9999)
        assert claimed.payload == detail.payload
    await store.settle([outcome(one, DeliveryStatus.ACCEPTED)], "engine-1")
    assert await look(store, deletion)
    assert holding(path.parent, PERSON) == []
    assert (await store.counts()).deliveries == {"accepted": 1}


async def test_a_lease_that_fails_after_the_deletion_is_tried_again_without_the_person(
    store: SqlStore,
):
    one = await queued(store, 1, DeliveryStatus.SENDING)
    await look(store, await told(store, kind=DELETED))

    await store.settle([outcome(one, DeliveryStatus.RETRYING, next_attempt_at=NOW)], "engine-1")

    (claimed,) = await store.claim(9, lease(), NOW + 9999)
    assert NAME.encode() not in claimed.payload
    assert claimed.message_id == "gs-1"


async def test_what_segment_did_not_take_keeps_the_ids_until_it_is_replayed(
    store: SqlStore, path: Path
):
    one = await queued(store, 1, DeliveryStatus.DEAD)
    deletion = await told(store, kind=DELETED)

    assert not await look(store, deletion)
    assert holding(path.parent, NAME) == []
    assert await store.requeue([one], NOW, "again") == 1
    await store.claim(9, lease(), NOW + 9999)
    await store.settle([outcome(one, DeliveryStatus.ACCEPTED)], "engine-1")
    assert await look(store, deletion)

    assert holding(path.parent, PERSON) == []


async def test_traits_are_not_sent_any_more(store: SqlStore, path: Path):
    one = await queued(store, 1, DeliveryStatus.PENDING, type="identify", event="identify")

    assert await look(store, await told(store, kind=DELETED))

    delivery = (await store.deliveries_by_id([one]))[0]
    assert delivery.status is DeliveryStatus.DISCARDED
    assert [holding(path.parent, text) for text in (PERSON, NAME)] == [[], []]


@pytest.mark.parametrize("status", [WebhookStatus.RECEIVED, WebhookStatus.WAITING])
async def test_what_was_not_looked_at_yet_is_looked_at_first(
    store: SqlStore, status: WebhookStatus
):
    one = await told(store)
    update = WebhookUpdate(id=one, status=status, reason="", due_at=NOW)
    await store.resolve([Resolution(conversation_id=None, seen=(), updates=(update,))])
    deletion = await told(store, kind=DELETED)

    assert not await look(store, deletion)

    row, _ = await store.webhook(one)  # type: ignore[misc]
    assert row.body is not None
    assert row.customer_id == PERSON


async def test_those_who_were_merged_into_the_person_go_along(store: SqlStore, path: Path):
    content = {"sourceCustomerId": SOURCE, "destinationCustomerId": PERSON}
    body = json.dumps({"type": MERGED, "content": content}).encode()
    merge = await told(store, kind=MERGED, body=body, status=WebhookStatus.RESOLVED)
    await told(store, customer_id=SOURCE, body=b"{}", status=WebhookStatus.RESOLVED)
    await store.learn([("c5", new_fact(customer_id=SOURCE, webhook_id=99))])
    alias = json.dumps({"type": "alias", "previousId": SOURCE, "userId": PERSON}).encode()
    more = {"conversation_id": None, "type": "alias", "webhook_id": merge, "payload": alias}
    one = await queued(store, 5, DeliveryStatus.PENDING, search=f"{PERSON} {SOURCE}", **more)
    deletion = await told(store, kind=DELETED)

    assert not await look(store, deletion)
    (claimed,) = await store.claim(9, lease(), NOW + 9999)
    assert json.loads(claimed.payload) == json.loads(alias)
    await store.settle([outcome(one, DeliveryStatus.ACCEPTED)], "engine-1")
    assert await look(store, deletion)

    assert [holding(path.parent, text) for text in (PERSON, SOURCE)] == [[], []]


async def test_whoever_a_conversation_had_before_is_the_same_person(store: SqlStore, path: Path):
    first = await told(
        store, customer_id=SOURCE, body=SOURCE.encode(), status=WebhookStatus.RESOLVED
    )
    await store.learn([("c1", new_fact(customer_id=SOURCE, webhook_id=first))])
    before = await queued(store, 1, DeliveryStatus.ACCEPTED, customer_id=SOURCE, user_id=SOURCE)
    later = {"created_at": NOW + 9, "conversation_id": "c1"}
    await queued(store, 2, DeliveryStatus.ACCEPTED, **later)
    elsewhere = {"customer_id": SOURCE, "user_id": SOURCE, "created_at": NOW + 10}
    await queued(store, 3, DeliveryStatus.ACCEPTED, **elsewhere)

    assert await look(store, await told(store, kind=DELETED))

    assert (await store.delivery(before)).payload is None  # type: ignore[union-attr]
    for text in (PERSON, SOURCE, NAME):
        assert holding(path.parent, text) == [], text


@pytest.mark.parametrize("link", ["delivery", "fact"])
async def test_whoever_has_a_conversation_now_is_not_taken_along(store: SqlStore, link: str):
    await queued(store, 1, DeliveryStatus.ACCEPTED)
    if link == "fact":
        await store.learn([("c1", new_fact(customer_id=SOURCE, occurred_ns=int((NOW + 5) * 1e9),
                                           received_at=NOW + 9))])  # fmt: skip
    more = {"customer_id": SOURCE, "user_id": SOURCE, "created_at": NOW + 9}
    number = {"fact": "c7", "delivery": "c1"}[link]
    other = await queued(store, 2, DeliveryStatus.ACCEPTED, conversation_id=number, **more)

    assert await look(store, await told(store, kind=DELETED))

    detail = await store.delivery(other)
    assert detail is not None
    assert NAME.encode() in (detail.payload or b"")
    assert detail.delivery.customer_id == SOURCE


async def test_nobody_else_is_touched(store: SqlStore):
    longer = f"{PERSON}-2"
    body = json.dumps({"content": {"customerId": longer}}).encode()
    webhook = await told(store, customer_id=longer, body=body, status=WebhookStatus.SKIPPED)
    one = await queued(store, 1, DeliveryStatus.PENDING, customer_id=longer, user_id=longer)

    assert await look(store, await told(store, kind=DELETED))

    assert (await store.webhook(webhook))[0].body == body  # type: ignore[index]
    assert NAME.encode() in ((await store.delivery(one)).payload or b"")  # type: ignore[union-attr]


async def test_what_is_somebody_elses_stays_theirs_though_it_names_the_id(store: SqlStore):
    body = json.dumps({"content": {"customerId": "ada", "assignee": {"agentId": PERSON}}}).encode()
    webhook = await told(store, customer_id="ada", body=body, status=WebhookStatus.SKIPPED)

    assert await look(store, await told(store, kind=DELETED))

    row = (await store.webhook(webhook))[0]  # type: ignore[index]
    assert (row.body, row.customer_id) == (body, "ada")


@pytest.mark.parametrize("word", ["content", "customerId", "type"])
async def test_the_name_of_a_member_is_nobody(store: SqlStore, word: str):
    body = b'{"type": "X/Y", "content" : {"customerId": "somebody"}}'
    one = await told(store, customer_id="somebody", body=body, status=WebhookStatus.SKIPPED)

    found = await departure.trace(store, [word, "somebody"], read_merge)
    assert found[word].webhooks == ()
    assert found["somebody"].webhooks == (one,)


async def test_the_same_event_by_another_id_is_known_and_not_sent_again(
    store: SqlStore, path: Path
):
    first = await told(store, status=WebhookStatus.RESOLVED)
    fact = new_fact(customer_id=PERSON, webhook_id=first)
    await store.learn([("c1", fact)])
    await queued(store, 1, DeliveryStatus.ACCEPTED)
    assert await look(store, await told(store, kind=DELETED))

    news = [new_webhook(customer_id=PERSON, channel=Channel.POLL)]
    (added,) = await store.add_many(news)

    assert (added.duplicate, added.id) == (True, first)
    known = (await store.knowledge(["c1"]))["c1"]
    assert known.queued == {"gs-1"}
    assert [one.customer_id for one in known.facts] == [None]
    assert holding(path.parent, PERSON) == []


async def test_a_crash_at_any_write_is_made_good_by_the_next_look(
    path: Path, store: SqlStore, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(departure, "STEP", 1)
    await store.learn([("c1", new_fact(customer_id=PERSON, webhook_id=1))])
    await store.learn([("c2", new_fact(customer_id=SOURCE, webhook_id=2))])
    await told(store, status=WebhookStatus.RESOLVED)
    await told(store, customer_id=SOURCE, body=SOURCE.encode(), status=WebhookStatus.RESOLVED)
    old = {"customer_id": SOURCE, "user_id": SOURCE, "search": f"{SOURCE} {NAME}"}
    old["payload"] = json.dumps({"userId": SOURCE, "name": NAME}).encode()
    await queued(store, 1, DeliveryStatus.ACCEPTED, conversation_id="c2", **old)
    await queued(store, 2, DeliveryStatus.ACCEPTED, conversation_id="c2", created_at=NOW + 1)
    await queued(store, 3, DeliveryStatus.ACCEPTED, conversation_id="c3", **old)
    deletion = await told(store, kind=DELETED)
    write, allowed, done = store.driver.write, 0, 0

    async def failing(work: Any, *, simple: bool = False) -> Any:
        nonlocal done
        done += 1
        if done > allowed:
            raise StoreBusy("killed here")
        return await write(work, simple=simple)

    monkeypatch.setattr(store.driver, "write", failing)
    over = False
    while not over:
        allowed, done = allowed + 1, 0
        try:
            over = await look(store, deletion)
        except StoreBusy:
            row, _ = await store.webhook(deletion)  # type: ignore[misc]
            assert row.customer_id in {PERSON, None}
            if row.status is WebhookStatus.SKIPPED:
                assert row.customer_id is None
                assert await store.get_meta(departure.SCRUB) == "due"

    assert allowed > 3
    for text in (PERSON, SOURCE, NAME, EMAIL):
        assert holding(path.parent, text) == [], text


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader is not waited for for long."""
    monkeypatch.setattr("core.store.sqlite.BUSY_MS", 100)


@pytest.mark.usefixtures("impatient")
async def test_a_reader_that_keeps_the_deleted_alive_is_waited_for(store: SqlStore, path: Path):
    await queued(store, 1, DeliveryStatus.ACCEPTED)
    traces = (await departure.trace(store, [PERSON], read_merge))[PERSON]
    with closing(sqlite3.connect(path)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM delivery").fetchall()
        await departure.strip(store, traces, bare)
        with pytest.raises(StoreBusy):
            await departure.scrub(store)
    assert await store.get_meta(departure.SCRUB) == "due"

    await departure.scrub(store)

    assert await store.get_meta(departure.SCRUB) == "done"
    assert holding(path.parent, NAME) == []


async def test_intake_goes_on_while_the_search_index_is_tidied(store: SqlStore, path: Path):
    await queued(store, 1000, DeliveryStatus.ACCEPTED)
    for number in range(300):
        await store.enqueue(new_delivery(search=f"word{number}", customer_id="other"))
    deletion = await told(store, kind=DELETED)

    over, *added = await asyncio.gather(
        look(store, deletion), *(store.add_webhook(new_webhook()) for _ in range(20))
    )

    assert over
    assert not any(one.duplicate for one in added)
    assert holding(path.parent, NAME) == []
