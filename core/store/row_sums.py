"""Checksums of tables that come out the same on both databases, in whatever order rows come. Pure.

A row is written as MessagePack: NULL, whole numbers, floats (all eight bytes), text as UTF-8 and
bytes each have one form there, whichever database they came from. Text is taken as PostgreSQL
would store it (`words.storable`), because SQLite also keeps NUL. The hashes of rows are added up,
so that an order by keys with such text, which differs, does not matter.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from core.store.words import storable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from core.store.base import Row

Kind = Literal["INTEGER", "REAL", "TEXT", "BLOB"]

HASH_BYTES: Final = 16
#: the sum is kept as long as one hash
MODULUS: Final = 1 << (8 * HASH_BYTES)
#: so many rows lie between two reports on how far it is
REPORT_ROWS: Final = 5000


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A table whose rows are the store's own, not made from others.

    Args:
        name: Its name, the same in both databases.
        columns: Its columns, in SQLite's order.
        kinds: What each column holds.
        key: The columns of its primary key, in their order.
    """

    name: str
    columns: tuple[str, ...]
    kinds: tuple[Kind, ...]
    key: tuple[str, ...]


class TableSum(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows a table has, and the checksum over them."""

    rows: int = 0
    digest: int = 0


_encode = msgspec.msgpack.Encoder().encode


def fitting(row: Row) -> Row:
    """A row as PostgreSQL takes it: text without NUL."""
    return tuple(
        storable(value) if type(value) is str and "\0" in value else value for value in row
    )


def sum_of(rows: Iterable[Row], report: Callable[[int], None]) -> TableSum:
    """The checksum over rows that are `fitting`; tells now and then how many more were read."""
    digest = count = told = 0
    for count, row in enumerate(rows, 1):
        found = hashlib.blake2b(_encode(row), digest_size=HASH_BYTES).digest()
        digest += int.from_bytes(found, "big")
        if count - told == REPORT_ROWS:
            report(REPORT_ROWS)
            told = count
    report(count - told)
    return TableSum(rows=count, digest=digest % MODULUS)
