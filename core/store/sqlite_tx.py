"""Statements inside one SQLite transaction, and SQLite's few words of dialect."""

from __future__ import annotations

import itertools
import json
import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from core.store.base import Row

#: largest multi-row insert
INSERT_ROWS = 128
KNOWN_KEYS = (
    "SELECT json_group_array(dedupe_key) FROM webhook "
    "WHERE dedupe_key IN (SELECT value FROM json_each(?))"
)
FRAGMENTS = {
    "{skip_locked}": "",
    # Without statistics SQLite prefers the index on status, and sorts the whole backlog.
    "{by_due}": "INDEXED BY delivery_due",
    "{by_waiting}": "INDEXED BY webhook_waiting",
    "{body_contains}": "instr(body, CAST(:customer_id AS BLOB)) > 0",
}


class SqliteTx:
    """Statements inside one transaction (or one read)."""

    def __init__(self, connection: sqlite3.Connection, statements: dict[str, str]) -> None:
        self._connection = connection
        self._statements = statements

    def run(self, name: str, /, **parameters: object) -> list[Row]:
        """Execute the named statement; all its rows."""
        return self._connection.execute(self._statements[name], parameters).fetchall()

    def change(self, name: str, /, **parameters: object) -> int:
        """Execute the named statement; how many rows it changed."""
        return self._connection.execute(self._statements[name], parameters).rowcount

    def change_each(self, name: str, parameters: Sequence[dict[str, object]]) -> int:
        """Execute the named statement once for each; how many rows all of them changed."""
        return self._connection.executemany(self._statements[name], parameters).rowcount

    def insert_rows(self, name: str, rows: Sequence[Row]) -> list[Row]:
        """Execute the named insert, whose `{rows of n}` stands for these; what it returns.

        Without RETURNING: every row that a statement returns is one more moment in which this
        thread gives up the interpreter's lock and, in a rush, waits to get it back. Known keys
        are looked up first instead, and the ids of new rows follow one another, because nobody
        else writes.
        """
        before, placeholder = _before_rows(self._statements[name])
        fresh = {row[0]: row for row in reversed(rows)}
        known = self._connection.execute(KNOWN_KEYS, [json.dumps(list(fresh))]).fetchone()[0]
        for key in json.loads(known):
            del fresh[key]
        returned: list[Row] = []
        left = [row for row in rows if fresh.pop(row[0], None) is not None]
        for start in range(0, len(left), INSERT_ROWS):
            chunk = left[start : start + INSERT_ROWS]
            values = list(itertools.chain.from_iterable(chunk))
            text = before + ", ".join([placeholder] * len(chunk))
            last = self._connection.execute(text, values).lastrowid or 0
            first = last - len(chunk) + 1
            returned += [(first + number, row[0]) for number, row in enumerate(chunk)]
        return returned

    def sql(self, text: str, parameters: dict[str, object]) -> list[Row]:
        """Execute a composed statement; all its rows."""
        return self._connection.execute(text, parameters).fetchall()


@cache
def _before_rows(statement: str) -> tuple[str, str]:
    """What stands before the rows of an insert, and one row's placeholders."""
    before, columns, _ = re.split(r"\{rows of (\d+)\}", statement)
    return before, f"({', '.join('?' * int(columns))})"


def in_dialect(sql: str) -> str:
    """A statement of queries.sql as SQLite takes it."""
    for placeholder, text in FRAGMENTS.items():
        sql = sql.replace(placeholder, text)
    return sql
