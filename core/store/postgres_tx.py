"""Statements inside one PostgreSQL transaction, and how values go into them."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

from psycopg.types.numeric import Int8Dumper
from psycopg.types.string import StrDumperUnknown

from core.store import queries
from core.store.postgres_dialect import in_dialect, lexemes, parametrised
from core.store.words import storable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import psycopg
    from psycopg.abc import Buffer

    from core.store.base import Row

#: the columns of inserts with many rows, by the name of the statement
COLUMNS: Final = {
    "add_webhooks": ("text",) * 3 + ("float8", "int8") + ("text",) * 4 + ("bytea",),
}
#: with the schema's name, as several stores may share a database
KEEP: Final = (
    "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ' ' || one, 0))"
    " FROM unnest(CAST(%s AS TEXT[])) AS conversations (one)"
)


class _Text(StrDumperUnknown):
    """Text without what PostgreSQL does not take."""

    def dump(self, obj: str) -> Buffer | None:
        return super().dump(storable(obj) if "\0" in obj else obj)


class _Whole(Int8Dumper):
    """Whole numbers and truth values, all of one type: of small ones a product may overflow."""

    def dump(self, obj: Any) -> Buffer | None:  # noqa: ANN401 - psycopg's own
        return super().dump(int(obj))


def adapt(connection: psycopg.Connection[Row]) -> None:
    """Let values go into this connection's statements as the store has them."""
    connection.adapters.register_dumper(str, _Text)
    connection.adapters.register_dumper(int, _Whole)
    connection.adapters.register_dumper(bool, _Whole)
    connection.prepared_max = 1000


class PostgresTx:
    """Statements inside one transaction (or one read)."""

    def __init__(self, connection: psycopg.Connection[Row]) -> None:
        self._connection = connection
        self._statements = statements()

    def keep(self, conversation_ids: Iterable[str]) -> None:
        """Let no other engine work on these conversations before the commit; waits for it.

        In one order everywhere, so that two engines do not wait for each other.
        """
        if wanted := sorted(set(conversation_ids)):
            self._connection.execute(KEEP, [wanted])

    def run(self, name: str, /, **parameters: object) -> list[Row]:
        """Execute the named statement; all its rows."""
        cursor = self._execute(name, parameters)
        return cursor.fetchall() if cursor.description else []

    def change(self, name: str, /, **parameters: object) -> int:
        """Execute the named statement; how many rows it changed."""
        return self._execute(name, parameters).rowcount

    def change_each(self, name: str, parameters: Sequence[dict[str, object]]) -> int:
        """Execute the named statement once for each; how many rows all of them changed."""
        if not parameters:
            return 0
        with self._connection.cursor() as cursor:
            cursor.executemany(self._statements[name], parameters)
            return cursor.rowcount

    def insert_rows(self, name: str, rows: Sequence[Row]) -> list[Row]:
        """Execute the named insert, whose `{rows of n}` stands for these; all it returns.

        Columns go in as arrays: one text, prepared once, for any number of rows.
        """
        if not rows:
            return []
        columns = {f"c{number}": list(column) for number, column in enumerate(zip(*rows))}  # noqa: B905 - rows of one table
        return self._connection.execute(_with_arrays(name), columns, prepare=True).fetchall()

    def sql(self, text: str, parameters: dict[str, object]) -> list[Row]:
        """Execute a composed statement; all its rows."""
        return self._connection.execute(_composed(text), parameters).fetchall()

    def _execute(self, name: str, parameters: dict[str, object]) -> psycopg.Cursor[Row]:
        text = self._statements[name]
        if "%(words)s" in text:
            parameters["words"] = lexemes(parameters)
        return self._connection.execute(text, parameters)


@cache
def statements() -> dict[str, Any]:
    """The named statements, as psycopg takes them."""
    return {name: in_dialect(sql) for name, sql in queries.load().items()}


@cache
def _with_arrays(name: str) -> Any:  # noqa: ANN401 - psycopg wants literal text otherwise
    arrays = ", ".join(
        f"CAST(%(c{number})s AS {kind}[])" for number, kind in enumerate(COLUMNS[name])
    )
    rows = f"SELECT * FROM unnest({arrays})"  # noqa: S608 - constant
    return re.sub(r"VALUES \{rows of \d+\}", rows, statements()[name])


@lru_cache(1000)
def _composed(text: str) -> Any:  # noqa: ANN401 - psycopg wants literal text otherwise
    return parametrised(text)
