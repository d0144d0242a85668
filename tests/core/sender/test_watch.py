"""The watch tells each change once, and knows when nothing more happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.model import DeliveryStatus, WebhookStatus
from core.sender import watch as watching
from core.sender.progress import Step
from core.sender.watch import NOT_HERE, Watch
from core.store.base import Resolution, WebhookUpdate
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from tests.fakes.rows import NOW, lease, new_delivery, new_webhook, outcome

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    made = SqlStore(SqliteDriver(tmp_path / "store.db"))
    await made.open()
    yield made
    await made.close()


async def skip(store: SqlStore, row: int, reason: str) -> None:
    update = WebhookUpdate(id=row, status=WebhookStatus.SKIPPED, reason=reason)
    await store.resolve([Resolution(conversation_id=None, seen=(), updates=(update,))])


async def deliver(store: SqlStore, row: int) -> None:
    await store.enqueue(new_delivery(webhook_id=row))


async def accept(store: SqlStore) -> None:
    claimed = await store.claim(10, lease(), NOW)
    done = [outcome(one.id, DeliveryStatus.ACCEPTED) for one in claimed]
    await store.settle(done, "engine-1")


async def test_each_change_is_told_once_until_the_end(store: SqlStore):
    row = (await store.add_webhook(new_webhook())).id
    watch = Watch()
    watch.follow(5, row)
    steps = []

    for act in (None, None, deliver, None, accept, None):
        if act is deliver:
            await deliver(store, row)
        if act is accept:
            await accept(store)
        steps.append([(one.number, one.step) for one in await watch.look(store)])

    assert steps == [[(5, Step.STORED)], [], [(5, Step.MAPPED)], [], [(5, Step.ACCEPTED)], []]
    assert watch.at_rest


async def test_a_skipped_event_is_still_followed_while_others_may_change_it(store: SqlStore):
    created = (await store.add_webhook(new_webhook())).id
    assigned = (await store.add_webhook(new_webhook())).id
    watch = Watch()
    watch.follow(0, created)
    watch.follow(1, assigned)
    await skip(store, created, "Nobody has taken it yet.")

    await watch.look(store)
    waits = watch.at_rest
    await skip(store, assigned, "Completed it.")
    await deliver(store, created)
    found = await watch.look(store)

    assert not waits
    assert [(one.number, one.step) for one in found] == [(0, Step.MAPPED), (1, Step.SKIPPED)]


async def test_rest_is_certain_only_after_a_second_quiet_look(store: SqlStore):
    row = (await store.add_webhook(new_webhook())).id
    watch = Watch()
    watch.follow(0, row)
    await skip(store, row, "Not in the plan.")

    rests = []
    for _ in range(3):
        await watch.look(store)
        rests.append(watch.at_rest)

    assert rests == [False, False, True]


async def test_who_is_late_is_told_why(store: SqlStore):
    waiting = (await store.add_webhook(new_webhook())).id
    pending = (await store.add_webhook(new_webhook())).id
    skipped = (await store.add_webhook(new_webhook())).id
    await deliver(store, pending)
    await skip(store, skipped, "Not in the plan.")
    watch = Watch()
    for number, row in enumerate((waiting, pending, skipped, 999)):
        watch.follow(number, row)
    await watch.look(store)

    late = await watch.give_up(store, 20)

    assert [(one.number, one.step) for one in late] == [(n, Step.LATE) for n in (0, 1, 3)]
    assert late[0].sentence.startswith("Not accepted by Segment within 20 s. Stored")
    assert "next attempt" in late[1].sentence
    assert late[2].sentence.endswith(NOT_HERE)
    assert (await watch.give_up(None, 20))[0].sentence.endswith(NOT_HERE)


async def test_very_many_are_looked_at_in_turns(store: SqlStore, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(watching, "AT_ONCE", 2)
    watch = Watch()
    for number in range(5):
        watch.follow(number, (await store.add_webhook(new_webhook())).id)

    seen = [[one.number for one in await watch.look(store)] for _ in range(3)]

    assert seen == [[0, 1], [2, 3], [4]]
    assert not watch.at_rest
