"""The outcome of the latest run: a sentence in figures, and a row for each event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from core.sender.progress import Step
from gui import words
from gui.sender.outcomes import OutcomeModel, OutcomeView
from gui.widgets.buttons import make_button
from gui.widgets.empty import EmptyState
from gui.widgets.labels import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.sender.progress import Progress
    from gui.look import Look


class ResultsPanel(QWidget):
    """What became of the test events, live.

    Signals:
        open_delivery: A person wants to see the delivery of this id.

    Args:
        look: Colours and icons.
    """

    open_delivery = Signal(int)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = OutcomeModel(look, self)
        self.view = OutcomeView(look, self.model, self)
        self.summary = Text(parent=self)
        self.detail = Text(tone="muted", parent=self)
        self.open = make_button(look, "", kind="link", parent=self)
        self.empty = EmptyState(look, self)
        self.empty.set_content(
            "sender",
            self.tr("Nothing was sent yet"),
            self.tr("Each test event gets a row here, with every step on its way to Segment."),
        )
        full = QWidget(self)
        column = QVBoxLayout(full)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.summary)
        column.addWidget(self.view, 1)
        below = QHBoxLayout()
        below.setSpacing(8)
        below.addWidget(self.detail, 1)
        below.addWidget(self.open, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(below)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.empty)
        self.stack.addWidget(full)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)
        self.view.open_delivery.connect(self.open_delivery)
        self.view.looked_at.connect(self._on_looked_at)
        self.open.clicked.connect(self._on_open)

    def begin(self, events: Sequence[str]) -> None:
        """These are being sent."""
        self.model.begin(events)
        self.stack.setCurrentIndex(1)
        self.view.setCurrentIndex(self.model.index(0, 0))
        self._sum_up()

    def take(self, found: Sequence[Progress]) -> None:
        """Note steps."""
        self.model.take(found)
        self._sum_up()

    def stop(self) -> None:
        """Nobody sends or watches any more."""
        self.model.stop()
        self._sum_up()

    def _sum_up(self) -> None:
        model = self.model
        parts = [
            self.tr("{0} of {1} accepted").format(
                words.number(model.count(Step.ACCEPTED)), words.number(model.count())
            )
        ]
        for text, count in (
            (self.tr("{0} under way"), model.under_way),
            (self.tr("{0} skipped"), model.count(Step.SKIPPED)),
            (self.tr("{0} unmappable"), model.count(Step.UNMAPPABLE)),
            (self.tr("{0} dead"), model.count(Step.DEAD)),
            (self.tr("{0} not watched any longer"), model.unwatched),
            (self.tr("{0} not sent"), model.not_sent),
        ):
            if count:
                parts.append(text.format(words.number(count)))
        self.summary.setText(" · ".join(parts))
        self._on_looked_at(self.view.currentIndex().row())

    def _on_looked_at(self, row: int) -> None:
        """Tell all of the row that is looked at."""
        if not 0 <= row < self.model.rowCount():
            self.detail.clear()
            self.open.hide()
            return
        outcome = self.model.outcome(row)
        told = outcome.sentence or self.tr("Its turn has not come yet.")
        self.detail.setText(self.tr("No. {0}: {1}").format(words.number(row + 1), told))
        self.open.setText(self.tr("Open d{0}").format(outcome.delivery_id))
        self.open.setVisible(outcome.delivery_id is not None)

    def _on_open(self) -> None:
        self.view.open_current()
