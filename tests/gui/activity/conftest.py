"""Figures made up, and a zone that is known."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from core.store.base import Activity, Bucket
from tests.gui.viewer import filled, make_viewer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["filled", "make_viewer"]
#: 2026-05-28 20:26:40 UTC
NOW = 1_780_000_000.0


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Moves this computer to another time zone."""

    def move(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield move
    monkeypatch.delenv("TZ", raising=False)
    time.tzset()


def bucket(start: float, **changes: object) -> Bucket:
    """A part of the time in which nothing happened but what is given."""
    members = {"received": 0, "accepted": 0, "dead": 0, "p50": None, "p95": None, "backlog": 0}
    return Bucket(start=start, **{**members, **changes})  # type: ignore[arg-type]


def activity(since: float, until: float, count: int, **at: dict[str, object]) -> Activity:
    """Parts in which nothing happened; `at` changes them by number: `_3={"accepted": 2}`."""
    width = (until - since) / count
    parts = (bucket(since + number * width, **at.get(f"_{number}", {})) for number in range(count))
    return Activity(since=since, until=until, buckets=tuple(parts))
