"""The text field of the filter: completes fields and values, and marks what makes no sense."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QStringListModel, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QCompleter, QLineEdit, QToolButton

from gui.deliveries.terms import proposals, term_at
from gui.widgets.fields import add_clear_button
from gui.widgets.labels import repolish

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent
    from PySide6.QtWidgets import QWidget

    from gui.look import Look

#: after the last key, until the text is taken
PAUSE_MS = 250
CHOOSING = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab})


class SearchField(QLineEdit):
    """A line for words and `field:value` terms.

    Signals:
        settled: The text, a moment after the last key, or at once by Return.
        left: Escape was pressed in an empty field, or the down key: on to the table.

    Args:
        look: Icons.
    """

    settled = Signal(str)
    left = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._events: tuple[str, ...] = ()
        self._taken = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PAUSE_MS)
        self._model = QStringListModel(self)
        self._popup = QCompleter(self._model, self)
        self._popup.setWidget(self)
        self._popup.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._popup.setMaxVisibleItems(13)
        self._glass = QAction(self)
        self.addAction(self._glass, QLineEdit.ActionPosition.LeadingPosition)
        for button in self.findChildren(QToolButton):  # a text would count as cut off
            button.setAccessibleName(self.tr("Search"))
        add_clear_button(self)
        self.setPlaceholderText(self.tr("Search, or status:dead customer:ada …"))
        self.setAccessibleName(self.tr("Filter"))
        self.setToolTip(
            self.tr("Words and terms that must all hold, such as status:dead,retrying agent:grace")
        )
        self._glass.triggered.connect(self._on_glass)
        self._timer.timeout.connect(self._settle)
        self.textEdited.connect(self._on_edited)
        self.textChanged.connect(self._on_changed)
        self.returnPressed.connect(self._settle)
        self._popup.activated.connect(self._on_chosen)
        look.changed.connect(self._on_look)
        self._on_look()

    def set_events(self, names: Sequence[str]) -> None:
        """The names of events to propose."""
        self._events = tuple(names)

    def take(self, text: str) -> None:
        """Show a text that was chosen elsewhere; it is settled already."""
        self._timer.stop()
        self._taken = text
        if text != self.text():
            self.setText(text)

    def set_problem(self, problem: str) -> None:
        """Mark the text as making no sense, and say why; empty unmarks it."""
        self.setProperty("problem", bool(problem))
        self.setAccessibleDescription(problem)
        repolish(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Tab takes a proposal, Escape clears, the down key goes on to the table."""
        popup = self._list()
        if popup.isVisible() and event.key() in CHOOSING:
            chosen = popup.currentIndex()
            if chosen.isValid() or event.key() == Qt.Key.Key_Tab:
                row = max(0, chosen.row())
                popup.hide()
                self._on_chosen(self._model.stringList()[row])
                return
            popup.hide()
        if event.matches(QKeySequence.StandardKey.Cancel) and not popup.isVisible():
            self._leave()
        elif event.key() == Qt.Key.Key_Down and not popup.isVisible():
            self.left.emit()
        elif (
            event.key() == Qt.Key.Key_Space
            and event.modifiers() == Qt.KeyboardModifier.ControlModifier
        ):
            self._propose()
        else:
            super().keyPressEvent(event)

    def _list(self) -> QAbstractItemView:
        popup = self._popup.popup()
        assert popup is not None  # noqa: S101 - made when first asked for
        return popup

    def _leave(self) -> None:
        if self.text():
            self.clear()
            self._settle()
        else:
            self.left.emit()

    def _propose(self) -> None:
        term = term_at(self.text(), self.cursorPosition())
        found = proposals(term.text, self._events)
        if not found or found == [term.text]:
            self._list().hide()
            return
        self._model.setStringList(found)
        box = self.cursorRect()
        box.setWidth(self.fontMetrics().averageCharWidth() * 32)
        self._popup.complete(box)

    @Slot(str)
    def _on_chosen(self, proposal: str) -> None:
        term = term_at(self.text(), self.cursorPosition())
        end = "" if proposal.endswith(":") else " "
        text = self.text()
        rest = text[term.end :].lstrip() if end else text[term.end :]
        self.setText(text[: term.start] + proposal + end + rest)
        self.setCursorPosition(term.start + len(proposal + end))
        if end:
            self._settle()
        else:
            self._propose()

    @Slot()
    def _on_edited(self) -> None:
        self._timer.start()
        self._propose()

    @Slot()
    def _on_changed(self) -> None:
        if not self.text():  # the clear button is no edit
            self._timer.start(0)

    @Slot()
    def _settle(self) -> None:
        self._timer.stop()
        self._timer.setInterval(PAUSE_MS)
        if self.text() != self._taken:
            self._taken = self.text()
            self.settled.emit(self._taken)

    @Slot()
    def _on_glass(self) -> None:
        self.setFocus()

    @Slot()
    def _on_look(self) -> None:
        self._glass.setIcon(self._look.icon("search", "muted"))
