"""A card that asks for a typed "yes" before a production source gets a test event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit

from gui.widgets.buttons import make_button
from gui.widgets.card import Card
from gui.widgets.toolbar import ButtonRow

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent
    from PySide6.QtWidgets import QWidget

    from gui.look import Look


class ConfirmCard(Card):
    """Hidden until `ask`; sends nothing by itself.

    Signals:
        confirmed: A person typed yes.
        declined: A person changed their mind.

    Args:
        look: Fonts.
    """

    confirmed = Signal()
    declined = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, "", "", parent)
        self.line = QLineEdit(self)
        self.send = make_button(look, self.tr("Send to production"), kind="danger", parent=self)
        self.cancel = make_button(look, self.tr("Cancel"), kind="quiet", parent=self)
        #: what has to be typed
        self.word = self.tr("yes")
        self.line.setPlaceholderText(self.tr("Type {0}").format(self.word))
        self.line.setAccessibleName(self.tr("Type {0} to send").format(self.word))
        self.body.addWidget(self.line)
        self.body.addWidget(ButtonRow([self.send, self.cancel], self))
        self.line.textChanged.connect(self._on_text)
        self.line.returnPressed.connect(self._on_send)
        self.send.clicked.connect(self._on_send)
        self.cancel.clicked.connect(self._on_cancel)
        self.hide()

    def ask(self, count: int, host: str) -> None:
        """Ask about so many events to this host."""
        self.set_title(self.tr("Send to a production source?"))
        events = self.tr("1 test event reaches") if count == 1 else self._several(count)
        self.set_text(
            self.tr(
                "{0} the real Segment source behind {1}. Test events carry the mark "
                "context.test, but whatever is connected to that source gets them, too."
            ).format(events, host)
        )
        self.line.clear()
        self._on_text("")
        self.show()
        self.line.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape changes one's mind."""
        if event.key() == Qt.Key.Key_Escape:
            self._on_cancel()
        else:
            super().keyPressEvent(event)

    def _several(self, count: int) -> str:
        return self.tr("{0} test events reach").format(f"{count:,}")

    def _on_text(self, text: str) -> None:
        self.send.setEnabled(self._said_yes(text))

    def _on_send(self) -> None:
        if self._said_yes(self.line.text()):
            self.hide()
            self.confirmed.emit()

    def _on_cancel(self) -> None:
        self.hide()
        self.declined.emit()

    def _said_yes(self, text: str) -> bool:
        return text.strip().casefold() == self.word.casefold()
