"""A merge in Gladly becomes one alias, however often and by whichever channel it is told."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import pytest

from core.gladly.payloads import NO_TIME, NOT_BOTH
from core.mapping.plan import make_plans
from core.mapping.transform import alias_call
from core.model import Channel, DeliveryStatus, Webhook, WebhookStatus
from core.pipeline import merges
from core.pipeline.facts import OUR_MISTAKE
from core.pipeline.operations import Operations, Selection
from core.segment.message import MessageBuilder
from core.settings import Settings, Source
from core.store import upkeep
from core.store.base import Filter
from tests.core.pipeline.test_resolver import CREATED, Bench, at
from tests.fakes.rows import lease, outcome

if TYPE_CHECKING:
    from pathlib import Path

MERGED = "CUSTOMER/MERGED"
AT_NS = 1_779_962_460_123_000_000  # 2026-05-28T10:01:00.123Z
TIME = "2026-05-28T10:01:00.123Z"


def event(one: str = "m1", when: str | None = TIME, **content: Any) -> bytes:
    told = {"sourceCustomerId": "old", "destinationCustomerId": "new", **content}
    made = {"id": one, "type": MERGED, "content": told, "timestamp": when}
    return json.dumps({key: value for key, value in made.items() if value}).encode()


async def take(bench: Bench, raw: bytes, channel: Channel = Channel.WEBHOOK) -> None:
    if channel is Channel.POLL:
        new = bench.intake.read(raw, channel)
        assert new is not None
        await bench.intake.take_many([new])
    else:
        await bench.intake.take(raw, channel)
    bench.resolver.wake()


async def test_an_alias_says_who_the_customer_was_and_is(tmp_path: Path):
    async with Bench(tmp_path, merges=True) as bench:
        await take(bench, event())

        rows, (one,) = await bench.done()

        assert rows["m1"].status is WebhookStatus.RESOLVED
        assert (one.type, one.event, one.status) == ("alias", "alias", DeliveryStatus.PENDING)
        assert (one.user_id, one.customer_id, one.conversation_id) == ("new", "new", None)
        message = await bench.payload(one)
        assert (message["type"], message["previousId"], message["userId"]) == (
            "alias",
            "old",
            "new",
        )
        assert message["timestamp"].startswith("2026-05-28T10:01:00.123")
        expected = alias_call("old", "new", AT_NS, bench.plan, test=False).message_id
        assert message["messageId"] == one.message_id == expected
        assert "test" not in message["context"]


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize(
    "order",
    [
        *itertools.permutations(
            [("m1", Channel.WEBHOOK), ("m1", Channel.POLL), ("m2", Channel.POLL)]
        )
    ],
)
async def test_it_is_one_alias_by_whichever_channels_it_comes(
    tmp_path: Path, order: tuple[tuple[str, Channel], ...], together: bool
):
    async with Bench(tmp_path, merges=True) as bench:
        for one, channel in order:
            await take(bench, event(one), channel)
            if not together:
                await bench.done()

        rows, (alias,) = await bench.done()

        assert alias.status is DeliveryStatus.PENDING
        assert sorted(row.status for row in rows.values()) == ["resolved", "skipped"]
        (again,) = [row for row in rows.values() if row.status is WebhookStatus.SKIPPED]
        assert again.reason == "The same event came under another id before."


@pytest.mark.parametrize("polled", ["m1", "m2"])
@pytest.mark.parametrize("poll_first", [True, False])
async def test_an_alias_that_both_channels_told_of_says_so(
    tmp_path: Path, polled: str, poll_first: bool
):
    told = [(event("m1"), Channel.WEBHOOK), (event(polled), Channel.POLL)]
    async with Bench(tmp_path, merges=True) as bench:
        for raw, channel in reversed(told) if poll_first else told:
            await take(bench, raw, channel)
            await bench.done()

        rows, (alias,) = await bench.done()

        assert {row.channel for row in rows.values()} == {Channel.BOTH}
        assert alias.channel is Channel.BOTH


async def test_each_merge_has_an_alias_of_its_own(tmp_path: Path):
    async with Bench(tmp_path, merges=True) as bench:
        await take(bench, event("m1"))
        await take(bench, event("m2", sourceCustomerId="new", destinationCustomerId="newest"))
        await take(bench, event("m3", "2026-05-28T10:02:00Z"))

        _, deliveries = await bench.done()

        assert len({one.message_id for one in deliveries}) == 3


@pytest.mark.parametrize(
    ("mapping", "reason"),
    [
        ({}, merges.OFF),
        ({"merges": True, "user_id": "external"}, merges.OTHER_IDS),
        ({"merges": True, "user_id": "email-sha256"}, merges.OTHER_IDS),
    ],
)
async def test_what_sends_no_alias_names_the_setting(
    tmp_path: Path, mapping: dict[str, Any], reason: str
):
    async with Bench(tmp_path, **mapping) as bench:
        await take(bench, event())

        rows, deliveries = await bench.done()

        assert deliveries == []
        assert (rows["m1"].status, rows["m1"].reason) == (WebhookStatus.SKIPPED, reason)
        assert "mapping." in reason


@pytest.mark.parametrize(
    ("raw", "status", "reason"),
    [
        (event(sourceCustomerId=None), "unmappable", NOT_BOTH),
        (event(destinationCustomerId=""), "unmappable", NOT_BOTH),
        (event(sourceCustomerId="x" * 257), "unmappable", NOT_BOTH),
        (event(sourceCustomerId=7), "unmappable", NOT_BOTH),
        (event(when=None), "unmappable", NO_TIME),
        (event(when="yesterday"), "unmappable", NO_TIME),
        (event(sourceCustomerId="new"), "skipped", merges.SAME),
    ],
)
async def test_a_merge_that_says_nothing_says_why(
    tmp_path: Path, raw: bytes, status: str, reason: str
):
    async with Bench(tmp_path, merges=True) as bench:
        await take(bench, raw)

        rows, deliveries = await bench.done()

        assert deliveries == []
        assert (rows["m1"].status, rows["m1"].reason) == (status, reason)


@pytest.mark.logs_warnings
async def test_one_that_we_mishandle_is_tried_again_and_holds_up_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def bad(*_: Any, **__: Any) -> None:
        raise RuntimeError("ours")

    async with Bench(tmp_path, merges=True) as bench:
        monkeypatch.setattr(merges.transform, "alias_call", bad)
        await take(bench, event())
        await bench.tell(CREATED, id="e1", at=at(1), agent="a1")
        await bench.until(lambda rows, deliveries: deliveries and rows[0].attempts == 1)
        assert not bench.running.done()
        (waiting, _) = await bench.webhooks()
        assert (waiting.status, waiting.reason) == (WebhookStatus.WAITING, OUR_MISTAKE)

        monkeypatch.setattr(merges.transform, "alias_call", alias_call)
        bench.advance(601)

        rows, _ = await bench.done()
        assert rows["m1"].status is WebhookStatus.RESOLVED


async def test_a_merge_told_again_after_the_first_row_is_gone_is_no_error(tmp_path: Path):
    async with Bench(tmp_path, merges=True) as bench:
        await take(bench, event())
        await bench.done()
        await bench.store.driver.write(lambda tx: tx.sql("DELETE FROM webhook", {}))

        await take(bench, event("m2"), Channel.POLL)

        rows, deliveries = await bench.done()
        assert rows["m2"].status is WebhookStatus.SKIPPED
        assert len(deliveries) == 1


async def test_a_test_event_is_marked(tmp_path: Path):
    async with Bench(tmp_path, merges=True) as bench:
        await take(bench, event(), Channel.TEST)

        _, (one,) = await bench.done()

        assert (await bench.payload(one))["context"]["test"] is True


async def test_a_merge_is_shown_with_its_alias_found_and_sent_again(tmp_path: Path):
    async with Bench(tmp_path, merges=True) as bench:
        await take(bench, event())
        await bench.tell(CREATED, id="e1", at=at(1), agent="a1")
        rows, deliveries = await bench.done()
        (alias,) = [one for one in deliveries if one.type == "alias"]
        store = bench.store

        found = await store.webhook(rows["m1"].id)
        detail = await store.delivery(alias.id)
        assert found is not None
        assert found[1] == [alias.id]
        assert detail is not None
        assert [one.kind for one in detail.webhooks] == [MERGED]
        for wanted in (Filter(search="old"), Filter(customer="new"), Filter(event="alias")):
            assert [one.id for one in (await store.page(wanted, None, 9)).rows] == [alias.id]

        claimed = await store.claim(9, lease(until=bench.clock() + 9), bench.clock())
        for one in claimed:
            await store.settle([outcome(one.id, DeliveryStatus.ACCEPTED)], "engine-1")
        operations = Operations(store, clock=bench.clock)
        assert await operations.replay(Selection(ids=(alias.id,)), new_id=True) == 1
        copy = (await bench.deliveries())[-1]
        assert (copy.type, copy.replay_of) == ("alias", alias.id)
        assert (await bench.payload(copy))["messageId"] == f"{alias.message_id}-r1"


async def test_the_merged_customer_is_not_taken_from_the_cache_any_more(tmp_path: Path):
    forgotten: list[str] = []
    async with Bench(tmp_path, forget=forgotten.append) as bench:
        await take(bench, event())
        await bench.done()

    assert forgotten == ["old", "new"]


@pytest.mark.parametrize("who", ["old", "new"])
async def test_erasing_by_hand_takes_the_alias_along(tmp_path: Path, who: str):
    async with Bench(tmp_path, merges=True) as bench:
        await take(bench, event())
        await bench.done()

        erased = await upkeep.erase(bench.store, who)

        assert (erased.webhooks, erased.deliveries) == (1, 1)
        (one,) = await bench.deliveries()
        detail = await bench.store.delivery(one.id)
        assert detail is not None
        assert (detail.payload, one.user_id, one.status) == (None, None, DeliveryStatus.DISCARDED)


def test_each_source_that_asks_for_merges_gets_an_alias_call() -> None:
    settings = Settings(sources={"a": Source(merges=True), "b": Source(), "c": Source(merges=True)})
    row = webhook_row(event())

    update, calls = merges.settle(row, make_plans(settings), MessageBuilder(), 0.0)

    assert update.status is WebhookStatus.RESOLVED
    assert [one.source for one in calls] == ["a", "c"]
    assert len({one.message_id for one in calls}) == 2


def webhook_row(body: bytes) -> Webhook:
    return Webhook(
        id=1,
        dedupe_key="m1",
        kind=MERGED,
        channel=Channel.WEBHOOK,
        received_at=0.0,
        occurred_ns=AT_NS,
        conversation_id=None,
        customer_id="new",
        status=WebhookStatus.RECEIVED,
        reason="",
        attempts=0,
        due_at=None,
        body=body,
    )
