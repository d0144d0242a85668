"""Statements inside one SQLite transaction, and SQLite's few words of dialect."""

from __future__ import annotations

import itertools
import json
import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from core.store.base import Row

#: largest multi-row insert
INSERT_ROWS = 128
IDS_OF_KEYS = (
    "SELECT json_group_array(json_array(id, dedupe_key)) FROM (SELECT id, dedupe_key FROM webhook "
    "WHERE dedupe_key IN (SELECT value FROM json_each(?)) ORDER BY id DESC LIMIT ?)"
)
FRAGMENTS = {
    # Nobody else writes: nothing needs a lock.
    "{locked}": "",
    "{skip_locked}": "",
    "{row_locked}": "",
    # The search index is kept by triggers.
    "{words}": "",
    "{of_words}": "",
    "{ids}": "SELECT value FROM json_each(:ids)",
    "{message_ids}": "SELECT value FROM json_each(:message_ids)",
    # Without statistics SQLite prefers the index on status, and sorts the whole backlog.
    "{by_due}": "INDEXED BY delivery_due",
    # Else it goes through all that is accepted: the index that the UNIQUE of messageIds makes.
    "{by_message}": "INDEXED BY sqlite_autoindex_delivery_1",
    "{by_waiting}": "INDEXED BY webhook_waiting",
    # Else it goes through an index with almost all rows, each looked up on its own.
    "{in_order}": "NOT INDEXED",
    "{by_code}": "INDEXED BY delivery_code",
    "{by_received}": "INDEXED BY delivery_received",
    "{by_accepted}": "INDEXED BY delivery_accepted",
    "{by_late}": "INDEXED BY delivery_late",
    "{accepted_hour}": "CAST(accepted_at / 3600 AS INTEGER)",
    "{received_second}": "CAST(received_at AS INTEGER)",
    "{received_quarter}": "CAST(w.received_at / 900 AS INTEGER)",
    "{now}": "(julianday('now') - 2440587.5) * 86400.0",
    "{customers}": "SELECT value FROM json_each(:customers)",
    "{body_names_any}": (
        "EXISTS (SELECT 1 FROM json_each(:customers) WHERE instr(body, CAST(value AS BLOB)) > 0)"
    ),
}


class SqliteTx:
    """Statements inside one transaction (or one read)."""

    def __init__(self, connection: sqlite3.Connection, statements: dict[str, str]) -> None:
        self._connection = connection
        self._statements = statements

    def keep(self, conversation_ids: Iterable[str]) -> None:
        """Nothing: no other engine writes to this file."""

    def run(self, name: str, /, **parameters: object) -> list[Row]:
        """Execute the named statement; all its rows."""
        return self._connection.execute(self._statements[name], parameters).fetchall()

    def change(self, name: str, /, **parameters: object) -> int:
        """Execute the named statement; how many rows it changed."""
        return self._connection.execute(self._statements[name], parameters).rowcount

    def run_each(self, name: str, parameters: Sequence[dict[str, object]]) -> list[list[Row]]:
        """Execute the named statement once for each; the rows of each."""
        statement = self._statements[name]
        return [self._connection.execute(statement, one).fetchall() for one in parameters]

    def change_each(self, name: str, parameters: Sequence[dict[str, object]]) -> int:
        """Execute the named statement once for each; how many rows all of them changed."""
        return self._connection.executemany(self._statements[name], parameters).rowcount

    def insert_rows(self, name: str, rows: Sequence[Row]) -> list[Row]:
        """Execute the named insert, whose `{rows of n}` stands for these; what it inserted.

        Without RETURNING: every row that a statement returns is one more moment in which this
        thread gives up the interpreter's lock and, in a rush, waits to get it back. When all rows
        are new, their ids follow one another, because nobody else writes; only else they are
        looked up.
        """
        before, placeholder, after = _around_rows(self._statements[name])
        fresh = list({row[0]: row for row in reversed(rows)}.values())[::-1]
        returned: list[Row] = []
        for start in range(0, len(fresh), INSERT_ROWS):
            chunk = fresh[start : start + INSERT_ROWS]
            values = list(itertools.chain.from_iterable(chunk))
            text = before + ", ".join([placeholder] * len(chunk)) + after
            done = self._connection.execute(text, values)
            if done.rowcount == len(chunk):
                first = (done.lastrowid or 0) - len(chunk) + 1
                returned += [(first + number, row[0]) for number, row in enumerate(chunk)]
            elif done.rowcount:
                returned += self._inserted(chunk, done.rowcount)
        return returned

    def _inserted(self, rows: Sequence[Row], count: int) -> list[Row]:
        """Those of the rows that were new: the newest `count` with their keys."""
        keys = json.dumps([row[0] for row in rows])
        found = self._connection.execute(IDS_OF_KEYS, [keys, count]).fetchone()[0]
        return [(one, key) for one, key in json.loads(found)]

    def sql(self, text: str, parameters: dict[str, object]) -> list[Row]:
        """Execute a composed statement; all its rows."""
        return self._connection.execute(text, parameters).fetchall()


@cache
def _around_rows(statement: str) -> tuple[str, str, str]:
    """What stands before the rows of an insert, one row's placeholders, and what stands behind."""
    before, columns, after = re.split(r"\{rows of (\d+)\}", statement)
    return before, f"({', '.join('?' * int(columns))})", after.partition("RETURNING")[0]


def in_dialect(sql: str) -> str:
    """A statement of queries.sql as SQLite takes it."""
    for placeholder, text in FRAGMENTS.items():
        sql = sql.replace(placeholder, text)
    return sql
