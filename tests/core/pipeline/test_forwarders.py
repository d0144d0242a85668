"""What is asked of an engine reaches the forwarder of every source; a pause is remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from core.pipeline.forwarders import Forwarders
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from core.pipeline.forwarder import Forwarder


class Hears:
    """In place of a forwarder: notes what it is told."""

    def __init__(self, name: str = "forwarder") -> None:
        self.name = name
        self.paused = False
        self.heard: list[str] = []

    def pause(self) -> None:
        self.paused = True

    def resume(self) -> None:
        self.paused = False

    def wake(self) -> None:
        self.heard.append("wake")

    def try_now(self) -> None:
        self.heard.append("try_now")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    one = SqlStore(SqliteDriver(tmp_path / "store.db"))
    await one.open()
    yield one
    await one.close()


def forwarders(store: SqlStore, *hearing: Hears) -> Forwarders:
    return Forwarders(store, cast("tuple[Forwarder, ...]", hearing))


async def written(store: SqlStore) -> None:
    """What was begun to be written is, too: one writes after the other."""
    await store.set_meta("other", "written later")


async def test_all_of_them_are_told(store: SqlStore) -> None:
    one, other = Hears(), Hears("forwarder:marketing")
    both = forwarders(store, one, other)

    both.wake()
    both.try_now()

    assert one.heard == other.heard == ["wake", "try_now"]
    assert list(both.services) == ["forwarder", "forwarder:marketing"]


async def test_a_pause_outlives_a_restart_and_is_ended_by_hand(store: SqlStore) -> None:
    forwarders(store, Hears()).pause()
    await written(store)
    later = forwarders(store, one := Hears(), other := Hears())

    await later.heed()
    assert one.paused
    assert other.paused
    assert later.paused

    later.resume()
    await written(store)
    await later.heed()
    assert not later.paused


async def test_who_sends_nothing_has_no_say_in_it(store: SqlStore) -> None:
    forwarders(store, Hears()).pause()
    await written(store)
    receiver = forwarders(store)

    receiver.resume()
    await receiver.heed()

    await (again := forwarders(store, Hears())).heed()
    assert not receiver
    assert again.paused


async def test_a_pause_while_the_store_is_asked_for_an_older_one_is_not_undone(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = forwarders(store, one := Hears())
    read = store.get_meta

    async def slow(name: str) -> str | None:
        found = await read(name)
        ours.pause()
        return found

    monkeypatch.setattr(store, "get_meta", slow)
    await ours.heed()
    at_once = one.paused
    monkeypatch.undo()
    await written(store)
    await ours.heed()

    assert (at_once, one.paused) == (True, True)
