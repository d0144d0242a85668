"""Brings a PostgreSQL store to the newest schema: numbered SQL files, all in one transaction.

Any number of engines may begin at once: the first applies, the others wait for it and find
nothing left to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from core.errors import StoreUnavailable
from core.store import migrations
from core.store.moved import MOVING, half

if TYPE_CHECKING:
    import psycopg

    from core.store.base import Row

#: who migrates holds this; with the schema's name, as several stores may share a database
LOCK: Final = (
    "SELECT pg_advisory_xact_lock(hashtextextended('gladly-source:' || current_schema(), 0))"
)
OLDEST_SERVER: Final = 130_000
#: the schema's number among the remembered values
NAME: Final = "schema"


def version(connection: psycopg.Connection[Row]) -> int:
    """The schema version of the store; 0 for an empty database."""
    # Not to_regclass(): it may still answer from before another engine's commit.
    found = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_tables"
        " WHERE schemaname = current_schema() AND tablename = 'meta')"
    ).fetchall()
    if not found[0][0]:
        return 0
    return int(meta(connection, NAME) or 0)


def check_server(connection: psycopg.Connection[Row]) -> None:
    """Refuse a server or database that cannot hold the store.

    Raises:
        StoreUnavailable: It is too old, not in UTF-8, or the schema is missing.
    """
    if connection.info.server_version < OLDEST_SERVER:
        raise StoreUnavailable(
            "This PostgreSQL server is too old.", "Use version 13 or a newer one."
        )
    encoding, schema = connection.execute(
        "SELECT current_setting('server_encoding'), current_schema()"
    ).fetchall()[0]
    if encoding != "UTF8":
        raise StoreUnavailable(
            f"This database is encoded in {encoding}, which cannot hold every name.",
            "Create another with: createdb -E UTF8 -T template0 NAME.",
        )
    if schema is None:
        raise StoreUnavailable(
            "The database has no schema in which this user could have tables.",
            "Create one, or correct the user's search_path.",
        )


def migrate(connection: psycopg.Connection[Row]) -> None:
    """Apply what is missing.

    Raises:
        StoreTooNew: The store is newer than this program.
    """
    known = migrations.available("postgres")
    newest = known[-1][0]
    found = version(connection)
    migrations.refuse_newer(found, newest)
    if found == newest:
        return
    with connection.transaction():
        connection.execute(LOCK)
        found = version(connection)
        migrations.refuse_newer(found, newest)
        for number, sql in known:
            if number > found:
                _apply(connection, number, sql)


def meta(connection: psycopg.Connection[Row], name: str) -> str | None:
    """A remembered value of a store."""
    rows = connection.execute("SELECT value FROM meta WHERE name = %s", [name]).fetchall()
    return str(rows[0][0]) if rows else None


def refuse_half(connection: psycopg.Connection[Row]) -> None:
    """Stop before using what a move has not filled yet.

    Raises:
        StoreUnavailable: It holds a part of a store only.
    """
    if version(connection) and meta(connection, MOVING) is not None:
        raise half()


def _apply(connection: psycopg.Connection[Row], number: int, sql: Any) -> None:  # noqa: ANN401 - psycopg wants literal text otherwise
    connection.execute(sql)
    connection.execute(
        "INSERT INTO meta (name, value) VALUES (%s, %s)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        [NAME, str(number)],
    )
