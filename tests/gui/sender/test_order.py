"""The button says what it would do, and stays in sight."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gui.sender.order import OrderPanel

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.look import Look
    from gui.sender.draft import Draft


@pytest.fixture
def panel(qtbot: QtBot, look: Look, draft: Draft) -> OrderPanel:
    made = OrderPanel(look)
    qtbot.addWidget(made)
    made.form.set_draft(draft)
    made.resize(380, 300)
    made.show()
    return made


@pytest.mark.parametrize(
    ("count", "ready", "running", "text", "can"),
    [
        (1, True, False, "Send 1 test event", (True, False)),
        (1500, True, True, "Send 1,500 test events", (False, True)),
        (2, False, False, "Send 2 test events", (False, False)),
    ],
)
def test_the_buttons_tell_the_state(
    panel: OrderPanel, count: int, text: str, can: tuple[bool, bool], *, ready: bool, running: bool
):
    panel.show_state(count, ready=ready, running=running)

    assert panel.send.text().replace("&", "") == text
    assert (panel.send.isEnabled(), panel.stop.isEnabled()) == can


def test_while_it_asks_nothing_can_be_sent(panel: OrderPanel):
    panel.show_state(1, ready=True, running=False)

    panel.ask(1, "api.segment.io")
    panel.show_state(1, ready=True, running=False)
    asking = panel.send.isEnabled()
    panel.confirm.cancel.click()

    assert not asking
    assert panel.send.isEnabled()


def test_the_form_scrolls_or_shows_itself_whole(qtbot: QtBot, panel: OrderPanel):
    scrolls = panel.scroller.verticalScrollBar().maximum() > 0
    panel.set_whole(whole=True)
    panel.resize(380, panel.minimumSizeHint().height())

    qtbot.waitUntil(lambda: panel.scroller.verticalScrollBar().maximum() == 0)
    assert scrolls
    panel.set_whole(whole=False)
    assert panel.scroller.minimumHeight() == 0
