"""Intake: every body is kept as it is, with what it was."""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import StoreFull
from core.ingest.intake import Intake
from core.model import Added, Channel, Fact, NewWebhook, WebhookStatus
from core.store.base import WebhookFilter
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from tests.fakes import FakeClock, body, gladly_event

ARRIVED = 1_780_000_123.5


class Inbox:
    """Remembers what was stored; knows duplicates by their key."""

    def __init__(self) -> None:
        self.rows: list[NewWebhook] = []
        self.full = False

    async def add_webhook(self, new: NewWebhook) -> Added:
        if self.full:
            raise StoreFull("The disk is full.")
        for number, row in enumerate(self.rows, 1):
            if row.dedupe_key == new.dedupe_key:
                return Added(id=number, duplicate=True)
        self.rows.append(new)
        return Added(id=len(self.rows), duplicate=False)


def intake() -> tuple[Intake, Inbox]:
    inbox = Inbox()
    return Intake(inbox, FakeClock(ARRIVED)), inbox  # type: ignore[arg-type]


async def test_an_event_of_the_plan_is_stored_with_its_ids_and_time():
    taker, inbox = intake()
    raw = body(gladly_event("CONVERSATION/CREATED", id="e7", conversation="c7", customer="u7"))

    answer = await taker.take(raw, Channel.WEBHOOK)

    assert answer == ("stored", "w1")
    (row,) = inbox.rows
    assert (row.dedupe_key, row.kind, row.conversation_id, row.customer_id) == (
        "e7",
        "CONVERSATION/CREATED",
        "c7",
        "u7",
    )
    assert (row.body, row.status, row.received_at) == (raw, WebhookStatus.RECEIVED, ARRIVED)
    assert row.channel is Channel.WEBHOOK


async def test_the_same_event_id_again_is_a_duplicate_of_the_same_row():
    taker, inbox = intake()
    raw = body(gladly_event("CONVERSATION/CLOSED", id="e1"))
    await taker.take(raw, Channel.WEBHOOK)

    again = await taker.take(raw, Channel.POLL)

    assert again == ("duplicate", "w1")
    assert len(inbox.rows) == 1


async def test_without_an_id_the_same_bytes_are_a_duplicate_and_others_are_not():
    taker, _ = intake()
    event = gladly_event("CONVERSATION/CLOSED")
    del event["id"]

    answers = [
        await taker.take(raw, Channel.WEBHOOK)
        for raw in (body(event), body(event), body({**event, "extra": 1}))
    ]

    assert [answer for answer, _ in answers] == ["stored", "duplicate", "stored"]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b"{", "no JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[]", "not an object"),
        (b"null", "not an object"),
        (b'"PING"', "not an object"),
        (b"{}", "no type"),
        (b'{"type": 5}', "no type"),
        (b'{"type": ""}', "no type"),
        (b'{"type": "CONVERSATION/CLOSED"}', "names no conversation"),
        (
            b'{"type": "CONVERSATION/CLOSED", "content": {"conversationId": "c"}}',
            "no readable timestamp",
        ),
        (
            b'{"type":"CONVERSATION/CLOSED","timestamp":"soon","content":{"conversationId":"c"}}',
            "no readable timestamp",
        ),
    ],
)
async def test_what_cannot_become_an_event_is_kept_and_says_why(raw: bytes, reason: str):
    taker, inbox = intake()

    status, one = await taker.take(raw, Channel.WEBHOOK)

    assert (status, one) == ("unmappable", "w1")
    assert inbox.rows[0].body == raw
    assert inbox.rows[0].status is WebhookStatus.UNMAPPABLE
    assert reason in inbox.rows[0].reason


async def test_a_type_outside_the_plan_is_kept_and_ignored():
    taker, inbox = intake()

    status, _ = await taker.take(b'{"type":"NEW/KIND","id":"n1"}', Channel.WEBHOOK)

    assert status == "ignored"
    assert inbox.rows[0].status is WebhookStatus.SKIPPED
    assert "NEW/KIND" in inbox.rows[0].reason


async def test_ping_is_answered_noted_and_not_stored():
    taker, inbox = intake()

    answer = await taker.take(b'{"type":"PING"}', Channel.WEBHOOK)

    assert answer == ("pong", None)
    assert inbox.rows == []
    assert taker.last_ping_at == ARRIVED


async def test_the_signal_names_new_rows_only():
    taker, _ = intake()
    heard: list[int] = []
    taker.stored.connect(heard.append)
    raw = body(gladly_event("CONVERSATION/CREATED"))

    for one in (raw, raw, b"x", b'{"type":"PING"}'):
        await taker.take(one, Channel.WEBHOOK)

    assert heard == [1, 2]


async def test_a_store_that_cannot_commit_is_told_to_the_caller_and_nothing_is_signalled():
    taker, inbox = intake()
    heard: list[int] = []
    taker.stored.connect(heard.append)
    inbox.full = True

    with pytest.raises(StoreFull):
        await taker.take(b"x", Channel.WEBHOOK)

    assert heard == []


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
CONTENT = st.fixed_dictionaries(
    {},
    optional={
        "conversationId": JSON,
        "customerId": JSON,
        "assignee": JSON,
        "context": JSON | st.fixed_dictionaries({"assignee": JSON}),
    },
)
NEARLY = st.fixed_dictionaries(
    {"type": st.sampled_from([*Fact, "PING", "X/Y"]) | JSON},
    optional={
        "id": JSON,
        "timestamp": JSON | st.datetimes().map(lambda at: at.isoformat() + "Z"),
        "content": CONTENT | JSON,
    },
)
BODIES = st.binary(max_size=300) | st.one_of(NEARLY, JSON).map(lambda x: json.dumps(x).encode())


@settings(max_examples=10, deadline=None)
@given(st.lists(BODIES, min_size=1, max_size=25))
def test_whatever_the_bytes_they_are_in_the_store_as_they_came(bodies: list[bytes]):
    async def scenario(folder: Path) -> None:
        store = SqlStore(SqliteDriver(folder / "store.db"))
        await store.open()
        try:
            taker = Intake(store)
            expected: dict[int, bytes] = {}
            for raw in bodies:
                status, one = await taker.take(raw, Channel.WEBHOOK)
                if status not in {"pong", "duplicate"}:
                    expected[int((one or "")[1:])] = raw
            page = await store.webhook_page(WebhookFilter(), None, 1000)
            assert {row.id: row.body for row in page.rows} == expected
            assert all(row.status is WebhookStatus.RECEIVED or row.reason for row in page.rows)
        finally:
            await store.close()

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(scenario(Path(folder)))


def customer_event(kind: str, **content: object) -> bytes:
    return body({**gladly_event(kind, id="e1"), "content": content})


async def test_what_became_of_a_customer_is_stored_to_be_looked_at():
    taker, inbox = intake()
    merge = {"sourceCustomerId": "old", "destinationCustomerId": "new"}

    merged = await taker.take(customer_event("CUSTOMER/MERGED", **merge), Channel.WEBHOOK)
    inbox.rows[0] = msgspec.structs.replace(inbox.rows[0], dedupe_key="other")
    deleted = customer_event("CUSTOMER_PROFILE/DELETED", customerId="gone")
    gone = await taker.take(deleted, Channel.WEBHOOK)

    assert (merged[0], gone[0]) == ("stored", "stored")
    assert [row.customer_id for row in inbox.rows] == ["new", "gone"]
    assert {row.status for row in inbox.rows} == {WebhookStatus.RECEIVED}


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("CUSTOMER/MERGED", {"sourceCustomerId": "old"}),
        ("CUSTOMER/MERGED", {"sourceCustomerId": 1, "destinationCustomerId": "new"}),
        ("CUSTOMER_PROFILE/DELETED", {}),
        ("CUSTOMER_PROFILE/DELETED", {"customerId": ["gone"]}),
    ],
)
async def test_a_customer_who_is_not_named_is_unmappable(kind: str, content: dict[str, object]):
    taker, inbox = intake()

    assert (await taker.take(customer_event(kind, **content), Channel.WEBHOOK))[0] == "unmappable"
    assert "customer" in inbox.rows[0].reason


async def test_a_deletion_needs_no_time():
    taker, inbox = intake()
    event = json.loads(customer_event("CUSTOMER_PROFILE/DELETED", customerId="gone"))
    del event["timestamp"]

    assert (await taker.take(body(event), Channel.WEBHOOK))[0] == "stored"
    assert inbox.rows[0].occurred_ns is None


async def test_what_came_is_counted_by_channel_and_answer():
    taker, inbox = intake()
    known = body(gladly_event("CONVERSATION/CREATED", id="e1"))
    for raw in (known, known, b"no json", body(gladly_event("TASK/CREATED", id="e2"))):
        await taker.take(raw, Channel.WEBHOOK)
    await taker.take(body(gladly_event("CONVERSATION/CLOSED", id="e3")), Channel.TEST)
    inbox.full = True
    with pytest.raises(StoreFull):
        await taker.take(body(gladly_event("CONVERSATION/CLOSED", id="e4")), Channel.WEBHOOK)

    assert taker.taken == {
        ("webhook", "stored"): 1,
        ("webhook", "duplicate"): 1,
        ("webhook", "unmappable"): 1,
        ("webhook", "ignored"): 1,
        ("test", "stored"): 1,
    }
