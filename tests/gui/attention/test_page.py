"""The Needs attention page: what is undelivered and why, and what a person can do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from core.health import State
from core.model import DeliveryStatus
from gui.attention.page import AttentionPage
from gui.deliveries.removal import DiscardDialog
from gui.deliveries.replay import ReplayDialog
from gui.run import Phase

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from gui.look import Look
    from gui.session import Session
    from tests.gui.attention.conftest import Filler

    Make = Callable[..., Session]
    MakePage = Callable[..., AttentionPage]

PATIENCE_MS = 10_000
REFUSED = State(name="segment", word="refused", sentence="Segment refuses the key.", since=5.0)


@pytest.fixture
def make_page(qtbot: QtBot, look: Look) -> MakePage:
    """Builds the page of a session, shows it and waits until it has read."""

    def make(session: Session, width: int = 1200) -> AttentionPage:
        page = AttentionPage(session, look)
        qtbot.addWidget(page)
        page.resize(width, 700)
        page.show()
        page.activate()
        qtbot.waitUntil(lambda: page._found is not None, timeout=PATIENCE_MS)
        return page

    return make


def whys(page: AttentionPage) -> list[tuple[str, str, int | None]]:
    concerns = page.list._model.concerns
    return [(one.word.text, one.sentence, one.rows) for one in concerns]


def test_rows_are_grouped_by_cause_and_counted(
    make_page: MakePage, make_session: Make, fill: Filler
) -> None:
    fill.dead(3)
    fill.dead(2, error="Segment is down (503).", code="segment.http_503")
    fill.unmappable(4)

    page = make_page(make_session())

    assert whys(page) == [
        ("Dead", "Segment rejects it (400): no userId", 3),
        ("Dead", "Segment is down (503).", 2),
        ("Unmappable", "The body names no conversation.", 4),
    ]


def test_the_rows_of_the_chosen_cause_stand_below(
    qtbot: QtBot, make_page: MakePage, make_session: Make, fill: Filler
) -> None:
    fill.dead(3)
    fill.dead(2, code="segment.http_503")
    fill.unmappable(1)
    page = make_page(make_session())
    table = page.deliveries.table
    qtbot.waitUntil(lambda: table.is_counted and table.count() == 3)

    qtbot.keyClick(page.list, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: table.is_counted and table.count() == 2)
    qtbot.keyClick(page.list, Qt.Key.Key_Down)

    qtbot.waitUntil(lambda: page.webhooks.model.rowCount() == 1)
    assert page.webhooks.isVisible()


def test_all_are_replayed_after_the_effect_was_told(
    qtbot: QtBot, make_page: MakePage, make_session: Make, fill: Filler
) -> None:
    fill.dead(12)
    page = make_page(make_session())

    page.deliveries.replay_button.click()
    dialog = page.findChild(ReplayDialog)
    assert dialog is not None
    qtbot.waitUntil(dialog.go.isEnabled)
    assert dialog.go.text() == "Replay 12"
    dialog.go.click()

    qtbot.waitUntil(page.empty.isVisible, timeout=PATIENCE_MS)
    assert page.empty.title.text() == "Nothing needs attention"
    qtbot.waitUntil(lambda: "accepted at" in page.empty.text.text(), timeout=PATIENCE_MS)
    dialog.reject()


def test_all_are_discarded_after_a_yes(
    qtbot: QtBot, make_page: MakePage, make_session: Make, fill: Filler
) -> None:
    fill.dead(2)
    page = make_page(make_session())

    page.deliveries.discard_button.click()
    dialog = page.findChild(DiscardDialog)
    assert dialog is not None
    qtbot.waitUntil(dialog.go.isEnabled)
    dialog.go.click()

    qtbot.waitUntil(page.empty.isVisible, timeout=PATIENCE_MS)
    dialog.reject()


@pytest.mark.logs_warnings
def test_segment_that_is_away_is_tried_now(
    qtbot: QtBot, make_page: MakePage, make_session: Make, fill: Filler
) -> None:
    fill.deliveries(DeliveryStatus.RETRYING, 3, error="Down.", code="http.503", next_attempt_at=1.0)
    session = make_session(segment__host="http://127.0.0.1:9")
    page = make_page(session)
    away = ("Retrying", "Segment cannot be reached: no connection.", 3)
    qtbot.waitUntil(lambda: whys(page) == [away], timeout=PATIENCE_MS)

    qtbot.waitUntil(lambda: page.trouble.title.text() == "Segment", timeout=PATIENCE_MS)
    assert whys(page) == [away]
    page.trouble.buttons[0].click()
    qtbot.waitUntil(lambda: page.notice.title.text() == "Segment is tried now.")


def test_a_component_stands_above_the_rows_that_wait_for_it(
    qtbot: QtBot, make_page: MakePage, make_session: Make, fill: Filler
) -> None:
    said = REFUSED.sentence
    fill.deliveries(DeliveryStatus.RETRYING, 3, error=said, code="segment.refused")
    session = make_session(segment__host="http://127.0.0.1:9")
    page = make_page(session)
    session.states = (REFUSED,)
    session.health_changed.emit(session.states)
    qtbot.waitUntil(lambda: whys(page) == [("Refused", said, 3)], timeout=PATIENCE_MS)

    assert page.trouble.title.text() == "Segment"
    assert page.trouble.isVisible()
    assert page.deliveries.isVisible()
    assert not page.deliveries.strip.sentence.isVisible()
    assert not page.deliveries.resume_button.isVisible()
    qtbot.waitUntil(lambda: page.deliveries.table.count() == 3, timeout=PATIENCE_MS)


def test_a_component_that_is_not_well_says_what_to_do(
    qtbot: QtBot, make_page: MakePage, make_session: Make
) -> None:
    session = make_session()
    page = make_page(session)
    session.states = (REFUSED,)
    session.health_changed.emit(session.states)

    assert whys(page) == [("Refused", "Segment refuses the key.", None)]
    with qtbot.waitSignal(page.open_card) as wish:
        page.trouble.buttons[0].click()
    assert wish.args == ["segment"]


def test_an_engine_that_is_down_is_the_first_concern(
    make_page: MakePage, make_session: Make, fill: Filler, place
) -> None:
    fill.dead(1)
    place.delete("write-key")

    session = make_session()
    page = make_page(session)

    assert session.phase is Phase.FAILED
    assert whys(page)[0][0] == "Not running"
    assert page.trouble.buttons[0].text() == "Open Settings"


def test_nothing_needs_attention_is_proved(
    make_page: MakePage, make_session: Make, fill: Filler
) -> None:
    fill.accepted()

    page = make_page(make_session())

    assert page.empty.isVisible()
    assert page.empty.text.text().startswith("The last event was accepted at ")
    assert page.empty.text.text().endswith("Nothing is waiting to be sent.")
    assert page.empty.button.text() == ""


def test_that_no_event_can_arrive_needs_attention(
    qtbot: QtBot, make_page: MakePage, make_session: Make
) -> None:
    page = make_page(make_session(listener__public_url=None))

    qtbot.waitUntil(page.list.isVisible)
    assert "Gladly cannot reach this computer" in page.trouble.sentence.text()
    with qtbot.waitSignal(page.open_card) as wish:
        page.trouble.buttons[0].click()
    assert wish.args == ["arrival"]


def test_where_nothing_was_ever_accepted_a_test_event_is_offered(
    qtbot: QtBot, make_page: MakePage, make_session: Make
) -> None:
    page = make_page(make_session())

    with qtbot.waitSignal(page.open_page) as wish:
        page.empty.button.click()

    assert wish.args == ["sender"]


def test_a_row_opens_beside_the_table_and_closes_again(
    qtbot: QtBot, make_page: MakePage, make_session: Make, fill: Filler
) -> None:
    fill.dead(2)
    page = make_page(make_session())
    table = page.deliveries.table
    qtbot.waitUntil(lambda: table.is_counted and table.model.row(0) is not None)

    table.view.selectRow(0)
    qtbot.keyClick(table.view, Qt.Key.Key_Return)

    assert page.detail.isVisible()
    assert page.left.isVisible()
    qtbot.waitUntil(lambda: page.detail.shown is not None)
    page.detail.close_wanted.emit()
    assert not page.detail.isVisible()


def test_where_it_is_narrow_the_detail_takes_the_place_of_the_table(
    qtbot: QtBot, make_page: MakePage, make_session: Make, fill: Filler
) -> None:
    fill.dead(2)
    page = make_page(make_session(), width=600)
    table = page.deliveries.table
    qtbot.waitUntil(lambda: table.is_counted and table.model.row(0) is not None)

    table.view.selectRow(0)
    table.view.opened.emit()

    assert page.detail.isVisible()
    assert not page.left.isVisible()
    page.resize(1200, 700)
    assert page.left.isVisible()


def test_another_concern_closes_the_detail(
    qtbot: QtBot, make_page: MakePage, make_session: Make, fill: Filler
) -> None:
    fill.dead(2)
    fill.unmappable(1)
    page = make_page(make_session())
    page._open_detail(1)

    page.list.selectRow(1)

    assert not page.detail.isVisible()


def test_a_hidden_page_reads_nothing(
    make_page: MakePage, make_session: Make, fill: Filler, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill.dead(1)
    session = make_session()
    page = make_page(session)
    page.deactivate()
    asked: list[object] = []
    monkeypatch.setattr(session, "ask", lambda *_, **__: asked.append(1))

    session.changed.emit()
    session.health_changed.emit(())

    assert asked == []
    assert not page._pause.isActive()
    assert not page._ticks.isActive()


def test_changes_are_read_a_moment_later(
    qtbot: QtBot, make_page: MakePage, make_session: Make, fill: Filler
) -> None:
    fill.dead(1)
    session = make_session()
    page = make_page(session)
    page._found = None

    session.changed.emit()

    assert page._pause.isActive()
    qtbot.waitUntil(lambda: page._found is not None, timeout=PATIENCE_MS)


def test_from_the_list_the_keyboard_leads_to_the_buttons_and_to_the_rows(
    qtbot: QtBot, make_page: MakePage, make_session: Make, fill: Filler
) -> None:
    fill.dead(2)
    page = make_page(make_session())
    table = page.deliveries.table
    qtbot.waitUntil(lambda: table.is_counted and table.count() == 2)
    page.list.setFocus()
    reached = []

    for _ in range(3):
        focus = QApplication.focusWidget()
        assert focus is not None
        qtbot.keyClick(focus, Qt.Key.Key_Tab)
        reached.append(QApplication.focusWidget())

    assert reached == [
        page.deliveries.replay_button,
        page.deliveries.discard_button,
        table.view,
    ]


def test_light_and_dark_are_followed(make_page: MakePage, make_session: Make, look: Look) -> None:
    page = make_page(make_session())
    before = page.grab().toImage().pixelColor(5, 5)

    look.force("dark")
    after = page.grab().toImage().pixelColor(5, 5)

    assert after.lightness() < before.lightness()
