"""The wizard's window without what it does: the steps, a page, what is said, and its buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from gui.setup.rail import Rail
from gui.widgets.busy import BusyLabel
from gui.widgets.buttons import make_button
from gui.widgets.labels import Heading, Rule, Text
from gui.widgets.notice import Notice

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QResizeEvent

    from gui.look import Look

MARGIN = 16
SIZE = (1000, 700)


class WizardFrame(QDialog):
    """Rail on the left, page on the right, buttons below; Enter goes on.

    Args:
        look: Colours, icons and fonts.
    """

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Set up Gladly Source"))
        self.resize(*SIZE)
        self.rail = Rail(look)
        self.title = Heading(look, level=1)
        self.intro = Text(tone="muted")
        self.pages = QStackedWidget()
        self.notice = Notice(look)
        self.busy = BusyLabel(look)
        self.cancel = make_button(look, self.tr("Cancel"), kind="quiet")
        self.cancel.setToolTip(
            self.tr("What you entered waits here for the next time, except secrets.")
        )
        self.back = make_button(look, self.tr("&Back"), icon="back")
        self.next = make_button(look, self.tr("&Next"), kind="primary")
        self.next.setDefault(True)
        self._said = QVBoxLayout()
        self._said.addWidget(self.notice)
        self._arrange()

    def head(self, title: str, intro: str) -> None:
        """Say what the page is called and about."""
        self.title.setText(title)
        self.intro.setText(intro)
        self.setAccessibleDescription(intro)

    def tell(self, tone: str, text: str, hint: str) -> None:
        """Say something above the buttons."""
        self._said.setContentsMargins(MARGIN, 4, MARGIN, 8)
        self.notice.show_message(tone, text, hint)

    def hush(self) -> None:
        """Say it no longer."""
        self._said.setContentsMargins(0, 0, 0, 0)
        self.notice.clear()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The steps get a quarter of the width at most."""
        super().resizeEvent(event)
        self.rail.setFixedWidth(min(self.rail.sizeHint().width(), self.width() // 4))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the keyboard, else goes on."""
        if event.key() not in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            super().keyPressEvent(event)
            return
        focused = QApplication.focusWidget()
        if isinstance(focused, QAbstractButton) and not focused.isCheckable():
            focused.click()
        else:
            self.next.click()

    def _arrange(self) -> None:
        top = QVBoxLayout()
        top.setContentsMargins(MARGIN, MARGIN, MARGIN, 8)
        top.setSpacing(4)
        top.addWidget(self.title)
        top.addWidget(self.intro)
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addLayout(top)
        right.addWidget(self.pages, 1)
        right.addLayout(self._said)
        right.addWidget(Rule())
        right.addLayout(self._foot())
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.rail)
        whole.addLayout(right, 1)

    def _foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.setContentsMargins(MARGIN, 12, MARGIN, 12)
        foot.setSpacing(8)
        foot.addWidget(self.cancel)
        foot.addWidget(self.busy, 1)
        foot.addStretch(1)
        foot.addWidget(self.back)
        foot.addWidget(self.next)
        return foot
