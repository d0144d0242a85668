"""The live preview: JSON per event, columns per table, and the newest settings win."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from core.settings import Mapping_, Settings
from gui.setup.preview_view import PreviewView

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.setup.card import Tools


@pytest.fixture
def view(qtbot: QtBot, tools: Tools) -> PreviewView:
    made = PreviewView(tools.session, tools.look)
    qtbot.addWidget(made)
    made.show()
    return made


def tabs(view: PreviewView) -> list[str]:
    return [view.tabs.tabText(number) for number in range(view.tabs.count())]


def settings(**mapping: object) -> Settings:
    return Settings(mapping=Mapping_(**mapping))  # type: ignore[arg-type]


def test_each_event_has_a_tab_with_its_json(qtbot: QtBot, view: PreviewView) -> None:
    view.show_settings(settings())
    qtbot.waitUntil(lambda: view.tabs.count() == 3)

    assert tabs(view) == ["Opened", "Closed", "Warehouse"]
    assert json.loads(view.view("opened").text())["event"] == "Conversation Opened"
    assert view.tabs.currentIndex() == 0


def test_the_warehouse_lists_tables_and_columns(qtbot: QtBot, view: PreviewView) -> None:
    view.show_settings(settings())
    qtbot.waitUntil(lambda: view.columns.topLevelItemCount() == 2)

    table = view.columns.topLevelItem(0)
    assert table.text(0) == "conversation_opened"
    assert [table.child(row).text(0) for row in range(table.childCount())] == [
        "user_id",
        "conversation_id",
        "status",
        "agent_id",
    ]


def test_the_newest_settings_win(qtbot: QtBot, view: PreviewView) -> None:
    for names in ("segment-catalog", "gladly-toolkit", "live-chat"):
        view.show_settings(settings(names=names))

    qtbot.waitUntil(
        lambda: (
            view.columns.topLevelItemCount() == 2
            and view.columns.topLevelItem(0).text(0) == "live_chat_conversation_started"
        )
    )


@pytest.mark.parametrize(("chosen", "shown"), [(1, "Closed"), (2, "Warehouse")])
def test_the_tab_stays_when_another_one_comes(
    qtbot: QtBot, view: PreviewView, chosen: int, shown: str
) -> None:
    view.show_settings(settings())
    qtbot.waitUntil(lambda: view.tabs.count() == 3)
    view.tabs.setCurrentIndex(chosen)

    view._make_tabs(["opened", "closed", "identify"])

    assert tabs(view) == ["Opened", "Closed", "identify", "Warehouse"]
    assert view.tabs.tabText(view.tabs.currentIndex()) == shown


def test_a_contradiction_is_said_instead(qtbot: QtBot, view: PreviewView) -> None:
    view.show_settings(settings(drop=("nonsense",)))
    qtbot.waitUntil(view.problem.isVisible)

    view.show_settings(settings())
    qtbot.waitUntil(lambda: not view.problem.isVisible())
