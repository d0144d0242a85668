"""The detail pane: one delivery, kept up to date."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec
import pytest
from PySide6.QtCore import Qt

from core.errors import StoreUnavailable
from core.model import DeliveryStatus
from core.settings import Gladly, Settings
from core.store.base import Filter
from gui.deliveries.detail import DetailPane

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from core.model import Delivery
    from gui.look import Look
    from tests.gui.viewer import Viewer

SETTINGS = Settings(gladly=Gladly(url="https://acme.gladly.com", agent_email="a@example.com"))


@pytest.fixture
def pane(qtbot: QtBot, look: Look, make_viewer: Callable[..., Viewer]) -> DetailPane:
    """A pane on screen that shows nothing yet."""
    viewer = make_viewer(400)
    viewer.settings = SETTINGS
    made = DetailPane(viewer, look)
    made.viewer = viewer
    qtbot.addWidget(made)
    made.resize(420, 700)
    with qtbot.waitExposed(made):
        made.show()
    made.activate()
    return made


def first(pane: DetailPane, status: DeliveryStatus) -> Delivery:
    """The newest delivery of a status."""
    wanted = Filter(statuses=(status,))
    return pane.viewer.wait(lambda: pane.viewer.store.page(wanted, None, 1)).rows[0]


def show(qtbot: QtBot, pane: DetailPane, status: DeliveryStatus) -> Delivery:
    """Show the newest delivery of a status."""
    one = first(pane, status)
    pane.show_delivery(one.id)
    qtbot.waitUntil(lambda: pane.shown is not None and pane.shown.detail.delivery.id == one.id)
    return one


def test_says_first_that_none_is_chosen(pane: DetailPane) -> None:
    assert pane.nothing.isVisible()
    assert pane.nothing.title.text() == "No event chosen"


def test_an_accepted_delivery_is_told_in_full(qtbot: QtBot, pane: DetailPane) -> None:
    one = show(qtbot, pane, DeliveryStatus.ACCEPTED)

    assert pane.status.text() == "Accepted"
    assert pane.title.text() == one.event
    assert f"d{one.id}" in pane.about.text()
    assert pane.sentence.text().startswith("Accepted by Segment")
    assert [text.split()[0] for text in pane.timeline.texts()][-1] == "Accepted"
    assert json.loads(pane.contents.sent.text())["messageId"] == one.message_id
    assert pane.contents.webhooks.choice.count() >= 1
    assert pane.contents.compared.table.rowCount() > 5


def test_an_alias_is_told_without_a_conversation(qtbot: QtBot, pane: DetailPane) -> None:
    sent = {"type": "alias", "previousId": "old", "userId": "new", "messageId": "m"}
    (one,) = pane.viewer.add(
        1,
        type="alias",
        event="alias",
        conversation_id=None,
        customer_id="new",
        user_id="new",
        payload=json.dumps(sent).encode(),
    )

    pane.show_delivery(one)
    qtbot.waitUntil(lambda: pane.shown is not None)

    assert pane.title.text() == "alias"
    assert "None" not in pane.about.text() + pane.sentence.text()
    assert json.loads(pane.contents.sent.text())["previousId"] == "old"


@pytest.mark.parametrize(
    ("status", "replay", "discard"),
    [
        (DeliveryStatus.ACCEPTED, True, False),
        (DeliveryStatus.DEAD, True, True),
        (DeliveryStatus.RETRYING, False, True),
    ],
)
def test_offers_what_can_be_done(
    qtbot: QtBot, pane: DetailPane, status: DeliveryStatus, *, replay: bool, discard: bool
) -> None:
    one = show(qtbot, pane, status)

    assert pane.replay_button.isVisible() == replay
    assert pane.discard_button.isVisible() == discard
    if replay:
        with qtbot.waitSignal(pane.replay_wanted) as wanted:
            pane.replay_button.click()
    else:
        with qtbot.waitSignal(pane.discard_wanted) as wanted:
            pane.discard_button.click()
    assert wanted.args == [(one.id,)]


def test_asks_to_erase_the_customer(qtbot: QtBot, pane: DetailPane) -> None:
    one = show(qtbot, pane, DeliveryStatus.ACCEPTED)
    with qtbot.waitSignal(pane.erase_wanted) as wanted:
        pane.erase_action.trigger()

    assert wanted.args == [one.customer_id]


def test_what_changes_is_shown(qtbot: QtBot, pane: DetailPane) -> None:
    one = show(qtbot, pane, DeliveryStatus.RETRYING)
    pane.viewer.sql(
        "UPDATE delivery SET status = 'discarded', reason = 'By me.' WHERE id = ?", one.id
    )
    pane.viewer.changed.emit()

    qtbot.waitUntil(lambda: pane.status.text() == "Discarded")
    assert pane.sentence.text() == "By me."


def test_what_does_not_change_keeps_its_place(qtbot: QtBot, pane: DetailPane) -> None:
    show(qtbot, pane, DeliveryStatus.ACCEPTED)
    before, reads = pane.shown, pane.viewer.reads
    pane.viewer.changed.emit()
    qtbot.waitUntil(lambda: pane.viewer.reads > reads and pane._asked is None)

    assert pane.shown is before


def test_many_changes_are_one_read(qtbot: QtBot, pane: DetailPane) -> None:
    show(qtbot, pane, DeliveryStatus.ACCEPTED)
    reads = pane.viewer.reads

    for _ in range(20):
        pane.viewer.changed.emit()

    assert pane.viewer.reads - reads <= 1


def test_one_that_is_removed_says_so(qtbot: QtBot, pane: DetailPane) -> None:
    one = show(qtbot, pane, DeliveryStatus.ACCEPTED)
    pane.viewer.sql("DELETE FROM delivery WHERE id = ?", one.id)
    pane.viewer.changed.emit()

    qtbot.waitUntil(pane.nothing.isVisible)
    assert pane.nothing.title.text() == "This delivery is no longer here"


def test_what_retention_removed_is_said_to_be_removed(qtbot: QtBot, pane: DetailPane) -> None:
    one = first(pane, DeliveryStatus.ACCEPTED)
    pane.viewer.sql(
        "UPDATE delivery_content SET payload = NULL, looked_up = NULL WHERE delivery_id = ?",
        one.id,
    )
    show(qtbot, pane, DeliveryStatus.ACCEPTED)

    assert pane.contents.sent.text() == ""
    assert not pane.replay_button.isEnabled()


def test_a_read_that_fails_says_why(
    qtbot: QtBot, pane: DetailPane, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(_: int) -> None:
        raise StoreUnavailable("It cannot be read.", "Mend it.")

    monkeypatch.setattr(pane.viewer.store, "delivery", refuse)
    pane.show_delivery(5)

    qtbot.waitUntil(lambda: pane.nothing.title.text() == "It cannot be read.")


def test_escape_and_the_cross_ask_to_close(qtbot: QtBot, pane: DetailPane) -> None:
    show(qtbot, pane, DeliveryStatus.ACCEPTED)
    with qtbot.waitSignal(pane.close_wanted):
        pane.close_button.click()
    pane.activateWindow()
    pane.replay_button.setFocus()
    with qtbot.waitSignal(pane.close_wanted):
        qtbot.keyClick(pane.replay_button, Qt.Key.Key_Escape)


def test_none_is_shown_again(qtbot: QtBot, pane: DetailPane) -> None:
    show(qtbot, pane, DeliveryStatus.ACCEPTED)

    pane.show_delivery(None)

    assert pane.nothing.isVisible()
    assert pane.delivery_id is None


def test_nothing_is_read_while_hidden(qtbot: QtBot, pane: DetailPane) -> None:
    show(qtbot, pane, DeliveryStatus.ACCEPTED)
    pane.deactivate()
    reads = pane.viewer.reads

    pane.viewer.changed.emit()
    pane.show_delivery(3)

    assert pane.viewer.reads == reads


def test_is_not_cut_off_in_a_low_window(qtbot: QtBot, pane: DetailPane) -> None:
    show(qtbot, pane, DeliveryStatus.RETRYING)

    assert pane.minimumSizeHint().height() < 400
    assert pane.minimumSizeHint().width() < 360


def test_every_control_has_a_name(pane: DetailPane) -> None:
    for control in (pane.close_button, pane.more, pane.timeline, pane.contents):
        assert control.accessibleName()


def test_a_reason_without_blanks_stays_within_the_pane(qtbot: QtBot, pane: DetailPane) -> None:
    show(qtbot, pane, DeliveryStatus.DEAD)
    assert pane.shown is not None
    said = "Not tried again by itself: " + '{"success":false,"code":"' + "x" * 300 + '"}'
    pane._show(msgspec.structs.replace(pane.shown, sentence=said))

    body = pane.sentence.parentWidget()
    assert body.minimumSizeHint().width() <= pane.width()
