"""The page as a person uses it: write, look, send, follow, stop; production asks first."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt

from core.sender.bodies import Scenario
from core.sender.progress import Step
from core.settings import Segment, Settings
from gui.run import Phase
from gui.sender.outcomes import Column
from gui.sender.page import SPLIT, SenderPage
from tests.fakes.rig import Rig

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from core.home import Home
    from core.simulator.segment import SegmentSimulator
    from gui.look import Look

PATIENCE_MS = 20_000


@pytest.fixture
def make_page(
    qtbot: QtBot, look: Look, make_session: Callable[..., Any]
) -> Callable[..., SenderPage]:
    def make(session: Any = None, **settings: Any) -> SenderPage:
        page = SenderPage(session or make_session(**settings), look)
        qtbot.addWidget(page)
        page.resize(990, 670)
        page.show()
        page.activate()
        qtbot.waitUntil(lambda: page.draft is not None)
        return page

    return make


@pytest.fixture
def page(make_page: Callable[..., SenderPage]) -> SenderPage:
    return make_page(start=False)


def choose(page: SenderPage, scenario: Scenario) -> None:
    page.form.scenario.activated.emit(page.form.scenario.findData(str(scenario)))


def write(qtbot: QtBot, page: SenderPage, text: str) -> None:
    with qtbot.waitSignal(page.editor.edited):
        page.editor.json.set_text(text)


def sent(qtbot: QtBot, page: SenderPage) -> None:
    with qtbot.waitSignal(page.stream.ended, timeout=PATIENCE_MS):
        page.order.send.click()


def problems(page: SenderPage) -> list[str]:
    return [page.editor.list.item(row).text() for row in range(page.editor.list.count())]


def test_an_edit_of_the_form_is_one_of_the_json(qtbot: QtBot, page: SenderPage):
    page.form.customer.id.end(False)
    qtbot.keyClicks(page.form.customer.id, "-2")

    body = json.loads(page.editor.json.text())
    assert body["content"]["customerId"] == "test-customer-martha-2"
    assert page.form.customer.list.currentText() == "Own value"


def test_an_edit_of_the_json_is_one_of_the_form(qtbot: QtBot, page: SenderPage):
    text = page.editor.json.text().replace("test-customer-martha", "test-customer-anna")

    write(qtbot, page, text)

    assert page.form.customer.list.currentText() == "Анна Кузнецова"
    assert page.editor.json.text() == text


def test_problems_are_told_while_typing(qtbot: QtBot, page: SenderPage):
    text = page.editor.json.text()

    write(qtbot, page, text.replace('"CONVERSATION/CREATED"', '"CONVERSATION/CLOZED"'))
    odd = problems(page)
    can = page.order.send.isEnabled()
    write(qtbot, page, text + "}")
    broken, cannot = problems(page), page.order.send.isEnabled()
    write(qtbot, page, text)

    assert "Line 3" in odd[0]
    assert "Did you mean CONVERSATION/CLOSED?" in odd[0]
    assert can
    assert "no JSON" in broken[0]
    assert not cannot
    assert problems(page) == []
    assert page.order.send.isEnabled()


def test_the_preview_follows(qtbot: QtBot, page: SenderPage):
    opened = page.preview.sentences()
    choose(page, Scenario.OPENED_AND_CLOSED)
    both = page.preview.sentences()
    write(qtbot, page, "[")
    broken = page.preview.note.text()

    assert opened == ["Created becomes Conversation Opened."]
    assert len(both) == 2
    assert "mend it first" in broken


def test_the_preview_says_what_it_cannot_know(qtbot: QtBot, page: SenderPage):
    through = json.loads(page.preview.json.text())["properties"]
    note = page.preview.note.text()
    page.form.direct.click()
    direct = json.loads(page.preview.json.text())["properties"]

    assert "customerName" not in through
    assert "no Gladly address" in note
    assert direct["customerName"] == "Martha J Williams"
    assert page.preview.note.text() == ""


def test_with_gladly_names_may_be_added(make_page: Callable[..., SenderPage]):
    page = make_page(
        gladly__url="http://127.0.0.1:1", gladly__agent_email="a@b.example", gladly__poll=False
    )

    assert "does not know made-up ones" in page.preview.note.text()


def test_other_settings_make_another_preview(qtbot: QtBot, make_page: Callable[..., SenderPage]):
    page = make_page(start=False)
    names = Settings().mapping
    changed = type(names)(names="live-chat")

    page._session.settings_changed.emit(Settings(mapping=changed))

    qtbot.waitUntil(
        lambda: page.preview.sentences() == ["Created becomes Live Chat Conversation Started."]
    )
    page._session.settings_changed.emit(Settings(mapping=type(names)(drop=("nonsense",))))
    qtbot.waitUntil(lambda: "nonsense" in page.preview.note.text())


def test_the_button_counts_every_event(page: SenderPage):
    choose(page, Scenario.OPENED_AND_CLOSED)
    page.form.count.setValue(25)

    assert page.order.send.text().replace("&", "") == "Send 50 test events"


def test_fifty_events_are_followed_live(
    qtbot: QtBot, make_page: Callable[..., SenderPage], segment: SegmentSimulator
):
    page = make_page()
    page.form.count.setValue(50)
    page.form.rate.setValue(100)

    sent(qtbot, page)

    assert page.results.model.count(Step.ACCEPTED) == 50
    assert page.results.summary.text() == "50 of 50 accepted"
    assert len(segment.accepted) == 50
    assert page.tabs.currentWidget() is page.results
    with qtbot.waitSignal(page.open_delivery) as opened:
        view = page.results.view
        cell = view.visualRect(page.results.model.index(0, Column.DELIVERY)).center()
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=cell)
    assert opened.args[0] > 0


def test_what_was_sent_is_what_is_shown_and_never_twice(
    qtbot: QtBot, make_page: Callable[..., SenderPage], segment: SegmentSimulator
):
    page = make_page()

    sent(qtbot, page)
    first = json.loads(page.editor.json.text())
    sent(qtbot, page)

    assert len(segment.accepted) == 2
    shown = {one["properties"]["conversationId"] for one in segment.accepted.values()}
    assert first["content"]["conversationId"] in shown


def test_a_scenario_of_two_events_says_what_became_of_each(
    qtbot: QtBot, make_page: Callable[..., SenderPage]
):
    page = make_page()
    choose(page, Scenario.ASSIGNED_LATER)

    sent(qtbot, page)

    assert [page.results.model.outcome(row).step for row in (0, 1)] == [
        Step.ACCEPTED,
        Step.SKIPPED,
    ]


def test_stopping_ends_the_rest(qtbot: QtBot, make_page: Callable[..., SenderPage]):
    page = make_page()
    page.form.count.setValue(100)
    with qtbot.waitSignal(page.stream.arrived, timeout=PATIENCE_MS):
        page.order.send.click()
    running = page.order.send.isEnabled(), page.order.stop.isEnabled()
    page.order.stop.click()

    assert running == (False, True)
    assert page.results.model.not_sent > 50
    assert page.order.send.isEnabled()
    page.send()
    assert page.stream.running
    page.send()
    page.stop()


def test_an_engine_that_stops_ends_the_watch(
    qtbot: QtBot, make_page: Callable[..., SenderPage], segment: SegmentSimulator
):
    page = make_page()
    page.form.count.setValue(100)
    with qtbot.waitSignal(page.stream.arrived, timeout=PATIENCE_MS):
        page.order.send.click()

    page._session.restart()

    assert not page.stream.running
    assert page.results.model.not_sent > 0
    qtbot.waitUntil(lambda: page._session.phase is Phase.RUNNING, timeout=PATIENCE_MS)


def production(make_session: Callable[..., Any]) -> Any:
    session = make_session(start=False)
    session.settings = Settings(segment=Segment(host="https://segment.invalid"))
    return session


def test_production_asks_for_a_typed_yes(
    qtbot: QtBot,
    make_page: Callable[..., SenderPage],
    make_session: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
):
    page = make_page(production(make_session))
    page.form.direct.click()
    started: list[object] = []
    monkeypatch.setattr(page.stream, "start", started.append)

    page.order.send.click()
    asked = page.order.confirm.isVisible(), list(started)
    page.order.confirm.cancel.click()
    declined = list(started)
    page.order.send.click()
    qtbot.keyClicks(page.order.confirm.line, "yes")
    qtbot.keyClick(page.order.confirm.line, Qt.Key.Key_Return)

    assert asked == (True, [])
    assert "segment.invalid" in page.order.confirm.text.text()
    assert declined == []
    assert len(started) == 1


def test_a_yes_after_the_listener_ended_sends_nothing_to_whoever_has_its_port(
    qtbot: QtBot,
    make_page: Callable[..., SenderPage],
    make_session: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
):
    session = production(make_session)
    page = make_page(session)
    started: list[object] = []
    monkeypatch.setattr(page.stream, "start", started.append)
    monkeypatch.setattr(type(session), "webhook_url", "http://127.0.0.1:1/gladly/webhook")
    page.order.send.click()
    assert page.order.confirm.isVisible()

    monkeypatch.setattr(type(session), "webhook_url", None)
    qtbot.keyClicks(page.order.confirm.line, "yes")
    qtbot.keyClick(page.order.confirm.line, Qt.Key.Key_Return)

    assert started == []
    assert "nothing would answer" in page.notice.title.text()


def test_where_another_process_runs_the_engine_the_preview_says_whose_settings_count(
    make_page: Callable[..., SenderPage], home: Home
):
    with Rig(home.path):
        page = make_page()

        assert page._session.phase is Phase.ATTACHED
        assert "Another process" in page.preview.note.text()
        page.form.direct.click()
        assert "Another process" not in page.preview.note.text()


def test_an_answer_after_a_change_is_about_what_is_shown(
    make_page: Callable[..., SenderPage], make_session: Callable[..., Any]
):
    page = make_page(production(make_session))
    page.form.direct.click()
    page.order.send.click()

    asked = page.order.confirm.isVisible()
    page.form.count.setValue(7)

    assert asked
    assert not page.order.confirm.isVisible()
    assert page.order.send.isEnabled()


def test_without_an_engine_the_page_says_what_to_do(
    qtbot: QtBot, make_page: Callable[..., SenderPage]
):
    page = make_page(start=False)
    session = page._session

    page.order.send.click()
    told = page.notice.title.text()
    page.notice.button.click()
    qtbot.waitUntil(lambda: session.phase is Phase.RUNNING, timeout=PATIENCE_MS)

    assert "does not run" in told
    assert not page.notice.isVisible()
    assert not page.stream.running


def test_a_listener_that_is_off_or_not_there_yet_is_told(
    qtbot: QtBot, make_page: Callable[..., SenderPage]
):
    page = make_page(listener__enabled="false")

    page.send()
    off = page.notice.title.text()
    page._session.phase = Phase.STARTING
    page.send()

    assert "switched off" in off
    assert "just starting" in page.notice.title.text()
    page._session.phase = Phase.RUNNING


@pytest.mark.logs_warnings
def test_refused_credentials_are_told(
    qtbot: QtBot, make_page: Callable[..., SenderPage], place: Any
):
    page = make_page()
    place.secrets["webhook-password"] = "another"

    with qtbot.waitSignal(page.stream.failed, timeout=PATIENCE_MS):
        page.order.send.click()

    assert "refuses our own credentials" in page.notice.title.text()
    assert page.results.model.not_sent == 1


def test_the_split_is_remembered_and_a_narrow_page_stands_upright(
    qtbot: QtBot, look: Look, page: SenderPage
):
    page.deactivate()
    sizes = page._session.memory.get(SPLIT)
    again = SenderPage(page._session, look)
    qtbot.addWidget(again)
    page.resize(400, 600)
    upright = page.splitter.orientation()
    page.deactivate()
    page.resize(990, 670)

    assert len(sizes) == 2
    assert upright is Qt.Orientation.Vertical
    assert page.splitter.orientation() is Qt.Orientation.Horizontal
    assert page._session.memory.get(SPLIT) == sizes


def test_a_settings_mistake_is_told_in_the_preview(
    qtbot: QtBot, look: Look, make_session: Callable[..., Any]
):
    session = make_session(start=False)
    session.settings = Settings(mapping=type(Settings().mapping)(hash=("nonsense",)))
    page = SenderPage(session, look)
    qtbot.addWidget(page)

    page.activate()
    page.activate()

    qtbot.waitUntil(lambda: "nonsense" in page.preview.note.text())
    page.send()
    assert not page.stream.running
