"""The check that asks from outside whether events stopped coming."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from core.coverage import Covered
from core.doctor import silence as module
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from tests.fakes.rows import NOW

if TYPE_CHECKING:
    from core.home import Home

HOUR, DAY = 3600, 86_400


@pytest.fixture
def filled(home: Home):
    """Makes a store in which so many events came in each hour, up to `silent` seconds ago."""

    async def fill(
        *, days: int = 20, per_hour: int = 12, silent: float = 60, watched: bool = True
    ) -> None:
        store = SqlStore(SqliteDriver(home.store_file))
        await store.open()
        if watched:
            span = Covered(channel="webhook", start=NOW - 2 * DAY, end=NOW - 10)
            await store.ledger.cover([span], tolerance=1.0)
        await store.close()
        times = [NOW - DAY * days + HOUR / per_hour * one for one in range(days * 24 * per_hour)]
        rows = [(f"k{at}", at, int(at * 10**9)) for at in times if at <= NOW - silent]
        with closing(sqlite3.connect(home.store_file)) as connection, connection:
            connection.executemany(
                "INSERT INTO webhook (dedupe_key, kind, channel, received_at, occurred_ns, status)"
                " VALUES (?, 'CONVERSATION/CLOSED', 'poll', ?, ?, 'resolved')",
                rows,
            )

    return fill


async def test_while_events_come_it_is_well_and_says_what_is_usual(make_subject, settings, filled):
    await filled()

    found = await module.silence(make_subject(wall=lambda: NOW), settings())

    assert (found.verdict, found.code) == ("ok", "silence.usual")
    assert "you usually have 0 opens and 12 closes" in found.title


async def test_an_unusual_silence_is_a_warning_with_the_next_thing_to_do(
    make_subject, settings, filled
):
    await filled(silent=55 * 60)

    found = await module.silence(make_subject(wall=lambda: NOW), settings())

    assert (found.verdict, found.code) == ("warn", "silence.silent")
    assert found.title.startswith("No closes for 5")
    assert "you usually have 12." in found.title
    assert "webhook" in found.hint


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"days": 10}, "silence.learning"),
        ({"per_hour": 2}, "silence.few"),
        ({"silent": 3 * HOUR, "watched": False}, "silence.unwatched"),
    ],
)
async def test_where_nothing_can_be_said_it_says_why(
    make_subject, settings, filled, values, code: str
):
    await filled(**values)

    found = await module.silence(make_subject(wall=lambda: NOW), settings())

    assert (found.verdict, found.code) == ("skip", code)
    assert found.title


async def test_without_a_store_there_is_nothing_to_look_at(make_subject, settings):
    found = await module.silence(make_subject(wall=lambda: NOW), settings())

    assert (found.verdict, found.code) == ("skip", "silence.no_store")
