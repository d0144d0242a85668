"""Shows what Gladly sent about a conversation, one webhook at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from core.sentences import about_webhook
from gui import words
from gui.deliveries.columns import channel_word
from gui.deliveries.copying import webhook_as_curl
from gui.widgets.copy import CopyButton
from gui.widgets.json_view import JsonView
from gui.widgets.labels import Text
from gui.widgets.toolbar import ButtonRow

if TYPE_CHECKING:
    from core.model import DeliveryDetail, Webhook
    from gui.look import Look
    from gui.session import Session


class WebhooksView(QWidget):
    """A choice of webhooks, what became of the chosen one, and its body.

    Args:
        session: Whose listener a copied request goes to.
        look: Colours, icons and fonts.
    """

    def __init__(self, session: Session, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._webhooks: tuple[Webhook, ...] = ()
        self._delivery: int | None = None
        self.choice = QComboBox(self)
        self.choice.setAccessibleName(self.tr("Webhook"))
        self.choice.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.choice.setMinimumContentsLength(12)
        self.about = Text(tone="muted", parent=self)
        self.json = JsonView(look, self.tr("What Gladly sent"), self)
        self.json.set_placeholder(self.tr("The body was removed by retention or erased."))
        self.copy_json = CopyButton(look, self._json_text, self.tr("Copy as JSON"))
        self.copy_curl = CopyButton(look, self._curl_text, self.tr("Copy as curl"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.choice)
        column.addWidget(self.about)
        column.addWidget(self.json, 1)
        column.addWidget(ButtonRow((self.copy_json, self.copy_curl), self))
        self.choice.currentIndexChanged.connect(self._on_chosen)

    def set_detail(self, detail: DeliveryDetail) -> None:
        """Show the webhooks of a delivery's conversation; at first the one that led to it."""
        same = detail.delivery.id == self._delivery
        if same and detail.webhooks == self._webhooks:
            return
        chosen, wanted = self.current(), detail.delivery.webhook_id
        if same and chosen is not None and chosen.id in {one.id for one in detail.webhooks}:
            wanted = chosen.id
        self._webhooks, self._delivery = detail.webhooks, detail.delivery.id
        self.choice.blockSignals(True)  # noqa: FBT003 - Qt's signature
        self.choice.clear()
        for number, webhook in enumerate(self._webhooks):
            self.choice.addItem(self._title(webhook))
            if webhook.id == wanted:
                self.choice.setCurrentIndex(number)
        self.choice.blockSignals(False)  # noqa: FBT003 - Qt's signature
        self.choice.setEnabled(bool(self._webhooks))
        self._on_chosen()

    def current(self) -> Webhook | None:
        """The chosen webhook."""
        number = self.choice.currentIndex()
        return self._webhooks[number] if 0 <= number < len(self._webhooks) else None

    @Slot()
    def _on_chosen(self) -> None:
        webhook = self.current()
        self.json.set_json(None if webhook is None else webhook.body)
        self.copy_json.setEnabled(webhook is not None and webhook.body is not None)
        self.copy_curl.setEnabled(bool(self._curl_text()))
        if webhook is None:
            self.about.setText(self.tr("No webhook of this conversation is here."))
            return
        text = self.tr("{status}. {why} Received {time}, channel: {channel}.")
        self.about.setText(
            text.format(
                status=words.webhook_word(webhook.status).text,
                why=about_webhook(webhook),
                time=words.when(webhook.received_at),
                channel=channel_word(webhook.channel).lower(),
            )
        )
        self.about.setToolTip(words.utc(webhook.received_at))

    def _title(self, webhook: Webhook) -> str:
        when = webhook.received_at if webhook.occurred_ns is None else webhook.occurred_ns / 1e9
        return f"{words.when(when)}   {webhook.kind}"

    def _json_text(self) -> str:
        return self.json.text()

    def _curl_text(self) -> str:
        webhook, url = self.current(), self._session.webhook_url
        if webhook is None or url is None:
            return ""
        return webhook_as_curl(webhook, url, self._session.settings.listener)
