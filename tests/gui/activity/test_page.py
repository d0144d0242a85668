"""The Activity page: charts that read themselves anew while they are seen, and never else."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from core.errors import StoreUnavailable
from core.model import DeliveryStatus
from core.store.sql_store import SqlStore
from core.store.sqlite import SqliteDriver
from gui.activity.page import CHARTS, REMEMBERED, SUMS, ActivityPage
from gui.activity.sums_model import Place
from tests.fakes.rows import lease, new_delivery, outcome
from tests.gui.activity.conftest import NOW, activity

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from core.home import Home
    from core.store.base import Activity
    from gui.look import Look
    from gui.session import Session

PATIENCE_MS = 20_000


class Clock:
    """Epoch seconds that stand still until told otherwise."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


class Counting:
    """Stands in for `store.activity`; counts and answers the same each time."""

    def __init__(self) -> None:
        self.asked: list[tuple[float, float, int]] = []
        self.error: StoreUnavailable | None = None

    async def __call__(self, since: float, until: float, buckets: int) -> Activity:
        self.asked.append((since, until, buckets))
        if self.error is not None:
            raise self.error
        return activity(
            since, until, buckets, _3={"received": 3, "accepted": 2, "dead": 1, "backlog": 4}
        )


@pytest.fixture
def store() -> Counting:
    return Counting()


@pytest.fixture
def session(
    make_session: Callable[..., Session], store: Counting, monkeypatch: pytest.MonkeyPatch
) -> Session:
    """A running session whose store tells made-up activity."""
    made = make_session()
    monkeypatch.setattr(made.store, "activity", store)
    return made


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def page(qtbot: QtBot, look: Look, session: Session, clock: Clock) -> ActivityPage:
    made = ActivityPage(session, look, clock=clock)
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    return made


def shown(qtbot: QtBot, page: ActivityPage) -> None:
    page.activate()
    qtbot.waitUntil(lambda: page.figures is not None, timeout=PATIENCE_MS)


def test_charts_are_loaded_and_filled_when_the_page_is_first_shown(
    qtbot: QtBot, page: ActivityPage, store: Counting
) -> None:
    assert page.cards == []

    shown(qtbot, page)

    assert store.asked == [(*page.range.window(NOW), 60)]
    events, latency, backlog = page.cards
    assert list(events.plot.accepted.opts["height"])[3] == 2
    assert events.summary.text() == "Last hour: 3 received, 2 accepted, 1 dead."
    assert events.plot.accessibleDescription() == events.summary.text()
    assert latency.summary.text().startswith("Nothing was accepted")
    assert backlog.summary.text().startswith("Last hour: 0 under way now, at most 4 at ")


def test_another_range_is_read_at_once_and_remembered(
    qtbot: QtBot, page: ActivityPage, store: Counting, session: Session
) -> None:
    shown(qtbot, page)

    page.buttons.button(2).click()
    qtbot.waitUntil(lambda: page.figures is not None and page.figures.range.name == "week")

    assert store.asked[-1][2] == 84
    assert session.memory.get(REMEMBERED) == "week"
    assert page.cards[0].summary.text().startswith("Last week: ")


def test_the_range_is_as_it_was_left(qtbot: QtBot, look: Look, session: Session) -> None:
    session.memory.set(REMEMBERED, "day")

    page = ActivityPage(session, look)
    qtbot.addWidget(page)

    assert page.range.name == "day"
    assert page.buttons.button(1).isChecked()


def test_it_is_read_again_when_something_changed_or_time_went_on(
    qtbot: QtBot, page: ActivityPage, store: Counting, session: Session, clock: Clock
) -> None:
    shown(qtbot, page)
    page._rest_until = 0.0
    page._changed = False

    page._on_tick()
    assert len(store.asked) == 1

    session.changed.emit()
    page._on_tick()
    qtbot.waitUntil(lambda: len(store.asked) == 2)
    qtbot.waitUntil(lambda: page._asked is None)
    page._rest_until = 0.0
    page._changed = False

    clock.now += 60
    page._on_tick()
    qtbot.waitUntil(lambda: len(store.asked) == 3)


def test_a_hidden_page_reads_nothing(
    qtbot: QtBot, page: ActivityPage, store: Counting, session: Session
) -> None:
    shown(qtbot, page)
    page.deactivate()

    session.changed.emit()
    qtbot.waitUntil(lambda: not page._timer.isActive())

    assert len(store.asked) == 1


def test_a_page_that_was_hidden_while_it_loaded_reads_nothing(
    qtbot: QtBot, page: ActivityPage, store: Counting
) -> None:
    page.activate()
    page.deactivate()

    qtbot.waitUntil(lambda: len(page.cards) == 3, timeout=PATIENCE_MS)

    assert store.asked == []


def test_where_it_is_narrow_the_charts_stand_one_below_the_other(
    qtbot: QtBot, page: ActivityPage
) -> None:
    shown(qtbot, page)
    _, latency, backlog = page.cards
    assert latency.y() == backlog.y()

    page.resize(500, 900)

    qtbot.waitUntil(lambda: backlog.y() > latency.y())


def test_what_really_happened_is_counted(
    qtbot: QtBot, look: Look, make_session: Callable[..., Session], home: Home
) -> None:
    now = time.time()
    asyncio.run(_accept_one(home, now))
    page = ActivityPage(make_session(), look)
    qtbot.addWidget(page)
    page.show()

    shown(qtbot, page)

    assert page.figures is not None
    assert (page.figures.total("received"), page.figures.total("accepted")) == (1, 1)
    assert page.cards[1].summary.text().startswith("Last hour: half accepted within about 2 s")


async def _accept_one(home: Home, now: float) -> None:
    """One delivery that was received and accepted two seconds later."""
    store = SqlStore(SqliteDriver(home.store_file))
    await store.open()
    at = now - 10
    await store.enqueue(new_delivery(received_at=at, created_at=at, occurred_at=at))
    [claimed] = await store.claim(1, lease(until=now + 60), now=at)
    done = outcome(claimed.id, DeliveryStatus.ACCEPTED, accepted_at=at + 2, started_at=at)
    await store.settle([done], "engine-1")
    await store.close()


def test_one_cursor_reads_all_charts(qtbot: QtBot, page: ActivityPage) -> None:
    shown(qtbot, page)

    page.cards[0].plot.pointed.emit(3)

    assert [card.plot.cursor_at for card in page.cards] == [3, 3, 3]
    assert page.cards[0].read_out.text().endswith(": 3 received, 2 accepted, 1 dead")
    assert page.cards[2].read_out.text().endswith(": 4 under way")

    page.cards[1].plot.pointed.emit(-1)

    assert {card.read_out.text().strip() for card in page.cards} == {""}


def test_light_and_dark_are_followed(qtbot: QtBot, page: ActivityPage, look: Look) -> None:
    shown(qtbot, page)
    plot = page.cards[0].plot
    light = plot.backgroundBrush().color().name()

    look.force("dark")

    assert plot.backgroundBrush().color().name() == look.colour("raised").name() != light


def test_a_store_that_cannot_be_read_is_told_until_it_can(
    qtbot: QtBot, page: ActivityPage, store: Counting
) -> None:
    store.error = StoreUnavailable("The store cannot be read.", "Check the disk.")
    page.activate()
    qtbot.waitUntil(page.notice.isVisible, timeout=PATIENCE_MS)
    assert page.notice.title.text() == "The store cannot be read."

    store.error = None
    page._rest_until = 0.0
    page._on_tick()

    qtbot.waitUntil(lambda: not page.notice.isVisible())


def test_without_a_store_there_is_something_to_press(
    qtbot: QtBot, look: Look, make_session: Callable[..., Session]
) -> None:
    page = ActivityPage(make_session(start=False), look)
    qtbot.addWidget(page)
    page.show()
    page.activate()
    qtbot.waitUntil(page.empty.isVisible, timeout=PATIENCE_MS)

    with qtbot.waitSignal(page.open_page) as wish:
        page.empty.button.click()

    assert wish.args == ["sender"]


def test_the_sums_are_added_up_only_when_their_tab_is_opened(
    qtbot: QtBot, page: ActivityPage, store: Counting
) -> None:
    shown(qtbot, page)
    assert page.sums.sums is None

    page.tabs.setCurrentIndex(SUMS)

    qtbot.waitUntil(lambda: page.sums.sums is not None, timeout=PATIENCE_MS)
    assert page.sums.isVisible()
    assert not page.buttons.button(0).isVisible()
    reads = len(store.asked)
    assert not page._timer.isActive()

    page.tabs.setCurrentIndex(CHARTS)

    qtbot.waitUntil(lambda: len(store.asked) > reads)
    assert page.buttons.button(0).isVisible()
    assert not page.sums.isVisible()


def test_what_the_sums_wish_for_is_passed_on(qtbot: QtBot, page: ActivityPage) -> None:
    with qtbot.waitSignal(page.show_query) as query:
        page.sums.table.wanted.emit(Place(query="status:dead day:2026-05-28"))
    with qtbot.waitSignal(page.open_page) as wish:
        page.sums.table.wanted.emit(Place(page="attention"))

    assert query.args == ["status:dead day:2026-05-28"]
    assert wish.args == ["attention"]


def test_coverage_is_read_with_the_charts_and_only_while_the_page_is_seen(
    qtbot: QtBot, page: ActivityPage, session: Session
) -> None:
    assert page.coverage.day is None

    shown(qtbot, page)
    qtbot.waitUntil(lambda: page.coverage.day is not None)
    assert page.coverage.isVisibleTo(page)

    page.deactivate()
    before = page.coverage.day
    session.changed.emit()
    qtbot.waitUntil(lambda: not page._timer.isActive())
    assert page.coverage.day is before

    page.activate()
    qtbot.waitUntil(lambda: page.coverage.day is not before)
