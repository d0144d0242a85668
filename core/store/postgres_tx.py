"""Statements inside one PostgreSQL transaction, and how values go into them."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

from psycopg.types.numeric import Int8Dumper

from core.store import queries
from core.store.postgres_dialect import in_dialect, lexemes, parametrised
from core.store.words import storable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import psycopg

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


def adapt(connection: psycopg.Connection[Row]) -> None:
    """Send whole numbers all as one type: a product of small ones may overflow theirs."""
    connection.adapters.register_dumper(int, Int8Dumper)
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
        if wanted := sorted({str(_fitting(one)) for one in conversation_ids}):
            self._connection.execute(KEEP, [wanted])

    def run(self, name: str, /, **parameters: object) -> list[Row]:
        """Execute the named statement; all its rows."""
        return _rows(self._execute(name, parameters))

    def change(self, name: str, /, **parameters: object) -> int:
        """Execute the named statement; how many rows it changed."""
        return self._execute(name, parameters).rowcount

    def run_each(self, name: str, parameters: Sequence[dict[str, object]]) -> list[list[Row]]:
        """Execute the named statement once for each, on one way there and back; the rows."""
        if not parameters:
            return []
        text = self._statements[name]
        with self._connection.cursor() as cursor:
            cursor.executemany(text, [_values(text, one) for one in parameters], returning=True)
            found = [cursor.fetchall()]
            while cursor.nextset():
                found.append(cursor.fetchall())
        return found

    def change_each(self, name: str, parameters: Sequence[dict[str, object]]) -> int:
        """Execute the named statement once for each; how many rows all of them changed."""
        if not parameters:
            return 0
        text = self._statements[name]
        with self._connection.cursor() as cursor:
            cursor.executemany(text, [_values(text, one) for one in parameters])
            return cursor.rowcount

    def insert_rows(self, name: str, rows: Sequence[Row]) -> list[Row]:
        """Execute the named insert, whose `{rows of n}` stands for these; all it returns.

        Columns go in as arrays: one text, prepared once, for any number of rows.
        """
        if not rows:
            return []
        each = enumerate(zip(*rows, strict=True))
        columns = {f"c{number}": [*map(_fitting, column)] for number, column in each}
        return self._connection.execute(_with_arrays(name), columns, prepare=True).fetchall()

    def sql(self, text: str, parameters: dict[str, object]) -> list[Row]:
        """Execute a composed statement; all its rows."""
        return _rows(self._connection.execute(_composed(text), _fit(parameters)))

    def _execute(self, name: str, parameters: dict[str, object]) -> psycopg.Cursor[Row]:
        text = self._statements[name]
        return self._connection.execute(text, _values(text, parameters))


def _rows(cursor: psycopg.Cursor[Row]) -> list[Row]:
    return cursor.fetchall() if cursor.description else []


def _values(text: str, parameters: dict[str, object]) -> dict[str, object]:
    """What goes into a named statement."""
    if "%(words)s" in text:
        return _fit(parameters) | {"words": lexemes(parameters)}
    return _fit(parameters)


def _fit(parameters: dict[str, object]) -> dict[str, object]:
    return {name: _fitting(value) for name, value in parameters.items()}


def _fitting(value: object) -> object:
    """A value as PostgreSQL takes it: text without NUL, truth as a number."""
    if isinstance(value, str):
        return storable(value) if "\0" in value else value
    return int(value) if isinstance(value, bool) else value


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
