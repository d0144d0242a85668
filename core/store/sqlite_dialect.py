"""SQLite's words in statements that are composed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class SqliteDialect:
    """What differs between databases where pages and searches are composed; see `base.Driver`."""

    # The search goes first: told otherwise, SQLite may make it anew for each row.
    search_join = "delivery_fts CROSS JOIN delivery d ON d.id = delivery_fts.rowid"
    search_source = "delivery_fts"
    search_key = "delivery_fts.rowid"
    search_condition = "delivery_fts MATCH :search"
    by_id = "NOT INDEXED"
    ids_in_order = True
    #: a lock on the file keeps other engines out
    shared = False

    def by_index(self, name: str) -> str:
        """What makes a table be read by this index."""
        return f"INDEXED BY {name}"

    def search_query(self, words: Sequence[str], by_column: Mapping[str, Sequence[str]]) -> str:
        """What finds rows with all words, in any column or in these, each as a prefix."""
        terms = [f'"{word}"*' for word in words]
        for column, its_words in by_column.items():
            terms += [f'{column} : "{word}"*' for word in its_words]
        return " AND ".join(terms)
