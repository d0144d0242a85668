"""The collector: on Qt's thread, and nowhere else."""

from __future__ import annotations

import gc
import threading
import weakref
from typing import TYPE_CHECKING

import pytest

from gui.collector import Collector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot


class Ring:
    """Only the collector can free it."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture
def collector(qtbot: QtBot) -> Iterator[Collector]:
    made = Collector()
    made.start()
    yield made
    made.stop()


def test_what_goes_round_in_circles_is_freed_on_qts_thread(
    qtbot: QtBot, collector: Collector
) -> None:
    freed: list[str] = []
    ring = Ring()
    weakref.finalize(ring, lambda: freed.append(threading.current_thread().name))
    del ring
    kept: list[list[int]] = []

    def allocate() -> None:
        kept.extend([] for _ in range(100_000))

    thread = threading.Thread(target=allocate, name="other")
    thread.start()
    thread.join()

    assert freed == []
    qtbot.waitUntil(lambda: freed == ["MainThread"])


def test_a_full_collection_comes_at_most_once_in_five_minutes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, done = [0.0], []
    monkeypatch.setattr(gc, "get_count", lambda: (0, 11, 11))
    monkeypatch.setattr(gc, "get_threshold", lambda: (700, 10, 10))
    monkeypatch.setattr(gc, "collect", lambda generation=2: done.append(generation))
    collector = Collector(clock=lambda: now[0])

    for seconds in (299.0, 300.0, 599.0, 600.0):
        now[0] = seconds
        collector.look()

    assert done == [1, 2, 1, 2]


def test_afterwards_python_collects_by_itself(collector: Collector) -> None:
    assert not gc.isenabled()

    collector.stop()

    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
