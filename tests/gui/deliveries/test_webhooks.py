"""What Gladly sent: a choice of webhooks with what became of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QGuiApplication

from core.model import WebhookStatus
from gui.deliveries.webhooks import WebhooksView
from tests.gui.deliveries.details import detail, webhook

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from gui.look import Look
    from tests.gui.viewer import Viewer


@pytest.fixture
def view(qtbot: QtBot, look: Look, make_viewer: Callable[..., Viewer]) -> WebhooksView:
    """Nothing chosen yet."""
    viewer = make_viewer()
    made = WebhooksView(viewer, look)
    made.viewer = viewer
    qtbot.addWidget(made)
    return made


ASKED = webhook(
    2, kind="CONVERSATION/CREATED", status=WebhookStatus.SKIPPED, reason="Nobody has taken it yet."
)


def test_begins_with_the_webhook_that_led_to_the_delivery(view: WebhooksView) -> None:
    view.set_detail(detail(webhooks=(ASKED, webhook())))

    assert view.choice.count() == 2
    assert view.current() == webhook()
    assert '"conversationId": "conv-1"' in view.json.text()
    assert view.about.text().startswith("Resolved. Became a track event. Received ")


def test_another_one_is_chosen(view: WebhooksView) -> None:
    view.set_detail(detail(webhooks=(ASKED, webhook())))

    view.choice.setCurrentIndex(0)

    assert view.about.text().startswith("Skipped. Nobody has taken it yet.")


def test_the_choice_stays_when_the_same_delivery_is_read_again(view: WebhooksView) -> None:
    view.set_detail(detail(webhooks=(ASKED, webhook())))
    view.choice.setCurrentIndex(0)

    view.set_detail(detail(webhooks=(ASKED, webhook(), webhook(9))))
    assert view.current() == ASKED

    view.set_detail(detail(webhooks=(webhook(11), webhook(3, reason="Other."))))
    assert view.current().id == 3


def test_another_delivery_begins_with_its_own_webhook(view: WebhooksView) -> None:
    view.set_detail(detail(webhooks=(ASKED, webhook())))
    view.choice.setCurrentIndex(0)

    view.set_detail(detail(webhooks=(ASKED, webhook()), id=13))

    assert view.current() == webhook()


def test_the_body_is_copied_as_json_and_as_curl_without_password(view: WebhooksView) -> None:
    view.set_detail(detail())

    view.copy_curl.click()

    text = QGuiApplication.clipboard().text()
    assert view.viewer.webhook_url in text
    assert "$WEBHOOK_PASSWORD" in text
    view.copy_json.click()
    assert QGuiApplication.clipboard().text() == view.json.text()


def test_a_body_that_was_removed_says_so_and_is_not_copied(view: WebhooksView) -> None:
    view.set_detail(detail(webhooks=(webhook(body=None),)))

    assert view.json.text() == ""
    assert not view.copy_json.isEnabled()
    assert not view.copy_curl.isEnabled()


def test_without_webhooks_it_says_so(view: WebhooksView) -> None:
    view.set_detail(detail())
    view.set_detail(detail(webhooks=()))

    assert view.about.text() == "No webhook of this conversation is here."
    assert not view.choice.isEnabled()


def test_without_a_listener_there_is_no_curl(view: WebhooksView) -> None:
    view.viewer.webhook_url = None
    view.set_detail(detail())

    assert not view.copy_curl.isEnabled()
