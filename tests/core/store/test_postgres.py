"""The PostgreSQL driver: several engines at once, a server that goes away and comes back."""

from __future__ import annotations

import asyncio
import shutil
import threading
from contextlib import asynccontextmanager, closing
from typing import TYPE_CHECKING

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import StoreInUse, StoreTooNew, StoreUnavailable
from core.model import DeliveryStatus
from core.store import migrations, postgres, postgres_clock, upkeep
from core.store.base import Filter, Lease, Resolution
from core.store.postgres import PostgresDriver
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from tests.fakes.postgres import Server, serving
from tests.fakes.rows import NOW, lease, new_delivery, new_fact, new_webhook, outcome

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
    from pathlib import Path

ENGINES = 10
#: letters of many kinds, and what stands between words
LETTERS = "aAbzZéÉöÖÇßẞÅøØœłŁ0189-_@. 王小明山田がガカйЙиИёЁЕжαΑάΆσςΣאבعربहिन्दीกขıİ😀ﬁ½²"
RUSH = 300


@asynccontextmanager
async def opened(url: str, *, read_only: bool = False) -> AsyncIterator[SqlStore]:
    """A store at this address."""
    store = SqlStore(PostgresDriver(url, read_only=read_only))
    await store.open()
    try:
        yield store
    finally:
        await store.close()


@pytest.fixture(scope="module")
def victim(postgres_server: Server) -> Iterator[Server]:
    """A second server: what the others use stays up."""
    del postgres_server  # skips where there is none
    yield from serving()


@pytest.fixture
def own_server(victim: Server) -> Iterator[Server]:
    """A server that may be killed."""
    yield victim
    victim.stop()
    victim.start()


@pytest.fixture
async def both(postgres_url: str, tmp_path: Path) -> AsyncIterator[tuple[SqlStore, SqlStore]]:
    """A store on PostgreSQL and one on SQLite."""
    other = SqlStore(SqliteDriver(tmp_path / "store.db"))
    await other.open()
    async with opened(postgres_url) as store:
        yield store, other
    await other.close()


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A vain attempt to connect does not put off the next."""
    monkeypatch.setattr(postgres, "PAUSE", 0.0)


async def until(condition: Callable[[], bool]) -> None:
    """Look again and again: the server tells nobody."""
    while not condition():  # noqa: ASYNC110
        await asyncio.sleep(0)


def ask(url: str, statement: str) -> list[tuple]:
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        return connection.execute(statement).fetchall()


# --- opening


async def test_ten_engines_may_open_an_empty_database_at_once(postgres_server: Server) -> None:
    url = postgres_server.empty()
    stores = [SqlStore(PostgresDriver(url)) for _ in range(ENGINES)]

    try:
        await asyncio.gather(*(store.open() for store in stores))
        added = await asyncio.gather(*(store.add_webhook(new_webhook()) for store in stores))
    finally:
        for store in stores:
            await store.close()

    assert len({one.id for one in added}) == ENGINES
    newest = migrations.available("postgres")[-1][0]
    assert ask(url, "SELECT value FROM meta WHERE name = 'schema'") == [(str(newest),)]


def test_both_databases_have_the_same_migrations() -> None:
    numbers = {
        dialect: [number for number, _ in migrations.available(dialect)]
        for dialect in ("sqlite", "postgres")
    }

    assert numbers["sqlite"] == numbers["postgres"]


async def test_a_store_of_a_newer_program_is_left_as_it_is(postgres_url: str) -> None:
    async with opened(postgres_url):
        pass
    newest = migrations.available("postgres")[-1][0]
    write = "UPDATE meta SET value = %s WHERE name = 'schema'"
    with closing(psycopg.connect(postgres_url, autocommit=True)) as connection:
        connection.execute(write, ["99"])

        try:
            for read_only in (False, True):
                with pytest.raises(StoreTooNew, match="schema 99"):
                    async with opened(postgres_url, read_only=read_only):
                        pass
        finally:
            connection.execute(write, [str(newest)])


async def test_a_viewer_reads_and_cannot_write(postgres_url: str) -> None:
    async with opened(postgres_url) as engine, opened(postgres_url, read_only=True) as viewer:
        await engine.enqueue(new_delivery())

        assert len((await viewer.page(Filter(), None, 5)).rows) == 1
        with pytest.raises(StoreInUse):
            await viewer.enqueue(new_delivery())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("/postgres?", "/nowhere?"), "nowhere"),
        (("app@", "nobody@"), "cannot be used"),
        (("postgresql://app@", "postgresql://app:hidden%zz@"), "not an address"),
        (("?options=", "?sslmode=require&options="), "cannot be used"),
    ],
)
async def test_what_cannot_be_opened_says_why_and_no_secret(
    postgres_url: str, change: tuple[str, str], said: str
) -> None:
    with pytest.raises(StoreUnavailable, match=said) as caught:
        async with opened(postgres_url.replace(*change)):
            pass

    assert "hidden" not in str(caught.value)
    assert caught.value.hint


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl to make a certificate")
async def test_tls_and_the_password_need_not_stand_in_the_address(
    own_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = own_server.guard("guarded", "open sesame")
    url = own_server.empty().replace("app@", "guarded@")
    monkeypatch.setenv("PGSSLMODE", "verify-full")

    with pytest.raises(StoreUnavailable, match="certificate"):
        async with opened(url):
            pass
    monkeypatch.setenv("PGSSLROOTCERT", str(certificate))
    with pytest.raises(StoreUnavailable, match="asks for a password"):
        async with opened(url):
            pass
    monkeypatch.setenv("PGPASSWORD", "open sesame")
    async with opened(url) as store:
        await store.add_webhook(new_webhook())
        protected = await store.driver.read(
            lambda tx: tx.sql("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", {})
        )

    assert protected == [(True,)]


async def test_a_database_that_cannot_hold_every_name_is_refused(postgres_server: Server) -> None:
    with closing(psycopg.connect(postgres_server.url(), autocommit=True)) as connection:
        connection.execute("CREATE DATABASE narrow ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")

    with pytest.raises(StoreUnavailable, match="LATIN1"):
        async with opened(postgres_server.url().replace("/postgres", "/narrow")):
            pass


# --- commits


async def test_all_that_was_acknowledged_is_there_and_commits_are_shared(
    postgres_url: str,
) -> None:
    async with opened(postgres_url) as store:
        before = ask(postgres_url, "SELECT pg_current_xact_id()")[0][0]
        added = await asyncio.gather(
            *(store.add_webhook(new_webhook(dedupe_key=f"k{n}")) for n in range(RUSH))
        )
        commits = int(ask(postgres_url, "SELECT pg_current_xact_id()")[0][0]) - int(before)

    rows = ask(postgres_url, "SELECT id, dedupe_key FROM webhook")
    assert dict(rows) == {one.id: f"k{number}" for number, one in enumerate(added)}
    assert commits < RUSH / 10


async def test_one_that_fails_leaves_the_others_of_its_group_alone(postgres_url: str) -> None:
    def broken(tx):
        tx.change("set_meta", name="broken", value="yes")
        tx.sql("SELECT nothing FROM nowhere", {})

    def refused(tx):
        tx.change("set_meta", name="refused", value="yes")
        raise ValueError

    async with opened(postgres_url) as store:
        write = store.driver.write
        results = await asyncio.gather(
            store.set_meta("first", "yes"),
            write(broken),
            write(refused),
            write(broken, simple=True),
            store.set_meta("last", "yes"),
            return_exceptions=True,
        )

        assert [type(one).__name__ for one in results] == [
            "NoneType",
            "UndefinedTable",
            "ValueError",
            "UndefinedTable",
            "NoneType",
        ]
        names = {row[0] for row in ask(postgres_url, "SELECT name FROM meta")}
        assert {"first", "last"} <= names
        assert "refused" not in names


# --- several engines


async def test_engines_claim_disjoint_rows(postgres_url: str) -> None:
    async with opened(postgres_url) as one, opened(postgres_url) as other:
        await one.enqueue_each([new_delivery() for _ in range(RUSH)])
        await one.add_many([new_webhook() for _ in range(RUSH)])
        leases = [Lease(owner=name, until=NOW + 60) for name in ("a", "b")]

        claimed, webhooks = [], []
        for _ in range(RUSH // 20):
            for store, mine in ((one, leases[0]), (other, leases[1])):
                claimed.append(store.claim(10, mine, NOW + 1))
                webhooks.append(store.claim_webhooks(10, mine, NOW + 1))
        got = [row.id for rows in await asyncio.gather(*claimed) for row in rows]
        looked_at = [row.id for rows in await asyncio.gather(*webhooks) for row in rows]

    assert len(got) == len(set(got)) == RUSH
    assert len(looked_at) == len(set(looked_at)) == RUSH


async def test_what_two_engines_are_told_at_once_is_one_row(postgres_url: str) -> None:
    news = [new_webhook() for _ in range(RUSH)]
    async with opened(postgres_url) as one, opened(postgres_url) as other:
        first, second = await asyncio.gather(
            asyncio.gather(*(one.add_webhook(new) for new in news)),
            asyncio.gather(*(other.add_webhook(new) for new in news)),
        )

    assert [one.id for one in first] == [one.id for one in second]
    assert all(a.duplicate != b.duplicate for a, b in zip(first, second, strict=True))


async def test_engines_in_each_others_way_both_get_done(postgres_url: str) -> None:
    """Each holds what the other wants: the server ends one of them, which is run once more."""
    async with opened(postgres_url) as one, opened(postgres_url) as other:
        await one.set_meta("x", "0")
        await one.set_meta("y", "0")
        met = threading.Barrier(2)

        def work(first: str, second: str, value: str) -> Callable[..., None]:
            waits = iter([True])

            def run(tx) -> None:
                tx.change("set_meta", name=first, value=value)
                if next(waits, False):
                    met.wait()
                tx.change("set_meta", name=second, value=value)

            return run

        await asyncio.gather(
            one.driver.write(work("x", "y", "1")), other.driver.write(work("y", "x", "2"))
        )

        assert await one.get_meta("x") == await one.get_meta("y")


async def learn(store: SqlStore) -> object:
    return await store.learn([("c1", new_fact(agent_id="late"))])


async def resolve(store: SqlStore) -> object:
    resolution = Resolution(conversation_id="c1", seen=(), updates=(), deliveries=(new_delivery(),))
    return await store.resolve([resolution])


async def erase(store: SqlStore) -> object:
    return await upkeep.erase(store, "customer-1")


@pytest.mark.parametrize("work", [learn, resolve, erase])
async def test_one_engine_at_a_time_works_on_a_conversation(
    postgres_url: str, work: Callable[[SqlStore], Awaitable[object]]
) -> None:
    begun, release = threading.Event(), threading.Event()

    def hold(tx) -> None:
        tx.keep(["c1"])
        begun.set()
        release.wait()

    async with opened(postgres_url) as one, opened(postgres_url) as other:
        await one.enqueue(new_delivery(conversation_id="c1", customer_id="customer-1"))
        holding = asyncio.ensure_future(one.driver.write(hold))  # noqa: TID251
        try:
            await asyncio.to_thread(begun.wait)
            working = asyncio.ensure_future(work(other))  # noqa: TID251
            waiting = "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            await until(lambda: working.done() or ask(postgres_url, waiting) != [(0,)])
            done = working.done()
        finally:
            release.set()
        await asyncio.gather(holding, working)

    assert not done


async def test_a_decision_on_facts_that_another_engine_changes_is_not_applied(
    postgres_url: str,
) -> None:
    begun, release = threading.Event(), threading.Event()

    async with opened(postgres_url) as one, opened(postgres_url) as other:

        def slow(tx) -> None:
            tx.keep(["c1"])
            tx.change(
                "add_fact",
                conversation_id="c1",
                occurred_ms=1,
                occurred_ns=1,
                kind="CONVERSATION/CREATED",
                customer_id=None,
                agent_id=None,
                webhook_id=7,
                received_at=NOW,
                channel="webhook",
            )
            begun.set()
            release.wait()

        holding = asyncio.ensure_future(one.driver.write(slow))  # noqa: TID251
        await asyncio.to_thread(begun.wait)
        deciding = asyncio.ensure_future(resolve(other))  # noqa: TID251
        await asyncio.sleep(0)
        release.set()
        await holding

        assert await deciding == (0, ["c1"])


def test_the_servers_clock_counts_whatever_this_machine_says(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_clock.time, "time", lambda: 5.0)
    clock = postgres_clock.ServerClock()
    assert not clock.is_fresh()

    with closing(psycopg.connect(postgres_url, autocommit=True)) as connection:
        clock.read(connection)
        now = connection.execute(postgres_clock.READ).fetchall()[0][0]

    assert clock.is_fresh()
    assert clock.now() == pytest.approx(now, abs=5)


# --- a server that goes away


async def test_while_the_server_is_away_writes_can_be_retried_and_then_go_on(
    own_server: Server, at_once: None
) -> None:
    url = own_server.empty()
    async with opened(url) as store:
        kept = await store.add_webhook(new_webhook(dedupe_key="kept"))
        own_server.kill()

        for work in (
            store.add_webhook(new_webhook(dedupe_key="away")),
            store.enqueue(new_delivery()),
            store.counts(),
            store.version(),
        ):
            with pytest.raises(StoreUnavailable) as caught:
                await work
            assert caught.value.retryable

        await asyncio.to_thread(own_server.start)

        again = await store.add_webhook(new_webhook(dedupe_key="kept"))
        assert again.duplicate
        assert again.id == kept.id
        assert await store.enqueue(new_delivery(message_id="gs-after"))
        assert (await store.find("gs-after")) is not None


async def test_a_rush_over_a_kill_loses_nothing_that_was_acknowledged(
    own_server: Server, at_once: None
) -> None:
    url = own_server.empty()
    keys = [f"k{number}" for number in range(3 * RUSH)]
    acknowledged: list[str] = []

    async with opened(url) as store:

        async def add(key: str) -> None:
            while True:
                try:
                    await store.add_webhook(new_webhook(dedupe_key=key))
                except StoreUnavailable:
                    continue
                acknowledged.append(key)
                return

        async def restart() -> None:
            await until(lambda: len(acknowledged) >= RUSH)
            await asyncio.to_thread(own_server.kill)
            await asyncio.to_thread(own_server.start)

        async def some(rest: Iterator[str]) -> None:
            for key in rest:
                await add(key)

        rest = iter(keys)
        await asyncio.gather(restart(), *(some(rest) for _ in range(16)))

    assert sorted(acknowledged) == sorted(keys)
    assert sorted(row[0] for row in ask(url, "SELECT dedupe_key FROM webhook")) == sorted(keys)


async def test_a_connection_cut_at_rest_goes_unnoticed(postgres_url: str) -> None:
    async with opened(postgres_url) as store:
        await store.counts()
        ask(
            postgres_url,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'gladly-source'",
        )

        assert await store.enqueue(new_delivery())
        assert (await store.counts()).deliveries == {DeliveryStatus.PENDING: 1}


async def test_a_server_that_does_not_answer_is_not_asked_at_every_write(
    own_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "PAUSE", 1e6)
    asked = []
    connect = postgres.connect

    def counted(*args, **kwargs):
        asked.append(args)
        return connect(*args, **kwargs)

    async with opened(own_server.empty()) as store:
        monkeypatch.setattr(postgres, "connect", counted)
        own_server.kill()
        for _ in range(5):
            with pytest.raises(StoreUnavailable):
                await store.enqueue(new_delivery())

    assert len(asked) == 1


# --- reading


async def test_a_reader_nobody_waits_for_any_more_is_stopped(postgres_url: str) -> None:
    async with opened(postgres_url) as store:
        reads = [
            asyncio.ensure_future(  # noqa: TID251
                store.driver.read(lambda tx: tx.sql("SELECT CAST(pg_sleep(60) AS TEXT)", {}))
            )
            for _ in range(8)
        ]
        asleep = "SELECT COUNT(*) FROM pg_stat_activity WHERE query LIKE 'SELECT CAST(pg_sleep%'"
        await until(lambda: ask(postgres_url, asleep) != [(0,)])
        for read in reads:
            read.cancel()

        async with asyncio.timeout(20):
            assert await store.webhook_ids() == (0, 0)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None
)
@given(rows=st.lists(st.text(LETTERS, min_size=1, max_size=12), max_size=12), data=st.data())
async def test_a_search_finds_what_it_finds_on_sqlite(
    both: tuple[SqlStore, SqlStore], rows: list[str], data: st.DataObject
) -> None:
    texts = st.one_of(st.sampled_from(rows or [""]), st.text(LETTERS, max_size=3))
    words = [data.draw(texts) for _ in range(5)]
    words += [word[:2].swapcase() for word in words]
    news = [new_delivery(search=text, customer_id=None, user_id=None) for text in rows]

    found = []
    for store in both:
        await store.enqueue_each(news)
        pages = [await store.page(Filter(search=word), None, 10_000) for word in words]
        found.append([[row.message_id for row in page.rows] for page in pages])

    assert found[0] == found[1]


async def test_settled_rows_and_their_words_can_be_taken_out(postgres_url: str) -> None:
    async with opened(postgres_url) as store:
        await store.enqueue(new_delivery(search="ada", customer_id="customer-1"))
        claimed = await store.claim(1, lease(), NOW + 1)
        await store.settle([outcome(claimed[0].id, DeliveryStatus.ACCEPTED)], "engine-1")
        found = await store.page(Filter(search="ada"), None, 5)

        await upkeep.erase(store, "customer-1")

        assert len(found.rows) == 1
        assert (await store.page(Filter(search="ada"), None, 5)).rows == ()
    assert ask(postgres_url, "SELECT words FROM delivery_content") == [("",)]
