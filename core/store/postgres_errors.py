"""Our errors for what PostgreSQL and the way to it say."""

from __future__ import annotations

from typing import Final

import psycopg

from core.errors import StoreBusy, StoreCorrupt, StoreError, StoreFull, StoreUnavailable

#: run once more: another engine was in the way (serialization, deadlock)
_AGAIN: Final = frozenset({"40001", "40P01"})
_FULL: Final = frozenset({"53100"})
_BUSY: Final = frozenset({"55P03", *_AGAIN})
_CORRUPT: Final = frozenset({"XX001", "XX002"})
#: by the class of the code: connection, resources, intervention, system; then single codes
_AWAY_CLASSES: Final = frozenset({"08", "53", "57", "58"})
_AWAY: Final = frozenset({"25006"})
_REFUSED: Final = frozenset({"42501"})


def translated(exc: psycopg.Error) -> StoreError | psycopg.Error:
    """Our error for what the environment did; a bug of ours stays as it is."""
    code = exc.sqlstate or ""
    if code in _FULL:
        return StoreFull(
            "The database server's disk is full: new events cannot be stored.",
            "Free some space there; Gladly Source goes on by itself.",
        )
    if code in _CORRUPT:
        return StoreCorrupt(
            "The database is damaged.", "Restore it from a backup; ask whoever runs the server."
        )
    if code in _BUSY:
        return StoreBusy("The store is locked by another program.", "Try again shortly.")
    if code in _REFUSED:
        return StoreUnavailable(
            "The database user lacks rights on the store's tables.",
            "Make it the owner of the database (or of its schema).",
        )
    if code[:2] in _AWAY_CLASSES or code in _AWAY or (not code and _is_lost(exc)):
        return StoreUnavailable(
            f"The database server cannot be used ({_said(exc)}).",
            "Check that it runs and can be reached; Gladly Source goes on by itself.",
        )
    return exc


def wants_another_try(exc: psycopg.Error) -> bool:
    """Whether the same transaction, run once more, may well succeed."""
    return exc.sqlstate in _AGAIN


def unusable_address() -> StoreError:
    """Our error for a `store.url` that libpq does not understand; it may hold a secret."""
    return StoreUnavailable(
        "store.url is not an address that PostgreSQL's library understands.",
        "Write it as postgresql://user@host:5432/database?sslmode=verify-full.",
    )


def no_connection(exc: psycopg.Error) -> StoreError:
    """Our error for an attempt to connect that failed; libpq tells no code, only a sentence."""
    if isinstance(exc, psycopg.ProgrammingError):
        return unusable_address()
    if exc.pgconn is not None and exc.pgconn.needs_password:
        return StoreUnavailable(
            "The database server asks for a password, and there is none.",
            "Set PGPASSWORD, or write it to ~/.pgpass.",
        )
    return StoreUnavailable(
        f"The database server cannot be used ({_said(exc)}).",
        "Check that it runs, and what store.url names; Gladly Source goes on by itself.",
    )


def _is_lost(exc: psycopg.Error) -> bool:
    """Without a code of the server's, it was the way there."""
    return isinstance(exc, psycopg.OperationalError)


def _said(exc: psycopg.Error) -> str:
    """The first line of what was said; details may quote a row."""
    return (exc.diag.message_primary or str(exc)).partition("\n")[0].strip().rstrip(".")
