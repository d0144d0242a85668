"""Actions: enabled as far as they make sense, by menu and by key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from core.pipeline.operations import Selection
from core.store.base import Filter
from gui.deliveries.actions import EventActions
from gui.deliveries.operations import EventOperations
from gui.deliveries.table import EventTable

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from gui.look import Look
    from tests.gui.viewer import Viewer


class Noted(EventOperations):
    """Notes what is wanted, and does nothing."""

    def __init__(self, *given: object) -> None:
        super().__init__(*given)
        self.wanted: list[tuple[str, object]] = []

    def replay(self, selection: Selection) -> None:
        self.wanted.append(("replay", selection))

    def discard(self, selection: Selection) -> None:
        self.wanted.append(("discard", selection))

    def erase(self, customer_id: str) -> None:
        self.wanted.append(("erase", customer_id))

    def export(self, wanted: Filter) -> None:
        self.wanted.append(("export", wanted))

    def copy_json(self, ids: object) -> None:
        self.wanted.append(("json", ids))

    def copy_curl(self, ids: object) -> None:
        self.wanted.append(("curl", ids))


@pytest.fixture
def actions(qtbot: QtBot, look: Look, make_viewer: Callable[..., Viewer]) -> EventActions:
    """Actions on a table of a thousand rows."""
    viewer = make_viewer(1000)
    table = EventTable(viewer, look)
    qtbot.addWidget(table)
    table.resize(900, 500)
    with qtbot.waitExposed(table):
        table.show()
    with qtbot.waitSignal(table.reader.counted):
        table.activate()
    made = EventActions(table, Noted(viewer, look, table), look)
    made.table, made.noted = table, made._operations
    return made


def select(qtbot: QtBot, actions: EventActions, *ids: int) -> None:
    with qtbot.waitSignal(actions.table.selection_changed):
        actions.table.view.select_ids(ids, ids[-1])


def test_nothing_selected_means_nothing_to_do(actions: EventActions) -> None:
    enabled = [one for one in actions.menu.actions() if one.text() and one.isEnabled()]

    assert enabled == [actions.select_all, actions.export]


def test_all_that_match_are_exported(actions: EventActions) -> None:
    actions.export.trigger()

    assert actions.noted.wanted == [("export", Filter())]


def test_what_is_selected_is_meant(qtbot: QtBot, actions: EventActions) -> None:
    select(qtbot, actions, 1000, 998)
    for action in (actions.replay, actions.discard, actions.copy_json, actions.copy_curl):
        action.trigger()

    ids = (1000, 998)
    assert actions.noted.wanted == [
        ("replay", Selection(ids=ids)),
        ("discard", Selection(ids=ids)),
        ("json", ids),
        ("curl", ids),
    ]


def test_everything_is_meant_by_the_filter(qtbot: QtBot, actions: EventActions) -> None:
    with qtbot.waitSignal(actions.table.selection_changed):
        actions.select_all.trigger()
    actions.replay.trigger()

    assert actions.noted.wanted == [("replay", Selection(wanted=Filter()))]


def test_everything_does_not_fit_the_clipboard(qtbot: QtBot, actions: EventActions) -> None:
    with qtbot.waitSignal(actions.table.selection_changed):
        actions.select_all.trigger()
    with qtbot.waitSignal(actions.refused):
        actions.copy_json.trigger()

    assert actions.noted.wanted == []


def test_too_many_to_name_are_refused_with_the_way_out(
    qtbot: QtBot, actions: EventActions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gui.deliveries.reader.MOST_IDS", 1)
    select(qtbot, actions, 1000, 999)
    with qtbot.waitSignal(actions.refused) as refused:
        actions.replay.trigger()

    assert "Select all that match" in refused.args[0]


def test_the_current_one_is_erased_narrowed_to_and_its_id_copied(
    qtbot: QtBot, actions: EventActions
) -> None:
    select(qtbot, actions, 990)
    delivery = actions.table.model.row(10).delivery
    actions.erase.trigger()
    actions.copy_id.trigger()

    assert actions.noted.wanted == [("erase", delivery.customer_id)]
    assert QGuiApplication.clipboard().text() == delivery.message_id
    with qtbot.waitSignal(actions.narrowed) as narrowed:
        actions.same_conversation.trigger()
    assert narrowed.args == [f"conversation:{delivery.conversation_id}"]
    with qtbot.waitSignal(actions.narrowed) as narrowed:
        actions.same_customer.trigger()
    assert narrowed.args == [f"customer:{delivery.customer_id}"]


def test_keys_do_the_same(qtbot: QtBot, actions: EventActions) -> None:
    select(qtbot, actions, 1000)
    view = actions.table.view
    view.setFocus()
    control = Qt.KeyboardModifier.ControlModifier

    qtbot.keyClick(view, Qt.Key.Key_R, control)
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    qtbot.keyClick(view, Qt.Key.Key_C, control)
    qtbot.keyClick(view, Qt.Key.Key_A, control)

    assert [what for what, _ in actions.noted.wanted] == ["replay", "discard", "json"]
    assert actions.table.view.all_selected


def test_a_right_click_opens_the_menu_there(
    actions: EventActions, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QPoint] = []
    monkeypatch.setattr(QMenu, "popup", lambda _, place: opened.append(place))

    actions.table.view.customContextMenuRequested.emit(QPoint(5, 5))

    assert opened == [actions.table.view.viewport().mapToGlobal(QPoint(5, 5))]
