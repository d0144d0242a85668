"""Reconciliation on screen: added up away from Qt's thread, rarely, and told in words."""

from __future__ import annotations

import csv
import threading
import time
from datetime import date
from typing import TYPE_CHECKING

import msgspec
import pytest
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog

from core.errors import StoreUnavailable
from core.sums import DaySums, Fault, Offender, Sums, as_csv, start_of
from gui.activity.reconciliation import REMEMBERED, Reconciliation
from gui.activity.sums_model import Column, Place
from gui.run import Phase

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from core.store.reconciliation import Question
    from gui.look import Look
    from gui.session import Session
    from tests.gui.viewer import Viewer

#: at noon, so that every zone has the same day
TODAY = date(2026, 5, 28)
NOON = start_of(TODAY, None) + 43_200
DAYS = (
    DaySums(day=date(2026, 5, 27), seen=4, mapped=3, skipped=1, accepted=1, dead=2),
    DaySums(day=TODAY, seen=2, mapped=1, waiting=1, accepted=1),
)
PATIENCE_MS = 15_000


class FakeStore:
    """Adds up what is made up; notes what was asked, and on which thread."""

    def __init__(self) -> None:
        self.asked: list[Question] = []
        self.threads: set[int] = set()
        self.found = Sums(since=start_of(date(2026, 5, 1), None), until=NOON, days=DAYS)
        self.error: StoreUnavailable | None = None

    async def sums(self, asked: Question) -> Sums:
        self.asked.append(asked)
        self.threads.add(threading.get_ident())
        if self.error is not None:
            raise self.error
        return self.found


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


@pytest.fixture
def session(
    still: Callable[..., Session], store: FakeStore, monkeypatch: pytest.MonkeyPatch
) -> Session:
    """Looks on at the store made up."""
    made = still()
    monkeypatch.setattr(type(made), "store", store)
    monkeypatch.setattr(type(made), "has_store", True)
    return made


@pytest.fixture
def view(qtbot: QtBot, look: Look, session: Session) -> Reconciliation:
    made = Reconciliation(session, look, clock=lambda: NOON)
    qtbot.addWidget(made)
    made.resize(900, 500)
    made.show()
    return made


def shown(qtbot: QtBot, view: Reconciliation) -> None:
    view.activate()
    qtbot.waitUntil(lambda: view._asked is None, timeout=PATIENCE_MS)


def test_days_are_added_up_when_it_is_opened_and_not_on_qts_thread(
    qtbot: QtBot, view: Reconciliation, store: FakeStore
) -> None:
    assert store.asked == []
    assert not view.table.isVisible()

    view.activate()

    assert view.busy.isVisible()
    assert not view.refresh_button.isEnabled()
    qtbot.waitUntil(view.table.isVisible)
    assert store.threads.isdisjoint({threading.get_ident()})
    assert (store.asked[0].since, store.asked[0].until) == (
        start_of(date(2026, 5, 22), None),
        NOON,
    )
    assert view.sentence.title.text() == (
        "Every one of the 6 notifications of the last 7 days is accounted for."
    )
    assert view.model.rowCount() == 3
    assert view.as_of.text() == "As of 12:00:00."
    assert not view.busy.isVisible()


def test_by_itself_it_is_added_up_again_only_when_something_changed_and_after_a_rest(
    qtbot: QtBot, view: Reconciliation, store: FakeStore, session: Session
) -> None:
    shown(qtbot, view)
    assert view._rest_until >= time.monotonic() + 50

    session.changed.emit()
    view._on_tick()
    assert len(store.asked) == 1

    view._rest_until = 0.0
    view._on_tick()
    qtbot.waitUntil(lambda: len(store.asked) == 2)
    qtbot.waitUntil(lambda: view._asked is None)

    view._rest_until = 0.0
    view._on_tick()
    assert len(store.asked) == 2


def test_refresh_adds_up_at_once(qtbot: QtBot, view: Reconciliation, store: FakeStore) -> None:
    shown(qtbot, view)

    view.refresh_button.click()

    qtbot.waitUntil(lambda: len(store.asked) == 2)


def test_hidden_it_adds_up_nothing(
    qtbot: QtBot, view: Reconciliation, store: FakeStore, session: Session
) -> None:
    shown(qtbot, view)

    view.deactivate()
    session.changed.emit()

    assert not view._timer.isActive()
    assert len(store.asked) == 1


def test_hidden_while_it_adds_up_it_begins_anew_when_it_is_shown(
    qtbot: QtBot, view: Reconciliation
) -> None:
    view.activate()
    view.deactivate()
    assert not view.busy.isVisible()
    assert view.refresh_button.isEnabled()

    view.activate()

    qtbot.waitUntil(view.table.isVisible)


def test_another_stretch_is_added_up_and_remembered(
    qtbot: QtBot, view: Reconciliation, store: FakeStore, session: Session, look: Look
) -> None:
    shown(qtbot, view)

    view.range.setCurrentIndex(2)

    qtbot.waitUntil(lambda: len(store.asked) == 2)
    assert store.asked[1].since == 0.0
    assert session.memory.get(REMEMBERED) == "all"
    again = Reconciliation(session, look)
    qtbot.addWidget(again)
    assert again.stretch.name == "all"


def test_what_does_not_add_up_is_loud_and_says_what_to_do(
    qtbot: QtBot, view: Reconciliation, store: FakeStore
) -> None:
    lost = msgspec.structs.replace(DAYS[0], accepted=0)
    offender = Offender(row="w7", fault=Fault.NO_CALL)
    store.found = msgspec.structs.replace(store.found, days=(lost, DAYS[1]), offenders=(offender,))
    shown(qtbot, view)

    assert view.sentence.property("notice") == "bad"
    assert view.sentence.title.text() == "On May 27, 1 notification is not accounted for."
    with qtbot.waitSignal(view.open_page) as wish:
        view.sentence.button.click()
    assert wish.args == ["health"]


def test_the_sentence_leads_to_the_dead(qtbot: QtBot, view: Reconciliation) -> None:
    shown(qtbot, view)

    with qtbot.waitSignal(view.show_query) as wish:
        view.sentence.button.click()

    assert wish.args == ["status:dead day:2026-05-27..2026-05-28"]


def test_it_says_where_columns_are_left_out(qtbot: QtBot, view: Reconciliation) -> None:
    left_out = "Columns that count nothing are left out."
    view.resize(1600, 500)
    shown(qtbot, view)
    assert left_out not in view.rule.text()

    view.resize(500, 500)
    qtbot.waitUntil(lambda: left_out in view.rule.text())
    view.resize(1600, 500)

    qtbot.waitUntil(lambda: left_out not in view.rule.text())


def test_the_same_sentence_is_not_said_again(
    qtbot: QtBot, view: Reconciliation, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown(qtbot, view)
    said: list[object] = []
    monkeypatch.setattr(view.sentence, "show_message", lambda *words: said.append(words))

    view.refresh()
    qtbot.waitUntil(lambda: view._asked is None)

    assert said == []


def test_a_number_leads_to_events_or_to_needs_attention(qtbot: QtBot, view: Reconciliation) -> None:
    shown(qtbot, view)

    with qtbot.waitSignal(view.show_query) as query:
        view.table.wanted.emit(view.model.place_of(view.model.index(2, Column.DEAD)))
    with qtbot.waitSignal(view.open_page) as page:
        view.table.wanted.emit(Place(page="attention"))

    assert query.args == ["status:dead day:2026-05-27"]
    assert page.args == ["attention"]


def test_the_csv_is_that_of_the_verb(
    qtbot: QtBot,
    view: Reconciliation,
    store: FakeStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert not view.save_button.isEnabled()
    shown(qtbot, view)
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    target = tmp_path / "sums.csv"

    view.save_button.click()
    dialog = view.findChild(QFileDialog, "save-sums")
    assert dialog is not None
    dialog.fileSelected.emit(str(target))
    dialog.reject()

    qtbot.waitUntil(view.outcome.isVisible)
    assert target.read_bytes().decode() == as_csv(store.found)
    assert [row["addsUp"] for row in csv.DictReader(target.read_text().splitlines())] == [
        "true",
        "true",
    ]
    view.outcome.button.click()
    assert opened == [str(tmp_path)]


def test_a_file_that_cannot_be_written_is_told(
    qtbot: QtBot, view: Reconciliation, tmp_path: Path
) -> None:
    shown(qtbot, view)

    view._on_file(str(tmp_path / "nowhere" / "sums.csv"))

    qtbot.waitUntil(view.outcome.isVisible)
    assert "Cannot write" in view.outcome.title.text()


def test_what_cannot_be_read_is_told_until_it_can_and_the_rest_stays(
    qtbot: QtBot, view: Reconciliation, store: FakeStore
) -> None:
    shown(qtbot, view)
    store.error = StoreUnavailable("The store cannot be read.", "Check the disk.")
    view.refresh()
    qtbot.waitUntil(view.problem.isVisible)
    assert view.problem.hint.text() == "Check the disk."
    assert view.table.isVisible()

    store.error = None
    view.refresh()

    qtbot.waitUntil(lambda: not view.problem.isVisible())


def test_where_nothing_was_seen_there_is_something_to_press(
    qtbot: QtBot, view: Reconciliation, store: FakeStore
) -> None:
    store.found = msgspec.structs.replace(store.found, days=())
    shown(qtbot, view)

    assert view.empty.isVisible()
    assert view.empty.title.text() == "Nothing was seen in these days"
    assert not view.save_button.isEnabled()
    with qtbot.waitSignal(view.open_page) as wish:
        view.empty.button.click()
    assert wish.args == ["sender"]


def test_without_a_store_nothing_is_asked_and_what_was_there_stays(
    qtbot: QtBot,
    view: Reconciliation,
    store: FakeStore,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(type(session), "has_store", False)
    view.activate()
    assert view.empty.title.text() == "Nothing was seen yet"
    assert store.asked == []

    monkeypatch.setattr(type(session), "has_store", True)
    shown(qtbot, view)
    monkeypatch.setattr(type(session), "has_store", False)
    view._on_tick()

    assert view.problem.isVisible()
    assert view.table.isVisible()


def test_the_store_of_another_process_is_added_up_as_well(
    qtbot: QtBot, look: Look, make_viewer: Callable[..., Viewer]
) -> None:
    viewer = make_viewer(40, days=0.01)
    viewer.sql("UPDATE webhook SET reason = 'Nothing is sent for it.' WHERE status = 'skipped'")
    viewer.phase = Phase.ATTACHED
    view = Reconciliation(viewer, look)
    qtbot.addWidget(view)
    view.show()

    view.activate()

    qtbot.waitUntil(view.table.isVisible, timeout=PATIENCE_MS)
    assert view.sums is not None
    assert view.sums.adds_up
    assert view.sums.total.mapped == 40
