"""Which database is opened: the one place that decides."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from core.errors import StoreUnavailable
from core.home import Home
from core.store import opening
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver

if TYPE_CHECKING:
    from pathlib import Path

URL = "postgresql://gladly@db.example.com/gladly"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(path=tmp_path / "home")


def test_without_an_address_the_store_is_a_file_in_the_home(home: Home) -> None:
    driver = opening.driver_for(home, opening.url_for(home, {}))

    assert isinstance(driver, SqliteDriver)


def test_the_address_is_that_of_the_settings(home: Home) -> None:
    assert opening.url_for(home, {"GLADLY_SOURCE_STORE__URL": URL}) == URL


def test_settings_that_cannot_be_used_leave_the_file_to_be_read(home: Home) -> None:
    home.path.mkdir()
    home.settings_file.write_text("[nonsense]\n")

    assert opening.url_for(home, {"GLADLY_SOURCE_STORE__URL": URL}) is None


def test_an_address_without_the_packages_for_it_says_what_to_install(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "core.store.postgres", None)

    with pytest.raises(StoreUnavailable, match=r"gladly-source\[postgres\]"):
        opening.driver_for(home, URL)


async def test_a_store_is_there_and_current_once_an_engine_opened_it(home: Home) -> None:
    before = opening.is_there(home, None), opening.is_current(home, None)
    store = SqlStore(opening.driver_for(home, None))
    await store.open()
    await store.close()

    assert before == (False, False)
    assert opening.is_there(home, None)
    assert opening.is_current(home, None)


async def test_a_store_on_a_server_is_current_once_an_engine_opened_it(
    home: Home, postgres_url: str
) -> None:
    store = SqlStore(opening.driver_for(home, postgres_url))
    await store.open()
    await store.close()

    assert opening.is_there(home, postgres_url)
    assert opening.is_current(home, postgres_url)
    assert not home.store_file.exists()


async def test_a_database_without_tables_is_no_current_store(home: Home, postgres_server) -> None:
    assert not opening.is_current(home, postgres_server.empty())
