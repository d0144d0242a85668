"""Gists: who deliveries are about, for a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from core.store import upkeep
from core.store.base import Filter
from core.store.feed import NOTHING, Gist, gist, gists
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from tests.fakes.rows import new_delivery

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

PAYLOAD = msgspec.json.encode(
    {"properties": {"customerName": "From payload", "email": "p@example.com", "agentId": "a1"}}
)
LOOKED_UP = msgspec.json.encode(
    {"customerName": "Zoë", "email": "zoe@example.com", "agentName": "Ada", "topics": ["t1"]}
)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    """An open, empty store."""
    one = SqlStore(SqliteDriver(tmp_path / "store.db"))
    await one.open()
    yield one
    await one.close()


async def queued(store: SqlStore, **changes: object) -> int:
    await store.enqueue(new_delivery(**changes))
    return (await store.page(Filter(), None, 1)).rows[0].id


async def test_reads_the_names_of_some_deliveries(store: SqlStore) -> None:
    one = await queued(store, looked_up=LOOKED_UP, payload=PAYLOAD)
    await queued(store, looked_up=LOOKED_UP, payload=PAYLOAD)

    found = await gists(store, [one, 999])

    assert found == {one: Gist(customer="Zoë", email="zoe@example.com", agent="Ada")}


async def test_asks_nothing_for_nothing(store: SqlStore) -> None:
    assert await gists(store, []) == {}


async def test_an_erased_person_has_no_gist(store: SqlStore) -> None:
    one = await queued(store, looked_up=LOOKED_UP, payload=PAYLOAD, customer_id="c-9")
    await upkeep.erase(store, "c-9")

    assert await gists(store, [one]) == {}


def test_what_was_not_looked_up_comes_from_what_is_sent() -> None:
    assert gist(b"{}", PAYLOAD) == Gist(customer="From payload", email="p@example.com", agent="a1")
    assert gist(None, PAYLOAD).customer == "From payload"


def test_other_profiles_have_other_names() -> None:
    payload = b'{"properties": {"customer_name": "Z", "agent_name": "A", "agent_id": "1"}}'

    assert gist(b"{}", payload) == Gist(customer="Z", agent="A")


def test_an_identify_names_its_customer_among_the_traits() -> None:
    payload = b'{"type": "identify", "traits": {"name": "Zo", "email": "zo@example.com"}}'

    assert gist(None, payload) == Gist(customer="Zo", email="zo@example.com")


@pytest.mark.parametrize("odd", [b"[]", b"no json", b'{"properties": {"email": 3}}', b""])
def test_odd_content_says_nothing(odd: bytes) -> None:
    assert gist(odd, odd) == NOTHING
