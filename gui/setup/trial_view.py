"""One test event's way to Segment: a line per stage, each with icon and word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from gui.setup.field import announce
from gui.setup.trial import STAGES, Light, Stage, Trial, advice, stage_name
from gui.widgets.card import Card
from gui.widgets.labels import Text
from gui.widgets.pill import StatusLabel
from gui.words import Word

if TYPE_CHECKING:
    from gui.look import Look


class TrialView(QWidget):
    """The stages of one test event.

    Args:
        look: Colours and icons.
        title: Which event it is.
    """

    def __init__(self, look: Look, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self.trial = Trial()
        self.pills: dict[Stage, StatusLabel] = {}
        self.said = Text()
        self.advice = Text(tone="muted")
        card = Card(look, title)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        middle = Qt.AlignmentFlag.AlignVCenter
        for row, stage in enumerate(STAGES):
            self.pills[stage] = StatusLabel(look)
            grid.addWidget(self.pills[stage], row, 0, middle)
            grid.addWidget(Text(stage_name(stage)), row, 1, middle)
        card.body.addLayout(grid)
        card.body.addWidget(self.said)
        card.body.addWidget(self.advice)
        card.body.addStretch(1)
        outer = QGridLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(card)
        self.show_trial(Trial())

    def show_trial(self, trial: Trial) -> None:
        """Show how far it is."""
        was_over, self.trial = self.trial.over, trial
        for stage, light in trial.lights.items():
            self.pills[stage].set_word(self._word(light))
            name = f"{stage_name(stage)}: {self._word(light).text}"
            self.pills[stage].setAccessibleName(name)
        self.said.setText(trial.sentence)
        self.said.setVisible(bool(trial.sentence))
        wrong = trial.lights[trial.at] in {Light.BAD, Light.WARN}
        self.advice.setText(advice(trial) if wrong else "")
        self.advice.setVisible(wrong)
        if trial.over and not was_over:
            announce(self, f"{self._title}: {trial.sentence} {self.advice.text()}")

    def _word(self, light: Light) -> Word:
        return {
            Light.TODO: Word(self.tr("To come"), "pending", "idle"),
            Light.BUSY: Word(self.tr("Under way"), "sending", "busy"),
            Light.GOOD: Word(self.tr("Done"), "ok", "good"),
            Light.SKIPPED: Word(self.tr("Not needed"), "skip", "idle"),
            Light.WARN: Word(self.tr("Waiting"), "waiting", "warn"),
            Light.BAD: Word(self.tr("Failed"), "fail", "bad"),
        }[light]
