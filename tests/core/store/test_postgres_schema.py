"""Migrations on PostgreSQL: from every version with rows in it, by ten engines at once, or not."""

from __future__ import annotations

import asyncio
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg
import pytest

from core.store import migrations, postgres_schema
from core.store.postgres import PostgresDriver
from core.store.sql_store import SqlStore
from tests.fakes.rows import new_delivery, new_fact, new_webhook

if TYPE_CHECKING:
    from tests.fakes.postgres import Server

SHIPPED = migrations.available("postgres")
NEWEST = SHIPPED[-1][0]
ENGINES = 10
#: of each kind, in ROWS
MANY = 2000
#: rows as version 1 had them, many of them: a migration that rewrites a table takes its time
ROWS = {
    1: (
        "INSERT INTO webhook (dedupe_key, kind, channel, received_at, status, body)"
        " SELECT 'e' || n, 'CONVERSATION/CREATED', 'webhook', 1.0, 'resolved', '{}'"
        " FROM generate_series(1, 2000) AS s (n)",
        "INSERT INTO fact SELECT 'c' || n, 0, 'CONVERSATION/CREATED', 1, 'p1', NULL, n, 1.0,"
        " 'webhook' FROM generate_series(1, 2000) AS s (n)",
        "INSERT INTO delivery (webhook_id, message_id, type, event, conversation_id, occurred_at,"
        " received_at, created_at, channel, status, queued_at, last_code) SELECT n, 'm' || n,"
        " 'track', 'Conversation Opened', 'c' || n, 1.0, 1.0, 1.0, 'webhook',"
        " CASE WHEN n % 2 = 0 THEN 'dead' ELSE 'accepted' END, 1.0, 'segment.http_503'"
        " FROM generate_series(1, 2000) AS s (n)",
        "INSERT INTO delivery_content (delivery_id, search, payload) SELECT n, 'ada', '{}'"
        " FROM generate_series(1, 2000) AS s (n)",
        "INSERT INTO attempt SELECT n, 1, 1.0, 5, 200, 'ok', '', 'b1'"
        " FROM generate_series(1, 2000) AS s (n)",
        "INSERT INTO meta VALUES ('cursor', 'x')",
    ),
    5: (
        "INSERT INTO coverage VALUES ('poll', 1.0, 2.0)",
        "INSERT INTO gap (started_at, ended_at, reason, fate) VALUES (1.0, 2.0, 'Off.', 'open')",
    ),
}
DECLARED = (
    "SELECT table_name || '.' || column_name, data_type || ' ' || is_nullable || ' '"
    " || coalesce(column_default, '') || ' ' || coalesce(collation_name, '')"
    " FROM information_schema.columns WHERE table_schema = current_schema()",
    "SELECT indexname::text, indexdef FROM pg_indexes WHERE schemaname = current_schema()",
    "SELECT trigger_name::text, action_condition FROM information_schema.triggers"
    " WHERE trigger_schema = current_schema()",
)


def old_store(url: str, version: int) -> None:
    """A store of this version, with rows in it."""
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        for number, sql in SHIPPED:
            if number <= version:
                connection.execute(sql)
                for row in ROWS.get(number, ()):
                    connection.execute(row)
        connection.execute("INSERT INTO meta VALUES ('schema', %s)", [str(version)])


def declared(url: str) -> set[tuple[str, str]]:
    """Every column, index and trigger, without the schema's own name."""
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        schema = connection.execute("SELECT current_schema()").fetchall()[0][0]
        rows = [row for text in DECLARED for row in connection.execute(text).fetchall()]
    return {(name, (text or "").replace(f"{schema}.", "")) for name, text in rows}


async def works(store: SqlStore) -> None:
    """All that was in it is there, and more can be added."""
    detail = await store.delivery(2)
    assert detail is not None
    assert detail.payload == b"{}"
    assert [attempt.code for attempt in detail.attempts] == ["ok"]
    assert len((await store.knowledge(["c7"]))["c7"].facts) == 1
    assert (await store.counts()).deliveries["dead"] == MANY // 2
    assert await store.get_meta("cursor") == "x"
    added = await store.add_webhook(new_webhook())
    assert added.id > MANY
    await store.learn([("new", new_fact(webhook_id=added.id))])
    assert await store.enqueue(new_delivery())


@pytest.mark.parametrize("version", [number for number, _ in SHIPPED])
async def test_a_store_of_any_version_opens_with_its_rows(
    postgres_server: Server, version: int
) -> None:
    url, new = postgres_server.empty(), postgres_server.empty()
    old_store(url, version)
    with closing(psycopg.connect(new, autocommit=True)) as connection:
        postgres_schema.migrate(connection)
    store = SqlStore(PostgresDriver(url))

    await store.open()
    try:
        await works(store)
    finally:
        await store.close()

    assert declared(url) == declared(new)


@pytest.mark.parametrize("version", [1, 4])
async def test_ten_engines_may_open_an_old_store_at_once(
    postgres_server: Server, version: int
) -> None:
    url = postgres_server.empty()
    old_store(url, version)
    stores = [SqlStore(PostgresDriver(url)) for _ in range(ENGINES)]

    try:
        await asyncio.gather(*(store.open() for store in stores))
        for store in stores:
            await works(store)
    finally:
        for store in stores:
            await store.close()

    with closing(psycopg.connect(url)) as connection:
        assert postgres_schema.version(connection) == NEWEST


async def test_an_engine_of_the_version_before_goes_on_while_another_migrates(
    postgres_server: Server,
) -> None:
    """It waits for the migration, and what it writes then is kept."""
    url = postgres_server.empty()
    old_store(url, NEWEST - 1)
    with closing(psycopg.connect(url, autocommit=True)) as old:
        store = SqlStore(PostgresDriver(url))
        await store.open()
        old.execute("UPDATE webhook SET reason = 'by the old one' WHERE id = 1")
        read = await store.webhook(1)
        await store.close()

    assert read is not None
    assert read[0].reason == "by the old one"


def test_a_failing_migration_leaves_the_old_schema(
    postgres_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres_server.empty()
    old_store(url, NEWEST)
    before = declared(url)
    failing = [
        *SHIPPED,
        (NEWEST + 1, "CREATE TABLE half (a INTEGER)"),
        (NEWEST + 2, "INSERT INTO nowhere VALUES (1)"),
    ]
    monkeypatch.setattr(migrations, "available", lambda _: failing)

    with (
        closing(psycopg.connect(url, autocommit=True)) as connection,
        pytest.raises(psycopg.errors.UndefinedTable),
    ):
        postgres_schema.migrate(connection)

    assert declared(url) == before
    with closing(psycopg.connect(url)) as connection:
        assert postgres_schema.version(connection) == NEWEST
