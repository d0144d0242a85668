"""The inbox is read backwards once and then forwards; tests, imports and old rows do not count."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import psycopg
import pytest

from core.coverage import Covered, Fate, Gap
from core.ingest import learner as module
from core.ingest.learner import KEPT_SECONDS, Learner
from core.model import Channel, Fact
from core.settings import Settings
from core.silence import CLOSES, OPENS
from core.store import queries, upkeep
from core.store.base import Retention
from core.store.postgres import PostgresDriver
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from core.store.sqlite_tx import in_dialect
from core.volumes import WEEK_SECONDS
from tests.fakes.rows import NOW, new_webhook

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

HOUR = 3600.0


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    one = SqlStore(SqliteDriver(tmp_path / "store.db"))
    await one.open()
    yield one
    await one.close()


async def happens(store: SqlStore, at: float, kind: str = Fact.CLOSED, **changes: object) -> None:
    values = {"occurred_ns": int(at * 10**9), "received_at": at, **changes}
    await store.add_webhook(new_webhook(kind=kind, **values))


async def learn(learner: Learner, now: float = NOW) -> Learner:
    while await learner.more(now):
        pass
    await learner.settle(now)
    return learner


@pytest.fixture(params=[1, 2, 3, 1000])
def slices(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is read at a time, it comes to the same."""
    monkeypatch.setattr(module, "SLICE", request.param)


@pytest.mark.usefixtures("slices")
async def test_every_event_is_counted_once_whether_it_was_there_or_comes_later(store: SqlStore):
    for number in range(5):
        await happens(store, NOW - number * HOUR)
    learner = await learn(Learner(store, Settings()))
    assert learner.volumes.count(CLOSES, 0, 2 * NOW) == 5

    for number in range(4):
        await happens(store, NOW + number)
    await learn(learner)
    await learn(learner)

    assert learner.volumes.count(CLOSES, 0, 2 * NOW) == 9
    assert learner.volumes.last(CLOSES) == NOW + 3
    assert learner.volumes.begin == NOW - 4 * HOUR


async def test_a_store_that_was_empty_is_learned_from_its_first_event(store: SqlStore):
    learner = await learn(Learner(store, Settings()))
    assert learner.volumes.begin is None

    await happens(store, NOW)
    await learn(learner)

    assert learner.volumes.begin == NOW


async def test_opens_are_created_and_reopened_and_nothing_else_counts(store: SqlStore):
    for kind in (Fact.CREATED, Fact.REOPENED, Fact.ASSIGNED, "CUSTOMER/CREATED"):
        await happens(store, NOW, kind)
    for channel in (Channel.TEST, Channel.BACKFILL):
        await happens(store, NOW - 2 * HOUR, Fact.CREATED, channel=channel)
    volumes = (await learn(Learner(store, Settings()))).volumes

    assert volumes.count(OPENS, 0, 2 * NOW) == 2
    assert volumes.count(CLOSES, 0, 2 * NOW) == 0
    assert volumes.begin == NOW


async def test_it_counts_when_it_happened_but_not_in_the_future(store: SqlStore):
    await happens(store, NOW, occurred_ns=int((NOW - 5 * HOUR) * 10**9))
    await happens(store, NOW, Fact.CREATED, occurred_ns=int((NOW + 5 * HOUR) * 10**9))
    await happens(store, NOW, Fact.CREATED, occurred_ns=None)
    volumes = (await learn(Learner(store, Settings()))).volumes

    assert volumes.last(CLOSES) == NOW - 5 * HOUR
    assert volumes.last(OPENS) == NOW
    assert volumes.count(OPENS, NOW - HOUR, NOW + HOUR) == 2


@pytest.mark.usefixtures("slices")
async def test_what_is_older_than_is_looked_at_is_not_read(store: SqlStore):
    for weeks in (50, 40, 30, 1):
        await happens(store, NOW - weeks * WEEK_SECONDS)
    volumes = (await learn(Learner(store, Settings()))).volumes

    assert volumes.count(CLOSES, 0, NOW) == 1
    assert volumes.begin is not None
    assert volumes.begin < NOW - KEPT_SECONDS


async def test_after_retention_removed_rows_only_the_rest_is_known(store: SqlStore):
    for weeks in (3, 1):
        await happens(store, NOW - weeks * WEEK_SECONDS)
    before = NOW - 2 * WEEK_SECONDS
    await upkeep.prune(store, Retention(payload_before=before, metadata_before=before))
    volumes = (await learn(Learner(store, Settings()))).volumes

    assert volumes.begin is not None
    assert volumes.begin >= before


@pytest.mark.parametrize(
    ("fate", "missed"),
    [(Fate.OPEN, True), (Fate.LOST, True), (Fate.HEALED, False), (Fate.IMPORTED, True)],
)
async def test_gaps_that_were_not_healed_are_known(store: SqlStore, fate: Fate, missed: bool):
    await happens(store, NOW - HOUR)
    await store.ledger.add(Gap(start=NOW - 9 * HOUR, end=NOW - 8 * HOUR, reason="", fate=fate))
    volumes = (await learn(Learner(store, Settings()))).volumes

    assert volumes.is_missed(NOW - 10 * HOUR, NOW - 8.5 * HOUR) is missed
    assert not volumes.is_missed(NOW - 8 * HOUR, NOW)


async def test_what_is_watched_goes_on_until_now_or_is_nothing(store: SqlStore):
    learner = await learn(Learner(store, Settings()))
    assert await learner.watched(NOW) is None
    spans = [
        Covered(channel="webhook", start=NOW - 9 * HOUR, end=NOW - 5 * HOUR),
        Covered(channel="webhook", start=NOW - 3 * HOUR, end=NOW - 30),
    ]

    await store.ledger.cover(spans, tolerance=1.0)
    assert await learner.watched(NOW) == (NOW - 3 * HOUR, NOW - 30)
    assert await learner.watched(NOW + HOUR) is None

    healed = Covered(channel="poll", start=NOW - 6 * HOUR, end=NOW - 2 * HOUR)
    await store.ledger.cover([healed], tolerance=1.0)
    assert await learner.watched(NOW) == (NOW - 9 * HOUR, NOW - 30)


async def test_a_slice_is_found_by_its_ids_alone(store: SqlStore):
    """No index of its own, for which intake would pay; and never the whole inbox."""
    text = in_dialect(queries.load()["arrivals"])
    plan = await store.driver.read(
        lambda tx: tx.sql(f"EXPLAIN QUERY PLAN {text}", {"after": 1, "until": 2})
    )

    assert "INTEGER PRIMARY KEY (rowid>? AND rowid<?)" in plan[0][3]


async def test_what_came_while_the_clock_was_ahead_hides_no_silence(store: SqlStore):
    await happens(store, NOW - HOUR)
    await happens(store, NOW + 365 * 24 * HOUR)
    volumes = (await learn(Learner(store, Settings()))).volumes

    assert volumes.last(CLOSES) == NOW - HOUR


async def test_a_clock_that_is_set_back_has_all_learned_anew(store: SqlStore):
    await happens(store, NOW - HOUR)
    learner = await learn(Learner(store, Settings()), NOW + 365 * 24 * HOUR)
    assert learner.volumes.count(CLOSES, NOW - 2 * HOUR, NOW) == 0

    await learn(learner, NOW)

    assert learner.volumes.last(CLOSES) == NOW - HOUR
    assert learner.volumes.count(CLOSES, NOW - 2 * HOUR, NOW) == 1


LATE = (
    "INSERT INTO webhook (dedupe_key, kind, channel, received_at, occurred_ns, status, reason)"
    " VALUES ('late', 'CONVERSATION/CLOSED', 'webhook', %s, %s, 'received', '') RETURNING id"
)


async def test_what_another_engine_commits_late_under_a_lower_id_is_counted_once(
    postgres_url: str,
):
    store = SqlStore(PostgresDriver(postgres_url))
    await store.open()
    with closing(psycopg.connect(postgres_url)) as other:
        await happens(store, NOW)
        learner = await learn(Learner(store, Settings()))
        late = other.execute(LATE, [NOW, int(NOW * 10**9)]).fetchall()[0][0]
        await happens(store, NOW + 1)
        await learn(learner)
        assert (await store.webhook_ids())[1] > late
        assert learner.volumes.count(CLOSES, 0, 2 * NOW) == 1

        other.commit()
        await learn(learner)
        await learn(learner)

    assert learner.volumes.count(CLOSES, 0, 2 * NOW) == 3
    await store.close()


async def test_a_first_look_amid_a_transaction_of_another_engine_misses_nothing(
    postgres_url: str,
):
    store = SqlStore(PostgresDriver(postgres_url))
    await store.open()
    with closing(psycopg.connect(postgres_url)) as other:
        await happens(store, NOW)
        other.execute(LATE, [NOW, int(NOW * 10**9)])
        await happens(store, NOW + 1)
        learner = await learn(Learner(store, Settings()))

        other.commit()
        await learn(learner)
        await learn(learner)

    assert learner.volumes.count(CLOSES, 0, 2 * NOW) == 3
    await store.close()
