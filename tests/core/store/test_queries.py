"""The named statements: all found, none empty, and their few differences known."""

from __future__ import annotations

import re
from importlib import resources

import pytest

from core.store import postgres_dialect, queries, sqlite_tx


def test_every_statement_has_a_name_and_a_text() -> None:
    statements = queries.load()

    assert {"add_webhooks", "claim", "settle_deliveries", "erase_facts"} <= set(statements)
    for name, sql in statements.items():
        assert re.match(r"(SELECT|INSERT|UPDATE|DELETE|WITH) ", sql), name
        assert "-- " not in sql, name
        assert ";" not in sql, name


def test_no_statement_is_written_twice() -> None:

    text = resources.files("resources").joinpath("sql/queries.sql").read_text("utf-8")

    assert len(re.findall(r"(?m)^-- \w+ --$", text)) == len(queries.load())


@pytest.mark.parametrize("dialect", [sqlite_tx, postgres_dialect])
def test_each_driver_knows_every_placeholder(dialect) -> None:
    used = {mark for sql in queries.load().values() for mark in re.findall(r"\{\w+\}", sql)}

    assert used == set(dialect.FRAGMENTS)
