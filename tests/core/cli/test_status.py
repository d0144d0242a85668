"""The verb status: who works on the store, and how long ago each was heard of."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import msgspec
import pytest

from core.cli.status import NO_ENGINE, last_heard
from core.presence import GONE_SECONDS
from core.store.engines import Heard, Me
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from tests.core.cli.test_main import run
from tests.fakes.rows import new_webhook

if TYPE_CHECKING:
    from pathlib import Path

ME = Me(id="a", name="host:7", role="all", version="9.9", started_at=1.0, listens=True)


def fill(folder: Path, *ages: float) -> None:
    async def create() -> None:
        store = SqlStore(SqliteDriver(folder / "store.db"))
        await store.open()
        await store.add_webhook(new_webhook())
        for number, age in enumerate(ages):
            me = msgspec.structs.replace(ME, id=str(number), leads=("poller",))
            await store.engines.beat(me, store.clock() - age)
        await store.close()

    asyncio.run(create())


def test_it_lists_the_engines_and_says_when_each_was_last_heard_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    fill(tmp_path, 3.0, 7200.0)

    assert run("status", "--home", str(tmp_path)) == 0

    said = capsys.readouterr()
    first, second = (line for line in said.out.splitlines() if "host:7" in line)
    assert " s ago" in first
    assert first.endswith("poller")
    assert "2 h ago: gone" in second
    assert "poller" not in second
    assert "webhooks: 1 received" in said.out
    assert "deliveries: none" in said.out
    assert said.err == ""


def test_as_json_it_is_one_object_an_engine(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    fill(tmp_path, 1.0)

    assert run("status", "--home", str(tmp_path), "--json") == 0

    (line,) = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    assert (found["name"], found["leads"], found["isGone"]) == ("host:7", ["poller"], False)
    assert found["lastHeardSeconds"] < 60


@pytest.mark.parametrize("ages", [(), (GONE_SECONDS,)])
def test_where_no_engine_is_it_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], ages: tuple[float, ...]
):
    if ages:
        fill(tmp_path, *ages)

    assert run("status", "--home", str(tmp_path)) == 0

    assert NO_ENGINE in capsys.readouterr().err


def test_seconds_are_said_in_whole_ones_as_long_as_an_engine_is_there():
    assert last_heard(Heard(engine=ME, seconds=3.4)) == "3 s ago"
    assert last_heard(Heard(engine=ME, seconds=GONE_SECONDS)) == "12 s ago: gone"
