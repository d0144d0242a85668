"""The model of webhooks that are stuck."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt

from core.model import Channel, Webhook, WebhookStatus
from gui.attention.webhook_model import Column, WebhookModel

if TYPE_CHECKING:
    from pytestqt.modeltest import ModelTester

Role = Qt.ItemDataRole


def webhook(one: int, **changes: object) -> Webhook:
    members = {
        "id": one,
        "dedupe_key": f"e{one}",
        "kind": "CONVERSATION/CREATED",
        "channel": Channel.WEBHOOK,
        "received_at": 1_780_000_000.0,
        "occurred_ns": None,
        "conversation_id": "c1",
        "customer_id": None,
        "status": WebhookStatus.UNMAPPABLE,
        "reason": "The body has no time.",
        "attempts": 0,
        "due_at": None,
        "body": b"{}",
    }
    return Webhook(**{**members, **changes})  # type: ignore[arg-type]


@pytest.fixture
def model() -> WebhookModel:
    made = WebhookModel()
    made.show_webhooks([webhook(2), webhook(1, kind="", conversation_id=None, reason="")])
    return made


def test_it_is_a_proper_model(qtmodeltester: ModelTester, model: WebhookModel) -> None:
    qtmodeltester.check(model)


def test_a_line_says_what_came_and_why_it_is_stuck(model: WebhookModel) -> None:
    first = [model.index(0, column).data() for column in Column]
    second = [model.index(1, column).data() for column in Column]

    assert first[1:] == ["CONVERSATION/CREATED", "c1", "The body has no time."]
    assert second[1:] == ["unknown", "", "It cannot become an event."]
    assert model.index(0, Column.TIME).data(Role.ToolTipRole).endswith("UTC")
    assert model.index(0, Column.REASON).data(Role.ToolTipRole) == "The body has no time."


def test_the_same_rows_once_more_reset_nothing(qtbot, model: WebhookModel) -> None:
    with qtbot.assertNotEmitted(model.modelReset):
        model.show_webhooks(list(model.webhooks))

    assert model.row_of(1) == 1
    assert model.row_of(99) is None


def test_columns_have_titles(model: WebhookModel) -> None:
    titles = [model.headerData(column, Qt.Orientation.Horizontal) for column in Column]

    assert titles == ["Time", "Kind", "Conversation", "Reason"]
