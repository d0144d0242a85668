"""The tabs below a delivery: to Segment, from Gladly, looked up, and the comparison."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from core.model import DeliveryDetail
from gui.deliveries import copying, story
from gui.deliveries.compare import CompareView
from gui.deliveries.provenance import Compared, compare
from gui.deliveries.story import Step
from gui.deliveries.webhooks import WebhooksView
from gui.widgets.copy import CopyButton
from gui.widgets.json_view import JsonView
from gui.widgets.toolbar import ButtonRow

if TYPE_CHECKING:
    from core.settings import Settings
    from core.store.view import StoreView
    from gui.look import Look
    from gui.session import Session


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery with what there is to say about it, made away from Qt's thread."""

    detail: DeliveryDetail
    sentence: str
    steps: tuple[Step, ...]
    compared: tuple[Compared, ...]


async def read(
    store: StoreView, one: int, settings: Settings, known: Shown | None = None
) -> Shown | None:
    """Everything about a delivery; None when there is none of this id.

    `known` is given back where nothing has changed since, unless it says what is to come.
    """
    detail = await store.delivery(one)
    if detail is None:
        return None
    ahead = known is not None and any(step.ahead for step in known.steps)
    if known is not None and detail == known.detail and not ahead:
        return known
    return await asyncio.to_thread(explain, detail, settings)


def explain(detail: DeliveryDetail, settings: Settings, now: float | None = None) -> Shown:
    """A delivery with what there is to say about it."""
    now = time.time() if now is None else now
    return Shown(
        detail=detail,
        sentence=story.sentence(detail.delivery, now),
        steps=story.steps(detail, now),
        compared=compare(detail, settings.mapping),
    )


class Contents(QTabWidget):
    """What was sent, what it was made of, and where every value came from.

    Args:
        session: Whose settings say where a copied request goes.
        look: Colours, icons and fonts.
    """

    def __init__(self, session: Session, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._shown: Shown | None = None
        self.sent = JsonView(look, self.tr("What goes to Segment"), self)
        self.sent.set_placeholder(self.tr("What was sent was removed by retention or erased."))
        self.copy_json = CopyButton(look, self._json_text, self.tr("Copy as JSON"))
        self.copy_curl = CopyButton(look, self._curl_text, self.tr("Copy as curl"))
        self.copy_curl.setToolTip(
            self.tr("Without the write key: {name} stands in its place.").format(
                name=copying.WRITE_KEY
            )
        )
        self.webhooks = WebhooksView(session, look, self)
        self.looked_up = JsonView(look, self.tr("What was looked up in Gladly"), self)
        for view in (self.sent, self.looked_up, self.webhooks.json):
            view.set_wrapped(wrapped=True)
            view.area.setMinimumHeight(3 * self.fontMetrics().lineSpacing())
        self.looked_up.set_placeholder(self.tr("Nothing was looked up, or it was removed."))
        self.compared = CompareView(look, self)
        to_segment = self._padded(self.sent, ButtonRow((self.copy_json, self.copy_curl)))
        self.addTab(to_segment, self.tr("To Segment"))
        self.addTab(self.webhooks, self.tr("From Gladly"))
        self.addTab(self._padded(self.looked_up), self.tr("Looked up"))
        self.addTab(self._padded(self.compared), self.tr("Compare"))
        self.setAccessibleName(self.tr("Contents"))
        self.setDocumentMode(True)

    def set_shown(self, shown: Shown) -> None:
        """Show another delivery, or the same one as it stands now."""
        self._shown = shown
        self.sent.set_json(_readable(shown.detail.payload))
        self.looked_up.set_json(_readable(shown.detail.looked_up))
        self.webhooks.set_detail(shown.detail)
        self.compared.set_rows(shown.compared)
        for button in (self.copy_json, self.copy_curl):
            button.setEnabled(bool(shown.detail.payload))

    def _padded(self, *widgets: QWidget) -> QWidget:
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        for number, widget in enumerate(widgets):
            column.addWidget(widget, 0 if number else 1)
        return page

    def _json_text(self) -> str:
        return "" if self._shown is None else copying.as_json(self._shown.detail)

    def _curl_text(self) -> str:
        if self._shown is None:
            return ""
        return copying.as_curl(self._shown.detail, self._session.settings)


def _readable(content: bytes | None) -> object:
    """JSON as people read it, without escapes; None where there is nothing in it."""
    return story.decoded(content) or (content if content and content != b"{}" else None)
