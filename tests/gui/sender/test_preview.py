"""The preview says in a sentence what each event becomes, and shows the messages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from core.mapping.plan import make_plan
from core.sender.bodies import BodyMaker, Scenario
from core.sender.preview import map_bodies
from core.settings import Mapping_
from gui.sender.preview import PreviewView, ordered

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look

PLAN = make_plan(Mapping_(), "test")


@pytest.fixture
def view(qtbot: QtBot, look: Look) -> PreviewView:
    made = PreviewView(look)
    qtbot.addWidget(made)
    made.show()
    return made


def show(view: PreviewView, maker: BodyMaker, scenario: Scenario) -> Any:
    bodies = maker.make(scenario)
    view.show_mapped(bodies, map_bodies(bodies, PLAN))
    return json.loads(view.json.text()) if view.json.text() else None


def test_one_message_is_shown_as_it_is(view: PreviewView, maker: BodyMaker):
    message = show(view, maker, Scenario.CLOSED)

    assert view.sentences() == ["Closed becomes Conversation Closed."]
    assert list(message)[:3] == ["type", "event", "userId"]
    assert message["context"]["test"] is True


def test_several_are_shown_one_after_the_other(view: PreviewView, maker: BodyMaker):
    messages = show(view, maker, Scenario.OPENED_AND_CLOSED)

    assert [one["event"] for one in messages] == ["Conversation Opened", "Conversation Closed"]
    assert len(view.sentences()) == 2
    show(view, maker, Scenario.OPENED)
    assert len(view.sentences()) == 1


def test_the_reason_is_told_where_nothing_goes_out(view: PreviewView, maker: BodyMaker):
    show(view, maker, Scenario.ASSIGNED_LATER)

    assert view.sentences()[1].startswith("Assigned: Completed")
    view.show_nothing("Broken.")
    assert (view.sentences(), view.json.text(), view.note.text()) == ([], "", "Broken.")
    view.set_note("")
    assert not view.note.isVisible()


def test_members_come_in_the_order_of_reading():
    message = {"context": {}, "properties": {}, "event": "E", "type": "track"}

    assert list(ordered(message)) == ["type", "event", "properties", "context"]
