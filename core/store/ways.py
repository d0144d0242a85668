"""Finds the shortest way to the deliveries that pass a filter, in the order of their ids.

A statement walks along one index, or along the words found, and checks everything else row by
row. Which index that should be, a database cannot know: one value stands in half of all rows and
another in ten. So what each part of the filter leads to is counted first, up to a limit, and the
smallest leads.

Times are not in the order of ids: a look-up may take an hour, and a replay keeps its first time.
So rows of a short time are gathered as a set, and a long time is narrowed to the ids between its
first row and its last. (A binary search by `created_at` would need no index, but that follows
the ids only as long as nobody sets the clock back, and then rows would be missed.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from core.store.parts import Part, Parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.store.base import Driver, Filter, Tx

#: more than this is not counted, and not gathered into a set
ENOUGH: Final = 50_000
#: so many times are remembered
FIRSTS: Final = 64


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """Where the rows of a filter come from; `select` makes a statement of it.

    `runs` are alternatives, each in the order of ids already. A way that is `seekable` may be
    begun at any id without going through what lies before. `ids` is where the ids alone come
    from, if that is less work. No row lies before `first`.
    """

    source: str
    ids: str
    key: str = "d.id"
    runs: tuple[str, ...] = ("",)
    checks: tuple[str, ...] = ()
    parameters: dict[str, object]
    seekable: bool = True
    first: int = 0

    def select(self, columns: str, bound: str = "", *, order: str = "ASC", tail: str = "") -> str:
        """The rows beyond a bound (`< :before`) in the order of ids; "id" means nothing else.

        A bound from below has to be at `first` or above: of two, SQLite might begin at the wrong
        one.
        """
        source, shown = self.source, columns
        if columns == "id":
            source, shown = self.ids, f"{self.key} AS id"
        bounds = [f"{self.key} {bound}"] if bound else []
        if self.first and not bound.startswith(">"):
            bounds.append(f"{self.key} >= {self.first:d}")
        checks = (*self.checks, *bounds)
        parts = []
        for run in self.runs:
            where = " AND ".join(filter(None, (run, *checks)))
            parts.append(f"SELECT {shown} FROM {source}" + (f" WHERE {where}" if where else ""))  # noqa: S608
        key = self.key if len(parts) == 1 else "id"
        return f"{' UNION ALL '.join(parts)} ORDER BY {key} {order} {tail}".rstrip()


class Ways:
    """Finds ways.

    Args:
        driver: Knows the words of its dialect.
    """

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        #: the first id received since a time; where rows to come have larger ids, it stays so
        self._firsts: dict[float, int] = {}

    def find(self, tx: Tx, wanted: Filter, *, below: bool = False) -> Way:
        """The way to the rows of a filter.

        Args:
            tx: To count in.
            wanted: The filter.
            below: Only rows below an id are asked for, not the newest.
        """
        parts = Parts(self._driver, tx, wanted)
        words = parts.words()
        leading = list(parts.leading())
        lead, few = _lead(tx, parts, leading, must_be_few=bool(words))
        checks = [part.check for part in leading if part is not lead]
        checks += parts.checks()
        first = 0 if few or wanted.since is None else self._first(tx, wanted.since)
        if not (few or wanted.until is None or below):
            checks.append(f"d.id <= {tx.run('last_received', until=wanted.until)[0][0] or 0:d}")
        if words:
            parts.parameters["search"] = words
            way = self._by_words(lead, checks, parts.parameters)
        else:
            way = self._by_rows(lead, checks, parts.parameters)
        return msgspec.structs.replace(way, first=first)

    def _first(self, tx: Tx, since: float) -> int:
        """The first id that was received since then."""
        if not self._driver.ids_in_order:
            return tx.run("first_received", since=since)[0][0] or 0
        if since not in self._firsts:
            if len(self._firsts) >= FIRSTS:
                self._firsts.clear()
            self._firsts[since] = tx.run("first_received", since=since)[0][0] or 0
        return self._firsts[since]

    def _by_rows(
        self, lead: Part | None, checks: Sequence[str], parameters: dict[str, object]
    ) -> Way:
        source = "delivery d"
        runs: tuple[str, ...] = ("",)
        if lead is not None and lead.index:
            source, runs = f"delivery d {self._driver.by_index(lead.index)}", lead.runs
        elif lead is not None:
            runs = (_within("d.id", lead),)
        elif checks:
            source = f"delivery d {self._driver.by_id}"
        return Way(
            source=source,
            ids=source,
            runs=runs,
            checks=tuple(checks),
            parameters=parameters,
            seekable=lead is None or bool(lead.index),
        )

    def _by_words(
        self, lead: Part | None, checks: Sequence[str], parameters: dict[str, object]
    ) -> Way:
        driver = self._driver
        first = [driver.search_condition]
        if lead is not None:
            # The sign keeps the search from being made anew for each of these ids.
            first.append(_within(f"+{driver.search_key}", lead))
        return Way(
            source=driver.search_join,
            ids=driver.search_join if checks else driver.search_source,
            key=driver.search_key,
            checks=(*first, *checks),
            parameters=parameters,
            seekable=False,
        )


def _lead(
    tx: Tx, parts: Parts, leading: Sequence[Part], *, must_be_few: bool
) -> tuple[Part | None, bool]:
    """The part that leads to the fewest rows, and whether these are few."""
    if len(leading) == 1 and leading[0].index and not must_be_few:
        return leading[0], False
    sizes = [_size(tx, part, parts.parameters) for part in leading]
    smallest = min(sizes, default=ENOUGH)
    if smallest < ENOUGH:
        return leading[sizes.index(smallest)], True
    runs = [part for part in leading if part.index and not must_be_few]
    return (runs[0] if runs else None), False


def _size(tx: Tx, part: Part, parameters: dict[str, object]) -> int:
    """How many rows a part leads to; ENOUGH for more."""
    if not part.ids:
        return 0
    text = f"SELECT COUNT(*) FROM ({' UNION ALL '.join(part.ids)} LIMIT {ENOUGH:d}) AS found"  # noqa: S608 - composed
    return int(tx.sql(text, parameters)[0][0])


def _within(key: str, lead: Part) -> str:
    """The condition that an id is one of those a part leads to."""
    return f"{key} IN ({' UNION ALL '.join(lead.ids)})" if lead.ids else "1 = 0"
