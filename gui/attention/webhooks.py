"""The webhooks of a concern: which they are, and what Gladly sent in each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QHeaderView,
    QSplitter,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from core.store import causes
from gui.attention.concerns import advice
from gui.attention.strip import Strip
from gui.attention.webhook_model import Column, WebhookModel
from gui.widgets.json_view import JsonView
from gui.widgets.table import dress_list
from gui.words import number

if TYPE_CHECKING:
    from core.errors import GladlySourceError
    from core.store.base import WebhookPage
    from core.store.causes import Cause
    from gui.attention.concerns import Concern
    from gui.bridge import Asked
    from gui.look import Look
    from gui.session import Session

LIMIT = 200


class WebhooksPane(QWidget):
    """The newest webhooks of a cause, and the body of the one the person is on.

    Args:
        session: Whose webhooks.
        look: Colours and fonts.

    Signals:
        failed: They cannot be read, and why.
    """

    failed = Signal(object)

    def __init__(self, session: Session, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._asked: Asked | None = None
        self._cause: Cause | None = None
        self._key = ""
        self.strip = Strip(look)
        self.model = WebhookModel(self)
        self.table = QTableView()
        self.body = JsonView(look, self.tr("What Gladly sent"))
        self._set_up()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.table)
        self.splitter.addWidget(self.body)
        self.splitter.setStretchFactor(0, 3)
        self.splitter.setStretchFactor(1, 2)
        layout.addWidget(self.strip)
        layout.addWidget(self.splitter, 1)

    def show_concern(self, concern: Concern) -> None:
        """Show the rows of this concern; read again only when they are others."""
        cause = concern.cause
        assert cause is not None  # noqa: S101 - only concerns about webhooks come here
        hint = advice(concern)
        if cause.rows > LIMIT:
            newest = self.tr("The newest {0} of {1} are shown.")
            hint = f"{hint} {newest.format(number(LIMIT), number(cause.rows))}"
        if concern.trouble is None:
            self.strip.say(concern.sentence, hint)
        else:
            self.strip.say("", hint)  # the component above says why
        if concern.key != self._key:
            self.model.show_webhooks(())
            self.body.set_json(None)
        if (concern.key, cause) != (self._key, self._cause):
            self._key, self._cause = concern.key, cause
            self._read(cause)

    def deactivate(self) -> None:
        """The pane is hidden: wait for nothing, and read anew when it is shown again."""
        if self._asked is not None:
            self._asked.cancel()
        self._asked = self._cause = None

    def _set_up(self) -> None:
        table = self.table
        table.setModel(self.model)
        table.setAccessibleName(self.tr("Webhooks"))
        dress_list(table)
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(Column.CONVERSATION, QHeaderView.ResizeMode.Interactive)
        table.selectionModel().currentRowChanged.connect(self._on_current)
        self.body.set_placeholder(self.tr("Choose a webhook to see what Gladly sent."))

    def _read(self, cause: Cause) -> None:
        if self._asked is not None:
            self._asked.cancel()
        self._asked = self._session.ask(
            lambda: causes.webhook_page(self._session.store, cause, None, LIMIT),
            owner=self,
            then=self._on_read,
            failed=self._on_failed,
        )

    def _on_read(self, page: WebhookPage) -> None:
        self._asked = None
        place = self.table.currentIndex().row()
        kept = self.model.webhooks[place].id if 0 <= place < self.model.rowCount() else None
        self.model.show_webhooks(page.rows)
        found = self.model.row_of(kept)
        if page.rows:
            self.table.selectRow(found or 0)

    def _on_failed(self, error: GladlySourceError) -> None:
        self._asked = self._cause = None
        self.failed.emit(error)

    @Slot()
    def _on_current(self) -> None:
        place = self.table.currentIndex().row()
        if not 0 <= place < self.model.rowCount():
            self.body.set_json(None)
            return
        body = self.model.webhooks[place].body
        self.body.set_json(body)
        if body is None:
            self.body.set_placeholder(self.tr("What Gladly sent was removed by retention."))
