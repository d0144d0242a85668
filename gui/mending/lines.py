"""One thing and how it stands: a pill, its name, a sentence, advice, and the presses that help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from gui.widgets.breaks import breakable
from gui.widgets.buttons import make_button
from gui.widgets.labels import Heading, Text
from gui.widgets.pill import StatusLabel
from gui.widgets.toolbar import ButtonRow
from gui.words import Word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent
    from PySide6.QtWidgets import QPushButton

    from gui.look import Look
    from gui.mending.mends import Mend

TOP = Qt.AlignmentFlag.AlignTop
#: no word and no title is longer than these
WIDEST, LONGEST_TITLE = "Switched off", "Disk space "
#: logical pixels between the top of a pill and that of a text beside it
RISE = 2
#: letters of width from which on the title stands beside the text
WIDE = 86


class StatusLine(QFrame):
    """One line of a list; higher where there is more to say.

    Args:
        look: Colours and icons.
        title: What it is about.

    Signals:
        pressed: One of the Mends was chosen.
    """

    pressed = Signal(object)

    def __init__(self, look: Look, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._mends: tuple[Mend, ...] = ()
        self._wide = True
        self.buttons: list[QPushButton] = []
        self.status = StatusLabel(look)
        self.title = Heading(look, title, level=3)
        self.title.setContentsMargins(0, RISE, 0, 0)
        self.sentence = Text()
        self.hint = Text(tone="muted")
        self.offers = ButtonRow()
        self.offers.setContentsMargins(0, 4, 0, 0)
        self._texts = QWidget()
        self.said = QVBoxLayout(self._texts)
        self.said.setContentsMargins(0, RISE, 0, 0)
        self.said.setSpacing(2)
        for widget in (self.sentence, self.hint, self.offers):
            self.said.addWidget(widget)
        self.side = QHBoxLayout()
        self.side.setSpacing(0)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(12, 8, 8, 8)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(2)
        self._grid.addWidget(self.status, 0, 0, TOP | Qt.AlignmentFlag.AlignLeft)
        self._grid.addLayout(self.side, 0, 3, 2, 1, TOP)
        self._grid.setColumnMinimumWidth(0, self._widest_status())
        self._grid.setColumnStretch(2, 1)
        self._arrange(wide=True)
        self.offers.hide()

    def show_line(
        self, word: Word, sentence: str, hint: str = "", mends: Sequence[Mend] = ()
    ) -> None:
        """Say how it stands.

        Args:
            word: The pill.
            sentence: What is so.
            hint: What to do next.
            mends: A button for each, the best one first.
        """
        self.status.set_word(word)
        self.sentence.setText(breakable(sentence))
        self.sentence.setVisible(bool(sentence))
        self.hint.setText(breakable(hint))
        self.hint.setVisible(bool(hint))
        self._offer(mends)
        self.setAccessibleName(f"{self.title.text()}: {word.text}. {sentence} {hint}".strip())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where it is narrow, the title stands above the text."""
        super().resizeEvent(event)
        wide = self.width() >= WIDE * self.fontMetrics().averageCharWidth()
        if wide is not self._wide:
            self._arrange(wide=wide)

    def _arrange(self, *, wide: bool) -> None:
        self._wide = wide
        title = QFontMetrics(self.title.font()).horizontalAdvance(LONGEST_TITLE)
        self._grid.setColumnMinimumWidth(1, title if wide else 0)
        self._grid.addWidget(self.title, 0, 1 if wide else 2, TOP)
        self._grid.addWidget(self._texts, 0 if wide else 1, 2, TOP)

    def _widest_status(self) -> int:
        return StatusLabel(self._look, Word(WIDEST, "ok", "good")).sizeHint().width()

    def _offer(self, mends: Sequence[Mend]) -> None:
        if self._mends == tuple(mends):
            return  # a button that has the focus keeps it
        self._mends = tuple(mends)
        for button in self.buttons:
            self.offers.layout().removeWidget(button)  # type: ignore[union-attr]
            button.hide()
            button.deleteLater()
        self.buttons = [self._button(mend) for mend in mends]
        for button in self.buttons:
            self.offers.add(button)
        self.offers.setVisible(bool(mends))

    def _button(self, mend: Mend) -> QPushButton:
        button = make_button(self._look, mend.label, icon="mend", parent=self.offers)
        button.setAccessibleDescription(self.title.text())
        button.clicked.connect(lambda: self.pressed.emit(mend))
        return button
