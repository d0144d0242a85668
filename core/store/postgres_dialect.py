"""PostgreSQL's words: in the statements of queries.sql, in composed ones, and in searches. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from core.store.words import split

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

#: bytes of one word that PostgreSQL takes, and of all words of a row (documentation, chapter
#: "Text Search Types": 2 KB and 1 MB)
WORD_BYTES: Final = 2000
ROW_BYTES: Final = 500_000
#: the letter before a word says in which column it stands
LETTERS: Final = {"search": "s", "customer": "c", "agent": "a", "email": "e"}
FRAGMENTS: Final = {
    # An array is made once; a list of ids might be made, and locked, anew for each row.
    "{locked}": "SELECT unnest(ARRAY(",
    "{skip_locked}": "FOR UPDATE SKIP LOCKED))",
    "{row_locked}": "FOR UPDATE OF d",
    "{words}": ", words",
    "{of_words}": ", array_to_tsvector(CAST(:words AS TEXT[]))",
    "{ids}": "SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST(:ids AS JSON))",
    "{message_ids}": "SELECT value FROM json_array_elements_text(CAST(:message_ids AS JSON))",
    # PostgreSQL keeps statistics and chooses for itself.
    "{by_due}": "",
    "{by_message}": "",
    "{by_waiting}": "",
    "{in_order}": "",
    "{by_code}": "",
    "{by_received}": "",
    "{by_accepted}": "",
    "{by_late}": "",
    "{received_second}": "CAST(FLOOR(received_at) AS BIGINT)",
    "{accepted_hour}": "CAST(FLOOR(accepted_at / 3600) AS BIGINT)",
    "{received_quarter}": "CAST(FLOOR(w.received_at / 900) AS BIGINT)",
    "{now}": "CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS DOUBLE PRECISION)",
    "{customers}": "SELECT value FROM json_array_elements_text(CAST(:customers AS JSON))",
    "{body_names_any}": (
        "EXISTS (SELECT 1 FROM json_array_elements_text(CAST(:customers AS JSON)) "
        "WHERE position(convert_to(value, 'UTF8') IN body) > 0)"
    ),
}
_PARAMETER = re.compile(r"(?<![:\w]):([a-z]\w*)")
_ACCENTS = re.compile(r"([A-Za-z])[\u0300-\u036f]+")


class PostgresDialect:
    """What differs between databases where pages and searches are composed; see `base.Driver`."""

    search_join = "delivery_content f JOIN delivery d ON d.id = f.delivery_id"
    search_source = "delivery_content f"
    search_key = "f.delivery_id"
    search_condition = "f.words @@ CAST(:search AS TSQUERY)"
    by_id = ""
    #: they are given out before the commit, to several engines
    ids_in_order = False
    shared = True

    def by_index(self, name: str) -> str:
        """What makes a table be read by this index."""
        return ""

    def search_query(self, words: Sequence[str], by_column: Mapping[str, Sequence[str]]) -> str:
        """What finds rows with all words, in any column or in these, each as a prefix."""
        terms = [_anywhere(word) for word in words]
        for column, its_words in by_column.items():
            terms += [_prefix(LETTERS[column], word) for word in its_words]
        return " & ".join(terms)


def lexemes(parameters: Mapping[str, object]) -> list[str]:
    """The words of a row's columns, each behind the letter of its column."""
    found: dict[str, None] = {}
    left = ROW_BYTES
    for word in _lexemes(parameters):
        left -= len(word.encode())
        if left < 0:
            break
        found[word] = None
    return list(found)


def _lexemes(parameters: Mapping[str, object]) -> Iterator[str]:
    for column, letter in LETTERS.items():
        for word in split(str(parameters[column])):
            yield letter + folded(word)


def folded(word: str) -> str:
    """A word as it is looked for: without case and Latin accents, and not too long."""
    if word.isascii():
        return word.lower()[:WORD_BYTES]
    small = "".join(map(_small, word))
    apart = unicodedata.normalize("NFD", small)
    plain = unicodedata.normalize("NFC", _ACCENTS.sub(r"\1", apart))
    return plain.encode("utf-8", "replace")[:WORD_BYTES].decode("utf-8", "ignore")


def _small(letter: str) -> str:
    """Without case, but still one letter: ß is not ss, as in SQLite's search."""
    small = letter.casefold()
    return small if len(small) == 1 else letter.lower()


def _anywhere(word: str) -> str:
    return f"({' | '.join(_prefix(letter, word) for letter in LETTERS.values())})"


def _prefix(letter: str, word: str) -> str:
    # A word holds letters, digits, _ and - only, nothing that has a meaning between quotes.
    return f"'{letter}{folded(word)}':*"


def in_dialect(sql: str) -> str:
    """A statement of queries.sql as PostgreSQL, and psycopg, take it."""
    for placeholder, text in FRAGMENTS.items():
        sql = sql.replace(placeholder, text)
    return parametrised(sql)


def parametrised(sql: str) -> str:
    """A statement with its parameters written as psycopg has them."""
    return _PARAMETER.sub(r"%(\1)s", sql.replace("%", "%%"))
