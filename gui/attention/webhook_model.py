"""The webhooks of a cause as a table, newest on top."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt

from core.sentences import about_webhook
from gui import words
from gui.widgets.rows_model import Index, RowsModel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.model import Webhook

Role = Qt.ItemDataRole


class Column(IntEnum):
    """The columns."""

    TIME = 0
    KIND = 1
    CONVERSATION = 2
    REASON = 3


class WebhookModel(RowsModel):
    """Webhooks as they were read."""

    def __init__(self, parent: Any = None) -> None:  # noqa: ANN401 - Qt's signature
        super().__init__(parent)
        self.webhooks: list[Webhook] = []

    def show_webhooks(self, webhooks: Sequence[Webhook]) -> None:
        """Show these."""
        if self.webhooks == list(webhooks):
            return
        self.beginResetModel()
        self.webhooks = list(webhooks)
        self.endResetModel()

    def row_of(self, one: int | None) -> int | None:
        """Where the webhook of an id stands."""
        ids = [webhook.id for webhook in self.webhooks]
        return ids.index(one) if one in ids else None

    def rows(self) -> Sequence[Webhook]:
        """The webhooks, from top to bottom."""
        return self.webhooks

    def titles(self) -> Sequence[str]:
        """See Column."""
        return self.tr("Time"), self.tr("Kind"), self.tr("Conversation"), self.tr("Reason")

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:  # noqa: ANN401 - Qt's signature
        """What a cell says."""
        if not index.isValid() or index.row() >= len(self.webhooks):
            return None
        webhook, column = self.webhooks[index.row()], Column(index.column())
        if role == Role.DisplayRole:
            return self._text(webhook, column)
        if role == Role.ToolTipRole:
            exact = column is Column.TIME
            return words.utc(webhook.received_at) if exact else self._text(webhook, column)
        return None

    def _text(self, webhook: Webhook, column: Column) -> str:
        match column:
            case Column.TIME:
                return words.when(webhook.received_at)
            case Column.KIND:
                return webhook.kind or self.tr("unknown")
            case Column.CONVERSATION:
                return webhook.conversation_id or ""
            case Column.REASON:
                return about_webhook(webhook)
