"""The database that a move fills; each step notes there how far it is, in one transaction."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import msgspec
import psycopg

from core.errors import OperationError, StoreBusy
from core.store import migrations, postgres_schema
from core.store.moved import MOVED_FROM, MOVING, NOT_OWN, Mark
from core.store.postgres_connections import Connection, address, connect, environment
from core.store.postgres_dialect import LETTERS, lexemes
from core.store.postgres_errors import translated
from core.store.row_sums import fitting

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence

    from core.store.base import Row
    from core.store.row_sums import Kind, Table

#: one move at a time, with the schema's name, as several stores may share a database
LOCK: Final = (
    "SELECT pg_try_advisory_lock(hashtextextended('gladly-source move:' || current_schema(), 0))"
)
#: what is there besides extensions' own
TABLES: Final = (
    "SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n"
    " ON n.oid = c.relnamespace WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p')"
    " AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_class'::regclass"
    " AND d.objid = c.oid AND d.deptype = 'e') ORDER BY c.relname"
)
#: those that no constraint needs
INDEXES: Final = (
    "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_catalog.pg_index i"
    " JOIN pg_catalog.pg_class c ON c.oid = i.indrelid"
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = current_schema() AND c.relname = ANY (%s) AND NOT EXISTS"
    " (SELECT 1 FROM pg_catalog.pg_constraint o WHERE o.conindid = i.indexrelid) ORDER BY 1"
)
#: as they come over the line, all of them as long as they get
TYPES: Final[dict[Kind, str]] = {
    "INTEGER": "int8",
    "REAL": "float8",
    "TEXT": "text",
    "BLOB": "bytea",
}
#: the table whose search words are made here, and the columns that they are made from
CONTENT: Final = "delivery_content"
EMPTY: Final = "Create an empty one: createdb -E UTF8 -T template0 NAME."


class PostgresTarget:
    """A PostgreSQL database that a store is moved into.

    Args:
        url: The address, as libpq takes it; see `postgres_connections.address`.

    Raises:
        StoreUnavailable: It is no address.
    """

    def __init__(self, url: str) -> None:
        self._parameters = address(url, environment())
        self._connection: Connection | None = None

    def open(self, *, writing: bool = True) -> None:
        """Connect; for writing, keep other moves out.

        Raises:
            StoreError: It cannot be used, or somebody else is moving a store there.
        """
        self._connection = connect(self._parameters, writing=writing)
        try:
            with _told():
                self._prepare(writing=writing)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the server."""
        if self._connection is not None:
            self._connection.close()

    def mark(self, tables: Sequence[Table]) -> Mark | str | None:
        """What a move finds: how far an earlier one came, or the id of a whole store, or nothing.

        Raises:
            OperationError: The database holds something else.
            StoreTooNew: A newer program wrote it.
        """
        with _told():
            self._refuse_others(tables)
            if not self._version():
                return None
            found = postgres_schema.meta(self._open, MOVING)
            if found is not None:
                return msgspec.json.decode(found, type=Mark)
            whole = postgres_schema.meta(self._open, MOVED_FROM)
            if whole is None:
                self._refuse_rows(tables)
            return whole

    def begin(self, tables: Sequence[Table], store: str, state: str) -> Mark:
        """Make an empty store that no engine uses, without the indexes that wait for all rows."""
        with _told():
            postgres_schema.migrate(self._open)
            with self._open.transaction():
                self._run(postgres_schema.LOCK)
                old = postgres_schema.meta(self._open, MOVING)
                kept = msgspec.json.decode(old, type=Mark).indexes if old is not None else []
                if old is None:
                    self._refuse_rows(tables)  # an engine may just have begun there
                for one in tables if old is not None else ():
                    self._run(f"TRUNCATE {one.name}" if one.name != "meta" else _FORGET)
                found = self._run(INDEXES, [[one.name for one in tables]])
                for name, _ in found:
                    self._run(f"DROP INDEX {name}")
                indexes = sorted({*kept, *(made for _, made in found)})
                mark = Mark(store=store, state=state, indexes=indexes)
                self._write(mark)
        return mark

    def add(self, table: Table, rows: Iterable[Row], mark: Mark) -> int:
        """Copy these rows, and note it, in one transaction; how many there were.

        Raises:
            StoreError: They could not be copied.
        """
        made = table.name == CONTENT
        columns = ", ".join((*table.columns, "words") if made else table.columns)
        count = 0
        key = [table.columns.index(one) for one in table.key]
        row: Row = ()
        with _told(), self._open.transaction():
            with (
                self._open.cursor() as cursor,
                cursor.copy(_sql(f"COPY {table.name} ({columns}) FROM STDIN")) as copy,
            ):
                for row in rows:
                    fit = fitting(row)
                    copy.write_row((*fit, _words(table, fit)) if made else fit)
                    count += 1
            if count:
                mark.at[table.name] = [row[place] for place in key]
                self._write(mark)
        return count

    def make_index(self, text: str) -> None:
        """Make an index, unless it was made before."""
        with _told():
            self._run(text.replace("INDEX ", "INDEX IF NOT EXISTS ", 1))

    def settle(self, tables: Sequence[Table], last_ids: dict[str, int]) -> None:
        """Number new rows behind all that ever were, and let the server learn what it holds."""
        with _told():
            for one in tables:
                if one.name in last_ids:
                    self._run(
                        f"SELECT setval(pg_get_serial_sequence('{one.name}', 'id'),"  # noqa: S608 - names of ours
                        f" GREATEST(%s, (SELECT COALESCE(MAX(id), 1) FROM {one.name})),"
                        f" %s > 0 OR EXISTS (SELECT 1 FROM {one.name}))",
                        [last_ids[one.name], last_ids[one.name]],
                    )
                self._run(f"ANALYZE {one.name}")

    def rows(self, table: Table) -> Generator[Row, None, None]:
        """All rows, in whatever order.

        Raises:
            StoreError: They cannot be read.
        """
        each = zip(table.columns, table.kinds, strict=True)
        # Whole numbers may be kept shorter than they come over the line.
        columns = ", ".join(
            f"CAST({name} AS BIGINT)" if kind == "INTEGER" else name for name, kind in each
        )
        where = NOT_OWN if table.name == "meta" else "TRUE"
        text = f"COPY (SELECT {columns} FROM {table.name} WHERE {where}) TO STDOUT (FORMAT BINARY)"  # noqa: S608 - names of ours
        with _told(), self._open.cursor() as cursor, cursor.copy(_sql(text)) as copy:
            copy.set_types([TYPES[kind] for kind in table.kinds])
            yield from copy.rows()

    def count(self, table: Table) -> int:
        """How many rows were copied so far."""
        with _told():
            where = NOT_OWN if table.name == "meta" else "TRUE"
            rows = self._run(f"SELECT COUNT(*) FROM {table.name} WHERE {where}")  # noqa: S608 - names of ours
            return int(rows[0][0])

    def finish(self, store: str) -> None:
        """From now on engines may use it."""
        with _told(), self._open.transaction():
            self._run("DELETE FROM meta WHERE name = %s", [MOVING])
            self._run(_SET, [MOVED_FROM, store])

    @property
    def _open(self) -> Connection:
        assert self._connection is not None  # noqa: S101 - opened first
        return self._connection

    def _prepare(self, *, writing: bool) -> None:
        postgres_schema.check_server(self._open)
        if writing and not self._run(LOCK)[0][0]:
            raise StoreBusy(
                "Another move into this database is under way.", "Wait until it has ended."
            )

    def _version(self) -> int:
        """The schema's number; 0 without tables.

        Raises:
            OperationError: Its tables are of another program.
            StoreTooNew: A newer program wrote it.
        """
        try:
            found = postgres_schema.version(self._open)
        except (psycopg.errors.UndefinedColumn, ValueError):
            found = 0
        if not found and (names := self._names()):
            raise OperationError(f"The database holds something else: table {names[0]}.", EMPTY)
        newest = migrations.available("postgres")[-1][0]
        migrations.refuse_newer(found, newest)
        if 0 < found < newest and postgres_schema.meta(self._open, MOVING) is not None:
            raise OperationError(
                "An older version of Gladly Source began this move, and left a part behind.",
                f"Move into another database. {EMPTY}",
            )
        return found

    def _refuse_others(self, tables: Sequence[Table]) -> None:
        ours = {one.name for one in tables}
        others = [name for name in self._names() if name not in ours]
        if others:
            raise OperationError(f"The database holds something else: table {others[0]}.", EMPTY)

    def _refuse_rows(self, tables: Sequence[Table]) -> None:
        names = self._names()  # one of an older schema does not have all of them yet
        full = [one.name for one in tables if one.name in names and self.count(one)]
        if full:
            raise OperationError(f"The database holds another store ({full[0]}).", EMPTY)

    def _names(self) -> list[str]:
        return [name for (name,) in self._run(TABLES)]

    def _write(self, mark: Mark) -> None:
        self._run(_SET, [MOVING, msgspec.json.encode(mark).decode()])

    def _run(self, text: str, values: Sequence[object] = ()) -> list[Row]:
        cursor = self._open.execute(_sql(text), values or None)
        return cursor.fetchall() if cursor.description else []


_SET: Final = (
    "INSERT INTO meta (name, value) VALUES (%s, %s)"
    " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)
_FORGET: Final = f"DELETE FROM meta WHERE {NOT_OWN}"  # noqa: S608 - names of ours


def _sql(text: str) -> Any:  # noqa: ANN401 - psycopg wants literal text otherwise
    return text


def _words(table: Table, row: Row) -> str:
    """The search words of a row as text of type tsvector; a word holds nothing to be quoted."""
    values = dict(zip(table.columns, row, strict=True))
    found = lexemes({name: values[name] for name in LETTERS})
    return " ".join(f"'{word}'" for word in found)


@contextmanager
def _told() -> Iterator[None]:
    """What the server says, in our words."""
    try:
        yield
    except psycopg.errors.UniqueViolation as exc:
        raise OperationError(
            f"The database has a row with the same key already, in table {exc.diag.table_name}.",
            "If nobody else writes into it, two keys in the file differ only in a NUL, which "
            "PostgreSQL does not take; please report this.",
        ) from exc
    except psycopg.Error as exc:
        raise translated(exc) from exc
