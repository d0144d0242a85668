"""The tabs: to Segment, from Gladly, looked up, compare."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QGuiApplication

from core.model import DeliveryDetail, DeliveryStatus
from core.settings import Settings
from gui.deliveries import contents
from gui.deliveries.contents import Contents, explain
from tests.gui.deliveries.details import LOOKED_UP, accepted, detail, message
from tests.gui.deliveries.test_columns import NOW

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from gui.look import Look
    from tests.gui.viewer import Viewer


@pytest.fixture
def tabs(qtbot: QtBot, look: Look, make_viewer: Callable[..., Viewer]) -> Contents:
    """Tabs that show nothing yet."""
    made = Contents(make_viewer(), look)
    qtbot.addWidget(made)
    return made


class OneDelivery:
    """A store with one delivery."""

    def __init__(self, one: DeliveryDetail | None) -> None:
        self.one = one

    async def delivery(self, _: int) -> DeliveryDetail | None:
        return self.one


def test_shows_what_was_sent_looked_up_told_and_compared(tabs: Contents) -> None:
    tabs.set_shown(explain(accepted(), Settings(), NOW))

    assert json.loads(tabs.sent.text()) == message()
    assert json.loads(tabs.looked_up.text()) == LOOKED_UP
    assert tabs.webhooks.choice.count() == 1
    assert tabs.compared.table.rowCount() > 5
    assert [tabs.tabText(one) for one in range(4)] == [
        "To Segment",
        "From Gladly",
        "Looked up",
        "Compare",
    ]


def test_letters_stand_there_as_people_write_them(tabs: Contents) -> None:
    tabs.set_shown(explain(accepted(), Settings(), NOW))

    assert "Zoë Müller" in tabs.sent.text()


def test_copies_as_json_and_as_curl_without_the_key(tabs: Contents) -> None:
    tabs.set_shown(explain(accepted(), Settings(), NOW))

    tabs.copy_json.click()
    assert json.loads(QGuiApplication.clipboard().text()) == message()
    tabs.copy_curl.click()
    assert '-u "$WRITE_KEY:"' in QGuiApplication.clipboard().text()


def test_what_was_removed_says_so_and_cannot_be_copied(tabs: Contents) -> None:
    tabs.set_shown(explain(detail(bare=True), Settings(), NOW))

    assert tabs.sent.text() == tabs.looked_up.text() == ""
    assert tabs.sent.area.placeholderText()
    assert not tabs.copy_curl.isEnabled()


async def test_a_delivery_that_is_gone_is_none() -> None:
    assert await contents.read(OneDelivery(None), 1, Settings()) is None


async def test_what_has_not_changed_is_not_explained_again() -> None:
    store = OneDelivery(accepted())
    first = await contents.read(store, 1, Settings())
    again = await contents.read(store, 1, Settings(), first)
    store.one = accepted(status=DeliveryStatus.CONFIRMED)
    changed = await contents.read(store, 1, Settings(), first)

    assert again is first
    assert changed is not first


async def test_what_is_to_come_is_told_anew() -> None:
    store = OneDelivery(detail())
    first = await contents.read(store, 1, Settings())

    assert await contents.read(store, 1, Settings(), first) is not first
