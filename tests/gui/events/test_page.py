"""The page: filter, table and detail together."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx
import pytest
from PySide6.QtCore import Qt

from core.model import Counts, DeliveryStatus
from gui.events.page import EventsPage
from tests.fakes import body, gladly_event

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget
    from pytestqt.qtbot import QtBot

    from gui.look import Look
    from gui.session import Session
    from tests.gui.viewer import Viewer

PATIENCE_MS = 20_000


@pytest.fixture
def make_page(
    qtbot: QtBot, look: Look, make_viewer: Callable[..., Viewer]
) -> Callable[..., EventsPage]:
    """Builds the page on screen; its session is `page.viewer`."""

    def make(rows: int, width: int = 1000, viewer: Viewer | None = None) -> EventsPage:
        viewer = viewer or make_viewer(rows)
        viewer.counts = viewer.wait(viewer.store.counts)
        page = EventsPage(viewer, look)
        page.viewer = viewer
        qtbot.addWidget(page)
        page.resize(width, 600)
        with qtbot.waitExposed(page):
            page.show()
        with qtbot.waitSignal(page.table.reader.counted):
            page.activate()
        return page

    return make


def click_row(qtbot: QtBot, page: EventsPage, row: int) -> int:
    """Click a row; its id."""
    view = page.table.view
    place = view.visualRect(page.table.model.index(row, 0)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    return page.table.model.row(row).id


def filtered(qtbot: QtBot, page: EventsPage, text: str) -> None:
    with qtbot.waitSignal(page.table.reader.counted):
        page.show_query(text)


def test_a_click_opens_the_detail_beside_the_table(
    qtbot: QtBot, make_page: Callable[..., EventsPage]
) -> None:
    page = make_page(300)
    assert not page.detail.isVisible()

    one = click_row(qtbot, page, 3)

    qtbot.waitUntil(lambda: page.detail.shown is not None)
    assert page.detail.delivery_id == one
    assert page.detail.isVisible()
    assert page.table.isVisible()


def test_the_detail_follows_the_current_row(
    qtbot: QtBot, make_page: Callable[..., EventsPage]
) -> None:
    page = make_page(300)
    click_row(qtbot, page, 3)
    qtbot.keyClick(page.table.view, Qt.Key.Key_Down)

    qtbot.waitUntil(lambda: page.detail.delivery_id == 296)


def test_in_a_narrow_window_return_opens_the_detail_in_place_of_the_table(
    qtbot: QtBot, make_page: Callable[..., EventsPage]
) -> None:
    page = make_page(300, width=700)
    click_row(qtbot, page, 3)
    assert not page.detail.isVisible()

    qtbot.keyClick(page.table.view, Qt.Key.Key_Return)

    assert page.detail.isVisible()
    assert not page.table.isVisible()
    page.detail.close_wanted.emit()
    assert page.table.isVisible()


def test_escape_closes_the_detail(qtbot: QtBot, make_page: Callable[..., EventsPage]) -> None:
    page = make_page(300)
    click_row(qtbot, page, 3)
    page.table.view.setFocus()

    qtbot.keyClick(page.table.view, Qt.Key.Key_Escape)

    assert not page.detail.isVisible()


def test_the_split_is_remembered(
    qtbot: QtBot, look: Look, make_page: Callable[..., EventsPage]
) -> None:
    page = make_page(300)
    click_row(qtbot, page, 3)
    page.split.setSizes([500, 460])
    page.split.splitterMoved.emit(500, 1)

    again = make_page(300, viewer=page.viewer)
    click_row(qtbot, again, 3)

    assert again.split.sizes()[0] == pytest.approx(page.split.sizes()[0], abs=15)


def test_a_filter_changes_the_table_and_the_foot(
    qtbot: QtBot, make_page: Callable[..., EventsPage]
) -> None:
    page = make_page(1000)
    assert page.foot.text() == "1,000 events"

    filtered(qtbot, page, "status:dead")

    rows = [page.table.model.row(one) for one in range(page.table.count())]
    assert {row.delivery.status for row in rows} == {DeliveryStatus.DEAD}
    assert page.foot.text() == f"{len(rows)} match"


def test_ctrl_f_goes_to_the_filter(qtbot: QtBot, make_page: Callable[..., EventsPage]) -> None:
    page = make_page(300)
    page.table.view.setFocus()

    qtbot.keyClick(page.table.view, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)

    assert page.filters.field.hasFocus()


@pytest.mark.parametrize("width", [1000, 700])
def test_ctrl_f_goes_to_the_filter_from_the_detail_too(
    qtbot: QtBot, make_page: Callable[..., EventsPage], width: int
) -> None:
    page = make_page(300, width=width)
    click_row(qtbot, page, 3)
    qtbot.keyClick(page.table.view, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.detail.shown is not None)
    page.detail.close_button.setFocus()

    qtbot.keyClick(page.detail.close_button, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)

    assert page.filters.isVisible()
    assert page.filters.field.hasFocus()
    assert page.detail.isVisible() is (width == 1000)


def test_a_new_filter_takes_away_the_detail_of_an_event_that_it_does_not_show(
    qtbot: QtBot, make_page: Callable[..., EventsPage]
) -> None:
    page = make_page(300)
    click_row(qtbot, page, 3)
    qtbot.waitUntil(lambda: page.detail.shown is not None)
    status = page.detail.shown.detail.delivery.status
    other = next(one for one in DeliveryStatus if one is not status)

    filtered(qtbot, page, f"status:{other}")

    assert page.detail.delivery_id is None
    assert page.detail.nothing.isVisible()
    assert not page.detail.replay_button.isVisible()


def test_a_new_filter_keeps_the_detail_of_an_event_that_it_shows(
    qtbot: QtBot, make_page: Callable[..., EventsPage]
) -> None:
    page = make_page(300)
    one = click_row(qtbot, page, 3)
    qtbot.waitUntil(lambda: page.detail.shown is not None)

    filtered(qtbot, page, f"status:{page.detail.shown.detail.delivery.status}")

    assert page.detail.delivery_id == one


def test_a_filter_without_match_is_cleared_by_its_button(
    qtbot: QtBot, make_page: Callable[..., EventsPage]
) -> None:
    page = make_page(300)
    filtered(qtbot, page, "nobody-has-this-name")

    with qtbot.waitSignal(page.table.reader.counted):
        page.table.no_match.button.click()

    assert page.table.count() == 300
    assert page.filters.is_clear()


def test_an_empty_store_offers_a_test_event(
    qtbot: QtBot, make_page: Callable[..., EventsPage]
) -> None:
    page = make_page(0)

    assert page.table.empty.title.text() == "No events yet"
    with qtbot.waitSignal(page.send_test):
        page.table.empty.button.click()


def test_the_foot_says_what_is_selected_and_whether_it_follows(
    qtbot: QtBot, make_page: Callable[..., EventsPage]
) -> None:
    page = make_page(1000)
    page.table.view.select_ids([1000, 999], 999)
    qtbot.waitUntil(lambda: page.foot.text() == "1,000 events · 2 selected")
    page.table.view.selectAll()
    qtbot.waitUntil(lambda: page.foot.text() == "1,000 events · all selected")

    page.table.view.verticalScrollBar().setValue(500)

    assert page.foot.text() == "1,000 events · all selected · not following"


def test_a_sentence_stands_in_the_foot_for_a_while(
    qtbot: QtBot, make_page: Callable[..., EventsPage], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = make_page(300)
    page._said.setInterval(1)

    page.operations.copied.emit("Copied 1 as JSON.")

    assert page.foot.text() == "Copied 1 as JSON."
    qtbot.waitUntil(lambda: page.foot.text() == "300 events")


def test_buttons_are_there_for_what_the_keys_do(
    qtbot: QtBot, make_page: Callable[..., EventsPage]
) -> None:
    page = make_page(300)
    assert not page.replay_button.isEnabled()

    click_row(qtbot, page, 3)

    qtbot.waitUntil(page.replay_button.isEnabled)
    assert "Ctrl+R" in page.replay_button.toolTip()


def test_a_range_of_time_begins_anew_when_the_page_is_shown_again(
    qtbot: QtBot, make_page: Callable[..., EventsPage], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = make_page(300)
    with qtbot.waitSignal(page.table.reader.counted):
        page.show_query("", 24)
    before = page.table.wanted.since
    page.deactivate()

    with qtbot.waitSignal(page.table.reader.counted):
        page.activate()

    assert page.table.wanted.since > before


def test_a_low_window_has_room_for_rows(make_page: Callable[..., EventsPage]) -> None:
    page = make_page(300)
    assert page.filters.chips.isVisible()

    page.resize(1000, 20 * page.fontMetrics().lineSpacing())

    assert not page.filters.chips.isVisible()
    assert page.filters.field.isVisible()


def test_only_this_customer_is_a_filter(qtbot: QtBot, make_page: Callable[..., EventsPage]) -> None:
    page = make_page(300)
    click_row(qtbot, page, 3)
    customer = page.table.model.row(3).delivery.customer_id
    qtbot.waitUntil(page.actions_.same_customer.isEnabled)

    with qtbot.waitSignal(page.table.reader.counted):
        page.actions_.same_customer.trigger()

    assert page.filters.text == f"customer:{customer}"
    assert 0 < page.table.count() < 300


def test_a_delivery_is_opened_from_elsewhere(
    qtbot: QtBot, make_page: Callable[..., EventsPage]
) -> None:
    page = make_page(300)

    page.show_delivery(42)

    qtbot.waitUntil(lambda: page.detail.shown is not None)
    assert page.detail.shown.detail.delivery.id == 42


def named(widget: QWidget) -> bool:
    text = getattr(widget, "text", lambda: "")
    return bool(widget.accessibleName() or text())


def test_every_control_has_a_name(qtbot: QtBot, make_page: Callable[..., EventsPage]) -> None:
    page = make_page(300)
    click_row(qtbot, page, 3)
    qtbot.waitUntil(lambda: page.detail.shown is not None)

    for control in (page.more, page.columns, page.replay_button, page.discard_button):
        assert named(control)


def test_events_appear_as_the_engine_takes_and_sends_them(
    qtbot: QtBot, look: Look, make_session: Callable[..., Session]
) -> None:
    """The whole way: a webhook comes in, its row appears and turns accepted."""
    session = make_session()
    page = EventsPage(session, look)
    qtbot.addWidget(page)
    page.resize(1000, 600)
    with qtbot.waitExposed(page):
        page.show()
    page.activate()
    qtbot.waitUntil(page.table.empty.isVisible, timeout=PATIENCE_MS)

    async def post() -> None:
        async with httpx.AsyncClient(trust_env=False) as client:
            auth = httpx.BasicAuth(b"gladly", "pässwörd".encode())
            event = gladly_event("CONVERSATION/CLOSED", agent="a1")
            answer = await client.post(session.webhook_url, content=body(event), auth=auth)
            answer.raise_for_status()

    asyncio.run_coroutine_threadsafe(post(), session._bridge._loop)

    def is_accepted() -> bool:
        row = page.table.model.row(0)
        return row is not None and row.delivery.status is DeliveryStatus.ACCEPTED

    qtbot.waitUntil(is_accepted, timeout=PATIENCE_MS)
    assert page.table.view.isVisible()
    qtbot.waitUntil(
        lambda: (
            session.counts is not None
            and session.counts
            == Counts(
                webhooks=session.counts.webhooks,
                deliveries={"accepted": 1},
                oldest_pending_at=None,
            )
        ),
        timeout=PATIENCE_MS,
    )
