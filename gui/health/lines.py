"""One thing and how it stands: a pill, its name, a sentence, advice, and the presses that help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from gui.health.wording import breakable
from gui.widgets.buttons import make_button
from gui.widgets.labels import Heading, Text
from gui.widgets.pill import StatusLabel
from gui.widgets.toolbar import ButtonRow
from gui.words import Word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QPushButton

    from gui.health.mends import Mend
    from gui.look import Look

TOP = Qt.AlignmentFlag.AlignTop
#: no word is longer than that
WIDEST = "Not checked"


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
        self.buttons: list[QPushButton] = []
        self.status = StatusLabel(look)
        self.title = Heading(look, title, level=3)
        self.sentence = Text()
        self.hint = Text(tone="muted")
        self.offers = ButtonRow()
        self.offers.setContentsMargins(0, 4, 0, 0)
        self.said = QVBoxLayout()
        self.said.setSpacing(2)
        for widget in (self.title, self.sentence, self.hint, self.offers):
            self.said.addWidget(widget)
        self.side = QHBoxLayout()
        self.side.setSpacing(0)
        layout = QGridLayout(self)
        layout.setContentsMargins(12, 8, 8, 8)
        layout.setHorizontalSpacing(12)
        layout.addWidget(self.status, 0, 0, TOP | Qt.AlignmentFlag.AlignLeft)
        layout.addLayout(self.said, 0, 1)
        layout.addLayout(self.side, 0, 2, TOP)
        widest = StatusLabel(look, Word(WIDEST, "ok", "good"))
        layout.setColumnMinimumWidth(0, widest.sizeHint().width())
        layout.setColumnStretch(1, 1)
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
