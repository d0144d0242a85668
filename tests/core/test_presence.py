"""An engine says that it is there, and takes over what one that is gone left behind."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from core import presence as module
from core.errors import StoreUnavailable
from core.presence import BEAT_SECONDS, DROP_SECONDS, GONE_SECONDS, Presence
from core.store.engines import Heard, Me
from tests.fakes import FakeClock

if TYPE_CHECKING:
    from collections.abc import Callable


class Store:
    """The list of engines in memory, on a clock that a test turns."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.engines = self
        self.shared = True
        self.away = False
        self.rows: dict[str, tuple[Me, float]] = {}
        self.freed: list[float] = []
        self.freed_of: list[str | None] = []
        self.left_behind = 0
        self.beaten = asyncio.Event()

    async def beat(self, me: Me, now: float) -> None:
        if self.away:
            raise StoreUnavailable("The store is away.")
        self.rows[me.id] = (me, now)
        self.beaten.set()

    async def leave(self, one: str) -> None:
        if self.away:
            raise StoreUnavailable("The store is away.")
        del self.rows[one]

    async def drop(self, before: float, me: str) -> int:
        old = [one for one, (_, at) in self.rows.items() if at < before and one != me]
        for one in old:
            del self.rows[one]
        return len(old)

    async def everybody(self) -> list[Heard]:
        now = self.clock()
        return [Heard(engine=me, seconds=now - at) for me, at in self.rows.values()]

    async def free_leases_of_the_gone(self, me: str, *, gone: float, now: float) -> int:
        assert me == "me"
        self.freed.append(now - gone)
        return self.left_behind

    async def free_webhook_leases(self, owner: str | None = None) -> None:
        self.freed_of.append(owner)


def me(one: str = "me", **changes: object) -> Me:
    terms: dict[str, object] = {
        "id": one,
        "name": f"host:{one}",
        "role": "all",
        "version": "1",
        "started_at": 0.0,
        "listens": False,
        **changes,
    }
    return Me(**terms)  # type: ignore[arg-type]


def present(store: Store, **more: Callable[..., object]) -> Presence:
    return Presence(store, me(), **more)  # type: ignore[arg-type]


async def test_its_beat_says_since_when_it_is_there_and_what_it_leads():
    store = Store()
    started = store.clock()
    presence = present(store, leads=lambda: ("poller",), webhook_at=lambda: 7.0)

    await presence.beat()
    store.clock.advance(BEAT_SECONDS)
    await presence.beat()

    told, at = store.rows["me"]
    assert (told.started_at, at) == (started, started + BEAT_SECONDS)
    assert (told.leads, told.webhook_at) == (("poller",), 7.0)


async def test_it_judges_nobody_before_all_had_time_to_say_that_they_are_there():
    store = Store()
    presence = present(store)

    for _ in range(3):
        await presence.beat()
        store.clock.advance(BEAT_SECONDS)
    early = list(store.freed)
    await presence.beat()

    assert early == []
    assert store.freed == [GONE_SECONDS]


@pytest.mark.parametrize("seconds", [GONE_SECONDS, -3600.0])
async def test_after_a_sleep_or_an_outage_it_gives_all_that_time_again(seconds: float):
    store = Store()
    presence = present(store)
    for _ in range(4):
        await presence.beat()
        store.clock.advance(BEAT_SECONDS)
    store.freed.clear()

    store.clock.advance(seconds)
    await presence.beat()

    assert store.freed == []


async def test_what_it_freed_is_looked_at_now():
    store = Store()
    woken: list[str] = []
    presence = present(store, freed=lambda: woken.append("woken"))
    for left in (0, 0, 0, 0, 2):
        store.left_behind = left
        await presence.beat()
        store.clock.advance(BEAT_SECONDS)

    assert woken == ["woken"]


async def test_alone_on_its_store_it_frees_nothing():
    store = Store()
    store.shared = False
    presence = present(store)
    for _ in range(6):
        await presence.beat()
        store.clock.advance(BEAT_SECONDS)

    assert store.freed == []


async def test_whoever_was_not_heard_of_for_a_day_is_forgotten():
    store = Store()
    store.rows["dead"] = (me("dead"), store.clock() - DROP_SECONDS - 1)
    store.rows["gone"] = (me("gone"), store.clock() - DROP_SECONDS + 60)

    await present(store).beat()

    assert sorted(store.rows) == ["gone", "me"]


async def test_it_knows_who_leads_whether_anybody_listens_and_when_the_webhook_came():
    store = Store()
    heard: list[float] = []
    presence = present(store, heard=heard.append)
    await presence.beat()
    nobody = presence.leader(), presence.hears_a_listener(), list(heard)

    now = store.clock()
    store.rows["b"] = (me("b", listens=True, webhook_at=50.0), now)
    store.rows["c"] = (me("c", leads=("poller",), webhook_at=90.0), now)
    store.rows["d"] = (me("d", leads=("poller",), webhook_at=None), now - GONE_SECONDS)
    await presence.beat()
    both = presence.leader(), presence.hears_a_listener(), list(heard)

    store.rows["b"] = (me("b", listens=True), now - GONE_SECONDS)
    await presence.beat()

    assert nobody == (None, False, [])
    assert both == ("host:c", True, [90.0])
    assert not presence.hears_a_listener()


async def test_of_two_that_say_they_lead_the_one_heard_of_last_does():
    store = Store()
    presence = present(store)
    now = store.clock()
    store.rows["hangs"] = (me("hangs", leads=("poller",)), now - 9)
    store.rows["leads"] = (me("leads", leads=("poller",)), now - 1)

    await presence.beat()

    assert presence.leader() == "host:leads"


async def test_who_ends_gives_back_what_it_holds_and_leaves_the_list():
    store = Store()
    presence = present(store)
    await presence.beat()

    await presence.leave()

    assert store.rows == {}
    assert store.freed_of == ["me"]


async def test_a_store_that_is_away_ends_neither_beating_nor_leaving(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(module, "BEAT_SECONDS", 0.001)
    store = Store()
    store.away = True
    presence = present(store)
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(presence.run())
        await presence.leave()
        store.away = False
        await store.beaten.wait()
        presence.stop()
