"""Very many settled rows in a store of either database, made by SQL inside it."""

from __future__ import annotations

import hashlib
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

import psycopg

from core.store import migrations, postgres_schema
from core.store.postgres_move import INDEXES, TABLES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SPAN_SECONDS: Final = 30 * 86_400
#: {at}: when; {noise}: 32 hexadecimal digits that differ with every salt; {bytes}: of a text
STATEMENTS: Final = (
    "INSERT INTO webhook (id, dedupe_key, kind, channel, received_at, occurred_ns,"
    " conversation_id, customer_id, status, body)"
    " SELECT n, {noise:e}, 'CONVERSATION/CREATED', 'webhook', {at},"
    " CAST({at} AS BIGINT) * 1000000000, {noise:c}, {noise:p}, 'resolved', {bytes} FROM {numbers}",
    "INSERT INTO fact (conversation_id, occurred_ms, kind, occurred_ns, customer_id, agent_id,"
    " webhook_id, received_at, channel)"
    " SELECT {noise:c}, CAST({at} AS BIGINT) * 1000, 'CONVERSATION/CREATED',"
    " CAST({at} AS BIGINT) * 1000000000, {noise:p}, 'agent', n, {at}, 'webhook' FROM {numbers}",
    "INSERT INTO delivery (id, webhook_id, message_id, type, event, conversation_id, customer_id,"
    " user_id, occurred_at, received_at, created_at, channel, status, attempts, queued_at, tries,"
    " last_code, accepted_at)"
    " SELECT n, n, 'gs-' || {noise:m}, 'track', 'Conversation Opened', {noise:c}, {noise:p},"
    " {noise:p}, {at}, {at}, {at}, 'webhook', 'accepted', 1, {at}, 1, 'segment.accepted', {at} + 1"
    " FROM {numbers}",
    "INSERT INTO delivery_content (delivery_id, search, customer, agent, email, payload {words})"
    " SELECT n, {noise:c}, 'Martha Williams ' || {noise:p}, 'Grace O''Neill agent',"
    " 'martha.williams@example.com', {bytes} {of_words} FROM {numbers}",
    "INSERT INTO attempt (delivery_id, number, started_at, duration_ms, http_status, code, error,"
    " batch_id)"
    " SELECT n, 1, {at}, 90, 200, 'segment.accepted', '', 'b' || (n / 100) FROM {numbers}",
)  # fmt: skip
BODY: Final = '{"content": "' + "x" * 400 + '"}'


class _Noise:
    """Stands for a text that differs with every row, and with what stands behind the colon."""

    def __init__(self, form: str) -> None:
        self._form = form

    def __format__(self, salt: str) -> str:
        return self._form.format(salt=salt)


def fill_sqlite(path: Path, rows: int) -> None:
    """Create a store with so many deliveries, and all that led to them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        migrations.migrate(connection, path)
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -400000")
        connection.create_function("md5", 1, _md5, deterministic=True)
        later = connection.execute(
            "SELECT type, name, sql FROM sqlite_master"
            " WHERE type IN ('index', 'trigger') AND sql <> ''"
        ).fetchall()
        words = {"words": "", "of_words": "", "bytes": f"CAST('{BODY}' AS BLOB)"}
        connection.execute("BEGIN")
        for kind, name, _ in later:
            connection.execute(f"DROP {kind} {name}")
        numbers = (
            f"(WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {rows})"  # noqa: S608
            " SELECT n FROM s)"
        )
        _all(connection.execute, rows, "md5('{salt}' || n)", numbers, words)
        connection.execute("INSERT INTO delivery_fts (delivery_fts) VALUES ('rebuild')")
        for _, _, sql in later:
            connection.execute(sql)
        connection.execute("COMMIT")
        # Made in one go, the search index leaves merges to do that belong to no later row.
        connection.execute("INSERT INTO delivery_fts (delivery_fts) VALUES ('optimize')")
        connection.execute("PRAGMA wal_checkpoint (TRUNCATE)")


def fill_postgres(url: str, rows: int) -> None:
    """Create a store with so many deliveries, and all that led to them."""
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        postgres_schema.migrate(connection)
        run: Callable[[str], Any] = connection.execute  # type: ignore[assignment]
        tables = [name for (name,) in run(TABLES).fetchall()]
        later = connection.execute(INDEXES, [tables]).fetchall()
        for name, _ in later:
            run(f"DROP INDEX {name}")
        words = {
            "words": ", words",
            "of_words": ", array_to_tsvector(ARRAY['s' || md5('c' || n), 'cmartha', 'cwilliams',"
            " 'c' || md5('p' || n), 'agrace', 'ao', 'aneill', 'aagent', 'emartha', 'ewilliams',"
            " 'eexample', 'ecom'])",
            "bytes": f"CAST('{BODY}' AS BYTEA)",
        }
        numbers = f"generate_series(1, {rows}) AS s (n)"
        _all(run, rows, "md5('{salt}' || n)", numbers, words)
        for table in ("webhook", "delivery"):
            run(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {rows})")
        for _, sql in later:
            run(sql)
        run("VACUUM ANALYZE")
        run("CHECKPOINT")


def _all(
    run: Callable[[str], Any], rows: int, noise: str, numbers: str, words: dict[str, str]
) -> None:
    first = time.time() - SPAN_SECONDS
    at = f"({first:.0f} + n * {SPAN_SECONDS / rows:.6f})"
    for statement in STATEMENTS:
        run(statement.format(noise=_Noise(noise), at=at, numbers=numbers, **words))


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
