"""The left side of the page: the form, the button that sends, and the question before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from gui import words
from gui.sender.confirm import ConfirmCard
from gui.sender.form import SenderForm
from gui.widgets.buttons import make_button
from gui.widgets.scroll import Scroller

if TYPE_CHECKING:
    from PySide6.QtCore import QObject
    from PySide6.QtGui import QResizeEvent

    from gui.look import Look


MARGIN = 12


class OrderPanel(QWidget):
    """Form, question and buttons; the buttons stay in sight while the form scrolls.

    Args:
        look: Icons and fonts.
    """

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.form = SenderForm(look, self)
        self.confirm = ConfirmCard(look, self)
        self.send = make_button(look, "", icon="sender", kind="primary", parent=self)
        self.stop = make_button(look, self.tr("Sto&p"), icon="stop", parent=self)
        self.send.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.scroller = Scroller(self.form, self)
        self._ready = False
        self._whole = False
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.send, 1)
        buttons.addWidget(self.stop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, MARGIN, 0)
        column.setSpacing(8)
        column.addWidget(self.scroller, 1)
        column.addWidget(self.confirm)
        column.addLayout(buttons)
        self.form.installEventFilter(self)
        self.confirm.confirmed.connect(self._on_answered)
        self.confirm.declined.connect(self._on_answered)
        self.show_state(0, ready=False, running=False)

    def show_state(self, count: int, *, ready: bool, running: bool) -> None:
        """Say what the button would do, and whether it can."""
        if count == 1:
            text = self.tr("Sen&d 1 test event")
        else:
            text = self.tr("Sen&d {0} test events").format(words.number(count))
        self._ready = ready and not running
        self.send.setText(text)
        self.send.setEnabled(self._ready and self.confirm.isHidden())
        self.stop.setEnabled(running)

    def set_whole(self, *, whole: bool) -> None:
        """Show all of the form, or as much as there is room for."""
        self._whole = whole
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width may need another height."""
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A form that grew needs another height, too."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        least = self.form.minimumSizeHint()
        room = max(self.width() - MARGIN, least.width())
        whole = max(self.form.heightForWidth(room), least.height())
        self.scroller.setMinimumHeight(whole if self._whole else 0)

    def ask(self, count: int, host: str) -> None:
        """Ask for a typed yes before anything is sent there."""
        self.send.setEnabled(False)
        self.confirm.ask(count, host)

    def withdraw(self) -> None:
        """Ask no longer: what was asked about has changed."""
        if not self.confirm.isHidden():
            self.confirm.hide()
            self.send.setEnabled(self._ready)

    def _on_answered(self) -> None:
        self.send.setEnabled(self._ready)
        self.send.setFocus()
