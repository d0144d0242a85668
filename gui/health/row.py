"""One check of the doctor: how it ended, with advice, details, and a press that mends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from gui.health.details import Details
from gui.mending import mends, wording
from gui.mending.lines import StatusLine
from gui.widgets.buttons import IconButton
from gui.words import Word, verdict_word

if TYPE_CHECKING:
    from core.doctor.outcome import Outcome
    from gui.look import Look


class CheckRow(StatusLine):
    """One check.

    Args:
        name: Its name, as the doctor knows it.
        look: Colours and icons.

    Signals:
        again: Run it once more: its name.
        mend: Carry out this Mend, for the check of this name.
    """

    again = Signal(str)
    mend = Signal(object, str)

    def __init__(self, name: str, look: Look, parent: QWidget | None = None) -> None:
        self._shown = wording.check_name(name)
        super().__init__(look, self._shown, parent)
        self.name = name
        self.details = Details(look)
        self.details.setAccessibleName(self.tr("Details of {0}").format(self._shown))
        self.said.addWidget(self.details)
        self.details_button = IconButton(look, "next", self._shown)
        self.details_button.setCheckable(True)
        self.again_button = IconButton(
            look, "refresh", self.tr("Check {0} again").format(self._shown)
        )
        self.side.addWidget(self.details_button)
        self.side.addWidget(self.again_button)
        QWidget.setTabOrder(self.again_button, self.details)
        self.pressed.connect(self._on_pressed)
        self.details_button.toggled.connect(self._on_details)
        self.again_button.clicked.connect(self._on_again)
        self._on_details(shown=False)
        self.show_unknown()

    def show_unknown(self) -> None:
        """Nothing is known yet."""
        self.show_line(Word(self.tr("Not checked"), "skip", "idle"), "")
        self.again_button.setEnabled(True)
        self.details_button.setEnabled(False)

    def show_running(self) -> None:
        """It is being checked; what it found before stays to be read."""
        self.status.set_word(Word(self.tr("Checking"), "refresh", "busy"))
        self.again_button.setEnabled(False)

    def show_outcome(self, outcome: Outcome) -> None:
        """Show what it found."""
        mend = mends.for_outcome(outcome)
        self.show_line(
            verdict_word(outcome.verdict),
            outcome.title,
            wording.hint(outcome),
            [] if mend is None else [mend],
        )
        lines = [f"{name}: {value}" for name, value in outcome.detail.items()]
        self.details.setPlainText("\n".join([*lines, f"code: {outcome.code}"]))
        self.details_button.setEnabled(True)
        self.again_button.setEnabled(True)

    @Slot(object)
    def _on_pressed(self, mend: mends.Mend) -> None:
        self.mend.emit(mend, self.name)

    @Slot(bool)
    def _on_details(self, shown: bool) -> None:  # noqa: FBT001 - Qt's signal
        self.details.setVisible(shown)
        text = self.tr("Hide details of {0}") if shown else self.tr("Show details of {0}")
        self.details_button.set_face("down" if shown else "next", text.format(self._shown))

    @Slot()
    def _on_again(self) -> None:
        self.again.emit(self.name)
