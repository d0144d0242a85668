"""A PostgreSQL server as people run it: what it says is committed is on disk."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.fakes import postgres

if TYPE_CHECKING:
    from collections.abc import Iterator

#: PostgreSQL's own defaults, but for what any guide to it sets on a machine with some memory
OPTIONS = (
    "shared_buffers=512MB",
    "max_wal_size=4GB",
    "maintenance_work_mem=256MB",
    "max_connections=100",
)


@contextmanager
def running() -> Iterator[postgres.Server]:
    """A server in a throw-away folder; skips nothing: there has to be one."""
    if postgres.programs() is None:
        raise SystemExit("There is no PostgreSQL server here: install Debian's postgresql.")
    yield from postgres.serving(OPTIONS)
