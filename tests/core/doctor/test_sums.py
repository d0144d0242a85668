"""The check that says loudly when something that was seen is not accounted for."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from core.doctor import sums as module
from core.ingest.intake import Intake
from core.model import Channel
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from tests.fakes import body, gladly_event
from tests.fakes.rows import NOW

if TYPE_CHECKING:
    from core.home import Home

DAY = 86_400


@pytest.fixture
async def seen(home: Home) -> None:
    """Two webhooks that nobody has looked at yet, one of them long ago."""
    store = SqlStore(SqliteDriver(home.store_file))
    await store.open()
    for number, at in enumerate((NOW - 30 * DAY, NOW - 60)):
        event = gladly_event("CONVERSATION/CREATED", id=f"e{number}")
        await Intake(store, lambda at=at: at).take(body(event), Channel.WEBHOOK)
    await store.close()


def tamper(home: Home, sql: str) -> None:
    with closing(sqlite3.connect(home.store_file)) as connection, connection:
        connection.execute(sql)


@pytest.mark.usefixtures("seen")
async def test_all_is_well(make_subject, settings):
    found = await module.sums(make_subject(wall=lambda: NOW), settings())

    assert (found.verdict, found.code) == ("ok", "sums.agree")
    assert "1 webhook " in found.title


@pytest.mark.usefixtures("seen")
async def test_what_was_lost_fails_with_its_day_and_row(make_subject, settings, home: Home):
    tamper(home, "UPDATE webhook SET status = 'resolved'")

    found = await module.sums(make_subject(wall=lambda: NOW), settings())

    assert (found.verdict, found.code) == ("fail", "sums.disagree")
    assert found.detail["days"] == "2026-05-28"
    assert found.detail["w2"].startswith("mapped, but its call is not there; ")
    assert "w1" not in found.detail
    assert "gladly-source reconcile" in found.hint


async def test_without_a_store_there_is_nothing_to_add_up(make_subject, settings):
    found = await module.sums(make_subject(wall=lambda: NOW), settings())

    assert (found.verdict, found.code) == ("skip", "sums.no_store")
