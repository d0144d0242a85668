"""Form and JSON are two views of one draft; what was made up is made anew for each sending."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from core.sender.bodies import Scenario
from core.sender.people import People
from gui.sender.draft import Draft, readable

if TYPE_CHECKING:
    from core.sender.bodies import BodyMaker


def written(draft: Draft) -> Any:
    return json.loads(draft.text)


def edit(draft: Draft, **members: Any) -> None:
    draft.set_text(json.dumps({**written(draft), **members}))


def test_it_begins_with_an_opened_of_the_first_template(draft: Draft):
    assert draft.subject.customer_id == "test-customer-martha"
    assert written(draft)["type"] == "CONVERSATION/CREATED"
    assert (draft.problems, draft.blocked) == ((), False)


def test_without_templates_everything_is_made_up(maker: BodyMaker):
    nobody = People(customers=(), agents=(), topics=())

    draft = Draft(maker, clock=lambda: 1_780_000_000.0, people=nobody)

    assert draft.problems == ()


@pytest.mark.parametrize("scenario", list(Scenario))
def test_another_scenario_is_about_the_same_people(draft: Draft, scenario: Scenario):
    draft.set_subject(customer_id=" cu-1 ", agent_id="ag-1")

    draft.choose(scenario)

    assert (draft.subject.customer_id, draft.subject.agent_id) == ("cu-1", "ag-1")
    assert draft.problems == ()


def test_a_conversation_of_ones_own_is_kept_a_made_up_one_is_not(draft: Draft):
    made_up = draft.subject.conversation_id
    draft.choose(Scenario.CLOSED)
    other = draft.subject.conversation_id
    draft.new_conversation = False
    draft.set_subject(conversation_id="co-1")
    draft.choose(Scenario.OPENED)

    assert other != made_up
    assert draft.subject.conversation_id == "co-1"


def test_an_edit_of_the_json_is_one_of_the_form(draft: Draft):
    body = written(draft)
    body["content"]["customerId"] = "cu-9"
    body["content"]["conversationId"] = "co-9"

    draft.set_text(json.dumps(body))

    assert (draft.subject.customer_id, draft.subject.conversation_id) == ("cu-9", "co-9")
    assert not draft.new_conversation


def test_an_edit_of_the_form_keeps_what_else_was_written(draft: Draft):
    edit(draft, extra=[1])

    draft.set_subject(customer_id="cu-1")

    assert written(draft)["extra"] == [1]
    assert [one.path for one in draft.problems] == ["$.extra"]


def test_a_broken_text_leaves_the_last_bodies(draft: Draft):
    before = draft.bodies

    draft.set_text("{")

    assert draft.blocked
    assert draft.bodies == before
    draft.set_subject(customer_id="cu-1")
    assert not draft.blocked
    assert written(draft)["content"]["customerId"] == "cu-1"


def test_what_was_made_up_is_made_anew_for_each_sending(draft: Draft):
    before, conversation = written(draft), draft.subject.conversation_id

    draft.refresh()

    after = written(draft)
    assert after["id"] != before["id"]
    assert draft.subject.conversation_id != conversation


def test_what_a_person_wrote_is_sent_as_it_was_written(draft: Draft):
    draft.new_conversation = False
    edit(draft, id="mine", timestamp="2026-01-01T00:00:00Z")
    conversation = draft.subject.conversation_id

    draft.refresh()

    after = written(draft)
    assert (after["id"], after["timestamp"]) == ("mine", "2026-01-01T00:00:00Z")
    assert draft.subject.conversation_id == conversation


def test_what_a_person_removed_stays_away(draft: Draft):
    body = written(draft)
    del body["id"], body["timestamp"]
    draft.set_text(json.dumps(body))

    draft.refresh()

    assert {"id", "timestamp"}.isdisjoint(written(draft))


def test_copies_are_of_other_conversations(draft: Draft):
    draft.choose(Scenario.OPENED_AND_CLOSED)

    bodies = draft.snapshot().copies(3)

    assert len(bodies) == 6
    assert len({body["id"] for body in bodies}) == 6
    assert len({body["content"]["conversationId"] for body in bodies}) == 3


def test_names_are_written_in_their_own_scripts_where_that_is_possible():
    assert "佐藤" in readable({"name": "佐藤"})
    assert "\\ud800" in readable({"name": "\ud800"})
