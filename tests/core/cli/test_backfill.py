"""Importing from the command line, without an engine and with one that runs."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from core.simulator.gladly import DEMO_EMAIL, DEMO_TOKEN, GladlySimulator
from core.simulator.people import make_world
from core.simulator.runner import SimulatorServer
from core.simulator.traffic import make_history
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from tests.core.cli.test_main import run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DAY = 86_400.0


@pytest.fixture
def gladly(monkeypatch: pytest.MonkeyPatch) -> Iterator[GladlySimulator]:
    """A Gladly with a history of twelve days that ended the day before yesterday."""
    simulator = GladlySimulator(make_world(7), requests_per_second=0)
    ends_at = simulator.clock() - 2 * DAY
    simulator.load(make_history(simulator.world, ends_at=ends_at, seed=3, conversations=8, days=10))
    with SimulatorServer(simulator) as server:
        monkeypatch.setenv("GLADLY_SOURCE_GLADLY__URL", server.url)
        monkeypatch.setenv("GLADLY_SOURCE_GLADLY__AGENT_EMAIL", DEMO_EMAIL)
        monkeypatch.setenv("GLADLY_SOURCE_GLADLY_TOKEN", DEMO_TOKEN)
        monkeypatch.setenv("GLADLY_SOURCE_GLADLY__REQUESTS_PER_SECOND", "10")
        yield simulator


def rows(home: Path) -> int:
    async def read() -> int:
        store = SqlStore(SqliteDriver(home / "store.db", read_only=True))
        await store.open()
        counts = await store.counts()
        await store.close()
        return sum(counts.webhooks.values())

    return asyncio.run(read())


def test_a_dry_run_counts_and_an_import_stores_once(
    tmp_path: Path, gladly: GladlySimulator, capfd: pytest.CaptureFixture[str]
):
    del gladly
    assert run("--home", str(tmp_path), "backfill", "--dry-run", "--json") == 0
    dry = json.loads(capfd.readouterr().out)
    assert (dry["state"], dry["dry_run"]) == ("done", True)
    assert dry["closed"] > 2
    assert rows(tmp_path) == 0

    assert run("--home", str(tmp_path), "backfill") == 0
    out, err = capfd.readouterr()
    assert f"Missing were {dry['opened']} Opened and {dry['closed']} Closed: they go out." in out
    assert "goes out with the next `serve`" in err
    assert rows(tmp_path) == dry["facts"]

    assert run("--home", str(tmp_path), "backfill") == 0
    assert rows(tmp_path) == dry["facts"]


def test_without_a_gladly_it_says_what_to_set(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    assert run("--home", str(tmp_path), "backfill") == 2
    assert "gladly.url" in capfd.readouterr().err


def test_a_gladly_that_refuses_is_said_in_one_line(
    tmp_path: Path,
    gladly: GladlySimulator,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
):
    del gladly
    monkeypatch.setenv("GLADLY_SOURCE_GLADLY_TOKEN", "wrong-token")
    assert run("--home", str(tmp_path), "backfill") == 1
    out, err = capfd.readouterr()
    assert "no export files" not in out
    assert "Not everything was imported." in err
    assert "wrong-token" not in out + err
