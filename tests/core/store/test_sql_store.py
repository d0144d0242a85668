"""What the store decides before any database is asked; its behaviour: tests/contract."""

from __future__ import annotations

import inspect

from core.store.sql_store import SqlStore


def test_every_public_method_waits_for_the_database() -> None:
    methods = inspect.getmembers(SqlStore, inspect.isfunction)

    blocking = [
        name
        for name, method in methods
        if not name.startswith("_") and not inspect.iscoroutinefunction(method)
    ]

    # The first asks nobody; the second begins, and what it was given is called at the end.
    assert blocking == ["clock", "put_webhook"]
