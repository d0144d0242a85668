"""What a viewer reads: any filter, from any place, with a scrollbar; and the figures of a chart."""

from __future__ import annotations

import asyncio
import itertools
import random
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.model import Channel, DeliveryStatus
from core.store import activity as activity_module
from core.store import upkeep, ways
from core.store.base import Filter, Retention
from core.store.sql_store import SqlStore
from tests.contract.test_store import DRIVERS, driver_for, queued, settled
from tests.fakes.rows import NOW, lease, new_delivery, outcome

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from core.model import Delivery, NewDelivery

OVER = (DeliveryStatus.DEAD, DeliveryStatus.ACCEPTED, DeliveryStatus.DISCARDED)
shared_store = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
NAMES = ("Ada Lovelace", "Grace Hopper", "Zoë Müller", "王小明", "Анна")
AGENTS = ("Grace Murray", "Иван", "Chloë")
CODES = ("segment.http_503", "segment.http_429", "segment.refused")
EVENTS = ("Conversation Opened", "Conversation Closed", "identify")
STATUSES = (DeliveryStatus.ACCEPTED, DeliveryStatus.DEAD, DeliveryStatus.RETRYING)
fresh = itertools.count(1)


@pytest.fixture(params=DRIVERS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SqlStore]:
    """An open, empty store."""
    one = SqlStore(driver_for(request, tmp_path))
    await one.open()
    yield one
    await one.close()


@pytest.fixture
async def crowd(store: SqlStore) -> SqlStore:
    """A store with rows of every kind in no particular order."""
    dice = random.Random(1)
    await store.enqueue_each([someone(dice) for _ in range(150)])
    for claimed in await store.claim(1000, lease(), NOW + 1e6):
        status = dice.choice(STATUSES)
        ok = status is DeliveryStatus.ACCEPTED
        code = "segment.accepted" if ok else dice.choice(CODES)
        end = outcome(claimed.id, status, code=code, next_attempt_at=None if ok else NOW + 1e7)
        await store.settle([end], "engine-1")
    await store.enqueue_each([someone(dice) for _ in range(20)])
    await store.discard([3, 33, 43], "not wanted")
    return store


def someone(dice: random.Random) -> NewDelivery:
    """A delivery of any kind."""
    properties = {
        "customerName": dice.choice(NAMES),
        "email": f"{dice.choice(('ada', 'grace', 'zoe'))}.{dice.randrange(3)}@example.com",
        "agentName": dice.choice(AGENTS),
        "agentId": f"agent-{dice.randrange(3)}",
    }
    return new_delivery(
        message_id=f"gs-{dice.randrange(16):x}{next(fresh):039x}",
        event=dice.choice(EVENTS),
        conversation_id=f"conv-{dice.randrange(6)}",
        customer_id=f"customer-{dice.randrange(4)}",
        payload=msgspec.json.encode({"type": "track", "properties": properties}),
        search=f"phone-{dice.randrange(4)} {properties['customerName']}",
        received_at=NOW + dice.randrange(50),
        channel=dice.choice(list(Channel)),
        incomplete=dice.random() < 0.2,
        replay_of=1 if dice.random() < 0.1 else None,
    )


def some(values: object) -> st.SearchStrategy:
    """A few of the values, mostly none."""
    return st.one_of(st.just(()), st.lists(values, min_size=1, max_size=2).map(tuple))


def maybe(*values: object) -> st.SearchStrategy:
    return st.one_of(st.none(), st.none(), st.sampled_from(values))


filters = st.builds(
    Filter,
    statuses=some(st.sampled_from(DeliveryStatus)),
    event=maybe(*EVENTS),
    events=some(st.sampled_from(["closed", "OPENED", "conv", "nothing"])),
    since=maybe(NOW, NOW + 20, NOW + 45),
    until=maybe(NOW, NOW + 5, NOW + 30, NOW + 1000),
    search=maybe("phone-1", "ada", "gs-1", "grace müller", "gs-", "王"),
    channel=maybe(*Channel),
    channels=some(st.sampled_from(Channel)),
    ids=some(st.integers(1, 180)),
    customer=maybe("ada", "customer-1", "zoe mul", "grace"),
    conversation=maybe("conv-1", "conv-9"),
    agent=maybe("grace", "agent-2", "иван"),
    email=maybe("ada", "ada.1@example.com", "example"),
    codes=some(st.sampled_from(["503", "HTTP", "accepted", "nothing"])),
    test=maybe(True, False),
    incomplete=maybe(True, False),
    replay=maybe(True, False),
)
#: few rows are few, none are, or it depends
enoughs = st.sampled_from([0, 12, 50_000])


@contextmanager
def enough(rows: int) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ways, "ENOUGH", rows)
        yield


async def everything(store: SqlStore) -> list[Delivery]:
    """All deliveries, oldest first."""
    return [*reversed((await store.page(Filter(), None, 100_000)).rows)]


async def listed(store: SqlStore, wanted: Filter, limit: int = 7) -> list[int]:
    """Ids as a viewer pages through them, newest first."""
    ids: list[int] = []
    before: int | None = None
    while True:
        page = await store.page(wanted, before, limit)
        ids += [one.id for one in page.rows]
        if (before := page.before) is None:
            return ids


def passes(one: Delivery, wanted: Filter) -> bool:
    """What the columns of a row say about a filter without words."""
    in_it: list[tuple[object, Callable[[], bool]]] = [
        (wanted.statuses, lambda: one.status in wanted.statuses),
        (wanted.event, lambda: one.event == wanted.event),
        (wanted.events, lambda: any(e.lower() in one.event.lower() for e in wanted.events)),
        (wanted.channel, lambda: one.channel is wanted.channel),
        (wanted.channels, lambda: one.channel in wanted.channels),
        (wanted.ids, lambda: one.id in wanted.ids),
        (wanted.conversation, lambda: one.conversation_id == wanted.conversation),
        (wanted.codes, lambda: any(c.lower() in one.last_code for c in wanted.codes)),
    ]
    asked = [
        (wanted.since, lambda: one.received_at >= wanted.since),
        (wanted.until, lambda: one.received_at < wanted.until),
        (wanted.test, lambda: (one.channel is Channel.TEST) == wanted.test),
        (wanted.incomplete, lambda: one.incomplete == wanted.incomplete),
        (wanted.replay, lambda: (one.replay_of is not None) == wanted.replay),
    ]
    return all(check() for value, check in in_it if value) and all(
        check() for value, check in asked if value is not None
    )


# --- filters


@shared_store
@given(wanted=filters, few=enoughs)
@example(wanted=Filter(codes=("503", "accepted"), events=("closed",)), few=0)
@example(wanted=Filter(test=True, channels=(Channel.POLL,)), few=50_000)
async def test_a_page_holds_what_passes_every_part_of_the_filter(
    crowd: SqlStore, wanted: Filter, few: int
) -> None:
    """Words are left to what a search without any other part finds."""
    words = Filter(
        search=wanted.search, customer=wanted.customer, agent=wanted.agent, email=wanted.email
    )
    found = set(await listed(crowd, words, 1000))
    rows = await everything(crowd)

    with enough(few):
        shown = await listed(crowd, wanted)

    assert shown == [one.id for one in reversed(rows) if one.id in found and passes(one, wanted)]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Filter(customer="grace"), "Grace Hopper"),
        (Filter(customer="HOP gra"), "Grace Hopper"),
        (Filter(customer="zoe mull"), "Zoë Müller"),
        (Filter(customer="王"), "王小明"),
        (Filter(customer="анн"), "Анна"),
    ],
)
async def test_a_customer_is_found_by_words_of_the_name_and_not_by_the_agents(
    crowd: SqlStore, wanted: Filter, expected: str
) -> None:
    found = await listed(crowd, wanted, 1000)

    assert found
    for one in found:
        detail = await crowd.delivery(one)
        assert detail is not None
        assert msgspec.json.decode(detail.payload)["properties"]["customerName"] == expected
    assert await listed(crowd, Filter(customer="Murray")) == []


@pytest.mark.parametrize(
    "properties",
    [
        {"customerName": "Ada", "agentName": "Grace", "email": "Ada@Example.com"},
        {"customer_name": "Ada", "agent_name": "Grace", "email": "ada@example.com"},
    ],
)
async def test_names_are_found_under_every_naming_profile(
    store: SqlStore, properties: dict[str, str]
) -> None:
    payload = msgspec.json.encode({"type": "track", "properties": properties})
    one = await queued(store, payload=payload, customer_id="c-7", user_id="shop/12")

    for wanted in (
        Filter(customer="ada"),
        Filter(customer="c-7"),
        Filter(customer="shop/12"),
        Filter(agent="grace"),
        Filter(email="ADA@example.COM"),
        Filter(search="ada grace example c-7"),
    ):
        assert await listed(store, wanted) == [one], wanted
    for wanted in (Filter(customer="grace"), Filter(agent="ada"), Filter(email="grace")):
        assert await listed(store, wanted) == [], wanted


async def test_the_traits_of_an_identify_call_are_the_customers(store: SqlStore) -> None:
    traits = {"name": "Ada", "email": "ada@example.com"}
    one = await queued(store, payload=msgspec.json.encode({"type": "identify", "traits": traits}))

    assert await listed(store, Filter(customer="ada", email="ada@example.com")) == [one]


@pytest.mark.parametrize("payload", [b"", b"\xff", b"[]", b"null", b'{"properties": 7}'])
async def test_a_payload_that_is_no_message_is_found_by_its_other_words(
    store: SqlStore, payload: bytes
) -> None:
    one = await queued(store, payload=payload, search="ada", customer_id="c-7")

    assert await listed(store, Filter(search="ada", customer="c-7")) == [one]


@pytest.mark.parametrize("address", ["a_a@example.com", "a%a@example.com", "a\\a@example.com"])
async def test_an_address_means_just_itself(store: SqlStore, address: str) -> None:
    def payload(email: str) -> bytes:
        return msgspec.json.encode({"properties": {"email": email}})

    one = await queued(store, payload=payload(address))
    for other in ("aba@example.com", "a.x.a@example.com", "com.example@a", "a.a@example.com"):
        await queued(store, payload=payload(other))

    assert await listed(store, Filter(email=address)) == [one]


async def test_message_ids_are_found_whole_or_by_their_beginning(store: SqlStore) -> None:
    one = await queued(store, message_id="gs-1a2b3c", search="ada")
    other = await queued(store, message_id="gs-1a2c", search="ada")
    await queued(store, message_id="test-1", search="ada")

    assert await listed(store, Filter(messages=("gs-1a2b3c",))) == [one]
    assert await listed(store, Filter(messages=("gs-1a2b",))) == []
    assert await listed(store, Filter(search="gs-1A2b")) == [one]
    assert await listed(store, Filter(search="ada gs-1a2")) == [other, one]
    assert await listed(store, Filter(search="gs-")) == [other, one]


@shared_store
@given(text=st.text(max_size=20))
@example("\ud800")
@example("\0")
async def test_no_text_in_any_member_breaks_the_store(store: SqlStore, text: str) -> None:
    for wanted in (
        Filter(customer=text, agent=text, email=text + "@"),
        Filter(conversation=text, messages=(text,)),
        Filter(event=text),
        Filter(events=(text,), codes=(text,)),
    ):
        assert await listed(store, wanted) == []


# --- windows


@shared_store
@given(wanted=filters, few=enoughs, step=st.integers(1, 40))
async def test_span_and_blocks_put_together_are_the_listing(
    crowd: SqlStore, wanted: Filter, few: int, step: int
) -> None:
    with enough(few):
        expected = (await listed(crowd, wanted))[::-1]

        span = await crowd.span(wanted, step)
        blocks = [await crowd.rows_from(wanted, anchor, step) for anchor in span.anchors]

    assert [one.id for block in blocks for one in block] == expected
    assert span.count == len(expected)
    assert span.step == step
    assert span.top == (expected[-1] if expected else 0)
    assert list(span.anchors) == expected[::step]
    assert all(len(block) == step for block in blocks[:-1])


@shared_store
@given(wanted=filters, few=enoughs, step=st.integers(1, 40))
async def test_a_span_stays_true_while_rows_are_appended(
    crowd: SqlStore, wanted: Filter, few: int, step: int
) -> None:
    with enough(few):
        span = await crowd.span(wanted, step)
        expected = (await listed(crowd, wanted))[::-1]

        await crowd.enqueue_each([someone(random.Random(span.top)) for _ in range(5)])

        blocks = [await crowd.rows_from(wanted, anchor, step) for anchor in span.anchors]
        newer = await crowd.newer(wanted, span.top, 1000)
        now = (await listed(crowd, wanted))[::-1]
    seen = [one.id for block in blocks for one in block if one.id <= span.top]
    assert seen == expected
    assert seen + [one.id for one in newer] == now


@shared_store
@given(wanted=filters, few=enoughs, first=st.integers(-5, 200), limit=st.integers(1, 50))
async def test_rows_from_an_id_are_oldest_first_and_never_too_many(
    crowd: SqlStore, wanted: Filter, few: int, first: int, limit: int
) -> None:
    with enough(few):
        expected = [one for one in reversed(await listed(crowd, wanted)) if one >= first]

        rows = await crowd.rows_from(wanted, first, limit)

    assert [one.id for one in rows] == expected[:limit]


async def test_an_empty_store_has_a_span_of_nothing(store: SqlStore) -> None:
    for wanted in (Filter(), Filter(search="ada"), Filter(since=NOW)):
        span = await store.span(wanted)

        assert (span.count, span.anchors, span.top) == (0, (), 0)
        assert await store.rows_from(wanted, 0, 10) == ()


async def test_deliveries_are_read_by_id_in_the_order_asked_for(crowd: SqlStore) -> None:
    rows = {one.id: one for one in await everything(crowd)}

    read = await crowd.deliveries_by_id([7, 999_999, 3, 5])

    assert read == [rows[7], rows[3], rows[5]]
    assert await crowd.deliveries_by_id([]) == []


async def test_known_events_and_codes_are_named_once_each(crowd: SqlStore) -> None:
    assert await crowd.known_events() == sorted(EVENTS)
    assert await crowd.known_codes() == sorted([*CODES, "segment.accepted"])


# --- version


async def test_the_version_changes_with_every_commit_and_only_then(store: SqlStore) -> None:
    first = await store.version()
    await store.counts()
    same = await store.version()
    await queued(store)
    changed = await store.version()
    await store.page(Filter(), None, 5)

    assert same == first
    assert changed != first
    assert await store.version() == changed


# --- what a replay would do


@shared_store
@given(wanted=filters, few=enoughs)
async def test_the_effect_of_a_replay_adds_up_to_the_listing(
    crowd: SqlStore, wanted: Filter, few: int
) -> None:
    ids = set(await listed(crowd, wanted))
    rows = [one for one in await everything(crowd) if one.id in ids]

    with enough(few):
        fresh_ones, dropped, again, impossible = await crowd.effect(wanted, OVER, NOW - 1)

    over = [one for one in rows if one.status in OVER]
    assert impossible == len(rows) - len(over)
    assert fresh_ones == sum(one.accepted_at is None for one in over)
    assert dropped == sum(one.accepted_at is not None for one in over)
    assert again == 0


async def test_what_lost_its_payload_cannot_be_put_back(store: SqlStore) -> None:
    await settled(store, DeliveryStatus.ACCEPTED, created_at=NOW - 100)
    kept = await settled(store, DeliveryStatus.ACCEPTED)
    await upkeep.prune(store, Retention(payload_before=NOW - 50, metadata_before=0))

    assert await store.effect(Filter(), OVER, NOW + 1) == (0, 0, 1, 1)
    assert [one.replay_of for one in await store.replayables([1, kept, 99])] == [kept]


async def test_many_are_queued_in_one_piece_and_known_ones_are_told(store: SqlStore) -> None:
    one, two = new_delivery(message_id="m1"), new_delivery(message_id="m2")
    await store.enqueue(two)

    assert await store.enqueue_each([one, two, one]) == [True, False, False]
    assert (await store.counts()).deliveries == {"pending": 2}


# --- activity


async def test_activity_counts_by_bucket_what_came_went_and_waits(store: SqlStore) -> None:
    async def ended(status: DeliveryStatus, received: float, at: float) -> None:
        one = await queued(store, received_at=received, created_at=received)
        await store.claim(9, lease(), NOW + 1e6)
        accepted_at = at if status is DeliveryStatus.ACCEPTED else None
        end = outcome(one, status, started_at=at, accepted_at=accepted_at)
        await store.settle([end], "engine-1")

    await ended(DeliveryStatus.ACCEPTED, NOW - 5, NOW + 1)  # came before
    await ended(DeliveryStatus.ACCEPTED, NOW + 1, NOW + 3)
    await ended(DeliveryStatus.ACCEPTED, NOW + 2, NOW + 12)
    await ended(DeliveryStatus.DEAD, NOW + 3, NOW + 25)
    await ended(DeliveryStatus.DISCARDED, NOW + 4, NOW + 5)
    await queued(store, received_at=NOW + 15, created_at=NOW + 15)
    await ended(DeliveryStatus.ACCEPTED, NOW + 16, NOW + 1000)  # went after

    activity = await store.activity(NOW, NOW + 30, 3)

    assert (activity.since, activity.until) == (NOW, NOW + 30)
    assert [one.start for one in activity.buckets] == [NOW, NOW + 10, NOW + 20]
    assert [one.received for one in activity.buckets] == [4, 2, 0]
    assert [one.accepted for one in activity.buckets] == [2, 1, 0]
    assert [one.dead for one in activity.buckets] == [0, 0, 1]
    assert [one.backlog for one in activity.buckets] == [2, 3, 2]
    assert [(one.p50, one.p95) for one in activity.buckets] == [(2, 6), (10, 10), (None, None)]


async def test_the_backlog_begins_when_a_replay_put_a_row_back(store: SqlStore) -> None:
    one = await settled(store, DeliveryStatus.ACCEPTED, received_at=NOW, created_at=NOW)
    copied = new_delivery(received_at=NOW, created_at=NOW + 500, replay_of=one)
    await store.requeue([one], NOW + 1500, "by hand")
    await store.enqueue(copied)

    activity = await store.activity(NOW - 1000, NOW + 2000, 3)

    assert [bucket.backlog for bucket in activity.buckets] == [0, 1, 2]
    assert [bucket.accepted for bucket in activity.buckets] == [0, 0, 0]


@pytest.mark.parametrize(("until", "buckets"), [(NOW, 5), (NOW - 1, 5), (NOW + 1, 0)])
async def test_no_time_and_no_buckets_are_no_activity(
    store: SqlStore, until: float, buckets: int
) -> None:
    assert (await store.activity(NOW, until, buckets)).buckets == ()


@pytest.mark.parametrize("sample", [20, 1000])
async def test_latencies_are_the_middle_and_the_slow_end(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch, sample: int
) -> None:
    monkeypatch.setattr(activity_module, "SAMPLE", sample)
    await asyncio.gather(*(store.enqueue(new_delivery()) for _ in range(100)))
    claimed = await store.claim(100, lease(), NOW)
    ends = [
        outcome(one.id, DeliveryStatus.ACCEPTED, accepted_at=NOW + place / 100)
        for place, one in enumerate(claimed, 1)
    ]
    await store.settle(ends, "engine-1")

    (bucket,) = (await store.activity(NOW, NOW + 10, 1)).buckets

    assert bucket.accepted == 100
    assert bucket.p50 == pytest.approx(0.5, abs=0.001 if sample == 1000 else 0.1)
    assert bucket.p95 == pytest.approx(0.95, abs=0.001 if sample == 1000 else 0.1)
