"""Decides which database holds the store: PostgreSQL where `store.url` says so, else the home."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from core import settings
from core.errors import SettingsError, StoreUnavailable
from core.store import migrations
from core.store.sqlite import SqliteDriver

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.home import Home
    from core.store.base import Driver


def url_for(home: Home, environ: Mapping[str, str]) -> str | None:
    """What `store.url` says; None for SQLite, and while the settings cannot be used."""
    try:
        return settings.load(home, environ).settings.store.url
    except SettingsError:
        return None


def driver_for(home: Home, url: str | None, *, read_only: bool = False) -> Driver:
    """The driver for a home's store.

    Args:
        home: Where a SQLite store is.
        url: `store.url`; None for SQLite.
        read_only: Open as a viewer beside an engine.

    Raises:
        StoreUnavailable: The packages for PostgreSQL are missing, or `url` is no address.
    """
    if url is None:
        return SqliteDriver(home.store_file, read_only=read_only)
    try:
        from core.store.postgres import PostgresDriver  # noqa: PLC0415 - an extra
    except ImportError as exc:
        raise StoreUnavailable(
            "store.url names a PostgreSQL server, and the packages for it are not installed.",
            "Install them: pip install 'gladly-source[postgres]'.",
        ) from exc
    return PostgresDriver(url, read_only=read_only)


def is_there(home: Home, url: str | None) -> bool:
    """Whether there may be a store already; a server is not asked."""
    return url is not None or home.store_file.exists()


def is_current(home: Home, url: str | None) -> bool:
    """Whether there is a store with this program's schema, so that it may be read as it is.

    Reads a file, or asks a server: not on the loop.

    Raises:
        StoreError: It cannot be read.
    """
    if url is None:
        return home.store_file.exists() and migrations.is_current(home.store_file)
    driver_for(home, url, read_only=True)  # its packages are there
    from core.store import postgres_connections, postgres_schema  # noqa: PLC0415 - an extra

    parameters = postgres_connections.address(url, postgres_connections.environment())
    with closing(postgres_connections.connect(parameters, writing=False)) as connection:
        return postgres_schema.version(connection) == migrations.available("postgres")[-1][0]
