"""The deliveries of a concern: the rows of its cause, and what may be done to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QWidget

from core.model import DeliveryStatus
from core.pipeline.operations import Selection
from gui.attention.concerns import concerns
from gui.attention.deliveries import COLUMNS, DeliveriesPane
from gui.deliveries.columns import Column
from tests.gui.attention.test_concerns import cause

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from gui.look import Look
    from gui.session import Session
    from tests.gui.attention.conftest import Filler

DEAD, RETRYING = concerns(
    [],
    [cause(rows=3), cause(DeliveryStatus.RETRYING, code="segment.http_503", rows=1)],
)


class Noted:
    """Stands in for EventOperations: notes what is asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Selection]] = []

    def replay(self, selection: Selection) -> None:
        self.asked.append(("replay", selection))

    def discard(self, selection: Selection) -> None:
        self.asked.append(("discard", selection))


@pytest.fixture
def noted() -> Noted:
    return Noted()


@pytest.fixture
def pane(
    qtbot: QtBot, look: Look, fill: Filler, make_session: Callable[..., Session], noted: Noted
) -> DeliveriesPane:
    fill.dead(3)
    fill.dead(2, code="segment.http_503")
    made = DeliveriesPane(make_session(), look, noted)  # type: ignore[arg-type]
    qtbot.addWidget(made)
    made.resize(800, 400)
    made.show()
    return made


def shown(qtbot: QtBot, pane: DeliveriesPane) -> None:
    pane.show_concern(DEAD)
    pane.activate()
    qtbot.waitUntil(lambda: pane.table.is_counted and pane.table.count() == 3)


def test_only_the_rows_of_the_cause_are_shown_with_why(qtbot: QtBot, pane: DeliveriesPane) -> None:
    shown(qtbot, pane)

    assert pane.strip.sentence.text() == "Segment rejects it."
    assert pane.table.header.is_shown(Column.LAST_ERROR)
    assert not pane.table.header.is_shown(Column.CHANNEL)


def test_columns_that_somebody_chose_stay_so(
    qtbot: QtBot, look: Look, make_session: Callable[..., Session], noted: Noted
) -> None:
    session = make_session()
    session.memory.set(COLUMNS, {"shown": ["event"]})

    pane = DeliveriesPane(session, look, noted)  # type: ignore[arg-type]
    qtbot.addWidget(pane)

    assert pane.table.header.is_shown(Column.EVENT)
    assert not pane.table.header.is_shown(Column.LAST_ERROR)


def test_dead_ones_are_replayed_or_discarded_all_at_once(
    qtbot: QtBot, pane: DeliveriesPane, noted: Noted
) -> None:
    shown(qtbot, pane)

    assert not pane.resume_button.isVisible()
    assert pane.replay_button.text() == "&Replay all 3…"
    pane.replay_button.click()
    pane.discard_button.click()

    everything = Selection(wanted=DEAD.filter)
    assert noted.asked == [("replay", everything), ("discard", everything)]


def test_some_that_are_selected_are_meant_alone(
    qtbot: QtBot, pane: DeliveriesPane, noted: Noted
) -> None:
    shown(qtbot, pane)
    rows = [pane.table.model.row(number) for number in (0, 1)]
    ids = [row.id for row in rows if row is not None]
    pane.table.view.select_ids(ids, ids[0])
    qtbot.waitUntil(lambda: pane.replay_button.text() == "&Replay 2 selected…")

    pane.replay_button.click()

    qtbot.waitUntil(lambda: len(noted.asked) == 1)
    [(deed, selection)] = noted.asked
    assert deed == "replay"
    assert sorted(selection.ids) == sorted(ids)


def test_those_that_are_tried_again_by_themselves_may_be_tried_now(
    qtbot: QtBot, pane: DeliveriesPane
) -> None:
    pane.show_concern(RETRYING)

    assert not pane.replay_button.isVisible()
    assert pane.discard_button.text() == "&Discard it…"
    with qtbot.waitSignal(pane.resume_wanted):
        pane.resume_button.click()


def test_a_hidden_pane_reads_nothing(
    qtbot: QtBot, pane: DeliveriesPane, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown(qtbot, pane)
    pane.deactivate()

    pane.show_concern(RETRYING)

    assert isinstance(pane.table, QWidget)
    assert not pane.table.reader._under_way
