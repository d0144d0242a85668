"""Migrations: each starts from the version before it with rows in it; backup first; all or none."""

from __future__ import annotations

import json
import sqlite3
import stat
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from core.errors import StoreTooNew
from core.store import migrations, upkeep
from core.store.base import Filter
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from tests.fakes.rows import new_delivery, new_fact, new_webhook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SHIPPED = migrations.available("sqlite")
FAILING = "CREATE TABLE half (a INTEGER);\nINSERT INTO nowhere VALUES (1);\n"
ADDING = "CREATE TABLE added (a INTEGER);\nINSERT INTO added SELECT COUNT(*) FROM webhook;\n"
#: one row a table as version 1 had them; a later migration that needs more adds its own here
ROWS = {
    1: (
        "INSERT INTO webhook (dedupe_key, kind, channel, received_at, status, body)"
        " VALUES ('e1', 'CONVERSATION/CREATED', 'webhook', 1.0, 'resolved', x'7b7d')",
        "INSERT INTO fact VALUES ('c1', 0, 'CONVERSATION/CREATED', 1, 'p1', NULL, 1, 1.0,"
        " 'webhook')",
        "INSERT INTO delivery (webhook_id, message_id, type, event, occurred_at, received_at,"
        " created_at, channel, status, queued_at) VALUES (1, 'm1', 'track',"
        " 'Conversation Opened', 1.0, 1.0, 1.0, 'webhook', 'accepted', 1.0)",
        "INSERT INTO delivery_content VALUES (1, 'ada', NULL, x'7b7d')",
        "INSERT INTO attempt VALUES (1, 1, 1.0, 5, 200, 'ok', '', 'b1')",
        "INSERT INTO meta VALUES ('cursor', 'x')",
    ),
    5: (
        "INSERT INTO coverage VALUES ('poll', 1.0, 2.0)",
        "INSERT INTO gap (started_at, ended_at, reason, fate) VALUES (1.0, 2.0, 'Off.', 'open')",
    ),
}


def shipping(monkeypatch: pytest.MonkeyPatch, files: list[tuple[int, str]]) -> None:
    """As if the program shipped these migrations."""
    monkeypatch.setattr(migrations, "available", lambda _: files)


def schema(path: Path) -> list[tuple[str, str]]:
    """Every table, index and trigger as it was declared."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
    return [tuple(row) for row in rows]


def upgrade(path: Path) -> None:
    """Bring the file to the newest version."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        migrations.migrate(connection, path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def old(path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A store of the version in the parameter (default: the newest), with rows in it."""
    version = getattr(request, "param", SHIPPED[-1][0])
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for number, sql in SHIPPED:
            if number <= version:
                connection.executescript(sql)
                for row in ROWS.get(number, ()):
                    connection.execute(row)
        connection.execute(f"PRAGMA user_version = {version}")
    return path


def test_shipped_migrations_are_numbered_without_a_gap() -> None:
    assert [number for number, _ in SHIPPED] == list(range(1, len(SHIPPED) + 1))


@pytest.mark.parametrize("old", [number for number, _ in SHIPPED], indirect=True)
async def test_a_store_of_any_version_opens_with_its_rows(old: Path) -> None:
    store = SqlStore(SqliteDriver(old))
    await store.open()
    try:
        detail = await store.delivery(1)
        known = await store.knowledge(["c1"])
        counts = await store.counts()
        page = await store.find("e1"), await store.find("m1"), await store.get_meta("cursor")
        added = await store.add_webhook(new_webhook(dedupe_key="e2"))
        await store.learn([("c2", new_fact(webhook_id=added.id))])
        assert await store.enqueue(new_delivery(message_id="m2"))
    finally:
        await store.close()

    assert detail is not None
    assert detail.payload == b"{}"
    assert [attempt.code for attempt in detail.attempts] == ["ok"]
    assert len(known["c1"].facts) == 1
    assert counts.webhooks == {"resolved": 1}
    assert page == (("webhook", 1), ("delivery", 1), "x")


@pytest.mark.parametrize("old", [number for number, _ in SHIPPED], indirect=True)
def test_an_upgraded_store_has_the_schema_of_a_new_one(old: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.db"

    upgrade(old)
    upgrade(new)

    assert schema(old) == schema(new)


async def test_rows_of_old_are_found_by_customer_agent_and_email(path: Path) -> None:
    """As new ones are, whose words the program itself sorts into columns."""
    properties = {"customer_name": "Ada", "agentName": "Grace", "email": "A@Example.com"}
    payload = json.dumps({"properties": properties})
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript(SHIPPED[0][1])
        for row in ROWS[1]:
            connection.execute(row)
        connection.execute("UPDATE delivery SET customer_id = 'c-1', user_id = 'u-1'")
        content = ("gs-x Ada", payload.encode())
        connection.execute("UPDATE delivery_content SET search = ?, payload = ?", content)
        connection.execute("UPDATE delivery SET message_id = 'gs-x'")
        connection.execute("PRAGMA user_version = 1")
    store = SqlStore(SqliteDriver(path))
    await store.open()
    try:
        for wanted in (
            Filter(customer="ada c-1 u-1"),
            Filter(agent="grace", email="a@example.com"),
            Filter(search="gs-x ada grace example"),
        ):
            assert len((await store.page(wanted, None, 9)).rows) == 1, wanted
        assert (await store.page(Filter(agent="ada"), None, 9)).rows == ()
        await upkeep.erase(store, "c-1")
        assert (await store.page(Filter(search="ada"), None, 9)).rows == ()
    finally:
        await store.close()


@pytest.mark.parametrize("old", [2], indirect=True)
def test_what_had_gone_wrong_before_stands_in_the_index_of_causes(old: Path) -> None:
    with closing(sqlite3.connect(old)) as connection, connection:
        connection.execute("UPDATE delivery SET status = 'dead', last_code = 'segment.http_503'")

    upgrade(old)

    text = (
        "SELECT last_code FROM delivery INDEXED BY delivery_cause"
        " WHERE status = 'dead' AND status IN ('dead', 'retrying')"
    )
    with closing(sqlite3.connect(old)) as connection:
        assert connection.execute(text).fetchall() == [("segment.http_503",)]
    assert [file.name for file in (old.parent / "backups").iterdir()] == ["store-schema2.db"]


def test_a_new_store_needs_no_backup(path: Path) -> None:
    upgrade(path)

    assert not (path.parent / "backups").exists()


def test_a_current_store_is_left_alone(old: Path) -> None:
    before = old.read_bytes()

    upgrade(old)

    assert old.read_bytes() == before
    assert not (old.parent / "backups").exists()


def test_a_backup_is_made_before_the_first_change(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest = SHIPPED[-1][0]
    before = schema(old)
    shipping(monkeypatch, [*SHIPPED, (newest + 1, ADDING)])

    upgrade(old)

    (backup,) = (old.parent / "backups").iterdir()
    assert schema(backup) == before
    with closing(sqlite3.connect(backup)) as connection:
        assert migrations.version(connection) == newest
        assert connection.execute("SELECT message_id FROM delivery").fetchall() == [("m1",)]
    with closing(sqlite3.connect(old)) as connection:
        assert migrations.version(connection) == newest + 1
        assert connection.execute("SELECT a FROM added").fetchall() == [(1,)]
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert stat.S_IMODE(backup.parent.stat().st_mode) == 0o700


def test_a_failing_migration_leaves_the_old_schema(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest = SHIPPED[-1][0]
    before = schema(old)
    shipping(monkeypatch, [*SHIPPED, (newest + 1, FAILING)])

    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        upgrade(old)

    assert schema(old) == before
    with closing(sqlite3.connect(old)) as connection:
        assert migrations.version(connection) == newest
        assert connection.execute("SELECT COUNT(*) FROM webhook").fetchone() == (1,)


def test_of_several_migrations_those_before_the_failing_one_stay(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest = SHIPPED[-1][0]
    shipping(monkeypatch, [*SHIPPED, (newest + 1, ADDING), (newest + 2, FAILING)])

    with pytest.raises(sqlite3.OperationalError):
        upgrade(old)

    with closing(sqlite3.connect(old)) as connection:
        assert migrations.version(connection) == newest + 1
    shipping(monkeypatch, [*SHIPPED, (newest + 1, ADDING), (newest + 2, "CREATE TABLE ok (a);")])
    upgrade(old)
    assert {"added", "ok"} <= {name for name, _ in schema(old)}


def test_a_newer_store_is_refused_with_both_versions(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 999")

    with pytest.raises(StoreTooNew) as caught:
        upgrade(path)

    assert "schema 999" in caught.value.title
    assert f"knows {SHIPPED[-1][0]}" in caught.value.title


def test_a_script_is_split_at_its_statements_not_inside_triggers() -> None:
    script = (
        "CREATE TABLE a (b); -- not; here\n"
        "CREATE TRIGGER t AFTER INSERT ON a BEGIN\n    DELETE FROM a;\n    DELETE FROM a;\nEND;\n"
        "INSERT INTO a VALUES (';');\n"
    )

    statements = list(migrations._statements(script))

    assert len(statements) == 3
    assert "".join(statements) == script


@pytest.mark.parametrize("end", ["", "\n", "\n-- a last word\n"])
def test_the_last_statement_counts_with_or_without_an_end_of_line(end: str) -> None:
    statements = list(migrations._statements("CREATE TABLE a (b);\nCREATE TABLE c (d)" + end))

    assert any("TABLE c" in statement for statement in statements)
