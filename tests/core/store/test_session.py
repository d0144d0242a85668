"""An engine alone on its store leads; on a shared one, only who leads can write through a fence."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from core.errors import StoreInUse
from core.store.session import Alone, Fenced
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver

if TYPE_CHECKING:
    from pathlib import Path

    from core.store.base import Driver


async def test_alone_it_leads_and_has_nobody_to_tell():
    session = Alone()

    session.start(lambda _: pytest.fail("told"), lambda: pytest.fail("changed"))
    session.tell("webhook")

    assert session.leads()
    await session.stop()


async def test_through_a_fence_only_the_leader_writes_and_everybody_reads(tmp_path: Path):
    leads = True
    driver = SqliteDriver(tmp_path / "store.db")
    await driver.open()
    store = SqlStore(cast("Driver", Fenced(driver, lambda: leads)))
    await store.set_meta("cursor", "1")

    leads = False
    with pytest.raises(StoreInUse):
        await store.set_meta("cursor", "2")
    with pytest.raises(StoreInUse):
        store.driver.submit(lambda tx: tx.change("set_meta", name="cursor", value="3"))

    assert await store.get_meta("cursor") == "1"
    assert store.shared is driver.shared
    await driver.close()
