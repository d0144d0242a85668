"""The summary counts, and the current row is told in full."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.sender.progress import Step
from gui.sender.results import ResultsPanel
from tests.core.sender.test_progress import DELIVERY
from tests.gui.sender.test_outcomes import progress

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look


@pytest.fixture
def panel(qtbot: QtBot, look: Look) -> ResultsPanel:
    made = ResultsPanel(look)
    qtbot.addWidget(made)
    made.show()
    return made


def test_before_anything_was_sent_it_says_so(panel: ResultsPanel):
    assert panel.empty.isVisible()


def test_the_summary_counts_what_is_worth_counting(panel: ResultsPanel):
    panel.begin(["Created"] * 6)
    panel.take(
        [
            progress(0, Step.ACCEPTED),
            progress(1, Step.SKIPPED),
            progress(2, Step.UNMAPPABLE),
            progress(3, Step.DEAD),
            progress(4, Step.RETRYING),
        ]
    )
    under_way = panel.summary.text()
    panel.stop()

    assert not panel.empty.isVisible()
    assert under_way == ("1 of 6 accepted · 2 under way · 1 skipped · 1 unmappable · 1 dead")
    assert panel.summary.text().endswith("1 dead · 1 not watched any longer · 1 not sent")


def test_the_current_row_is_told_in_full_and_can_be_opened(qtbot: QtBot, panel: ResultsPanel):
    panel.begin(["Created", "Closed"])
    waiting = panel.detail.text()
    panel.take([progress(1, Step.ACCEPTED, deliveries=(DELIVERY,))])
    panel.view.selectRow(1)

    assert waiting == "No. 1: Its turn has not come yet."
    assert panel.detail.text() == "No. 2: accepted."
    with qtbot.waitSignal(panel.open_delivery) as opened:
        panel.open.click()
    assert opened.args == [7]
    panel.begin([])
    assert panel.detail.text() == ""
    assert not panel.open.isVisible()
