"""A store moves to PostgreSQL whole, whatever interrupts it, and both sides are never in use."""

from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from core.errors import OperationError, StoreBusy, StoreInUse, StoreMoved, StoreUnavailable
from core.model import Channel
from core.store import migrations, postgres_schema
from core.store.base import Filter
from core.store.moving import Moving
from core.store.postgres import PostgresDriver
from core.store.postgres_move import PostgresTarget
from core.store.row_sums import fitting
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from core.store.sqlite_move import SqliteSource
from tests.fakes import whole_store
from tests.fakes.postgres import TABLES
from tests.fakes.rows import new_delivery, new_webhook

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fakes.postgres import Server

ROOT = Path(__file__).parents[3]
KILLS = 8
STEP = 40
#: made from the others, in the database's own way
MADE = {"words"}
PROGRAM = """
import sys
from pathlib import Path
from tests.core.store.test_moving import moving
with moving(Path(sys.argv[1]), sys.argv[2]) as one:
    def report(table, rows): print(table, rows, flush=True)
    if one.begin():
        one.copy(report)
        one.index(report)
        one.compare(report)
    one.switch()
"""


def nothing(table: str, rows: int) -> None:
    """Nobody looks."""


@contextmanager
def moving(path: Path, url: str, step_rows: int = STEP) -> Iterator[Moving]:
    """A move that can begin."""
    source, target = SqliteSource(path), PostgresTarget(url)
    with closing(source), closing(target):
        source.open()
        target.open()
        yield Moving(source, target, "postgresql://shown/address", step_rows)


def move(path: Path, url: str) -> None:
    """All of it."""
    with moving(path, url) as one:
        assert one.begin()
        one.copy(nothing)
        one.index(nothing)
        one.compare(nothing)
        one.switch()


def ask(url: str, text: str) -> list[tuple]:
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        found = connection.execute(text)
        return found.fetchall() if found.description else []


def indexes(url: str) -> list[tuple]:
    return ask(
        url,
        "SELECT indexname, replace(indexdef, current_schema(), '') FROM pg_indexes"
        " WHERE schemaname = current_schema() ORDER BY 1",
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with rows of every kind."""
    path = tmp_path_factory.mktemp("made") / "store.db"
    asyncio.run(whole_store.make(path))
    return path


@pytest.fixture
def path(made: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copy(made, tmp_path / "store.db"))


@pytest.fixture
def url(postgres_server: Server) -> str:
    """An empty database: a schema without tables."""
    return postgres_server.empty()


# --- everything goes over


def test_every_table_of_a_store_is_known_and_is_on_both_sides(path: Path, url: str) -> None:
    source = SqliteSource(path)
    with closing(source), closing(psycopg.connect(url, autocommit=True)) as connection:
        source.open()
        postgres_schema.migrate(connection)
        there: dict[str, set[str]] = {}
        for table, column in connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = current_schema()"
        ):
            there.setdefault(table, set()).add(column)
        tables = source.tables()
        empty = [one.name for one in tables if not source.count(one)]

    assert {one.name: set(one.columns) for one in tables} == {
        table: columns - MADE for table, columns in there.items()
    }
    assert {one.name for one in tables} == set(TABLES)
    assert {kind for one in tables for kind in one.kinds} <= {"INTEGER", "REAL", "TEXT", "BLOB"}
    assert all(one.key for one in tables)
    assert empty == [], "tests.fakes.whole_store has no row for these"


def test_a_table_that_a_later_migration_makes_goes_along(
    path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = {
        "sqlite": "CREATE TABLE later (name TEXT PRIMARY KEY, body BLOB) WITHOUT ROWID;\n"
        "INSERT INTO later VALUES ('a', x'00ff');\n",
        "postgres": 'CREATE TABLE later (name TEXT COLLATE "C" PRIMARY KEY, body BYTEA);\n',
    }
    shipped = {dialect: migrations.available(dialect) for dialect in later}
    newest = len(shipped["sqlite"]) + 1
    monkeypatch.setattr(migrations, "available", lambda one: [*shipped[one], (newest, later[one])])

    move(path, url)

    assert ask(url, "SELECT name, body FROM later") == [("a", b"\0\xff")]


def test_every_value_of_every_row_is_there(path: Path, url: str) -> None:
    source = SqliteSource(path)
    with closing(source):
        source.open()
        wanted = {
            one: sorted(repr(fitting(row)) for row in source.rows(one))
            for one in source.tables()
            if one.name != "meta"
        }

    move(path, url)

    for table, rows in wanted.items():
        found = ask(url, f"SELECT {', '.join(table.columns)} FROM {table.name}")  # noqa: S608
        assert sorted(map(repr, found)) == rows, table.name


async def test_the_program_goes_on_where_it_was(path: Path, url: str) -> None:
    """Ids, search, the remembered, and numbers that people have seen."""
    old = SqlStore(SqliteDriver(path))
    await old.open()
    searches = ("zoë", "customer:grace", "王", "martha", "gs-odd-3", "nothing")
    before = [await answers(old, text) for text in searches]
    remembered = await old.get_meta("poll_cursor"), await old.counts(), await old.ledger.gaps(0, 9)
    await old.close()
    with closing(sqlite3.connect(path)) as connection:
        last = dict(connection.execute("SELECT name, seq FROM sqlite_sequence"))

    await asyncio.to_thread(move, path, url)

    store = SqlStore(PostgresDriver(url))
    await store.open()
    try:
        assert [await answers(store, text) for text in searches] == before
        assert any(before)
        cursor, counts, gaps = remembered
        assert await store.get_meta("poll_cursor") == cursor
        assert await store.counts() == counts
        assert [one.id for one in await store.ledger.gaps(0, 9)] == [one.id for one in gaps]
        known = await store.add_webhook(new_webhook(dedupe_key=f"odd-0-{whole_store.TEXTS[0]}"))
        added = await store.add_webhook(new_webhook(channel=Channel.POLL))
        assert known.duplicate
        assert added.id > last["webhook"]
        assert await store.enqueue(new_delivery(message_id="gs-behind"))
        assert (await store.find("gs-behind") or ("", 0))[1] > last["delivery"]
    finally:
        await store.close()


async def answers(store: SqlStore, text: str) -> list[int]:
    return [one.id for one in (await store.page(Filter(search=text), None, 500)).rows]


def test_the_database_has_the_indexes_that_a_new_one_has(
    path: Path, url: str, postgres_server: Server
) -> None:
    new = postgres_server.empty()
    with closing(psycopg.connect(new, autocommit=True)) as connection:
        postgres_schema.migrate(connection)

    move(path, url)

    names = [(name, text.replace("..", ".")) for name, text in indexes(url)]
    assert names == [(name, text.replace("..", ".")) for name, text in indexes(new)]


def test_a_store_of_an_older_version_is_brought_up_to_date_first(tmp_path: Path, url: str) -> None:
    path = tmp_path / "store.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript(migrations.available("sqlite")[0][1])
        connection.execute("PRAGMA user_version = 1")
        connection.execute("INSERT INTO meta VALUES ('cursor', 'x')")

    move(path, url)

    assert ask(url, "SELECT value FROM meta WHERE name = 'cursor'") == [("x",)]
    assert (tmp_path / "backups" / "store-schema1.db").exists()


# --- whatever interrupts it


def test_killed_at_any_moment_it_goes_on_and_copies_nothing_twice(path: Path, url: str) -> None:
    dice = random.Random(11)
    command = [sys.executable, "-c", PROGRAM, str(path), url]
    killed = 0
    before = -1
    for _ in range(KILLS + 5):
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            most = dice.randrange(14) if killed < KILLS else 10**6
            for _ in range(most):
                if not process.stdout.readline():
                    break
            else:
                process.kill()
                killed += 1
        there = sum(count(url, one) for one in TABLES)
        assert there >= before or killed == 1
        before = there
        if process.returncode == 0:
            break

    assert process.returncode == 0
    assert killed == KILLS
    source, target = SqliteSource(path), PostgresTarget(url)
    with closing(source), closing(target):
        source.look()
        target.open()
        for one in source.tables():
            assert target.count(one) == source.count(one)
    refused(path, url)


def count(url: str, table: str) -> int:
    try:
        found: int = ask(url, f"SELECT COUNT(*) FROM {table}")[0][0]  # noqa: S608
    except psycopg.errors.UndefinedTable:
        return 0
    return found


def refused(path: Path, url: str) -> None:
    """The file is, and the database is not."""

    async def both() -> None:
        file = SqliteDriver(path)
        with pytest.raises(StoreMoved):
            await file.open()
        store = SqlStore(PostgresDriver(url))
        await store.open()
        await store.close()

    asyncio.run(both())


def test_while_a_part_is_there_the_file_is_the_store(path: Path, url: str) -> None:
    with moving(path, url) as one:
        one.begin()
        with pytest.raises(RuntimeError, match="enough"):
            one.copy(stop_after(3))

    async def both() -> None:
        with pytest.raises(StoreUnavailable, match="has not ended"):
            await PostgresDriver(url).open()
        file = SqliteDriver(path)
        await file.open()
        await file.close()

    asyncio.run(both())


def stop_after(steps: int):
    left = iter(range(steps))

    def report(table: str, rows: int) -> None:
        if next(left, None) is None:
            raise RuntimeError("enough")

    return report


def test_what_an_engine_did_between_two_parts_goes_over_too(path: Path, url: str) -> None:
    """It may have changed what is copied already: so all is copied anew."""
    with moving(path, url) as one:
        one.begin()
        with pytest.raises(RuntimeError, match="enough"):
            one.copy(stop_after(30))

    async def work() -> None:
        store = SqlStore(SqliteDriver(path))
        await store.open()
        await store.driver.write(lambda tx: tx.sql("UPDATE webhook SET reason = 'later'", {}))
        await store.close()

    asyncio.run(work())
    move(path, url)

    assert ask(url, "SELECT DISTINCT reason FROM webhook") == [("later",)]
    assert indexes(url)


@pytest.mark.parametrize("moment", ["mark_moved", "finish"])
def test_cut_off_at_the_switch_it_is_ended_by_running_it_again(
    path: Path, url: str, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = SqliteSource if moment == "mark_moved" else PostgresTarget

    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(where, moment, cut)
        with pytest.raises(KeyboardInterrupt):
            move(path, url)

    usable = [can_open(SqliteDriver(path)), can_open(PostgresDriver(url))]
    # Opened by an engine, the file may hold more than was copied: that is seen, too.
    move(path, url)

    assert usable == [moment == "mark_moved", False]
    refused(path, url)


def can_open(driver: SqliteDriver | PostgresDriver) -> bool:
    async def work() -> bool:
        try:
            await driver.open()
        except (StoreMoved, StoreUnavailable):
            return False
        await driver.close()
        return True

    return asyncio.run(work())


def test_what_is_done_is_not_done_again(path: Path, url: str) -> None:
    move(path, url)

    with moving(path, url) as one:
        assert not one.begin()


# --- it is compared


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE webhook SET body = set_byte(body, 0, 255 - get_byte(body, 0)) WHERE id = 7",
        "UPDATE attempt SET started_at = started_at + 1e-6 WHERE delivery_id = 3 AND number = 1",
        "UPDATE delivery SET customer_id = '' WHERE id = 5",
        "UPDATE delivery SET accepted_at = NULL WHERE id = 5",
        "DELETE FROM fact WHERE conversation_id = (SELECT MAX(conversation_id) FROM fact)",
        "UPDATE delivery_content SET search = search || ' ' WHERE delivery_id = 2",
    ],
)
def test_whatever_differs_is_found_and_nothing_is_switched(
    path: Path, url: str, change: str
) -> None:
    with moving(path, url) as one:
        one.begin()
        one.copy(nothing)
        one.index(nothing)
        ask(url, change)
        with pytest.raises(OperationError, match="differs from the store") as caught:
            one.compare(nothing)

    assert "Nothing was switched" in caught.value.title
    assert can_open(SqliteDriver(path))
    assert not can_open(PostgresDriver(url))
    move(path, url)  # as the hint says
    refused(path, url)


def test_rows_of_somebody_else_are_told_and_never_taken_away(path: Path, url: str) -> None:
    with moving(path, url) as one:
        one.begin()
        one.copy(nothing)
        one.index(nothing)
        ask(url, "INSERT INTO meta VALUES ('one', 'more')")

    for _ in range(2):
        with moving(path, url) as one:
            one.begin()
            one.copy(nothing)
            with pytest.raises(OperationError, match="1 rows more in table meta"):
                one.compare(nothing)

    assert ask(url, "SELECT value FROM meta WHERE name = 'one'") == [("more",)]
    assert can_open(SqliteDriver(path))


# --- what is refused


def test_an_engine_at_work_on_either_side_is_not_disturbed(path: Path, url: str) -> None:
    async def busy() -> None:
        engine = SqliteDriver(path)
        await engine.open()
        try:
            with pytest.raises(StoreInUse, match="Stop it"):
                SqliteSource(path).open()
        finally:
            await engine.close()

    asyncio.run(busy())
    with moving(path, url), pytest.raises(StoreBusy, match="Another move"):
        PostgresTarget(url).open()


def test_a_database_that_holds_something_else_is_left_alone(path: Path, url: str) -> None:
    for make, wanted in (
        ("CREATE TABLE users (id INTEGER)", "table users"),
        ("DROP TABLE users; CREATE TABLE meta (id INTEGER)", "table meta"),
        ("DROP TABLE meta; CREATE TABLE webhook (id INTEGER)", "table webhook"),
    ):
        ask(url, make)
        with (
            moving(path, url) as one,
            pytest.raises(OperationError, match=f"something else: {wanted}"),
        ):
            one.begin()


def test_a_database_in_which_an_engine_has_worked_is_left_alone(path: Path, url: str) -> None:
    async def work() -> None:
        store = SqlStore(PostgresDriver(url))
        await store.open()
        await store.add_webhook(new_webhook())
        await store.close()

    asyncio.run(work())

    with moving(path, url) as one, pytest.raises(OperationError, match="holds another store"):
        one.begin()
    assert count(url, "webhook") == 1


def test_an_engine_that_begins_at_the_last_moment_loses_nothing(
    path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = PostgresTarget.begin

    def late(*arguments: object) -> object:
        store = SqlStore(PostgresDriver(url))

        async def work() -> None:
            await store.open()
            await store.add_webhook(new_webhook())
            await store.close()

        asyncio.run(work())
        return begin(*arguments)

    monkeypatch.setattr(PostgresTarget, "begin", late)

    with moving(path, url) as one, pytest.raises(OperationError, match="holds another store"):
        one.begin()
    assert count(url, "webhook") == 1


def test_an_empty_store_that_was_opened_before_will_do(path: Path, url: str) -> None:
    assert can_open(PostgresDriver(url))

    move(path, url)

    refused(path, url)


def test_another_stores_part_or_whole_is_left_alone(path: Path, url: str, tmp_path: Path) -> None:
    other = tmp_path / "other" / "store.db"
    asyncio.run(whole_store.make(other, 20))
    with moving(other, url) as one:
        one.begin()

    with moving(path, url) as one, pytest.raises(OperationError, match="a part of another store"):
        one.begin()
    move(other, url)
    with moving(path, url) as one, pytest.raises(OperationError, match="another store"):
        one.begin()


def test_a_part_that_an_older_version_left_is_not_gone_on_with(path: Path, url: str) -> None:
    with moving(path, url) as one:
        one.begin()
    ask(url, "UPDATE meta SET value = '1' WHERE name = 'schema'")

    with moving(path, url) as one, pytest.raises(OperationError, match="older version"):
        one.begin()


def test_without_a_store_there_is_nothing_to_move(tmp_path: Path) -> None:
    for open_ in (SqliteSource.open, SqliteSource.look):
        with pytest.raises(OperationError, match="no store"):
            open_(SqliteSource(tmp_path / "store.db"))
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "store.db").touch()
    empty = SqliteSource(tmp_path / "store.db")
    with closing(empty):
        empty.look()
        assert (empty.moved_to(), empty.tables()) == (None, [])


def test_rows_that_somebody_else_writes_meanwhile_are_told(path: Path, url: str) -> None:
    with moving(path, url) as one:
        one.begin()
        ask(url, "INSERT INTO webhook (id, dedupe_key, kind, channel, received_at, status)"
                 " VALUES (1, 'x', 'x', 'x', 1, 'x')")  # fmt: skip
        with pytest.raises(OperationError, match="the same key already, in table webhook"):
            one.copy(nothing)


def test_two_keys_that_are_one_there_are_told(tmp_path: Path, url: str) -> None:
    path = tmp_path / "store.db"

    async def add() -> None:
        store = SqlStore(SqliteDriver(path))
        await store.open()
        for key in ("a\0", "a\ufffd"):
            await store.add_webhook(new_webhook(dedupe_key=key))
        await store.close()

    asyncio.run(add())

    with pytest.raises(OperationError, match="the same key already") as caught:
        move(path, url)
    assert "NUL" in caught.value.hint
