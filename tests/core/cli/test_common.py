"""What options say together: one filter, or a sentence about what makes no sense."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import click
import pytest

from core.cli.common import Context, filter_of
from core.errors import StoreUnavailable
from core.model import DeliveryStatus
from core.store.base import Filter
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver

if TYPE_CHECKING:
    from pathlib import Path

DEAD = DeliveryStatus.DEAD


@pytest.mark.parametrize(
    ("terms", "wanted"),
    [
        ({}, Filter()),
        ({"status": "dead"}, Filter(statuses=(DEAD,))),
        ({"search": "status:dead ada"}, Filter(statuses=(DEAD,), search="ada")),
        (
            {"search": "code:503", "status": "dead", "since": 5.0, "event": "x"},
            Filter(statuses=(DEAD,), codes=("503",), since=5.0, event="x"),
        ),
        ({"search": "!!"}, Filter()),
    ],
)
def test_options_make_one_filter(terms: dict[str, object], wanted: Filter) -> None:
    assert filter_of(**{"search": None, "status": None, **terms}) == wanted


@pytest.mark.parametrize(
    ("search", "status", "word"),
    [("zz:1", None, "zz"), ("status:dead", "dead", "--status"), ("test:maybe", None, "yes or no")],
)
def test_a_search_that_makes_no_sense_is_refused(
    search: str, status: str | None, word: str
) -> None:
    with pytest.raises(click.BadParameter, match=word):
        filter_of(search=search, status=status)


def test_a_day_in_the_search_holds_against_options_that_are_not_given() -> None:
    wanted = filter_of(search="day:2026-05-28", status=None, since=None, until=None)

    assert wanted.since is not None
    assert wanted.until is not None
    with pytest.raises(click.BadParameter, match="--since"):
        filter_of(search="day:2026-05-28", status=None, since=5.0)


async def test_an_older_store_is_not_read_as_if_it_were_new(tmp_path: Path) -> None:
    context = Context(str(tmp_path))
    store = SqlStore(SqliteDriver(context.home.store_file))
    await store.open()
    await store.close()
    async with context.reading() as current:
        assert current is not None
    with closing(sqlite3.connect(context.home.store_file)) as connection:
        connection.execute("PRAGMA user_version = 1")

    with pytest.raises(StoreUnavailable, match="older version") as caught:
        async with context.reading():
            pass

    assert "serve" in caught.value.hint
