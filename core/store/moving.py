"""Moves a store from SQLite to PostgreSQL: copied in steps, compared row by row, then switched.

May be killed at any moment and run again: the target knows what it has, and until all of it is
there and equal, the file stays what engines use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Final

import msgspec

from core.errors import OperationError
from core.store.moved import Mark
from core.store.row_sums import TableSum, fitting, sum_of

if TYPE_CHECKING:
    from core.store.base import Row
    from core.store.postgres_move import PostgresTarget
    from core.store.row_sums import Table
    from core.store.sqlite_move import SqliteSource

#: a step ends after so many rows, or so many bytes of bodies and payloads
STEP_ROWS: Final = 20_000
STEP_BYTES: Final = 32_000_000
UNCHANGED: Final = "Nothing was switched: the store is the file, as before."

#: told what is done, and how many more rows of it are
Report = Callable[[str, int], None]


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """One table on both sides."""

    table: str
    here: TableSum
    there: TableSum


class Moving:
    """One move.

    Args:
        source: The file, opened for writing.
        target: The database, opened for writing.
        url: The database's address without its password, which is left behind in the file.
        step_rows: So many rows are copied in one transaction.
    """

    def __init__(
        self, source: SqliteSource, target: PostgresTarget, url: str, step_rows: int = STEP_ROWS
    ) -> None:
        self._source = source
        self._target = target
        self._url = url
        self._step_rows = step_rows
        self._store = source.identity()
        self.tables = source.tables()
        self._mark: Mark | None = None

    def begin(self) -> bool:
        """Find out where to go on; whether there is anything left to do.

        Raises:
            OperationError: The database holds something else, or the rows are elsewhere.
        """
        elsewhere = self._source.moved_to()
        if elsewhere not in {None, self._url}:
            raise OperationError(
                f"This store was moved to {elsewhere} before.", "Move it from there with pg_dump."
            )
        found = self._target.mark(self.tables)
        if isinstance(found, Mark):
            if found.store != self._store:
                raise OperationError(
                    "The database holds a part of another store, whose move has not ended.",
                    "End that move, or choose another database.",
                )
            self._mark = found if found.state == self._source.state() else None
        elif found == self._store:
            return False
        elif found is not None:
            raise OperationError(
                "The database holds another store.", "Create an empty one with createdb."
            )
        if self._mark is None:
            state = self._source.begin()
            self._mark = self._target.begin(self.tables, self._store, state)
        return True

    def copied(self) -> dict[str, int]:
        """How many rows the database has already, by table."""
        return {one.name: self._target.count(one) for one in self.tables}

    def copy(self, report: Report) -> None:
        """Copy what is missing; `report` is told after each step."""
        mark = self._begun
        for table in self.tables:
            with closing(self._source.rows(table, mark.at.get(table.name))) as rows:
                while done := self._target.add(table, self._step(rows), mark):
                    report(table.name, done)

    def index(self, report: Report) -> None:
        """Make what finds rows, now that all are there, and go on with the numbers of ids."""
        for text in self._begun.indexes:
            self._target.make_index(text)
            report("indexes", 1)
        self._target.settle(self.tables, self._source.last_ids())

    @property
    def indexes(self) -> int:
        """How many of them there are to make."""
        return len(self._begun.indexes)

    def compare(self, report: Report) -> list[Compared]:
        """Read every row on both sides.

        Raises:
            OperationError: They differ. The next move copies everything anew, unless the database
                has rows that are somebody else's.
        """
        compared = [self._compare(table, report) for table in self.tables]
        wrong = [one for one in compared if one.here != one.there]
        more = next((one for one in wrong if one.there.rows > one.here.rows), None)
        if more is not None:  # not ours to take away
            raise OperationError(
                f"The database has {more.there.rows - more.here.rows:,} rows more in table "
                f"{more.table} than the store: somebody else writes there. {UNCHANGED}",
                "Stop what does, and move into another database.",
            )
        if wrong:
            self._source.begin()
            raise _different(wrong[0])
        return compared

    def switch(self) -> None:
        """From now on the database is the store, and the file is not."""
        self._source.mark_moved(self._url)
        self._target.finish(self._store)

    def _compare(self, table: Table, report: Report) -> Compared:
        def tell(rows: int) -> None:
            report(table.name, rows)

        with closing(self._source.rows(table)) as rows:
            here = sum_of(map(fitting, rows), tell)
        with closing(self._target.rows(table)) as rows:
            there = sum_of(rows, tell)
        return Compared(table=table.name, here=here, there=there)

    def _step(self, rows: Iterator[Row]) -> Iterator[Row]:
        """The next rows, until there are enough for one transaction."""
        size = 0
        for count, row in enumerate(rows, 1):
            yield row
            size += sum(len(value) for value in row if isinstance(value, bytes))
            if count >= self._step_rows or size >= STEP_BYTES:
                return

    @property
    def _begun(self) -> Mark:
        assert self._mark is not None  # noqa: S101 - begun first
        return self._mark


def _different(one: Compared) -> OperationError:
    what = (
        f"{one.there.rows:,} rows there, {one.here.rows:,} here"
        if one.there.rows != one.here.rows
        else "the same number of rows, with other values"
    )
    return OperationError(
        f"The copy differs from the store: table {one.table} has {what}. {UNCHANGED}",
        "Make sure that nobody else writes into the database, then run this again: it copies "
        "everything anew.",
    )
