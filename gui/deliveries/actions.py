"""The actions on selected events: one set for the context menu, the buttons and the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from gui.deliveries import terms
from gui.widgets.buttons import follow_icon

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtCore import QPoint

    from core.errors import GladlySourceError
    from core.model import Delivery
    from core.pipeline.operations import Selection
    from gui.deliveries.operations import EventOperations
    from gui.deliveries.table import EventTable
    from gui.look import Look


class EventActions(QObject):
    """Actions on what is selected in a table; enabled as far as they make sense.

    Signals:
        narrowed: A filter text: only this customer, or only this conversation.
        refused: Why nothing was done, as a sentence.

    Args:
        table: Where things are selected.
        operations: Does them.
        look: Icons.
    """

    narrowed = Signal(str)
    refused = Signal(str)

    def __init__(self, table: EventTable, operations: EventOperations, look: Look) -> None:
        super().__init__(table)
        self._table = table
        self._operations = operations
        self._look = look
        self.replay = self._make("replay", self.tr("&Replay…"), self._on_replay, "Ctrl+R")
        self.discard = self._make("discard", self.tr("&Discard…"), self._on_discard, "Del")
        self.erase = self._make("erase", self.tr("&Erase customer…"), self._on_erase)
        self.copy_json = self._make("copy", self.tr("&Copy as JSON"), self._on_copy_json, "Ctrl+C")
        self.copy_curl = self._make(
            "code", self.tr("Copy as c&url"), self._on_copy_curl, "Ctrl+Shift+C"
        )
        self.copy_id = self._make("key", self.tr("Copy &messageId"), self._on_copy_id)
        self.same_conversation = self._make(
            "conversation", self.tr("Only this con&versation"), self._on_conversation
        )
        self.same_customer = self._make(
            "customer", self.tr("Only this cus&tomer"), self._on_customer
        )
        self.select_all = self._make(
            "check", self.tr("Select &all that match"), self._on_select_all, "Ctrl+A"
        )
        self.export = self._make("export", self.tr("E&xport all that match…"), self._on_export)
        self.menu = self._make_menu()
        view = table.view
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(self._on_menu)
        table.selection_changed.connect(self.refresh)
        table.counted.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Enable what makes sense for what is selected."""
        count = self._table.selected_count()
        one = self._current()
        for action in (self.replay, self.discard, self.copy_json, self.copy_curl):
            action.setEnabled(bool(count))
        self.copy_id.setEnabled(bool(count))
        self.erase.setEnabled(one is not None and bool(one.customer_id))
        self.same_customer.setEnabled(one is not None and bool(one.customer_id))
        self.same_conversation.setEnabled(one is not None and bool(one.conversation_id))
        for action in (self.select_all, self.export):
            action.setEnabled(bool(self._table.count()))

    def _make(self, icon: str, text: str, call: Callable[[], None], shortcut: str = "") -> QAction:
        action = QAction(text, self)
        follow_icon(self._look, action, icon, "text")
        if shortcut:
            action.setShortcut(QKeySequence(shortcut))
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(call)
        self._table.addAction(action)
        return action

    def _make_menu(self) -> QMenu:
        menu = QMenu(self._table)
        menu.addActions([self.replay, self.discard, self.erase])
        menu.addSeparator()
        menu.addActions([self.copy_json, self.copy_curl, self.copy_id])
        menu.addSeparator()
        menu.addActions([self.same_conversation, self.same_customer])
        menu.addSeparator()
        menu.addActions([self.select_all, self.export])
        return menu

    def _current(self) -> Delivery | None:
        one = self._table.current_id()
        number = None if one is None else self._table.model.row_of(one)
        row = None if number is None else self._table.model.row(number)
        return None if row is None else row.delivery

    def _choose(self, then: Callable[[Selection], None]) -> None:
        if not self._table.choose(then, self._on_failed):
            self.refused.emit(
                self.tr("That are too many to name one by one. Select all that match instead.")
            )

    def _with_ids(self, then: Callable[[Sequence[int]], None]) -> None:
        """The ids of what is selected; of everything, those that are loaded."""

        def use(selection: Selection) -> None:
            if selection.ids:
                then(selection.ids)
            else:
                self.refused.emit(
                    self.tr("Everything at once does not fit: select fewer, or use an export.")
                )

        self._choose(use)

    @Slot()
    def _on_replay(self) -> None:
        self._choose(lambda selection: _open(self._operations.replay, selection))

    @Slot()
    def _on_discard(self) -> None:
        self._choose(lambda selection: _open(self._operations.discard, selection))

    @Slot()
    def _on_erase(self) -> None:
        one = self._current()
        if one is not None and one.customer_id:
            self._operations.erase(one.customer_id)

    @Slot()
    def _on_copy_json(self) -> None:
        self._with_ids(self._operations.copy_json)

    @Slot()
    def _on_copy_curl(self) -> None:
        self._with_ids(self._operations.copy_curl)

    @Slot()
    def _on_copy_id(self) -> None:
        one = self._current()
        if one is not None:
            self._operations.copy_text(one.message_id)

    @Slot()
    def _on_conversation(self) -> None:
        one = self._current()
        if one is not None and one.conversation_id:
            self.narrowed.emit(terms.with_values("", "conversation", [one.conversation_id]))

    @Slot()
    def _on_customer(self) -> None:
        one = self._current()
        if one is not None and one.customer_id:
            self.narrowed.emit(terms.with_values("", "customer", [one.customer_id]))

    @Slot()
    def _on_select_all(self) -> None:
        self._table.view.selectAll()
        self._table.view.setFocus()

    @Slot()
    def _on_export(self) -> None:
        self._operations.export(self._table.wanted)

    @Slot(object)
    def _on_menu(self, place: QPoint) -> None:
        self.menu.popup(self._table.view.viewport().mapToGlobal(place))

    def _on_failed(self, error: GladlySourceError) -> None:
        self.refused.emit(str(error))


def _open(open_dialog: Callable[[Selection], object], selection: Selection) -> None:
    if selection.ids or selection.wanted is not None:
        open_dialog(selection)
