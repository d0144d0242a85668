"""The event table: states, following, selection, reading from a store."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt

from core.errors import SecretMissing, StoreUnavailable
from core.model import DeliveryStatus
from core.store.base import Filter
from gui.deliveries.table import EventTable
from gui.run import Phase

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from gui.look import Look
    from tests.gui.viewer import Viewer

DEAD = Filter(statuses=(DeliveryStatus.DEAD,))


@pytest.fixture
def make_table(
    qtbot: QtBot, look: Look, make_viewer: Callable[..., Viewer]
) -> Callable[..., EventTable]:
    """Builds a table on screen; its session is `table.viewer`."""

    def make(rows: int, *, wait: bool = True, **how: object) -> EventTable:
        viewer = make_viewer(rows, **how)
        table = EventTable(viewer, look)
        table.viewer = viewer
        qtbot.addWidget(table)
        table.resize(900, 500)
        with qtbot.waitExposed(table):
            table.show()
        if wait:
            with qtbot.waitSignal(table.reader.counted):
                table.activate()
        return table

    return make


def ids(table: EventTable) -> list[int | None]:
    """The ids in view."""
    first, last = table.view.shown()
    rows = [table.model.row(one) for one in range(first, last + 1)]
    return [None if row is None else row.id for row in rows]


def page(table: EventTable) -> object:
    return table._pages.currentWidget()


def scroll_away(table: EventTable, row: int = 50) -> None:
    height = table.view.verticalHeader().defaultSectionSize()
    table.view.verticalScrollBar().setValue(row * height)


def test_shows_the_newest_events(make_table: Callable[..., EventTable]) -> None:
    table = make_table(1000)

    assert table.count() == 1000
    assert ids(table)[:3] == [1000, 999, 998]
    assert page(table) is table.view


def test_the_oldest_of_20_000_are_one_read_away(
    qtbot: QtBot, make_table: Callable[..., EventTable]
) -> None:
    table = make_table(20_000)
    reads = table.viewer.reads

    started = time.monotonic()
    qtbot.keyClick(table.view, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: None not in ids(table))

    assert ids(table)[-1] == 1
    assert table.viewer.reads - reads <= 2
    assert time.monotonic() - started < 2  # that it is quick is shown by the benchmark
    assert table.model.in_memory < 10_000


def test_nothing_at_all_says_so_and_offers_a_start(
    qtbot: QtBot, make_table: Callable[..., EventTable]
) -> None:
    table = make_table(0)
    table.empty.set_content("empty", "Nothing yet", "", "Send one")

    assert page(table) is table.empty
    with qtbot.waitSignal(table.start_wanted):
        table.empty.button.click()


def test_no_match_says_so_and_offers_to_clear(
    qtbot: QtBot, make_table: Callable[..., EventTable]
) -> None:
    table = make_table(100)
    with qtbot.waitSignal(table.reader.counted):
        table.set_filter(Filter(search="nobody-has-this-name"))

    assert page(table) is table.no_match
    assert "try" not in table.no_match.text.text()
    with qtbot.waitSignal(table.reader.counted):
        table.set_filter(Filter(search="opened nobody-has-this-name"))
    assert "event:opened" in table.no_match.text.text()
    with qtbot.waitSignal(table.clear_wanted):
        table.no_match.button.click()


def test_a_page_with_a_filter_of_its_own_has_nothing_rather_than_no_match(
    qtbot: QtBot, make_table: Callable[..., EventTable]
) -> None:
    table = make_table(100, wait=False)
    table.base = Filter(search="nobody-has-this-name")
    table.set_filter(table.base)
    with qtbot.waitSignal(table.reader.counted):
        table.activate()

    assert page(table) is table.empty


def test_a_slow_read_says_that_it_reads(
    qtbot: QtBot, make_table: Callable[..., EventTable], monkeypatch: pytest.MonkeyPatch
) -> None:
    table = make_table(10, wait=False)
    monkeypatch.setattr(table._session, "ask", lambda *_, **__: None)

    table.activate()

    qtbot.waitUntil(table.busy.isVisible)


def test_a_failure_says_so_and_can_be_tried_again(
    qtbot: QtBot, make_table: Callable[..., EventTable], monkeypatch: pytest.MonkeyPatch
) -> None:
    table = make_table(10, wait=False)

    async def refuse(*_: object) -> None:
        raise StoreUnavailable("It cannot be read.", "Mend it.")

    with monkeypatch.context() as patch:
        patch.setattr(table.viewer.store, "page", refuse)
        with qtbot.waitSignal(table.reader.failed):
            table.activate()

    assert page(table) is table.failure
    assert table.failure.title.text() == "It cannot be read."
    with qtbot.waitSignal(table.reader.counted):
        table.failure.button.click()
    assert page(table) is table.view


def test_rows_stay_when_a_later_read_fails(
    qtbot: QtBot, make_table: Callable[..., EventTable], monkeypatch: pytest.MonkeyPatch
) -> None:
    table = make_table(10)

    async def refuse(*_: object) -> None:
        raise StoreUnavailable("It cannot be read.", "Mend it.")

    monkeypatch.setattr(table.viewer.store, "newer", refuse)
    with qtbot.waitSignal(table.reader.failed):
        table.viewer.changed.emit()

    assert page(table) is table.view
    assert table.notice.isVisible()


def test_reads_when_the_store_is_there_at_last(
    qtbot: QtBot, make_table: Callable[..., EventTable]
) -> None:
    table = make_table(10, wait=False)
    viewer = table.viewer
    viewer.has_store, viewer.phase = False, Phase.STARTING
    table.activate()
    assert viewer.reads == 0

    viewer.has_store, viewer.phase = True, Phase.RUNNING
    with qtbot.waitSignal(table.reader.counted):
        viewer.phase_changed.emit(viewer.phase)

    assert table.count() == 10


def test_a_session_that_cannot_start_says_why(
    make_table: Callable[..., EventTable],
) -> None:
    table = make_table(10, wait=False)
    viewer = table.viewer
    viewer.has_store, viewer.phase = False, Phase.FAILED
    viewer.error = StoreUnavailable("There is no room.", "Make some.")
    table.activate()
    viewer.phase_changed.emit(viewer.phase)

    assert page(table) is table.failure
    assert table.failure.text.text() == "Make some."


def test_what_is_not_set_up_says_so_without_the_error_of_the_banner(
    make_table: Callable[..., EventTable],
) -> None:
    table = make_table(10, wait=False)
    viewer = table.viewer
    viewer.has_store, viewer.phase = False, Phase.FAILED
    viewer.error = SecretMissing("The write key is missing.", "Give it.")
    table.activate()
    viewer.phase_changed.emit(viewer.phase)

    assert page(table) is table.failure
    assert table.failure.title.text() == "Gladly Source is not set up yet."
    assert table.failure.button.isHidden()


def test_a_stop_of_the_engine_is_no_failure(
    qtbot: QtBot, make_table: Callable[..., EventTable]
) -> None:
    table = make_table(10)
    table.viewer.phase = Phase.STOPPING

    table.reader.failed.emit(StoreUnavailable("It is closed.", ""))

    assert page(table) is table.view
    assert not table.notice.isVisible()


def test_following_new_rows_are_shown(qtbot: QtBot, make_table: Callable[..., EventTable]) -> None:
    table = make_table(100)

    added = table.viewer.add(3)
    table.viewer.changed.emit()

    qtbot.waitUntil(lambda: ids(table)[:3] == added[::-1])
    assert table.newer.isHidden()


def test_scrolled_away_new_rows_are_counted_and_a_press_goes_there(
    qtbot: QtBot, make_table: Callable[..., EventTable]
) -> None:
    table = make_table(100)
    scroll_away(table)
    before = ids(table)

    added = table.viewer.add(37)
    table.viewer.changed.emit()
    qtbot.waitUntil(lambda: table.newer.text() == "↑ 37 new")

    assert ids(table) == before
    assert table.newer.isVisible()
    qtbot.mouseClick(table.newer, Qt.MouseButton.LeftButton)
    assert ids(table)[0] == added[-1]
    assert table.newer.isHidden()


def test_the_current_row_is_told_by_id(qtbot: QtBot, make_table: Callable[..., EventTable]) -> None:
    table = make_table(100)

    with qtbot.waitSignal(table.current_changed) as changed:
        table.view.setCurrentIndex(table.model.index(3, 0))

    assert changed.args == [97]


def test_the_selection_outlives_another_filter(
    qtbot: QtBot, make_table: Callable[..., EventTable]
) -> None:
    table = make_table(3000)
    with qtbot.waitSignal(table.reader.counted):
        table.set_filter(DEAD)
    oldest = table.model.row(table.count() - 1).id
    table.view.select_ids([oldest], oldest)

    with qtbot.waitSignal(table.reader.counted):
        table.set_filter(Filter())

    assert table.current_id() == oldest
    assert table.view.runs() == [(3000 - oldest, 3000 - oldest)]
    assert table.view.is_following


def test_a_selection_of_some_is_by_ids_and_of_all_by_filter(
    qtbot: QtBot, make_table: Callable[..., EventTable]
) -> None:
    table = make_table(1000)
    chosen: list[object] = []
    table.view.select_ids([1000, 998], 998)
    table.choose(chosen.append, chosen.append)
    table.view.selectAll()
    table.choose(chosen.append, chosen.append)

    assert chosen[0].ids == (1000, 998)
    assert chosen[1].wanted == Filter()
    assert table.selected_count() == 1000


def test_nothing_is_read_while_the_page_is_hidden(
    qtbot: QtBot, make_table: Callable[..., EventTable]
) -> None:
    table = make_table(100)
    table.deactivate()
    reads = table.viewer.reads

    table.viewer.changed.emit()
    scroll_away(table)

    assert table.viewer.reads == reads


def test_every_control_has_a_name(make_table: Callable[..., EventTable]) -> None:
    table = make_table(10)

    assert table.view.accessibleName()
    assert table.header.accessibleName()
