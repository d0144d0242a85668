"""The replay dialog, on the real engine."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtWidgets import QWidget

from core.errors import OperationError
from core.model import DeliveryStatus
from core.pipeline.operations import PAGE, Effect, Selection, Step, through
from core.store.base import Filter
from gui.deliveries.replay import ReplayDialog
from tests.bench.rows import fill

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from core.home import Home
    from core.simulator.segment import SegmentSimulator
    from gui.look import Look
    from gui.session import Session

PATIENCE_MS = 20_000
DEAD = Filter(statuses=(DeliveryStatus.DEAD,))
EFFECT = Effect(fresh=900, dropped=80, again=15, impossible=5)


class Link:
    """An engine that says what it is told to, and notes what is asked."""

    def __init__(self, effect: Effect = EFFECT) -> None:
        self.effect = effect
        self.replayed: list[tuple[int, bool]] = []
        self.error: OperationError | None = None
        self.fails_after = 0
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()

    async def preview(self, _: Selection) -> Effect:
        return self.effect

    async def replay(
        self,
        selection: Selection,
        *,
        new_id: bool = False,
        progress: Callable[[Step], object] = lambda _: None,
    ) -> int:
        self.replayed.append((len(selection.ids), new_id))

        async def step(before: int | None) -> Step:
            await self.may_go_on.wait()
            if self.error is not None and (before or 0) >= self.fails_after:
                raise self.error
            end = min((before or 0) + PAGE, len(selection.ids))
            done = end - (before or 0)
            return Step(seen=done, done=done, before=end if end < len(selection.ids) else None)

        return await through(step, progress)


@pytest.fixture
def open_dialog(
    qtbot: QtBot, look: Look, make_viewer: Callable[..., Any]
) -> Callable[..., ReplayDialog]:
    """Opens a dialog on a link that only pretends; `dialog.link` is that."""

    def make(selection: Selection, link: Link | None = None) -> ReplayDialog:
        viewer = make_viewer(10)
        viewer.link = link or Link()
        window = QWidget()
        qtbot.addWidget(window)
        dialog = ReplayDialog(viewer, look, selection, window)
        dialog.link, dialog.window_ = viewer.link, window
        loop = viewer._bridge._loop
        dialog.let_go_on = lambda: loop.call_soon_threadsafe(viewer.link.may_go_on.set)
        dialog.start()
        qtbot.waitUntil(lambda: not dialog.busy.isVisible() and bool(dialog.text.text()))
        return dialog

    return make


def kill_all(home: Home, rows: int) -> None:
    """A home in which every delivery is dead."""
    fill(home.store_file, rows)
    with sqlite3.connect(home.store_file) as connection:
        connection.execute(
            "UPDATE delivery SET status = 'dead', accepted_at = NULL, next_attempt_at = NULL"
        )


def test_a_thousand_dead_deliveries_are_replayed_and_arrive(
    qtbot: QtBot,
    look: Look,
    home: Home,
    make_session: Callable[..., Session],
    segment: SegmentSimulator,
) -> None:
    kill_all(home, 1000)
    session = make_session()
    window = QWidget()
    qtbot.addWidget(window)
    dialog = ReplayDialog(session, look, Selection(wanted=DEAD), window)
    dialog.start()
    qtbot.waitUntil(dialog.go.isEnabled, timeout=PATIENCE_MS)

    assert dialog.text.text().startswith("1,000 can be put back to pending.")
    assert dialog.go.text() == "Replay 1,000"
    with qtbot.waitSignal(dialog.changed, timeout=PATIENCE_MS):
        dialog.go.click()

    assert dialog.notice.title.text() == ("1,000 deliveries are pending again and will be sent.")
    qtbot.waitUntil(
        lambda: (
            (session.counts or EFFECT) is not EFFECT
            and session.counts.deliveries == {"accepted": 1000}
        ),
        timeout=PATIENCE_MS,
    )


def test_says_what_segment_will_do(open_dialog: Callable[..., ReplayDialog]) -> None:
    dialog = open_dialog(Selection(ids=(1, 2)))

    assert dialog.text.text().splitlines() == [
        "995 can be put back to pending.",
        "Never accepted by Segment: 900. They are counted once.",
        "Accepted within 24 hours: 80. Segment drops them by their messageId, so nothing changes "
        "there.",
        "Accepted more than 24 hours ago: 15. Segment no longer knows their messageId and counts "
        "them twice.",
        "Left alone: 5. Under way already, or removed by retention.",
    ]


def test_a_new_message_id_is_an_option_that_says_what_it_does(
    qtbot: QtBot, open_dialog: Callable[..., ReplayDialog]
) -> None:
    dialog = open_dialog(Selection(ids=(1, 2)))

    dialog.new_id.click()

    assert "Accepted before: 95. Segment counts them twice." in dialog.text.text()
    with qtbot.waitSignal(dialog.changed):
        dialog.go.click()
    assert dialog.link.replayed == [(2, True)]


def test_without_accepted_ones_there_is_no_such_option(
    open_dialog: Callable[..., ReplayDialog],
) -> None:
    dialog = open_dialog(Selection(ids=(1,)), Link(Effect(fresh=1)))

    assert not dialog.new_id.isVisible()


def test_one_delivery_is_told_as_one(
    qtbot: QtBot, open_dialog: Callable[..., ReplayDialog]
) -> None:
    dialog = open_dialog(Selection(ids=(1,)), Link(Effect(fresh=1)))
    with qtbot.waitSignal(dialog.changed):
        dialog.go.click()

    assert dialog.notice.title.text() == "One delivery is pending again and will be sent."


def test_what_cannot_be_replayed_cannot_be_begun(
    open_dialog: Callable[..., ReplayDialog],
) -> None:
    dialog = open_dialog(Selection(ids=(1,)), Link(Effect(impossible=1)))

    assert not dialog.go.isEnabled()
    assert dialog.text.text().startswith("None of these can be replayed")


def test_it_can_be_stopped_between_pages(
    qtbot: QtBot, open_dialog: Callable[..., ReplayDialog]
) -> None:
    dialog = open_dialog(Selection(ids=tuple(range(1, 10 * PAGE))))
    dialog.link.may_go_on.clear()
    with qtbot.waitSignal(dialog.changed):
        dialog.go.click()
        dialog.reject()
        assert not dialog.close_button.isEnabled()
        dialog.let_go_on()

    assert dialog.notice.title.text() == "Stopped."
    assert dialog.notice.hint.text() == "250 deliveries are pending again and will be sent."


def test_progress_is_to_be_seen(qtbot: QtBot, open_dialog: Callable[..., ReplayDialog]) -> None:
    dialog = open_dialog(Selection(ids=tuple(range(1, 1001))))
    dialog.link.may_go_on.clear()
    with qtbot.waitSignal(dialog.changed):
        dialog.go.click()
        assert dialog.progress.isVisible()
        dialog.watched.tell(Step(seen=500, done=400, before=1))
        qtbot.waitUntil(lambda: dialog.progress.value() == 500)
        assert dialog.busy.label.text() == "500 of 1,000 looked at."
        dialog.let_go_on()


def test_a_running_engine_tells_how_far_it_is(
    qtbot: QtBot, home: Home, make_session: Callable[..., Session]
) -> None:
    kill_all(home, 2 * PAGE + 1)
    session, told, done = make_session(), [], []
    session.ask(
        lambda: session.link.replay(Selection(wanted=DEAD), progress=told.append),
        owner=session,
        then=done.append,
    )
    qtbot.waitUntil(lambda: done == [2 * PAGE + 1], timeout=PATIENCE_MS)

    assert [step.seen for step in told] == [PAGE, 2 * PAGE, 2 * PAGE + 1]


def test_what_was_done_before_a_failure_is_said_and_not_done_twice(
    qtbot: QtBot, open_dialog: Callable[..., ReplayDialog]
) -> None:
    link = Link()
    link.error, link.fails_after = OperationError("The engine does not run.", "Start it."), PAGE
    dialog = open_dialog(Selection(ids=tuple(range(1, 1001))), link)
    with qtbot.waitSignal(dialog.changed):
        dialog.go.click()

    assert dialog.notice.title.text() == "The engine does not run."
    assert dialog.notice.hint.text() == (
        "250 deliveries are pending again and will be sent. Start it."
    )
    assert not dialog.go.isVisible()


def test_a_failure_says_what_to_do_and_can_be_tried_again(
    qtbot: QtBot, open_dialog: Callable[..., ReplayDialog]
) -> None:
    link = Link()
    link.error = OperationError("The engine does not run.", "Start it, then try again.")
    dialog = open_dialog(Selection(ids=(1,)), link)
    dialog.go.click()
    qtbot.waitUntil(dialog.notice.isVisible)

    assert dialog.notice.title.text() == "The engine does not run."
    assert dialog.notice.hint.text() == "Start it, then try again."
    link.error = None
    with qtbot.waitSignal(dialog.changed):
        dialog.go.click()
    assert link.replayed == [(1, False), (1, False)]


def test_cancel_asks_for_nothing(qtbot: QtBot, open_dialog: Callable[..., ReplayDialog]) -> None:
    dialog = open_dialog(Selection(ids=(1,)))
    link = dialog.link

    with qtbot.waitSignal(dialog.finished):
        dialog.close_button.click()

    assert link.replayed == []
