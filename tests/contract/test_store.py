"""What the store promises, whatever database it rests in."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.model import (
    Channel,
    Counts,
    Delivery,
    DeliveryStatus,
    Fact,
    WebhookStatus,
)
from core.store import inbox, upkeep, view
from core.store.base import Accepted, Filter, Resolution, WebhookFilter, WebhookUpdate, version_of
from core.store.postgres import PostgresDriver
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from tests.fakes.rows import NOW, lease, new_delivery, new_fact, new_webhook, outcome

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from core.store.base import Driver

DRIVERS = ["sqlite", "postgres"]
#: examples share one store; each uses conversations and messageIds of its own
shared_store = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None
)
fresh = itertools.count(1)
S = 10**9


def driver_for(request: pytest.FixtureRequest, folder: Path) -> Driver:
    """A driver over an empty database of the kind that the test is to run on."""
    if request.param == "postgres":
        return PostgresDriver(request.getfixturevalue("postgres_url"))
    return SqliteDriver(folder / "home" / "store.db")


@pytest.fixture(params=DRIVERS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SqlStore]:
    """An open, empty store."""
    one = SqlStore(driver_for(request, tmp_path))
    await one.open()
    yield one
    await one.close()


async def queued(store: SqlStore, **changes: object) -> int:
    """Queue one delivery; its row id."""
    new = new_delivery(**changes)
    assert await store.enqueue(new)
    found = await store.find(new.message_id)
    assert found is not None
    return found[1]


async def settled(store: SqlStore, status: DeliveryStatus, **changes: object) -> int:
    """Queue one delivery and settle it; its row id."""
    one = await queued(store, **changes)
    claimed = await store.claim(1000, lease(), now=NOW)
    assert one in [claim.id for claim in claimed]
    assert await store.settle([outcome(one, status)], "engine-1") == 1
    return one


async def row(store: SqlStore, one: int) -> Delivery:
    """The delivery as it stands."""
    detail = await store.delivery(one)
    assert detail is not None
    return detail.delivery


async def shown(store: SqlStore, wanted: Filter, limit: int = 100) -> list[int]:
    """Ids on the first page."""
    return [one.id for one in (await store.page(wanted, None, limit)).rows]


async def found(store: SqlStore, text: str) -> list[int]:
    """Ids that a search finds."""
    return await shown(store, Filter(search=text))


# --- the inbox


async def test_a_notification_is_kept_with_everything_it_came_with(store: SqlStore) -> None:
    new = new_webhook(body=b"\x00\xff no text", reason="why", status=WebhookStatus.UNMAPPABLE)

    added = await store.add_webhook(new)

    read = await store.webhook(added.id)
    assert read is not None
    webhook, deliveries = read
    assert not added.duplicate
    assert deliveries == []
    for name, value in msgspec.structs.asdict(new).items():
        assert getattr(webhook, name) == value, name


async def test_the_same_key_twice_is_a_duplicate_of_the_first_row(store: SqlStore) -> None:
    first = await store.add_webhook(new_webhook(dedupe_key="e1", body=b"first"))

    second = await store.add_webhook(new_webhook(dedupe_key="e1", body=b"second"))

    assert second.duplicate
    assert second.id == first.id
    read = await store.webhook(first.id)
    assert read is not None
    assert read[0].body == b"first"
    assert (await store.counts()).webhooks == {"received": 1}


@pytest.mark.parametrize(
    ("channels", "expected"),
    [
        ((Channel.WEBHOOK, Channel.POLL), Channel.BOTH),
        ((Channel.POLL, Channel.WEBHOOK), Channel.BOTH),
        ((Channel.POLL, Channel.WEBHOOK, Channel.POLL, Channel.WEBHOOK), Channel.BOTH),
        ((Channel.WEBHOOK, Channel.WEBHOOK), Channel.WEBHOOK),
        ((Channel.WEBHOOK, Channel.BACKFILL), Channel.WEBHOOK),
        ((Channel.TEST, Channel.WEBHOOK), Channel.TEST),
    ],
)
async def test_a_notification_by_webhook_and_by_poll_says_both(
    store: SqlStore, channels: tuple[Channel, ...], expected: Channel
) -> None:
    for channel in channels:
        added = await store.add_webhook(new_webhook(dedupe_key="e1", channel=channel))

    read = await store.webhook(added.id)
    assert read is not None
    assert read[0].channel is expected


async def test_webhooks_are_claimed_due_waiting_ones_first_and_by_one_only(
    store: SqlStore,
) -> None:
    ids = [(await store.add_webhook(new_webhook())).id for _ in range(3)]
    waits = WebhookUpdate(id=ids[2], status=WebhookStatus.WAITING, reason="", due_at=NOW - 1)
    later = WebhookUpdate(id=ids[1], status=WebhookStatus.WAITING, reason="", due_at=NOW + 1)
    await store.resolve([Resolution(conversation_id=None, seen=(), updates=(waits, later))])

    first = await store.claim_webhooks(1, lease("engine-1"), NOW)
    second = await store.claim_webhooks(9, lease("engine-2"), NOW)
    third = await store.claim_webhooks(9, lease("engine-3"), NOW)

    assert [one.id for one in first] == [ids[2]]
    assert [one.id for one in second] == [ids[0]]
    assert third == []
    # What somebody is looking at is nobody else's: else they would ask again and again.
    assert await store.next_due_webhook(NOW) == NOW + 1
    assert await store.next_due_webhook(NOW + 61) == NOW - 1  # he died


async def test_a_webhook_lease_ends_by_time_or_when_it_is_given_back(store: SqlStore) -> None:
    one = (await store.add_webhook(new_webhook())).id
    await store.claim_webhooks(9, lease("engine-1", until=NOW + 10), NOW)

    after = await store.claim_webhooks(9, lease("engine-2", until=NOW + 60), NOW + 11)
    await store.free_webhook_leases("somebody-else")
    kept = await store.claim_webhooks(9, lease("engine-3"), NOW + 12)
    await store.free_webhook_leases("engine-2")
    freed = await store.claim_webhooks(9, lease("engine-3"), NOW + 12)
    await store.free_webhook_leases()
    freed_from_all = await store.claim_webhooks(9, lease("engine-4"), NOW + 12)

    assert [claimed.id for claimed in after] == [one]
    assert kept == []
    assert [claimed.id for claimed in freed] == [one]
    assert [claimed.id for claimed in freed_from_all] == [one]


async def test_concurrent_claimers_of_webhooks_never_get_the_same_row(store: SqlStore) -> None:
    ids = [added.id for added in await gather_webhooks(store, 120)]

    async def claimer(name: str) -> list[int]:
        mine: list[int] = []
        while rows := await store.claim_webhooks(7, lease(name), NOW):
            mine += [one.id for one in rows]
        return mine

    shares = await asyncio.gather(*(claimer(f"engine-{n}") for n in range(4)))

    assert sorted(itertools.chain(*shares)) == sorted(ids)


async def gather_webhooks(store: SqlStore, count: int) -> list:
    return await asyncio.gather(*(store.add_webhook(new_webhook()) for _ in range(count)))


# --- facts


facts = st.lists(
    st.builds(
        new_fact,
        kind=st.sampled_from(Fact),
        occurred_ns=st.integers(1, 3).map(lambda second: second * S),
        customer_id=st.sampled_from([None, "customer-1", "customer-2"]),
        agent_id=st.sampled_from([None, "agent-1", "agent-2"]),
    ),
    min_size=1,
    max_size=6,
)


def told(knowledge: object) -> list[tuple[object, ...]]:
    """What a decision can depend on."""
    return [(f.occurred_ns, f.kind, f.agent_id, f.customer_id) for f in knowledge.facts]


@shared_store
@given(data=st.data(), batch=facts)
async def test_any_order_and_repetition_of_facts_gives_the_same_knowledge(
    store: SqlStore, data: st.DataObject, batch: list
) -> None:
    one, two = f"c-{next(fresh)}", f"c-{next(fresh)}"
    shuffled = data.draw(st.permutations(batch)) + data.draw(
        st.lists(st.sampled_from(batch), max_size=4)
    )
    cut = data.draw(st.integers(0, len(shuffled)))

    straight, _ = await store.learn([(one, fact) for fact in batch])
    for part in (shuffled[:cut], shuffled[cut:]):
        await store.learn([(two, fact) for fact in part])

    other = (await store.knowledge([two]))[two]
    assert told(straight[one]) == told(other)
    assert version_of(straight[one].facts) == version_of(other.facts)
    assert told(straight[one]) == sorted(told(other), key=lambda fact: fact[:2])


async def test_a_fact_told_by_two_webhooks_names_the_one_that_told_it_first(
    store: SqlStore,
) -> None:
    knowledge, repeated = await store.learn(
        [("c1", new_fact(webhook_id=1)), ("c1", new_fact(webhook_id=2, agent_id="agent-1"))]
    )

    assert repeated == {2: 1}
    assert [(f.webhook_id, f.agent_id) for f in knowledge["c1"].facts] == [(1, "agent-1")]


async def test_knowledge_holds_what_was_queued_and_how_its_webhooks_stand(
    store: SqlStore,
) -> None:
    added = await store.add_webhook(new_webhook(reason="because"))
    await store.learn([("c1", new_fact(webhook_id=added.id))])
    await store.enqueue(new_delivery(message_id="m1", conversation_id="c1"))
    await store.enqueue(new_delivery(message_id="m2", conversation_id="other"))

    known = await store.knowledge(["c1", "nobody"])

    assert known["c1"].queued == {"m1"}
    assert known["c1"].facts[0].status is WebhookStatus.RECEIVED
    assert known["c1"].facts[0].reason == "because"
    assert known["nobody"].facts == ()
    assert known["nobody"].queued == frozenset()


# --- resolving


async def test_resolving_queues_deliveries_and_settles_their_webhooks_together(
    store: SqlStore,
) -> None:
    added = await store.add_webhook(new_webhook())
    knowledge, _ = await store.learn([("c1", new_fact(webhook_id=added.id))])
    update = WebhookUpdate(id=added.id, status=WebhookStatus.RESOLVED, reason="became an event")

    result = await store.resolve(
        [
            Resolution(
                conversation_id="c1",
                seen=version_of(knowledge["c1"].facts),
                updates=(update,),
                deliveries=(new_delivery(message_id="m1", webhook_id=added.id),),
            )
        ]
    )

    assert result == (1, [])
    read = await store.webhook(added.id)
    assert read is not None
    assert (read[0].status, read[0].reason) == (WebhookStatus.RESOLVED, "became an event")
    assert [await store.find("m1")] == [("delivery", one) for one in read[1]]


@pytest.mark.parametrize(
    "late",
    [
        new_fact(agent_id="agent-1", webhook_id=9),
        new_fact(kind=Fact.CLOSED, webhook_id=9),
        new_fact(occurred_ns=1, webhook_id=9),
        new_fact(customer_id="customer-0", webhook_id=9),
    ],
    ids=["an agent for a known fact", "another kind", "another time", "another customer"],
)
async def test_nothing_is_applied_when_the_facts_changed_meanwhile(store: SqlStore, late) -> None:
    added = await store.add_webhook(new_webhook())
    knowledge, _ = await store.learn([("c1", new_fact(webhook_id=added.id))])
    stale = Resolution(
        conversation_id="c1",
        seen=version_of(knowledge["c1"].facts),
        updates=(WebhookUpdate(id=added.id, status=WebhookStatus.RESOLVED, reason=""),),
        deliveries=(new_delivery(message_id="m1"),),
    )
    sound = Resolution(
        conversation_id=None, seen=(), updates=(), deliveries=(new_delivery(message_id="m2"),)
    )
    await store.learn([("c1", late)])

    result = await store.resolve([stale, sound])

    assert result == (1, ["c1"])
    assert await store.find("m1") is None
    assert await store.find("m2") is not None
    read = await store.webhook(added.id)
    assert read is not None
    assert read[0].status is WebhookStatus.RECEIVED


async def test_a_repetition_of_known_facts_leaves_a_decision_valid(store: SqlStore) -> None:
    knowledge, _ = await store.learn([("c1", new_fact())])
    decision = Resolution(
        conversation_id="c1",
        seen=version_of(knowledge["c1"].facts),
        updates=(),
        deliveries=(new_delivery(),),
    )

    await store.learn([("c1", new_fact(webhook_id=2))])

    assert await store.resolve([decision]) == (1, [])


async def test_one_message_id_is_queued_once(store: SqlStore) -> None:
    one = new_delivery(message_id="m1", event="first")

    first, second = await store.enqueue(one), await store.enqueue(new_delivery(message_id="m1"))
    both = await store.resolve(
        [Resolution(conversation_id=None, seen=(), updates=(), deliveries=(one, one))]
    )

    assert (first, second) == (True, False)
    assert both == (0, [])
    assert (await store.counts()).deliveries == {"pending": 1}


# --- the outbox


async def test_a_delivery_comes_out_as_it_went_in(store: SqlStore) -> None:
    new = new_delivery(payload=b'{"a": "\xc3\xa9"}', looked_up=b"{}", incomplete=True, reason="r")

    await store.enqueue(new)

    place = await store.find(new.message_id)
    assert place is not None
    detail = await store.delivery(place[1])
    assert detail is not None
    assert detail.payload == new.payload
    assert detail.looked_up == new.looked_up
    for name, value in msgspec.structs.asdict(new).items():
        if name not in {"payload", "looked_up", "search"}:
            assert getattr(detail.delivery, name) == value, name
    assert detail.delivery.next_attempt_at == new.created_at
    assert await store.delivery(place[1] + 1) is None


async def test_what_is_due_is_claimed_oldest_first_and_nothing_else(store: SqlStore) -> None:
    late = await queued(store, created_at=NOW + 5)
    old = await queued(store, created_at=NOW - 5)
    new = await queued(store, created_at=NOW)

    first = await store.claim(1, lease(), NOW)
    rest = await store.claim(9, lease(), NOW)
    later = await store.claim(9, lease(), NOW + 5)

    assert [one.id for one in first] == [old]
    assert [one.id for one in rest] == [new]
    assert [one.id for one in later] == [late]
    assert first[0].tries == 0
    assert first[0].queued_at == NOW - 5
    assert await store.next_due_delivery() is None


async def test_concurrent_claimers_never_get_the_same_delivery(store: SqlStore) -> None:
    await asyncio.gather(*(store.enqueue(new_delivery()) for _ in range(150)))

    async def claimer(name: str) -> list[int]:
        mine: list[int] = []
        while rows := await store.claim(7, lease(name), NOW):
            mine += [one.id for one in rows]
            await store.settle(
                [outcome(one.id, DeliveryStatus.ACCEPTED) for one in rows], owner=name
            )
        return mine

    shares = await asyncio.gather(*(claimer(f"engine-{n}") for n in range(4)))

    claimed = list(itertools.chain(*shares))
    assert len(claimed) == len(set(claimed)) == 150
    assert (await store.counts()).deliveries == {"accepted": 150}


async def test_an_accepted_delivery_keeps_its_attempt(store: SqlStore) -> None:
    one = await settled(store, DeliveryStatus.ACCEPTED)

    detail = await store.delivery(one)
    assert detail is not None
    assert detail.delivery.status is DeliveryStatus.ACCEPTED
    assert detail.delivery.accepted_at == NOW
    assert detail.delivery.attempts == 1
    assert [(a.number, a.http_status, a.code) for a in detail.attempts] == [(1, 200, "ok")]


async def test_a_failed_attempt_waits_and_is_tried_again(store: SqlStore) -> None:
    one = await queued(store)
    await store.claim(9, lease(), NOW)
    failed = outcome(
        one, DeliveryStatus.RETRYING, error="no", next_attempt_at=NOW + 30, ambiguous=True
    )

    await store.settle([failed], "engine-1")

    before, due = await store.claim(9, lease(), NOW + 29), await store.next_due_delivery()
    after = await store.claim(9, lease(), NOW + 30)
    assert before == []
    assert due == NOW + 30
    assert [(claimed.id, claimed.tries) for claimed in after] == [(one, 1)]
    read = await row(store, one)
    assert (read.last_code, read.last_error) == ("http.500", "no")
    assert read.ambiguous_since == NOW


async def channels(store: SqlStore, *ids: int) -> list[str]:
    """The channels of inbox rows and of the deliveries that came of them."""
    found = []
    for one in ids:
        read = await store.webhook(one)
        assert read is not None
        found += [str(read[0].channel), *[str((await row(store, id_)).channel) for id_ in read[1]]]
    return found


async def told_by(store: SqlStore, channel: Channel, **changes: object) -> int:
    """A webhook whose fact is known and from which a delivery came; its row id."""
    added = await store.add_webhook(new_webhook(channel=channel, **changes))
    fact = new_fact(webhook_id=added.id, channel=channel)
    await store.learn([("c1", fact)])
    await store.enqueue(new_delivery(webhook_id=added.id, channel=channel))
    return added.id


async def test_what_polling_and_webhook_tell_under_the_same_id_is_of_both(store: SqlStore) -> None:
    one = await told_by(store, Channel.WEBHOOK, dedupe_key="e1")

    (again,) = await store.add_many([new_webhook(dedupe_key="e1", channel=Channel.POLL)])

    assert (again.id, again.duplicate) == (one, True)
    assert await channels(store, one) == ["both", "both"]


async def test_the_same_fact_under_another_id_is_no_second_row_when_polled(store: SqlStore) -> None:
    one = await told_by(store, Channel.WEBHOOK)

    added = await store.add_many(
        [
            new_webhook(dedupe_key="other", channel=Channel.POLL),
            new_webhook(dedupe_key="news", conversation_id="c2", channel=Channel.POLL),
        ]
    )

    assert [(new.id == one, new.duplicate) for new in added] == [(True, True), (False, False)]
    assert (await store.counts()).webhooks == {"received": 2}
    assert await channels(store, one) == ["both", "both"]


async def test_what_is_told_twice_while_it_is_being_mapped_is_of_both(store: SqlStore) -> None:
    added = await store.add_webhook(new_webhook(dedupe_key="e1"))
    await store.add_many([new_webhook(dedupe_key="e1", channel=Channel.POLL)])

    await store.learn([("c1", new_fact(webhook_id=added.id, channel=Channel.WEBHOOK))])
    await store.enqueue(new_delivery(webhook_id=added.id, channel=Channel.WEBHOOK))

    assert (await store.knowledge(["c1"]))["c1"].facts[0].channel is Channel.BOTH
    assert await channels(store, added.id) == ["both", "both"]


async def test_the_same_fact_under_another_id_after_it_was_polled_makes_it_of_both(
    store: SqlStore,
) -> None:
    one = await told_by(store, Channel.POLL)
    late = await store.add_webhook(new_webhook(dedupe_key="other", channel=Channel.WEBHOOK))

    _, repeated = await store.learn([("c1", new_fact(webhook_id=late.id))])

    assert repeated == {late.id: one}
    assert await channels(store, one) == ["both", "both"]


async def test_an_outcome_may_be_that_of_a_whole_batch(store: SqlStore) -> None:
    ids = tuple([await queued(store, message_id=f"gs-{number}") for number in range(5)])
    await store.claim(9, lease(), NOW)
    shared = msgspec.structs.replace(
        outcome(0, DeliveryStatus.ACCEPTED), delivery_ids=(*ids[:4], 4711)
    )

    assert await store.settle([shared], "engine-1") == 4

    read = [await store.delivery(one) for one in ids]
    assert [one.delivery.status for one in read if one] == ["accepted"] * 4 + ["sending"]
    assert [[(a.number, a.batch_id) for a in one.attempts] for one in read if one] == [
        *[[(1, "batch-1")]] * 4,
        [],
    ]


async def test_a_claim_may_settle_what_was_claimed_before_it(store: SqlStore) -> None:
    first, second = await queued(store), await queued(store, message_id="gs-2")
    await store.claim(1, lease(), NOW)
    failed = outcome(first, DeliveryStatus.RETRYING, next_attempt_at=NOW + 30)

    claimed = await store.claim(9, lease(), NOW, after=[failed])

    assert [one.id for one in claimed] == [second]
    assert (await row(store, first)).status is DeliveryStatus.RETRYING


async def test_an_outcome_under_a_lost_lease_changes_nothing(store: SqlStore) -> None:
    one = await queued(store)
    await store.claim(9, lease("engine-1", until=NOW + 10), NOW)
    await store.reap(NOW + 11, before=NOW + 11)
    await store.claim(9, lease("engine-2"), NOW + 11)

    late = await store.settle([outcome(one, DeliveryStatus.DEAD)], "engine-1")
    right = await store.settle([outcome(one, DeliveryStatus.ACCEPTED)], "engine-2")
    again = await store.settle([outcome(one, DeliveryStatus.DEAD)], "engine-2")

    assert (late, right, again) == (0, 1, 0)
    detail = await store.delivery(one)
    assert detail is not None
    assert detail.delivery.status is DeliveryStatus.ACCEPTED
    assert len(detail.attempts) == 1


async def test_released_deliveries_are_due_at_once_under_their_old_status(
    store: SqlStore,
) -> None:
    tried = await queued(store)
    await store.claim(9, lease(), NOW)
    await store.settle([outcome(tried, DeliveryStatus.RETRYING, next_attempt_at=NOW)], "engine-1")
    untried = await queued(store)
    await store.claim(9, lease(), NOW)

    await store.release([tried, untried], "somebody-else", NOW + 1)
    held = await store.claim(9, lease(), NOW + 1)
    await store.release([untried], "engine-1", NOW + 1)
    await store.release([tried], "engine-1", NOW + 1, ambiguous=True)

    assert held == []
    assert (await row(store, untried)).status is DeliveryStatus.PENDING
    assert (await row(store, untried)).ambiguous_since is None
    assert (await row(store, tried)).status is DeliveryStatus.RETRYING
    assert (await row(store, tried)).ambiguous_since == NOW + 1
    assert len(await store.claim(9, lease(), NOW + 1)) == 2


async def test_only_leases_that_ran_out_are_reaped(store: SqlStore) -> None:
    old = await queued(store)
    await store.claim(9, lease(until=NOW + 10), NOW)
    new = await queued(store)
    await store.claim(9, lease(until=NOW + 20), NOW)

    reaped = await store.reap(NOW + 15, before=NOW + 15)

    assert reaped == 1
    assert (await row(store, old)).status is DeliveryStatus.PENDING
    assert (await row(store, old)).ambiguous_since == NOW + 15
    assert (await row(store, new)).status is DeliveryStatus.SENDING


async def test_hastening_makes_the_next_waiting_ones_due(store: SqlStore) -> None:
    ids = [await queued(store, created_at=NOW + wait) for wait in (10, 20, 30)]

    hastened = await store.hasten(NOW, limit=2)

    assert hastened == 2
    assert [one.id for one in await store.claim(9, lease(), NOW)] == ids[:2]


@pytest.mark.parametrize(
    ("status", "possible"),
    [
        (DeliveryStatus.DEAD, True),
        (DeliveryStatus.ACCEPTED, True),
        (DeliveryStatus.CONFIRMED, True),
        (DeliveryStatus.DISCARDED, True),
        (DeliveryStatus.RETRYING, False),
    ],
)
async def test_what_is_over_can_be_requeued_under_its_message_id(
    store: SqlStore, status: DeliveryStatus, possible: bool
) -> None:
    one = await settled(store, status)

    count = await store.requeue([one, one, 999_999], NOW + 60, "by hand")

    assert count == int(possible)
    claimed = await store.claim(9, lease(), NOW + 60)
    assert [(c.id, c.tries, c.queued_at) for c in claimed] == (
        [(one, 0, NOW + 60)] if possible else []
    )
    assert (await row(store, one)).attempts == 1


async def test_attempts_go_on_counting_after_a_requeue(store: SqlStore) -> None:
    one = await settled(store, DeliveryStatus.DEAD)
    await store.requeue([one], NOW, "by hand")
    await store.claim(9, lease(), NOW)

    await store.settle([outcome(one, DeliveryStatus.ACCEPTED)], "engine-1")

    detail = await store.delivery(one)
    assert detail is not None
    assert [attempt.number for attempt in detail.attempts] == [1, 2]


async def test_discarded_deliveries_are_not_sent(store: SqlStore) -> None:
    waiting, dead = await queued(store), await settled(store, DeliveryStatus.DEAD)
    accepted = await settled(store, DeliveryStatus.ACCEPTED)
    await store.release([waiting], "engine-1", NOW)

    count = await store.discard([waiting, dead, accepted], "Not wanted.")

    assert count == 2
    assert await store.claim(9, lease(), NOW + 1e6) == []
    assert (await row(store, waiting)).reason == "Not wanted."
    assert (await store.counts()).deliveries == {"discarded": 2, "accepted": 1}


async def test_a_delivery_being_sent_cannot_be_discarded(store: SqlStore) -> None:
    one = await queued(store)
    await store.claim(9, lease(), NOW)

    assert await store.discard([one], "too late") == 0


# --- what comes back from Segment


@pytest.mark.parametrize(
    ("status", "proven"),
    [
        (DeliveryStatus.ACCEPTED, True),
        (DeliveryStatus.RETRYING, True),
        (DeliveryStatus.DEAD, True),
        (DeliveryStatus.DISCARDED, False),
    ],
)
async def test_an_echo_confirms_what_segment_may_have(
    store: SqlStore, status: DeliveryStatus, proven: bool
) -> None:
    one = await settled(store, status, message_id=f"gs-{status}")

    count = await store.confirm([f"gs-{status}", "gs-unknown"], NOW + 3)

    delivery = await row(store, one)
    assert count == int(proven)
    assert delivery.status is (DeliveryStatus.CONFIRMED if proven else status)
    assert delivery.confirmed_at == (NOW + 3 if proven else None)
    assert (delivery.accepted_at is not None) == proven
    assert await store.claim(9, lease(), NOW + 9999) == []


async def test_echoes_again_change_nothing(store: SqlStore) -> None:
    one = await settled(store, DeliveryStatus.ACCEPTED, message_id="gs-1")

    first = await store.confirm(["gs-1", "gs-1"], NOW + 3)
    again = await store.confirm(["gs-1"], NOW + 60)

    assert (first, again) == (1, 0)
    assert (await row(store, one)).confirmed_at == NOW + 3
    assert (await row(store, one)).accepted_at == NOW


async def test_an_echo_of_something_never_sent_confirms_nothing(store: SqlStore) -> None:
    one = await queued(store, message_id="gs-1")
    refused = await queued(store, message_id="gs-2", status=DeliveryStatus.DEAD)

    count = await store.confirm(["gs-1", "gs-2"], NOW + 3)

    assert count == 0
    assert (await row(store, one)).status is DeliveryStatus.PENDING
    assert (await row(store, refused)).status is DeliveryStatus.DEAD


@pytest.mark.parametrize(
    "result", [DeliveryStatus.ACCEPTED, DeliveryStatus.RETRYING, DeliveryStatus.DEAD]
)
async def test_an_echo_faster_than_the_answer_confirms_when_the_attempt_is_settled(
    store: SqlStore, result: DeliveryStatus
) -> None:
    one = await queued(store, message_id="gs-1")
    await store.claim(9, lease(), NOW)

    count = await store.confirm(["gs-1"], NOW + 1)
    meanwhile = (await row(store, one)).status
    due = NOW + 60 if result is DeliveryStatus.RETRYING else None
    written = await store.settle([outcome(one, result, next_attempt_at=due)], "engine-1")

    detail = await store.delivery(one)
    assert detail is not None
    assert (count, meanwhile, written) == (0, DeliveryStatus.SENDING, 1)
    assert detail.delivery.status is DeliveryStatus.CONFIRMED
    assert detail.delivery.confirmed_at == NOW + 1
    assert detail.delivery.next_attempt_at is None
    assert detail.delivery.accepted_at == (NOW if result is DeliveryStatus.ACCEPTED else NOW + 1)
    assert len(detail.attempts) == 1
    assert await store.claim(9, lease(), NOW + 9999) == []


async def test_an_attempt_settled_with_others_takes_their_status_only_without_an_echo(
    store: SqlStore,
) -> None:
    seen = await queued(store, message_id="gs-1")
    other = await queued(store, message_id="gs-2")
    await store.claim(9, lease(), NOW)
    await store.confirm(["gs-1"], NOW + 1)

    both = outcome(seen, DeliveryStatus.RETRYING, next_attempt_at=NOW + 60)
    await store.settle([msgspec.structs.replace(both, delivery_ids=(seen, other))], "engine-1")

    assert (await row(store, seen)).status is DeliveryStatus.CONFIRMED
    assert (await row(store, other)).status is DeliveryStatus.RETRYING
    assert [one.id for one in await store.claim(9, lease(), NOW + 61)] == [other]


@pytest.mark.parametrize("way", ["released", "reaped"])
async def test_an_echo_during_an_attempt_without_an_end_is_not_sent_again(
    store: SqlStore, way: str
) -> None:
    one = await queued(store, message_id="gs-1")
    await store.claim(9, lease(until=NOW + 10), NOW)
    await store.confirm(["gs-1"], NOW + 1)

    if way == "released":
        await store.release([one], "engine-1", NOW + 2, ambiguous=True)
    else:
        await store.reap(NOW + 11, before=NOW + 11)

    assert (await row(store, one)).status is DeliveryStatus.CONFIRMED
    assert (await row(store, one)).accepted_at == NOW + 1
    assert await store.claim(9, lease(), NOW + 9999) == []


async def test_an_echo_confirms_what_was_cut_off_while_it_was_sent(store: SqlStore) -> None:
    one = await queued(store, message_id="gs-1")
    await store.claim(9, lease(), NOW)
    await store.release([one], "engine-1", NOW + 2, ambiguous=True)

    count = await store.confirm(["gs-1"], NOW + 3)

    assert count == 1
    assert (await row(store, one)).status is DeliveryStatus.CONFIRMED


async def test_an_old_echo_does_not_take_a_replay_back(store: SqlStore) -> None:
    one = await settled(store, DeliveryStatus.ACCEPTED, message_id="gs-1")
    await store.confirm(["gs-1"], NOW + 1)
    await store.requeue([one], NOW + 60, "by hand")

    count = await store.confirm(["gs-1"], NOW + 61)
    claimed = await store.claim(9, lease(until=NOW + 200), NOW + 61)
    await store.settle([outcome(one, DeliveryStatus.RETRYING, next_attempt_at=NOW)], "engine-1")

    assert count == 0
    assert [claim.id for claim in claimed] == [one]
    assert (await row(store, one)).status is DeliveryStatus.RETRYING


async def test_what_was_accepted_is_counted_by_event_and_hour(store: SqlStore) -> None:
    hour = NOW // 3600 * 3600
    opened = (hour + 10, hour + 1800, hour + 3590, hour + 3600)
    for at in opened:
        one = await queued(store)
        await store.claim(9, lease(), NOW)
        accepted = outcome(one, DeliveryStatus.ACCEPTED, accepted_at=at)
        await store.settle([accepted], "engine-1")
    await settled(store, DeliveryStatus.DEAD)
    await settled(store, DeliveryStatus.ACCEPTED, type="identify", event="identify")

    found = await store.accepted_by_hour(hour, hour + 3600, edge=60)

    assert found == [
        Accepted(event="Conversation Opened", hour=int(hour), count=3, early=1, late=1)
    ]


# --- pages


async def test_paging_goes_through_every_row_once_while_rows_are_added(store: SqlStore) -> None:
    await asyncio.gather(*(store.enqueue(new_delivery()) for _ in range(230)))
    expected = sorted(await shown(store, Filter(), limit=1000), reverse=True)

    seen: list[int] = []
    before: int | None = None
    while True:
        page = await store.page(Filter(), before, 23)
        seen += [one.id for one in page.rows]
        await asyncio.gather(*(store.enqueue(new_delivery()) for _ in range(5)))
        if (before := page.before) is None:
            break

    assert len(expected) == 230
    assert seen == expected


@shared_store
@given(count=st.integers(0, 12), limit=st.integers(1, 13))
async def test_a_page_never_exceeds_its_limit_and_the_last_one_says_so(
    store: SqlStore, count: int, limit: int
) -> None:
    event = f"event {next(fresh)}"
    await asyncio.gather(*(store.enqueue(new_delivery(event=event)) for _ in range(count)))

    sizes, before = [], None
    while True:
        page = await store.page(Filter(event=event), before, limit)
        sizes.append(len(page.rows))
        if (before := page.before) is None:
            break

    assert sum(sizes) == count
    assert all(size == limit for size in sizes[:-1])


async def test_webhooks_are_paged_and_filtered_newest_first(store: SqlStore) -> None:
    ids = []
    for number in range(5):
        new = new_webhook(
            received_at=NOW + number,
            kind=Fact.CLOSED if number == 3 else Fact.CREATED,
            status=WebhookStatus.SKIPPED if number == 4 else WebhookStatus.RECEIVED,
            conversation_id=f"c{number}",
            customer_id=f"p{number}",
            dedupe_key=f"k{number}",
        )
        ids.append((await store.add_webhook(new)).id)

    async def pick(before: int | None = None, limit: int = 9, **terms: object) -> list[int]:
        page = await store.webhook_page(WebhookFilter(**terms), before, limit)
        return [ids.index(one.id) for one in page.rows]

    assert await pick() == [4, 3, 2, 1, 0]
    assert await pick(limit=2) == [4, 3]
    assert await pick(before=ids[3], limit=2) == [2, 1]
    assert await pick(statuses=(WebhookStatus.SKIPPED,)) == [4]
    assert await pick(statuses=(WebhookStatus.SKIPPED, WebhookStatus.RECEIVED)) == [4, 3, 2, 1, 0]
    assert await pick(kind=Fact.CLOSED) == [3]
    assert await pick(since=NOW + 1, until=NOW + 3) == [2, 1]
    assert await pick(search="c2") == [2]
    assert await pick(search="p1") == [1]
    assert await pick(search="k0") == [0]
    assert await pick(search="%") == []


async def test_filters_let_pass_what_they_name_and_combine(store: SqlStore) -> None:
    dead = await settled(store, DeliveryStatus.DEAD, received_at=NOW - 10, search="ada")
    test = await queued(store, channel=Channel.TEST, event="Conversation Closed")
    plain = await queued(store, received_at=NOW + 10, search="ada grace")

    assert await shown(store, Filter()) == [plain, test, dead]
    assert await shown(store, Filter(statuses=(DeliveryStatus.DEAD,))) == [dead]
    assert await shown(
        store, Filter(statuses=(DeliveryStatus.DEAD, DeliveryStatus.PENDING), search="ada")
    ) == [plain, dead]
    assert await shown(store, Filter(event="Conversation Closed")) == [test]
    assert await shown(store, Filter(since=NOW, until=NOW + 10)) == [test]
    assert await shown(store, Filter(since=NOW)) == [plain, test]
    assert await shown(store, Filter(channel=Channel.TEST)) == [test]
    assert await shown(store, Filter(channel=Channel.TEST, search="ada")) == []


async def test_several_statuses_are_paged_in_one_order(store: SqlStore) -> None:
    for _ in range(4):
        await settled(store, DeliveryStatus.DEAD)
        await settled(store, DeliveryStatus.ACCEPTED)
        await settled(store, DeliveryStatus.DISCARDED)
    wanted = Filter(statuses=(DeliveryStatus.ACCEPTED, DeliveryStatus.DEAD))

    seen, before = [], None
    while True:
        page = await store.page(wanted, before, 3)
        seen += [one.id for one in page.rows]
        if (before := page.before) is None:
            break

    everything = (await store.page(Filter(), None, 99)).rows
    assert seen == [one.id for one in everything if one.status in wanted.statuses]
    assert len(seen) == 8


# --- search


async def test_words_are_found_whole_and_by_their_beginning_in_any_order(
    store: SqlStore,
) -> None:
    text = "ada@example.com Ada Lovelace conv_77-x"
    one = await queued(store, message_id="gs-1a2b3c", search=text)
    await queued(store, search="grace@example.org Grace Hopper")

    for text in (
        "ada",
        "LOVE",
        "lovelace ada",
        "ada@example.com",
        "ada@exam",
        "gs-1a2b3c",
        "lovelace GS-1a2",
        "conv_77-x",
        "conv_7",
        '"Ada Lovelace"',
        "Ada* OR",
    ):
        expected = [] if "OR" in text else [one]
        assert await found(store, text) == expected, text
    assert len(await found(store, "example")) == 2
    assert await found(store, "ada hopper") == []
    assert await found(store, "velace") == []


async def test_accents_and_other_scripts_are_found(store: SqlStore) -> None:
    accents = await queued(store, search="Zoë Müller-Ångström")
    chinese = await queued(store, search="王小明 wang@例子.公司")
    japanese = await queued(store, search="山田太郎 Yamada")
    hindi = await queued(store, search="हिन्दी नाम")
    decomposed = await queued(store, search="Rene\u0301e")

    assert await found(store, "zoe") == [accents]
    assert await found(store, "müller") == [accents]
    assert await found(store, "王小明") == [chinese]
    assert await found(store, "王") == [chinese]
    assert await found(store, "wang@例子.公司") == [chinese]
    assert await found(store, "山田") == [japanese]
    assert await found(store, "हिन्दी") == [hindi]
    assert await found(store, "Rene\u0301e") == [decomposed]
    assert await found(store, "Renée") == [decomposed]


@pytest.mark.parametrize("text", ["", " ", '"', "***", "'; --", "(", "@ . ,", "\x00", "🎉"])
async def test_a_search_without_any_word_hides_nothing(store: SqlStore, text: str) -> None:
    one = await queued(store, search="ada")

    assert await found(store, text) == [one]


@pytest.mark.parametrize(
    "text",
    [
        'ada"',
        '"ada',
        "ada*",
        "*ada",
        "search:ada",
        "ada AND",
        "NOT ada",
        "NEAR(ada)",
        "^ada",
        "{ada",
    ],
)
async def test_the_search_language_of_the_database_has_no_meaning(
    store: SqlStore, text: str
) -> None:
    one = await queued(store, search="ada and not near search")

    assert await found(store, text) == [one]


@shared_store
@given(text=st.text(max_size=30))
@example("a\U0002b820b")
@example("a\u1c90b")
@example("\ud800")
async def test_no_search_text_breaks_the_store(store: SqlStore, text: str) -> None:
    assert await found(store, text) == []
    await store.webhook_page(WebhookFilter(search=text), None, 5)
    assert await store.find(text) is None


@shared_store
@given(word=st.text(st.characters(categories=["Ll", "Lu", "Nd", "Lo"]), min_size=1, max_size=8))
async def test_every_word_that_was_put_in_is_found(store: SqlStore, word: str) -> None:
    one = await queued(store, search=f"before {word} after")

    assert one in await shown(store, Filter(search=word), limit=100_000)


# --- the rest


async def test_counts_add_up_and_name_the_oldest_under_way(store: SqlStore) -> None:
    assert await store.counts() == Counts(webhooks={}, deliveries={}, oldest_pending_at=None)
    await store.add_webhook(new_webhook())
    await store.add_webhook(new_webhook(status=WebhookStatus.SKIPPED))
    await settled(store, DeliveryStatus.DEAD, created_at=NOW - 500)
    await settled(store, DeliveryStatus.ACCEPTED, created_at=NOW - 400)
    retrying = await queued(store, created_at=NOW - 300)
    await store.claim(9, lease(), NOW)
    await store.settle(
        [outcome(retrying, DeliveryStatus.RETRYING, next_attempt_at=NOW)], "engine-1"
    )
    await queued(store, created_at=NOW - 100)

    counts = await store.counts()

    assert counts.webhooks == {"received": 1, "skipped": 1}
    assert counts.deliveries == {"dead": 1, "accepted": 1, "retrying": 1, "pending": 1}
    assert counts.oldest_pending_at == NOW - 300


@pytest.mark.parametrize("few", [1, 2, 3, 20_000])
@pytest.mark.parametrize(
    ("accepted", "confirmed"), [(0, 0), (3, 0), (0, 3), (1, 3), (3, 1), (2, 2)]
)
async def test_accepted_and_confirmed_are_told_apart_whichever_are_more(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch, few: int, accepted: int, confirmed: int
) -> None:
    monkeypatch.setattr(view, "FEW", few)
    names = [f"gs-{number}" for number in range(accepted + confirmed)]
    for name in names:
        await settled(store, DeliveryStatus.ACCEPTED, message_id=name)
    await store.confirm(names[:confirmed], NOW)
    await settled(store, DeliveryStatus.DEAD)

    counts = (await store.counts()).deliveries

    told = {"accepted": accepted, "confirmed": confirmed, "dead": 1}
    assert counts == {status: count for status, count in told.items() if count}


async def test_rows_are_found_by_message_id_and_by_gladlys_event_id(store: SqlStore) -> None:
    webhook = await store.add_webhook(new_webhook(dedupe_key="event-x"))
    delivery = await queued(store, message_id="gs-x")

    assert await store.find("event-x") == ("webhook", webhook.id)
    assert await store.find("gs-x") == ("delivery", delivery)
    assert await store.find("nothing") is None


async def test_a_delivery_shows_what_gladly_sent_of_its_conversation(store: SqlStore) -> None:
    ids = [
        (await store.add_webhook(new_webhook(occurred_ns=second, body=b"%d" % second))).id
        for second in (3, 1, 2)
    ]
    other = await store.add_webhook(new_webhook(conversation_id="other"))
    await store.learn(
        [("c1", new_fact(occurred_ns=n * 1_000_000, webhook_id=one)) for n, one in enumerate(ids)]
    )
    await store.learn([("other", new_fact(webhook_id=other.id))])
    one = await queued(store, webhook_id=ids[0], conversation_id="c1")

    detail = await store.delivery(one)

    assert detail is not None
    assert [webhook.body for webhook in detail.webhooks] == [b"1", b"2", b"3"]


@shared_store
@given(name=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=9))
@example("cursor")
async def test_what_is_noted_is_remembered_and_replaced(store: SqlStore, name: str) -> None:
    value = f"{name}={next(fresh)}"

    await store.set_meta(name, "something else")
    await store.set_meta(name, value)

    assert await store.get_meta(name) == value
    assert await store.get_meta(name + "?") is None


async def test_a_replayable_delivery_is_the_one_that_was_queued(store: SqlStore) -> None:
    new = new_delivery(search="ada", incomplete=True)
    await store.enqueue(new)
    place = await store.find(new.message_id)
    assert place is not None

    again = await store.replayables([place[1], place[1] + 1])

    assert again == [msgspec.structs.replace(new, replay_of=place[1])]


async def test_erasing_one_person_leaves_those_whose_id_merely_begins_alike(
    store: SqlStore,
) -> None:
    """A body is searched for the id as a whole, so that nobody else is taken along."""
    body = b'{"content": {"customerId": "%s"}}'
    mine = await store.add_webhook(new_webhook(body=body % b"p-1", customer_id=None))
    link = await store.add_webhook(new_webhook(body=b'"https://x/p-1?a"', customer_id=None))
    theirs = await store.add_webhook(new_webhook(body=body % b"p-11", customer_id="p-11"))
    other = await store.add_webhook(new_webhook(body=body % b"xp-1", customer_id="xp-1"))

    erased = await upkeep.erase(store, "p-1")

    kept = {}
    for one in (mine, link, theirs, other):
        read = await store.webhook(one.id)
        assert read is not None
        kept[one.id] = read[0].body is not None
    assert kept == {mine.id: False, link.id: False, theirs.id: True, other.id: True}
    assert erased.webhooks == 2


async def test_a_webhook_that_retention_removed_between_two_looks_is_stored_anew(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The duplicate's row may vanish after the insert met it: then there is no duplicate."""
    write, calls = store.driver.write, []

    async def forgetful(work, *, simple: bool = False):
        if simple and not calls:
            calls.append(work)
            return []  # the insert met a row that is gone by the next transaction
        return await write(work, simple=simple)

    monkeypatch.setattr(store.driver, "write", forgetful)

    added = await store.add_webhook(new_webhook(dedupe_key="e1"))

    assert not added.duplicate
    assert await store.find("e1") == ("webhook", added.id)


async def test_how_long_webhooks_take_to_be_on_disk_is_counted_once_a_commit(store: SqlStore):
    for number in range(3):
        await store.add_webhook(new_webhook(dedupe_key=f"e{number}"))

    (_, all_of_them) = store.commit_seconds.buckets()[-1]
    assert all_of_them == 3
    assert 0 < store.commit_seconds.total < 60


async def test_as_many_webhooks_as_are_worth_a_commit_wait_for_no_others(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "GATHER_SECONDS", 3600.0)
    await store.add_webhook(new_webhook())  # the first of a calm moment

    async with asyncio.timeout(10):
        added = await gather_webhooks(store, inbox.ENOUGH)

    assert len({one.id for one in added}) == inbox.ENOUGH


# --- several sources ----------------------------------------------------------------------------


async def test_each_source_has_a_queue_of_its_own(store: SqlStore) -> None:
    main = await queued(store)
    further = await queued(store, source="marketing", created_at=NOW - 5)

    assert await store.further_sources() == ["marketing"]
    assert [one.id for one in await store.claim(9, lease(), NOW)] == [main]
    assert await store.next_due_delivery() is None
    assert await store.next_due_delivery("marketing") == NOW - 5
    claimed = await store.claim(9, lease(), NOW, source="marketing")
    assert [one.id for one in claimed] == [further]
    assert await store.further_sources() == []


async def test_what_is_held_against_a_source_s_own_figures_leaves_out_the_others(store: SqlStore):
    for source in ("", "marketing"):
        one = await queued(store, source=source)
        await store.claim(9, lease(), NOW, source=source)
        await store.settle([outcome(one, DeliveryStatus.ACCEPTED)], lease().owner)
    hour = NOW // 3600 * 3600

    found = await store.accepted_by_hour(hour, hour + 3600, edge=60)

    assert [each.count for each in found] == [1]


async def test_rows_are_found_by_their_source(store: SqlStore) -> None:
    main = await queued(store)
    others = [await queued(store, source=one) for one in ("marketing", "warehouse")]

    async def found(*sources: str) -> list[int]:
        page = await store.page(Filter(sources=sources), None, 9)
        return [row.id for row in page.rows]

    assert await found("") == [main]
    assert await found("marketing") == others[:1]
    assert await found("warehouse", "marketing") == others[::-1]
    assert await found("marketing", "") == [others[0], main]
    assert await found("nobody") == []
    assert (await store.deliveries_by_id([others[0]]))[0].source == "marketing"
