"""What a person does to deliveries: opens the dialogs, fills the clipboard."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QGuiApplication

from core.pipeline.operations import Selection
from gui.deliveries import copying
from gui.deliveries.export import ExportDialog
from gui.deliveries.removal import DiscardDialog, EraseDialog
from gui.deliveries.replay import ReplayDialog

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtWidgets import QWidget

    from core.errors import GladlySourceError
    from core.model import DeliveryDetail
    from core.store.base import Filter
    from core.store.view import StoreView
    from gui.deliveries.dialogs import OperationDialog
    from gui.look import Look
    from gui.session import Session

_D = TypeVar("_D", bound="OperationDialog")
#: so many at once go to the clipboard
MOST_COPIED = 200


class EventOperations(QObject):
    """Replay, discard, erase, export, copy; none of them waits.

    Signals:
        changed: Something was done; what is shown may be another now.
        copied: What is on the clipboard, as a sentence.
        failed: A GladlySourceError: nothing was copied, and why.

    Args:
        session: Whose deliveries.
        look: Icons and fonts.
        window: The parent of dialogs.
    """

    changed = Signal()
    copied = Signal(str)
    failed = Signal(object)

    def __init__(self, session: Session, look: Look, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._look = look
        self._window = window

    def replay(self, selection: Selection) -> ReplayDialog:
        """Say what a replay would do, and ask."""
        return self._open(ReplayDialog(self._session, self._look, selection, self._window))

    def discard(self, selection: Selection) -> DiscardDialog:
        """Say what would be discarded, and ask."""
        return self._open(DiscardDialog(self._session, self._look, selection, self._window))

    @Slot(object)
    def replay_ids(self, ids: Sequence[int]) -> None:
        """Ask about a replay of these."""
        self.replay(Selection(ids=tuple(ids)))

    @Slot(object)
    def discard_ids(self, ids: Sequence[int]) -> None:
        """Ask about discarding these."""
        self.discard(Selection(ids=tuple(ids)))

    @Slot(str)
    def erase(self, customer_id: str) -> EraseDialog:
        """Say what is known of a person, and ask."""
        return self._open(EraseDialog(self._session, self._look, customer_id, self._window))

    def export(self, wanted: Filter) -> ExportDialog:
        """Ask what of these goes into a file, and where that is to be."""
        window = self._window
        return self._open(ExportDialog(self._session, self._look, wanted, window, narrowed=True))

    def copy_json(self, ids: Sequence[int]) -> None:
        """Copy what goes to Segment; of several, one after the other."""
        self._copy(ids, copying.as_json, self.tr("JSON"))

    def copy_curl(self, ids: Sequence[int]) -> None:
        """Copy the uploads as commands, without the write key."""
        settings = self._session.settings
        self._copy(ids, lambda detail: copying.as_curl(detail, settings), self.tr("curl"))

    def copy_text(self, text: str) -> None:
        """Copy a text as it is."""
        QGuiApplication.clipboard().setText(text)
        self.copied.emit(self.tr("Copied."))

    def _open(self, dialog: _D) -> _D:
        dialog.changed.connect(self.changed)
        dialog.start()
        return dialog

    def _copy(self, ids: Sequence[int], write: Callable[[DeliveryDetail], str], kind: str) -> None:
        chosen, session = tuple(ids)[:MOST_COPIED], self._session

        async def read() -> list[str]:
            return await _written(session.store, chosen, write)

        self._session.ask(
            read,
            owner=self,
            then=lambda texts: self._on_written(texts, len(ids), kind),
            failed=self._on_failed,
        )

    def _on_written(self, texts: list[str], wanted: int, kind: str) -> None:
        if not texts:
            self.copied.emit(self.tr("Nothing was copied: what was sent was removed."))
            return
        QGuiApplication.clipboard().setText("\n".join(text.rstrip("\n") for text in texts) + "\n")
        if len(texts) == wanted:
            text = self.tr("Copied {count} as {kind}.")
        else:
            text = self.tr("Copied {count} of {wanted} as {kind}; no more are taken at once.")
        self.copied.emit(text.format(count=len(texts), wanted=wanted, kind=kind))

    def _on_failed(self, error: GladlySourceError) -> None:
        self.failed.emit(error)


async def _written(
    store: StoreView, ids: Sequence[int], write: Callable[[DeliveryDetail], str]
) -> list[str]:
    texts = []
    for one in ids:
        detail = await store.delivery(one)
        if detail is not None and (text := write(detail)):
            texts.append(text)
    return texts
