"""The form writes into the draft and shows what the draft says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QFormLayout, QWidget

from core.sender.bodies import Scenario
from gui.sender.form import SenderForm, Way

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look
    from gui.sender.draft import Draft


@pytest.fixture
def form(qtbot: QtBot, look: Look, draft: Draft) -> SenderForm:
    made = SenderForm(look)
    qtbot.addWidget(made)
    made.set_draft(draft)
    made.show()
    return made


def choose(form: SenderForm, scenario: Scenario) -> None:
    form.scenario.activated.emit(form.scenario.findData(str(scenario)))


def test_it_shows_the_draft(form: SenderForm, draft: Draft):
    assert form.scenario.currentText() == "Opened"
    assert form.customer.list.currentText() == "Martha J Williams"
    assert form.agent.id.text() == "test-agent"
    assert form.conversation.text() == draft.subject.conversation_id
    assert form.fresh.isChecked()
    assert not form.topics.isEnabled()


def test_another_event_makes_another_draft(qtbot: QtBot, form: SenderForm, draft: Draft):
    with qtbot.waitSignal(form.edited):
        choose(form, Scenario.OPENED_AND_CLOSED)

    assert len(draft.bodies) == 2
    assert form.topics.isEnabled()
    assert "two events" in form.story.text()


def test_people_can_be_chosen_or_written(qtbot: QtBot, form: SenderForm, draft: Draft):
    with qtbot.waitSignals([form.edited] * 2):
        form.customer.edited.emit("cu-1")
        form.agent.edited.emit("")

    assert (draft.subject.customer_id, draft.subject.agent_id) == ("cu-1", "")
    assert form.customer.list.currentText() == "Own value"
    assert form.agent.list.currentText() == "Nobody"


def test_a_conversation_of_ones_own_is_kept(qtbot: QtBot, form: SenderForm, draft: Draft):
    form.conversation.selectAll()
    qtbot.keyClicks(form.conversation, "co-1 ")

    assert draft.subject.conversation_id == "co-1"
    assert form.conversation.text() == "co-1 "
    assert not form.fresh.isChecked()
    form.fresh.click()
    assert draft.new_conversation
    assert draft.subject.conversation_id != "co-1"
    form.fresh.click()
    assert not draft.new_conversation


def test_topics_belong_to_closed(qtbot: QtBot, form: SenderForm, draft: Draft):
    choose(form, Scenario.CLOSED)
    with qtbot.waitSignal(form.edited):
        qtbot.keyClicks(form.topics.line, "a")

    assert draft.topics == ("a",)
    assert form.topics_note.isVisible()
    with qtbot.waitSignal(form.counted):
        form.direct.click()
    assert form.way is Way.DIRECT
    assert not form.topics_note.isVisible()


def test_how_many_and_how_fast_are_told(qtbot: QtBot, form: SenderForm):
    with qtbot.waitSignals([form.counted] * 2):
        form.count.setValue(50)
        form.rate.setValue(20)

    assert form.way is Way.THROUGH


def test_without_a_draft_nothing_happens(qtbot: QtBot, look: Look):
    form = SenderForm(look)
    qtbot.addWidget(form)

    with qtbot.assertNotEmitted(form.edited):
        choose(form, Scenario.CLOSED)
        form.customer.edited.emit("a")
        form.agent.edited.emit("a")
        form.conversation.textEdited.emit("a")
        form.topics.edited.emit(("a",))
        form.fresh.click()


def test_every_field_has_its_name(form: SenderForm):
    layout = form.layout()
    assert isinstance(layout, QFormLayout)
    fields = [
        form.scenario,
        form.customer.list,
        form.customer.id,
        form.agent.list,
        form.agent.id,
        form.conversation,
        form.topics.line,
        form.topics.button,
        form.count,
        form.rate,
    ]

    assert all(isinstance(one, QWidget) and one.accessibleName() for one in fields)
