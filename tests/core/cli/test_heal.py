"""Coverage on the command line: what is lost for polling may still stand in export files."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from core.coverage import Covered, Fate, Gap
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from tests.core.cli.test_main import run

if TYPE_CHECKING:
    from pathlib import Path

DAY = 86_400.0


@pytest.mark.parametrize(
    ("days", "hint"), [((3,), "1 lost gap"), ((3, 5, 30), "2 lost gaps"), ((30,), "")]
)
def test_coverage_points_to_the_import_while_the_files_are_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], days: tuple[int, ...], hint: str
) -> None:
    now = time.time()

    async def create() -> None:
        store = SqlStore(SqliteDriver(tmp_path / "store.db"))
        await store.open()
        span = Covered(channel="poll", start=now - 40 * DAY, end=now)
        await store.ledger.cover([span], tolerance=1.0)
        for one in days:
            start = now - one * DAY
            gap = Gap(start=start, end=start + DAY / 4, reason="Asleep.", fate=Fate.LOST)
            await store.ledger.add(gap)
        await store.close()

    asyncio.run(create())

    assert run("coverage", "--home", str(tmp_path)) == 0

    said = capsys.readouterr().err
    assert (f"{hint} (see `backfill`)" in said) if hint else ("backfill" not in said)
