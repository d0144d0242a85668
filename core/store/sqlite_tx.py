"""Statements inside one SQLite transaction, and SQLite's few words of dialect."""

from __future__ import annotations

import itertools
import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from core.store.base import Row

#: largest multi-row insert
INSERT_ROWS = 128
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
        """Execute the named insert, whose `{rows of n}` stands for these; all it returns.

        In powers of two, so that few different statements have to be prepared.
        """
        before, placeholder, behind = _around_rows(self._statements[name])
        returned: list[Row] = []
        start = 0
        while start < len(rows):
            size = min(1 << (len(rows) - start).bit_length() - 1, INSERT_ROWS)
            chunk = rows[start : start + size]
            text = before + ", ".join([placeholder] * size) + behind
            values = list(itertools.chain.from_iterable(chunk))
            returned += self._connection.execute(text, values).fetchall()
            start += size
        return returned

    def sql(self, text: str, parameters: dict[str, object]) -> list[Row]:
        """Execute a composed statement; all its rows."""
        return self._connection.execute(text, parameters).fetchall()


@cache
def _around_rows(statement: str) -> tuple[str, str, str]:
    """What stands before the rows of an insert, one row's placeholders, and what stands behind."""
    before, columns, behind = re.split(r"\{rows of (\d+)\}", statement)
    return before, f"({', '.join('?' * int(columns))})", behind


def in_dialect(sql: str) -> str:
    """A statement of queries.sql as SQLite takes it."""
    for placeholder, text in FRAGMENTS.items():
        sql = sql.replace(placeholder, text)
    return sql
