"""Causes: what wants attention, grouped by why."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from core.model import DeliveryStatus, WebhookStatus
from core.store import causes as grouping
from core.store import queries
from core.store.base import Resolution, WebhookUpdate
from core.store.causes import Cause, causes
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from core.store.sqlite_tx import SqliteTx, in_dialect
from tests.fakes.rows import NOW, lease, new_delivery, new_webhook, outcome

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

REJECTED = "Segment rejects it (400): no userId"
DOWN = "Segment has a problem of its own (503)."


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    """An open, empty store."""
    one = SqlStore(SqliteDriver(tmp_path / "store.db"))
    await one.open()
    yield one
    await one.close()


async def settle(store: SqlStore, status: DeliveryStatus, count: int = 1, **changes) -> list[int]:
    """Queue deliveries and settle them alike; their ids."""
    for _ in range(count):
        assert await store.enqueue(new_delivery())
    claimed = await store.claim(count, lease(), now=NOW)
    results = [outcome(one.id, status, **changes) for one in claimed]
    assert await store.settle(results, "engine-1") == count
    return [one.id for one in claimed]


async def webhook(store: SqlStore, status: WebhookStatus, reason: str, **changes) -> int:
    """An inbox row as the resolver left it."""
    added = await store.add_webhook(new_webhook())
    update = WebhookUpdate(id=added.id, status=status, reason=reason, **changes)
    await store.resolve([Resolution(conversation_id=None, seen=(), updates=(update,))])
    return added.id


def brief(found: list[Cause]) -> list[tuple[str, str, int]]:
    return [(cause.status, cause.error, cause.rows) for cause in found]


async def test_an_empty_store_wants_nothing(store: SqlStore) -> None:
    assert await causes(store) == []
    assert await grouping.last_accepted_at(store) is None


async def test_what_goes_well_is_no_cause(store: SqlStore) -> None:
    await store.enqueue(new_delivery())
    await settle(store, DeliveryStatus.ACCEPTED)

    assert await causes(store) == []


async def test_deliveries_are_grouped_by_status_and_code(store: SqlStore) -> None:
    await settle(store, DeliveryStatus.DEAD, code="http.501", error=DOWN)
    await settle(store, DeliveryStatus.DEAD, 3, code="rejected", error=REJECTED)
    for wait in (90, 30, 60):
        await settle(
            store, DeliveryStatus.RETRYING, code="http.503", error=DOWN, next_attempt_at=NOW + wait
        )

    found = await causes(store)

    assert brief(found) == [("dead", REJECTED, 3), ("dead", DOWN, 1), ("retrying", DOWN, 3)]
    assert [cause.next_attempt_at for cause in found] == [None, None, NOW + 30]
    assert [cause.sentences for cause in found] == [1, 1, 1]


async def test_the_newest_thing_that_happened_is_the_last_attempt(store: SqlStore) -> None:
    await settle(store, DeliveryStatus.DEAD, error=REJECTED, started_at=NOW + 7)

    [cause] = await causes(store)

    assert cause.newest == NOW + 7


async def test_a_code_that_says_several_things_has_the_newest_sentence(store: SqlStore) -> None:
    for number in range(3):
        await settle(store, DeliveryStatus.DEAD, code="c", error=f"Event {number} is wrong.")

    [cause] = await causes(store)

    assert (cause.rows, cause.sentences, cause.error) == (3, 3, "Event 2 is wrong.")
    assert len(await grouping.ids(store, cause, 10)) == 3


async def test_beyond_the_sample_rows_are_counted_exactly_by_code(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grouping, "SAMPLE", 4)
    await settle(store, DeliveryStatus.DEAD, 5, code="old", error=REJECTED)
    await settle(store, DeliveryStatus.DEAD, 2, code="new", error=DOWN)

    found = await causes(store)

    assert brief(found) == [("dead", REJECTED, 5), ("dead", DOWN, 2)]


async def plans(store: SqlStore, texts: Sequence[str], **parameters: object) -> list[str]:
    """How SQLite runs these statements."""
    rows = [
        await store.driver.read(
            lambda tx, text=text: tx.sql(f"EXPLAIN QUERY PLAN {text}", parameters)
        )
        for text in texts
    ]
    return ["; ".join(row[3] for row in one) for one in rows]


async def test_the_backlog_is_counted_from_an_index_alone_and_read_newest_first_without_a_sort(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grouping, "SAMPLE", 4)
    await settle(store, DeliveryStatus.DEAD, 5, code="old", error=REJECTED)
    await settle(store, DeliveryStatus.DEAD, 2, code="new", error=DOWN)
    asked: list[str] = []
    run = SqliteTx.sql
    monkeypatch.setattr(
        SqliteTx, "sql", lambda tx, text, of: asked.append(text) or run(tx, text, of)
    )

    cause = (await causes(store))[0]
    counted = [text for text in asked if "delivery" in text and "GROUP BY 1" in text]
    read = [text for text in asked if "ORDER BY id DESC" in text]
    asked.clear()
    await grouping.page(store, cause, 99, 10)
    monkeypatch.undo()

    assert len(counted) == 1
    for used in await plans(store, counted, status="dead"):
        assert used == "SEARCH delivery USING COVERING INDEX delivery_cause (status=?)"
    values = {"status": "dead", "limit": 4, "code": "old", "before": 99}
    for used in await plans(store, [*read, *asked], **values):
        assert "delivery_cause" not in used
        assert "ORDER BY" not in used


@pytest.mark.parametrize(
    "name",
    [
        *(
            "claim",
            "next_due_delivery",
            "settle_deliveries",
            "release",
            "reap",
            "hasten",
            "requeue",
        ),
        *("discard", "withdraw", "count_deliveries", "oldest_under_way", "under_way"),
        *("died_since", "discarded_since", "clamp_deliveries", "prune_payloads"),
    ],
)
async def test_nothing_else_takes_the_index_of_causes(store: SqlStore, name: str) -> None:
    text = in_dialect(queries.load()[name])
    names = re.findall(r":(\w+)", text)

    [used] = await plans(store, [text], **dict.fromkeys(names, 1))

    assert "delivery_cause" not in used


async def test_without_an_error_the_reason_tells(store: SqlStore) -> None:
    [one] = await settle(store, DeliveryStatus.DEAD, error="")
    await store.requeue([one], NOW, "Put back to pending by hand.")
    await store.claim(1, lease(), now=NOW)
    await store.settle([outcome(one, DeliveryStatus.DEAD, error="")], "engine-1")

    [cause] = await causes(store)

    assert cause.error == "Put back to pending by hand."
    assert await grouping.ids(store, cause, 10) == [one]


async def test_webhooks_that_are_stuck_are_grouped_by_reason(store: SqlStore) -> None:
    await webhook(store, WebhookStatus.UNMAPPABLE, "It names no conversation.")
    await webhook(store, WebhookStatus.UNMAPPABLE, "It names no conversation.")
    waits = {"attempts": 2, "due_at": NOW + 15}
    await webhook(store, WebhookStatus.WAITING, "Gladly cannot be reached.", **waits)

    found = await causes(store)

    assert brief(found) == [
        ("unmappable", "It names no conversation.", 2),
        ("waiting", "Gladly cannot be reached.", 1),
    ]
    assert found[1].next_attempt_at == NOW + 15


async def test_webhooks_with_very_many_reasons_are_one_cause(store: SqlStore) -> None:
    for number in range(grouping.MOST_REASONS + 1):
        await webhook(store, WebhookStatus.UNMAPPABLE, f"Field {number} is odd.")

    [cause] = await causes(store)

    assert cause.rows == cause.sentences == grouping.MOST_REASONS + 1
    assert len((await grouping.webhook_page(store, cause, None, 100)).rows) == cause.rows


async def test_a_webhook_that_waits_for_events_under_way_wants_no_attention(
    store: SqlStore,
) -> None:
    await webhook(store, WebhookStatus.WAITING, "More may come.", attempts=0, due_at=NOW + 5)

    assert await causes(store) == []


async def test_the_rows_of_a_cause_come_in_pages(store: SqlStore) -> None:
    first = await settle(store, DeliveryStatus.DEAD, 3, error=REJECTED)
    await settle(store, DeliveryStatus.DEAD, 1, code="other", error=DOWN)
    cause = (await causes(store))[0]

    newest = await grouping.page(store, cause, None, 2)
    rest = await grouping.page(store, cause, newest.before, 2)

    assert [row.id for row in (*newest.rows, *rest.rows)] == first[::-1]
    assert rest.before is None
    assert await grouping.ids(store, cause, 2) == first[:0:-1]


async def test_the_webhooks_of_a_cause_come_in_pages(store: SqlStore) -> None:
    stuck = [await webhook(store, WebhookStatus.UNMAPPABLE, "No time.") for _ in range(2)]
    await webhook(store, WebhookStatus.UNMAPPABLE, "No conversation.")
    cause = (await causes(store))[0]

    page = await grouping.webhook_page(store, cause, None, 10)

    assert [row.id for row in page.rows] == stuck[::-1]
    assert page.before is None


async def test_the_last_acceptance_is_that_of_the_newest_delivery(store: SqlStore) -> None:
    await settle(store, DeliveryStatus.ACCEPTED, accepted_at=NOW + 1)
    await settle(store, DeliveryStatus.ACCEPTED, accepted_at=NOW + 2)

    assert await grouping.last_accepted_at(store) == NOW + 2
