"""The reader: what is asked for when, and which answers count."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.errors import StoreUnavailable
from core.model import DeliveryStatus
from core.store.base import Filter
from core.store.sqlite import SqliteDriver
from gui.deliveries.model import EventModel
from gui.deliveries.reader import MOST_IDS, EventReader

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from tests.gui.viewer import Viewer

DEAD = Filter(statuses=(DeliveryStatus.DEAD,))


class Looking:
    """A reader with a model, and what is said to be in view."""

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self.view = (0, 20)
        self.around: list[int] = []
        self.model = EventModel(viewer)
        self.reader = EventReader(viewer, self.model, lambda: self.view, lambda: self.around)

    def ids(self) -> list[int | None]:
        """The ids in view."""
        first, last = self.view
        rows = [self.model.row(one) for one in range(first, min(last, self.model.rowCount() - 1))]
        return [None if row is None else row.id for row in rows]


@pytest.fixture
def look_at(make_viewer: Callable[..., Viewer]) -> Callable[..., Looking]:
    """Builds a reader on so many rows."""
    return lambda rows, **how: Looking(make_viewer(rows, **how))


def opened(qtbot: QtBot, looking: Looking, wanted: Filter | None = None) -> None:
    """Open, and wait until all is counted."""
    with qtbot.waitSignal(looking.reader.counted):
        if wanted is not None:
            looking.reader.open(wanted)
        looking.reader.activate()


def test_the_newest_rows_are_there_before_all_are_counted(
    qtbot: QtBot, look_at: Callable[..., Looking]
) -> None:
    looking = look_at(1000)
    with qtbot.waitSignal(looking.reader.opened):
        looking.reader.activate()

    assert not looking.reader.is_counted
    assert looking.model.rowCount() == 256
    qtbot.waitUntil(lambda: looking.reader.is_counted)
    assert looking.model.rowCount() == 1000


def test_nothing_is_read_before_the_page_is_shown(
    qtbot: QtBot, look_at: Callable[..., Looking]
) -> None:
    looking = look_at(100)
    looking.reader.open(DEAD)
    looking.viewer.changed.emit()

    assert looking.viewer.reads == 0


def test_rows_are_loaded_as_they_come_into_view(
    qtbot: QtBot, look_at: Callable[..., Looking]
) -> None:
    looking = look_at(2000)
    opened(qtbot, looking)

    looking.view = (1900, 1920)
    looking.reader.load()

    qtbot.waitUntil(lambda: looking.ids() == list(range(100, 80, -1)))


def test_only_what_is_in_view_at_last_is_loaded(
    qtbot: QtBot, look_at: Callable[..., Looking]
) -> None:
    looking = look_at(20_000)
    opened(qtbot, looking)
    before = looking.viewer.reads

    for first in range(1000, 19_000, 300):  # a scroll bar dragged from top to bottom
        looking.view = (first, first + 20)
        looking.reader.load()
    qtbot.waitUntil(lambda: None not in looking.ids())

    assert looking.viewer.reads - before <= 3


def test_newer_rows_come_on_top(qtbot: QtBot, look_at: Callable[..., Looking]) -> None:
    looking = look_at(300)
    opened(qtbot, looking)

    added = looking.viewer.add(5)
    looking.viewer.changed.emit()

    qtbot.waitUntil(lambda: looking.model.rowCount() == 305)
    assert looking.ids()[:5] == added[::-1]


def test_many_newer_rows_come_by_themselves(qtbot: QtBot, look_at: Callable[..., Looking]) -> None:
    looking = look_at(20)
    opened(qtbot, looking)

    looking.viewer.add(1200)
    looking.viewer.changed.emit()

    qtbot.waitUntil(lambda: looking.model.rowCount() == 1220)


def test_far_too_many_newer_rows_are_counted_anew(
    qtbot: QtBot, look_at: Callable[..., Looking], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gui.deliveries.reads.NEWER", 10)
    looking = look_at(20)
    opened(qtbot, looking)

    looking.viewer.add(500)
    with qtbot.waitSignal(looking.reader.counted):
        looking.viewer.changed.emit()

    assert looking.model.rowCount() == 520


def test_rows_in_view_show_how_they_stand_now(
    qtbot: QtBot, look_at: Callable[..., Looking]
) -> None:
    looking = look_at(300)
    opened(qtbot, looking)

    looking.viewer.sql("UPDATE delivery SET status = 'discarded' WHERE id = 295")
    looking.viewer.changed.emit()

    def status() -> DeliveryStatus:
        return looking.model.row(5).delivery.status

    qtbot.waitUntil(lambda: status() is DeliveryStatus.DISCARDED)


def test_one_read_of_a_kind_at_a_time(qtbot: QtBot, look_at: Callable[..., Looking]) -> None:
    looking = look_at(300)
    opened(qtbot, looking)
    before = looking.viewer.reads

    for _ in range(50):
        looking.viewer.changed.emit()

    assert looking.viewer.reads - before == 1


def test_rows_that_stop_to_match_leave_and_those_that_begin_to_come(
    qtbot: QtBot, look_at: Callable[..., Looking]
) -> None:
    looking = look_at(3000)
    opened(qtbot, looking, DEAD)
    count = looking.model.rowCount()
    newest = looking.ids()[0]

    looking.viewer.sql("UPDATE delivery SET status = 'pending' WHERE id = ?", newest)
    looking.viewer.changed.emit()
    qtbot.waitUntil(lambda: looking.model.rowCount() == count - 1)
    looking.viewer.sql("UPDATE delivery SET status = 'dead' WHERE id IN (1, 2, 3)")
    looking.viewer.changed.emit()

    dead = looking.viewer.wait(lambda: looking.viewer.store.span(DEAD)).count
    qtbot.waitUntil(lambda: looking.model.rowCount() == dead)


def test_rows_that_are_removed_leave(qtbot: QtBot, look_at: Callable[..., Looking]) -> None:
    looking = look_at(300)
    opened(qtbot, looking)

    looking.viewer.sql("DELETE FROM delivery WHERE id > 297")
    looking.viewer.changed.emit()

    qtbot.waitUntil(lambda: looking.ids()[0] == 297)
    assert looking.model.rowCount() == 297


def test_an_answer_for_an_older_filter_does_not_count(
    qtbot: QtBot, look_at: Callable[..., Looking]
) -> None:
    looking = look_at(1000)
    looking.reader.activate()
    looking.reader.open(Filter(event="Conversation Closed"))
    opened(qtbot, looking, DEAD)

    rows = [looking.model.row(one) for one in range(looking.model.rowCount())]
    assert {row.delivery.status for row in rows} == {DeliveryStatus.DEAD}


def test_what_happened_while_the_page_was_hidden_is_there_when_it_is_shown(
    qtbot: QtBot, look_at: Callable[..., Looking]
) -> None:
    looking = look_at(300)
    opened(qtbot, looking)
    looking.reader.deactivate()
    looking.viewer.add(7)
    looking.viewer.changed.emit()

    opened(qtbot, looking)

    assert looking.model.rowCount() == 307


def test_ids_of_rows_are_gathered_loaded_or_not(
    qtbot: QtBot, look_at: Callable[..., Looking]
) -> None:
    looking = look_at(3000)
    opened(qtbot, looking)
    got: list[list[int]] = []

    assert looking.reader.gather([(0, 2)], got.append, got.append)
    assert got == [[3000, 2999, 2998]]
    assert looking.reader.gather([(0, 1), (2990, 2999)], got.append, got.append)
    qtbot.waitUntil(lambda: len(got) == 2)
    assert sorted(got[1]) == [*range(1, 11), 2999, 3000]


def test_too_many_ids_are_not_gathered(qtbot: QtBot, look_at: Callable[..., Looking]) -> None:
    looking = look_at(10)
    opened(qtbot, looking)

    assert not looking.reader.gather([(0, MOST_IDS)], print, print)


def test_says_what_could_not_be_read_and_tries_again(
    qtbot: QtBot, look_at: Callable[..., Looking], monkeypatch: pytest.MonkeyPatch
) -> None:
    looking = look_at(10)

    async def refuse(*_: object) -> None:
        raise StoreUnavailable("It is gone.", "Bring it back.")

    monkeypatch.setattr(looking.viewer.store, "page", refuse)
    with qtbot.waitSignal(looking.reader.failed) as failed:
        looking.reader.activate()
    monkeypatch.undo()

    assert failed.args[0].title == "It is gone."
    opened(qtbot, looking)
    assert looking.model.rowCount() == 10


def test_a_look_that_failed_is_repeated(
    qtbot: QtBot, look_at: Callable[..., Looking], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gui.deliveries.reader.RETRY_MS", 1)
    looking = look_at(10)
    opened(qtbot, looking)
    looking.viewer.add(1)

    async def refuse(*_: object) -> None:
        raise StoreUnavailable("It is gone.", "Bring it back.")

    with monkeypatch.context() as patch:
        patch.setattr(looking.viewer.store, "newer", refuse)
        with qtbot.waitSignal(looking.reader.failed):
            looking.viewer.changed.emit()

    qtbot.waitUntil(lambda: looking.model.rowCount() == 11)


def test_a_row_that_another_engine_committed_late_is_shown_below_the_newest(
    qtbot: QtBot, look_at: Callable[..., Looking], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SqliteDriver, "ids_in_order", False)
    looking = look_at(300)
    sql = looking.viewer.sql
    sql("CREATE TABLE late AS SELECT * FROM delivery WHERE id = 298")
    sql("DELETE FROM delivery WHERE id = 298")
    looking.view = (0, 5)
    opened(qtbot, looking)
    before = looking.ids()

    sql("INSERT INTO delivery SELECT * FROM late")
    looking.viewer.changed.emit()

    assert before == [300, 299, 297, 296, 295]
    qtbot.waitUntil(lambda: looking.ids() == [300, 299, 298, 297, 296])
